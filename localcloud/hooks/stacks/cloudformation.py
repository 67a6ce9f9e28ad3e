"""CloudFormation of MiniStack: resource types of our own, and what the stacks hold."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qs

from ministack.services import cloudformation, lambda_svc
from ministack.services.cloudformation import changesets, custom_resource, engine, handlers, provisioners, stacks
from ministack.services.cloudformation.helpers import _error, _p

from localcloud.hooks.callers import identity

TAKEN_BACK = "ROLLBACK_COMPLETE"
"""The state of a stack whose creation failed: it can be deleted, and nothing else."""
_worker_types: set[str] = set()
_runs_on_worker_thread = stacks._runs_on_worker_thread
_LOCAL = frozenset({"CodeUri", "ContentUri", "DefinitionUri", "Location"})
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
    run_on_worker(name)


def run_on_worker(name: str) -> None:
    """Handle resources of that type on a worker thread, which may wait."""
    _worker_types.add(name)
    stacks._runs_on_worker_thread = _on_worker


def _on_worker(name: str) -> bool:
    return name in _worker_types or bool(_runs_on_worker_thread(name))


def replace(name: str, function: Callable[..., Any]) -> None:
    """Put a function in the place of that of MiniStack's, in every module that has it by this name."""
    for module in (engine, handlers, changesets, stacks):
        if hasattr(module, name):
            setattr(module, name, function)


def after(name: str, act: Callable[[str, Properties], Attributes]) -> None:
    """Do what MiniStack leaves out when it creates or updates a resource of that type.

    `act` takes its physical id and properties, and returns attributes that `Fn::GetAtt` gives besides MiniStack's.
    """
    handler = provisioners._RESOURCE_HANDLERS[name]
    create, update = handler["create"], handler.get("update")

    def created(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        physical_id, attributes = create(logical_id, properties, stack)
        return physical_id, {**act(physical_id, properties), **attributes}

    def updated(physical_id: str, old: Properties, new: Properties, *names: str) -> tuple[str, Attributes]:
        physical_id, attributes = update(physical_id, old, new, *names)
        return physical_id, {**act(physical_id, new), **attributes}

    handler["create"] = created
    if update is not None:
        handler["update"] = updated


def before(name: str, prepare: Callable[[Properties], object], *, changes: bool = True) -> None:
    """Call `prepare` with the new properties before MiniStack creates a resource of that type, and `changes` one."""
    handler = provisioners._RESOURCE_HANDLERS[name]
    create, update = handler["create"], handler.get("update")

    def created(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        prepare(properties)
        made: tuple[str, Attributes] = create(logical_id, properties, stack)
        return made

    def updated(physical_id: str, old: Properties, new: Properties, *names: str) -> tuple[str, Attributes]:
        prepare(new)
        changed: tuple[str, Attributes] = update(physical_id, old, new, *names)
        return changed

    handler["create"] = created
    if changes and update is not None:
        handler["update"] = updated


def report_failed_providers() -> None:
    """Fail a custom resource at once when its function raises; AWS would wait out the resource's time-out."""
    execute = lambda_svc._execute_function_with_config_scope

    def run(function: Any, event: Any) -> Any:  # noqa: ANN401 - MiniStack's
        result = execute(function, event)
        token = str(event.get("ResponseURL", "")).rpartition("/")[2] if isinstance(event, dict) else ""
        if token and result.get("error"):
            body = result.get("body")
            reason = body.get("errorMessage") if isinstance(body, dict) else str(body)
            custom_resource.deliver_response(token, {"Status": "FAILED", "Reason": f"The function failed: {reason}"})
        return result

    lambda_svc._execute_function_with_config_scope = run


def answer_when_settled(seconds: float) -> None:
    """Hold the answer to `DescribeStacks` for one stack while it is in progress, so that callers need not poll.

    A function is answered at once: its stack is in progress until the custom resource that it acts for has an answer.
    """
    handle = cloudformation.handle_request

    async def hold(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's answer
        request = parse_qs(body.decode(errors="replace"))
        if request.get("Action") == ["DescribeStacks"] and "StackName" in request and not _a_function_asks():
            stack, end = request["StackName"][0], time.monotonic() + seconds
            while _in_progress(stack) and time.monotonic() < end:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.02)
        return await handle(method, path, headers, body, query)

    cloudformation.handle_request = hold


def _a_function_asks() -> bool:
    """Return whether the request being served is a function's, whose session has its name."""
    return identity.request_caller().rpartition("/")[2] in lambda_svc._functions


def refuse_by_state() -> None:
    """Refuse to create a stack over one that was taken back, and to update one that cannot be, in AWS's words."""
    for action in ("CreateStack", "CreateChangeSet", "UpdateStack"):
        handlers._ACTION_HANDLERS[action] = _refusing(action, handlers._ACTION_HANDLERS[action])


def _refusing(action: str, handle: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def handled(parameters: Any) -> Any:  # noqa: ANN401 - MiniStack's
        name = str(_p(parameters, "StackName") or "")
        stack = cloudformation._stacks.get(name.split("/")[1] if name.startswith("arn:") else name) or {}
        if stack.get("StackStatus") != TAKEN_BACK:
            return handle(parameters)
        if action == "CreateStack":
            return _error("AlreadyExistsException", f"Stack [{name}] already exists")
        return _error("ValidationError", f"Stack:{stack['StackId']} is in {TAKEN_BACK} state and can not be updated.")

    return handled


def _in_progress(name: str) -> bool:
    """Return whether a stack, named or by ARN, is being worked on."""
    stack = cloudformation._stacks.get(name.split("/")[1] if name.startswith("arn:") else name)
    return bool(stack) and stack["StackStatus"].endswith("_IN_PROGRESS")


def physical_name(stack: str, logical_id: str, limit: int) -> str:
    """Make up the name that CloudFormation gives a resource that has none."""
    return str(provisioners._physical_name(stack, logical_id, max_len=limit))


def types() -> frozenset[str]:
    """Names of the resource types that have a handler."""
    return frozenset(provisioners._RESOURCE_HANDLERS)


def known(name: str) -> bool:
    """Return whether a resource type has a handler."""
    return name in types() or name.startswith("Custom::")


def parsed(template: str) -> Mapping[str, Any]:
    """Read a template in JSON or YAML, with its transforms applied; raise `ValueError` for what is none.

    Code that `sam package` would upload stands in for what it becomes.
    """
    found: Mapping[str, Any] = engine._parse_template(template)
    for resource in (found.get("Resources") or {}).values():
        if str(resource.get("Type", "")).startswith("AWS::Serverless::"):
            _stand_in(resource.get("Properties") or {})
    for properties in (found.get("Globals") or {}).values():
        _stand_in(properties or {})
    try:
        expanded: Mapping[str, Any] = engine._apply_transforms(found)
    except Exception as error:  # the translator's errors have no base of their own
        raise ValueError(f"Transform failed: {getattr(error, 'message', error)}") from error
    return expanded


def _stand_in(properties: Properties) -> None:
    for member in _LOCAL & properties.keys():
        if isinstance(properties[member], str) and not properties[member].startswith(("s3://", "https://")):
            properties[member] = "s3://packaged/code"


def places() -> Iterator[dict[str, str]]:
    """Where every stack lives: {name, account, region}."""
    for (account, region, name), stack in list(cloudformation._stacks._data.items()):
        if stack.get("StackStatus") != "DELETE_COMPLETE":
            yield {"name": name, "account": account, "region": region}


def resources() -> Iterator[Resource]:
    """Yield every resource of every stack, of all accounts and regions."""
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
