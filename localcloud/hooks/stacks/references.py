"""CloudFormation of MiniStack: which outputs of other stacks a stack was deployed with, and which have changed since.

A weak reference (`Fn::GetStackOutput`) is resolved when the stack that has it is deployed: CloudFormation tells nobody
when the output changes, and the CDK command line skips a stack whose template is the same. Source: CloudFormation
template reference, "Fn::GetStackOutput".
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ministack.services import cloudformation
from ministack.services.cloudformation import engine

from localcloud.hooks.callers import identity, service_role
from localcloud.hooks.stacks.cloudformation import replace

REFERENCE: Final = "Fn::GetStackOutput"
_STACK: Final = 4  # which argument after the value is the stack's name
_deployed: dict[tuple[str, str, str], dict[tuple[str, str], str]] = {}
"""Values by account, region and stack, and then by stack and output that were read."""


@dataclass(frozen=True)
class Stale:
    """A stack that still has an older value of another stack's output; `now` is empty where that is gone."""

    account: str
    region: str
    stack: str
    of: str
    output: str
    deployed_with: str
    now: str


def remember_values() -> None:
    """Note every output that a stack reads while it is deployed."""
    resolve = engine._resolve_refs

    def resolved(value: Any, *given: Any) -> Any:  # noqa: ANN401 - MiniStack's
        found = resolve(value, *given)
        if isinstance(value, dict) and isinstance(spec := value.get(REFERENCE), dict):
            stack = str(given[_STACK])
            if _is_deploying(stack):
                read = (str(spec.get("StackName")), str(spec.get("OutputName")))
                service_role.require(stack, "cloudformation:DescribeStacks", _arn(read[0]))
                _deployed.setdefault((*identity.request_scope(), stack), {})[read] = str(found)
        return found

    replace("_resolve_refs", resolved)


def stale() -> Iterator[Stale]:
    """Yield every reference whose value is another now, of the stacks that are there and still have it."""
    held = cloudformation._stacks._data
    for (account, region, name), values in list(_deployed.items()):
        stack = held.get((account, region, name))
        if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
            continue
        text = json.dumps(stack.get("_template", {}))
        for (producer, output), value in values.items():
            now = _output(held.get((account, region, producer)), output)
            if now != value and f'"{output}"' in text and f'"{producer}"' in text:
                yield Stale(account, region, name, producer, output, value, now)


def _arn(name: str) -> str:
    return str((cloudformation._stacks.get(name) or {}).get("StackId", "*"))


def _output(stack: Any, key: str) -> str:  # noqa: ANN401 - MiniStack's
    outputs = (stack or {}).get("Outputs", ())
    return next((str(each.get("OutputValue", "")) for each in outputs if each.get("OutputKey") == key), "")


def _is_deploying(name: str) -> bool:
    status = str((cloudformation._stacks.get(name) or {}).get("StackStatus", ""))
    return status.endswith("_IN_PROGRESS") and not status.startswith("REVIEW")
