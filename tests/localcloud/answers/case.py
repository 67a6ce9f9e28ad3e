"""One documented answer of AWS: what to call, what comes back, and who says so."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PRESENT = object()
"""The answer has this member, whatever its value."""

ABSENT = None
"""The answer lacks this member."""


def like(pattern: str) -> re.Pattern[str]:
    """A value in which this pattern is found."""
    return re.compile(pattern, re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of a service, repeated until its answer has these values when `until` names some."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    until: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """A call after some others, and its documented answer: members by JMESPath, or an error's code and message."""

    name: str
    source: str
    call: Call
    setup: tuple[Call, ...] = ()
    members: Mapping[str, Any] | None = None
    code: str = ""
    message: str = ""


def call(operation: str, /, **parameters: Any) -> Call:
    """A call such as `call("sagemaker.DescribeModel", ModelName="<id>")`.

    In texts `<id>` is a name of the case's own, `<0.ModelArn>` a member of the first call's answer, and
    `<bucket>`, `<role>`, `<image>`, `<domain>`, `<account>` and `<region>` are the account's.
    """
    service, name = operation.split(".")
    return Call(service=service, operation=name, parameters=parameters)


def until(waiting: Call, /, **members: Any) -> Call:
    """The call, repeated until its answer has these members."""
    return Call(service=waiting.service, operation=waiting.operation, parameters=waiting.parameters, until=members)


def answers(name: str, source: str, *calls: Call, **members: Any) -> Case:
    """The last call succeeds; members with a plain name are compared."""
    return Case(name=name, source=source, setup=calls[:-1], call=calls[-1], members=members)


def shows(name: str, source: str, members: Mapping[str, Any], *calls: Call) -> Case:
    """The last call succeeds and its answer has these members, by JMESPath."""
    return Case(name=name, source=source, setup=calls[:-1], call=calls[-1], members=members)


def refuses(name: str, source: str, code: str, message: str, *calls: Call) -> Case:
    """The last call fails with this code, its message found by this pattern."""
    return Case(name=name, source=source, setup=calls[:-1], call=calls[-1], code=code, message=message)
