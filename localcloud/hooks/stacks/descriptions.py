"""Descriptions of stacks by MiniStack's CloudFormation: what AWS tells of every stack, and nothing that is empty.

Sources: API reference of CloudFormation, "Stack"; answers that localstack/localstack recorded from AWS
(tests/aws/services/cloudformation/**/*.snapshot.json, Apache-2.0).
"""

import re
from typing import Any, Final

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers

_EMPTY: Final = re.compile(
    rb"<(Description|StackStatusReason|LastUpdatedTime)></\1>|<(Outputs|Parameters|Capabilities)></\2>"
)
_STACK: Final = re.compile(rb"(<DisableRollback>)")
_ID: Final = re.compile(rb"<StackId>(.*?)</StackId>.*?</Parameters>", re.DOTALL)
_OF_EVERY_STACK: Final = rb"<NotificationARNs/><RollbackConfiguration/>\1"


def describe_as_aws() -> None:
    """Let DescribeStacks tell notifications and the rollback's alarms, and leave out what a stack has not."""
    describe = handlers._ACTION_HANDLERS["DescribeStacks"]

    def described(params: Any) -> tuple[int, Any, bytes]:  # noqa: ANN401 - MiniStack's
        status, headers, body = describe(params)
        whole = body if isinstance(body, bytes) else str(body).encode()
        named = _ID.sub(_with_looked_up, whole)
        return status, headers, _STACK.sub(_OF_EVERY_STACK, _EMPTY.sub(b"", named))

    handlers._ACTION_HANDLERS["DescribeStacks"] = described


def _with_looked_up(stack: re.Match[bytes]) -> bytes:
    """Tell of a parameter that names one of Parameter Store both its name and the value that it had."""
    told = stack[0]
    found: dict[str, Any] = next(
        (each for each in cloudformation._stacks.values() if each["StackId"] == stack[1].decode()), {}
    )
    for key, value in (found.get("_resolved_params") or {}).items():
        if name := value.get("SsmName"):
            before = f"<ParameterKey>{key}</ParameterKey><ParameterValue>"
            shown = "****" if value.get("NoEcho") else handlers._esc(str(value["Value"]))
            now = f"{before}{handlers._esc(name)}</ParameterValue><ResolvedValue>{shown}</ResolvedValue>"
            told = told.replace(f"{before}{shown}</ParameterValue>".encode(), now.encode())
    return told
