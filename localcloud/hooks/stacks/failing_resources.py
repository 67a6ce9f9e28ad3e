"""Resources that fail on purpose, where CloudFormation makes, changes and deletes them."""

import uuid
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import engine, stacks

from localcloud.faults.resources import Moment, ResourceFaults

Properties = dict[str, Any]


class ResourceFailure(Exception):  # noqa: N818 - the field's term
    """A resource that failed on purpose; the message has the form that CloudFormation gives a handler's error."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f'Resource handler returned message: "{what} fails on purpose" '
            f"(RequestToken: {uuid.uuid4()}, HandlerErrorCode: GeneralServiceException)"
        )


def fail_resources(faults: ResourceFaults) -> None:
    """Let resources, and ends of stacks, fail as `faults` says."""
    _fail_creations(faults)
    _fail_updates(faults)
    _fail_deletions(faults)
    _fail_ends(faults)


def _fail_creations(faults: ResourceFaults) -> None:
    """Let a resource fail when it is there; it goes at once, unless its deletion policy is `Retain`.

    It has a physical id, so CloudFormation's rollback would delete it.
    """
    provision, delete = stacks._provision_resource, stacks._delete_resource

    def provisioned(kind: str, logical_id: str, properties: Properties, stack: str) -> tuple[str, Properties]:
        made: tuple[str, Properties] = provision(kind, logical_id, properties, stack)
        if not faults.take(stack, logical_id, kind, Moment.CREATE):
            return made
        if _deletion_policy(stack, logical_id) != "Retain":
            delete(kind, made[0], properties, stack, logical_id)
        raise ResourceFailure(logical_id)

    stacks._provision_resource = provisioned


def _fail_updates(faults: ResourceFaults) -> None:
    """Let a resource fail when it is changed; it is changed back, and one that replaced it is deleted."""
    update, delete = stacks._update_resource, stacks._delete_resource

    def updated(kind: str, physical_id: str, old: Properties, new: Properties, *rest: Any) -> Any:  # noqa: ANN401 - MiniStack's
        changed = update(kind, physical_id, old, new, *rest)
        stack, logical_id = rest[:2]
        if old == new or not faults.take(stack, logical_id, kind, Moment.UPDATE):
            return changed
        if changed[0] == physical_id:
            update(kind, physical_id, new, old, *rest)
        else:
            delete(kind, changed[0], new, stack, logical_id)
        raise ResourceFailure(logical_id)

    stacks._update_resource = updated


def _fail_deletions(faults: ResourceFaults) -> None:
    """Let a resource fail before it is deleted."""
    delete = stacks._delete_resource

    def deleted(kind: str, physical_id: str, properties: Properties, stack: str = "", logical_id: str = "") -> None:
        if faults.take(stack, logical_id, kind, Moment.DELETE):
            raise ResourceFailure(logical_id)
        delete(kind, physical_id, properties, stack, logical_id)

    stacks._delete_resource = deleted


def _fail_ends(faults: ResourceFaults) -> None:
    """Let a stack fail when all of its resources are there, and its outputs would be told."""
    resolve = stacks._resolve_stack_outputs

    def resolved(*given: Any) -> Any:  # noqa: ANN401 - MiniStack's
        stack = given[-2]
        status = cloudformation._stacks[stack]["StackStatus"]
        if faults.take_end(stack, Moment.UPDATE if status.startswith("UPDATE") else Moment.CREATE):
            raise ResourceFailure(f"The end of {stack}")
        return resolve(*given)

    stacks._resolve_stack_outputs = resolved


def _deletion_policy(stack: str, logical_id: str) -> str:
    template = engine._parse_template(cloudformation._stacks[stack].get("_template_body") or "{}")
    return str(template.get("Resources", {}).get(logical_id, {}).get("DeletionPolicy", "Delete"))
