"""Change sets of MiniStack's CloudFormation: a stack tells the one that it was last changed by.

Source: API reference of CloudFormation, "Stack": ChangeSetId, "the unique ID of the change set".
"""

import re
from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import changesets, handlers
from ministack.services.cloudformation.helpers import _p

Answer = tuple[int, Any, bytes]
_STACK = re.compile(rb"<StackId>([^<]*)</StackId>")


def tell_change_sets() -> None:
    """Let DescribeStacks tell the change set that was executed last."""
    executed: dict[str, str] = {}
    execute, describe = (handlers._ACTION_HANDLERS[name] for name in ("ExecuteChangeSet", "DescribeStacks"))
    handlers._ACTION_HANDLERS["ExecuteChangeSet"] = _remembering(execute, executed)

    def described(params: Any) -> Answer:  # noqa: ANN401 - MiniStack's
        status, headers, body = describe(params)

        def told(stack: re.Match[bytes]) -> bytes:
            change = executed.get(stack[1].decode())
            return stack[0] + (f"<ChangeSetId>{change}</ChangeSetId>".encode() if change else b"")

        whole = body if isinstance(body, bytes) else str(body).encode()
        return status, headers, _STACK.sub(told, whole)

    handlers._ACTION_HANDLERS["DescribeStacks"] = described


def _remembering(execute: Callable[[Any], Answer], executed: dict[str, str]) -> Callable[[Any], Answer]:
    def remembered(params: Any) -> Answer:  # noqa: ANN401 - MiniStack's
        change, found = changesets._find_change_set(_p(params, "ChangeSetName"), _p(params, "StackName"))
        answer = execute(params)
        if found and answer[0] == 200:  # noqa: PLR2004 - HTTP's success
            executed[found["StackId"]] = found.get("ChangeSetId") or change
        return answer

    return remembered
