"""CloudFormation of MiniStack: what a resource must be before it is made.

Its properties are those of its type, its values those that its service takes, and its name is free. Its policies are
ones, too: a template's go past the requests by which a service would judge them.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from ministack.core import responses
from ministack.services import cloudformation as ministack
from ministack.services.cloudformation import provisioners, stacks

from account.resource_types import specification
from localcloud.hooks.callers import policies
from localcloud.hooks.requests import calls
from localcloud.hooks.stacks.cloudformation import Resource, resources, types
from localcloud.readback import verdicts
from localcloud.template import values
from localcloud.template.names import Named, named_types
from localcloud.template.properties import Schemas

FREE: Final = "AWS::CloudFormation::CustomResource"
"""A type whose properties are its function's to say."""
QUEUE: Final = "AWS::SQS::Queue"


class NameTakenError(ValueError):
    """A resource whose name another one has; the message is what CloudFormation says."""


def judge_resources() -> None:
    """Fail a resource with properties that its type has not, without those that it must have, or with a taken name."""
    tables, known = specification(), types() - {FREE}
    schemas, named = Schemas.of(known, tables), named_types(known, tables)
    for module in (stacks, provisioners):  # stacks, and nested ones
        module._with_stack_tags = _judging_properties(module._with_stack_tags, schemas, known)
        module._provision_resource = _judging_names(module._provision_resource, named)


def _judging_properties(add_tags: Callable[..., Any], schemas: Schemas, known: AbstractSet[str]) -> Callable[..., Any]:
    """Judge properties as the template has them: just before the tags of the stack are added to them."""

    def added(kind: str, properties: Any, *given: Any) -> Any:  # noqa: ANN401 - MiniStack's
        *_, logical_id = given
        schemas.check(logical_id, kind, properties)
        if kind in known:
            values.check(kind, properties)
        policies.check_template(kind, properties)
        return add_tags(kind, properties, *given)

    return added


def _judging_names(make: Callable[..., Any], named: Mapping[str, Named]) -> Callable[..., Any]:
    def made(kind: str, logical_id: str, properties: Any, stack: str) -> Any:  # noqa: ANN401 - MiniStack's
        if kind in named and isinstance(properties.get(named[kind].given_by), str):
            _check_name(named[kind], kind, logical_id, properties, stack)
        return make(kind, logical_id, properties, stack)

    return made


def _check_name(named: Named, kind: str, logical_id: str, properties: Mapping[str, Any], stack: str) -> None:
    """Raise `NameTakenError` where a stack has a resource of that name, or the service has one."""
    here, name = (responses.get_account_id(), responses.get_region()), properties[named.given_by]
    for other in _of_type(kind, named, *here):
        if other.properties.get(named.given_by) == name and (other.stack, other.logical_id) != (stack, logical_id):
            owner = ministack._stacks._data[other.account, other.region, other.stack]["StackId"]
            raise NameTakenError(f"{name} already exists in stack {owner}")
    physical_id = named.physical_id(properties, *here)
    if kind == QUEUE:
        physical_id = f"https://sqs.{here[1]}.amazonaws.com/{here[0]}/{name}"
    if verdicts.read(calls.asking(*here), kind, physical_id, properties).actual is not None:
        identifier = json.dumps({f"/properties/{named.given_by}": name}, separators=(",", ":"))
        raise NameTakenError(
            f"Resource handler returned message: \"Resource of type '{kind}' with identifier '{identifier}' already "
            f'exists." (RequestToken: {uuid.uuid4()}, HandlerErrorCode: AlreadyExists)'
        )


def _of_type(kind: str, named: Named, account: str, region: str) -> Iterator[Resource]:
    """Yield the resources of that type that the stacks of the account have where a name must differ."""
    for each in resources():
        if each.type == kind and each.account == account and (named.is_global or each.region == region):
            yield each
