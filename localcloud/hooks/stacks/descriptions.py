"""Descriptions of stacks by MiniStack's CloudFormation: what AWS tells of every stack, and nothing that is empty.

Sources: API reference of CloudFormation, "Stack"; answers that localstack/localstack recorded from AWS
(tests/aws/services/cloudformation/**/*.snapshot.json, Apache-2.0).
"""

import re
from typing import Any, Final

from ministack.services.cloudformation import handlers

_EMPTY: Final = re.compile(
    rb"<(Description|StackStatusReason|LastUpdatedTime)></\1>|<(Outputs|Parameters|Capabilities)></\2>"
)
_STACK: Final = re.compile(rb"(<DisableRollback>)")
_OF_EVERY_STACK: Final = rb"<NotificationARNs/><RollbackConfiguration/>\1"


def describe_as_aws() -> None:
    """Let DescribeStacks tell notifications and the rollback's alarms, and leave out what a stack has not."""
    describe = handlers._ACTION_HANDLERS["DescribeStacks"]

    def described(params: Any) -> tuple[int, Any, bytes]:  # noqa: ANN401 - MiniStack's
        status, headers, body = describe(params)
        whole = body if isinstance(body, bytes) else str(body).encode()
        return status, headers, _STACK.sub(_OF_EVERY_STACK, _EMPTY.sub(b"", whole))

    handlers._ACTION_HANDLERS["DescribeStacks"] = described
