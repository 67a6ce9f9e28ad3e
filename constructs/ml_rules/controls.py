"""The SageMaker controls of Security Hub's AI Security Best Practices, judged by CloudFormation Guard."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cfn_guard_rs.api import run_checks

from ml_rules.rule import Finding
from ml_rules.templates import Resource, Templates

_LETS, *_RULES = re.split(
    r"^(?=rule )", Path(__file__).with_name("controls.guard").read_text(encoding="utf-8"), flags=re.MULTILINE
)
_TYPES: Final = dict(re.findall(r"^let (\w+) = .*'(AWS::SageMaker::\w+)'", _LETS, re.MULTILINE))


@dataclass(frozen=True)
class Control:
    """One control: its id, the type of resource that it judges, what it says of one that fails, and its Guard rule."""

    id: str
    type: str
    message: str
    guard: str

    def fails(self, resource: Resource) -> bool:
        """Return whether `resource` fails the control."""
        template = {"Resources": {"Judged": {"Type": resource.type, "Properties": dict(resource.properties)}}}
        # Rule by rule: the binding cuts off the beginning of an answer that is longer than its buffer.
        return resource.type == self.type and run_checks(template, _LETS + self.guard).status == "FAIL"


def _control(guard: str) -> Control:
    head = re.match(r"rule (\w+) when %(\w+)", guard)
    said = re.search(r"<<(.+?)>>", guard)
    if head is None or said is None:
        raise ValueError(f"This rule names no collection, or says nothing: {guard}")
    return Control(head[1].replace("_", "."), _TYPES[head[2]], said[1], guard)


CONTROLS: Final = tuple(map(_control, _RULES))


def findings(templates: Templates) -> Iterator[Finding]:
    """Yield the resources of SageMaker that fail a control."""
    for resource in templates.of(*_TYPES.values()):
        for control in CONTROLS:
            if control.fails(resource):
                yield Finding(control.id, resource, control.message)
