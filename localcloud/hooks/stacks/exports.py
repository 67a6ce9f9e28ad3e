"""CloudFormation of MiniStack: an export has one stack, stays while others import it, and is there when it is imported.

Source: user guide, "Get exported outputs from a deployed CloudFormation stack"; the words are those of events that
users quote (aws/aws-cdk#3414, #5304).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ministack.services import cloudformation
from ministack.services.cloudformation import engine, handlers, stacks

from localcloud.hooks.stacks.cloudformation import replace

_MISSING: Final = re.compile(r"Export '(?P<name>.*)' not found")


def keep_exports() -> None:
    """Fail a stack whose export another one has, that takes away or changes one that is imported, or that lacks one."""
    resolve, resolve_outputs = engine._resolve_refs, stacks._resolve_stack_outputs

    def resolved(*given: Any) -> Any:  # noqa: ANN401 - MiniStack's
        try:
            return resolve(*given)
        except ValueError as error:
            if found := _MISSING.fullmatch(str(error)):
                raise ValueError(f"No export named {found['name']} found") from None
            raise

    def resolved_outputs(*given: Any) -> Any:  # noqa: ANN401 - MiniStack's
        outputs, exports = resolve_outputs(*given)
        for said in _refusals(exports, stack_id=given[-1]):
            raise ValueError(said)
        return outputs, exports

    replace("_resolve_refs", resolved)
    stacks._resolve_stack_outputs = resolved_outputs


def _refusals(exports: Mapping[str, Any], stack_id: str) -> Iterator[str]:
    for name in exports:
        owner = cloudformation._exports.get(name)
        if owner and owner["StackId"] != stack_id:
            yield f"Export with name {name} is already exported by stack {owner['StackId'].split('/')[1]}."
    for name, export in list(cloudformation._exports.items()):
        if export["StackId"] != stack_id:
            continue
        if name not in exports:
            yield from (f"Cannot delete export {name} as it is in use by {user}." for user in _users(name))
        elif str(exports[name]["Value"]) != str(export["Value"]):
            yield from (f"Cannot update export {name} as it is in use by {user}." for user in _users(name))


def _users(export: str) -> Iterator[str]:
    """Yield the names of the stacks that import an export."""
    for name, stack in list(cloudformation._stacks.items()):
        if stack["StackStatus"] != "DELETE_COMPLETE" and export in handlers._imported_export_names(stack, name):
            yield name
