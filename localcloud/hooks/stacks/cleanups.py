"""Updates by MiniStack's CloudFormation: what was replaced or left out of the template goes with its events.

Sources: user guide of CloudFormation, "View stack events"; answers that localstack/localstack recorded from AWS
(tests/aws/services/cloudformation/engine/test_replacement.snapshot.json, Apache-2.0).
"""

from collections.abc import Mapping
from typing import Any, Final

from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

UPDATING: Final = frozenset({"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"})
"""States of a stack in which MiniStack deletes without an event; in all others it tells of each deletion itself."""


def tell_deletions() -> None:
    """Tell when an update begins to delete a resource, and when it is gone."""
    delete = stacks._delete_resource

    def deleted(
        kind: str, physical_id: str, properties: Mapping[str, Any], stack: str = "", logical_id: str = ""
    ) -> None:
        found = cloudformation._stacks.get(stack) or {}
        is_told = found.get("StackStatus") not in UPDATING
        _tell(found, kind, logical_id, physical_id, "" if is_told else "DELETE_IN_PROGRESS")
        delete(kind, physical_id, properties, stack, logical_id)
        _tell(found, kind, logical_id, physical_id, "" if is_told else "DELETE_COMPLETE")

    stacks._delete_resource = deleted


def _tell(stack: Mapping[str, Any], kind: str, logical_id: str, physical_id: str, status: str) -> None:
    if status:
        stacks._add_event(stack["StackId"], stack["StackName"], logical_id, kind, status, physical_id=physical_id)
