"""CloudFormation of MiniStack: resource types of our own, and what the stacks hold."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

Attributes = dict[str, Any]
Properties = dict[str, Any]


class ResourceType(Protocol):
    """What CloudFormation does with a resource of one type. Errors fail the stack with their message."""

    def create(self, logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        """Make the resource: its physical id (what `Ref` gives) and attributes (what `Fn::GetAtt` gives)."""

    def update(
        self, physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> tuple[str, Attributes]:
        """Change the resource in place."""

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Remove the resource; one that is gone already is no error."""


@dataclass(frozen=True)
class Resource:
    """A resource of a stack."""

    account: str
    region: str
    stack: str
    logical_id: str
    type: str
    physical_id: str
    properties: Mapping[str, Any]


def register(name: str, kind: ResourceType, replacing: Sequence[str] | None = None) -> None:
    """Let `kind` handle resources of type `name`; a change of a property in `replacing` makes a new resource.

    Its methods run on a worker thread, so they may call this cloud over HTTP.
    """
    provisioners._RESOURCE_HANDLERS[name] = {
        "create": kind.create,
        "update": kind.update,
        "update_with_logical_id": True,
        "delete": kind.delete,
    }
    if replacing is not None:
        provisioners._REPLACING_PROPERTIES[name] = tuple(replacing)
    _worker_types.add(name)


def physical_name(stack: str, logical_id: str, limit: int) -> str:
    """The name that CloudFormation makes up for a resource that has none."""
    return str(provisioners._physical_name(stack, logical_id, max_len=limit))


def known(name: str) -> bool:
    """Whether a resource type has a handler."""
    return name in provisioners._RESOURCE_HANDLERS or name.startswith("Custom::")


def watch_refusals(refused: Callable[[Mapping[str, str]], str]) -> None:
    """Refuse a template with unknown resource types in the words of `refused`, given their logical ids and types."""
    original = engine.validate_template_support

    def validate(template: Mapping[str, Any], conditions: Mapping[str, bool], params: Any = None) -> None:  # noqa: ANN401 - MiniStack's
        unknown = {
            logical_id: str(resource["Type"])
            for logical_id, resource in template.get("Resources", {}).items()
            if conditions.get(resource.get("Condition", ""), True) and not known(str(resource.get("Type", "")))
        }
        if unknown:
            raise ValueError(refused(unknown))
        original(template, conditions, params)

    for module in (engine, handlers, changesets):
        module.validate_template_support = validate


def resources() -> Iterator[Resource]:
    """Every resource of every stack, of all accounts and regions."""
    for (account, region, name), stack in cloudformation._stacks._data.items():
        for logical_id, record in list(stack.get("_resources", {}).items()):
            yield Resource(
                account=account,
                region=region,
                stack=name,
                logical_id=logical_id,
                type=record["ResourceType"],
                physical_id=record["PhysicalResourceId"],
                properties=record.get("Properties", {}),
            )


_worker_types: set[str] = set()
_runs_on_worker_thread = stacks._runs_on_worker_thread


def _on_worker(name: str) -> bool:
    return name in _worker_types or bool(_runs_on_worker_thread(name))


stacks._runs_on_worker_thread = _on_worker
