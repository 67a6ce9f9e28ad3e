"""CloudFormation of MiniStack: the role that a stack is deployed with, and what that must be allowed to.

Of its rights those are judged that do not depend on a type of resource: to read the outputs that the template takes
from other stacks, and to pass the roles that it gives to services. Sources: CloudFormation user guide, "AWS
CloudFormation service role"; template reference, "Fn::GetStackOutput", `RoleArn`; IAM user guide, "Grant a user
permissions to pass a role to an AWS service".
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ministack.services.cloudformation import handlers, stacks
from ministack.services.cloudformation.helpers import _error, _p

from localcloud.hooks.callers import identity

SERVICE: Final = "cloudformation.amazonaws.com"
PASSED: Final = frozenset({"Role", "RoleArn", "ExecutionRoleArn", "ServiceRole", "CloudWatchRoleArn"})
"""Properties of resources by which a service gets a role."""
Answer = tuple[int, Mapping[str, str], bytes]
_roles: dict[tuple[str, str, str], str] = {}
"""The role of each stack by account, region and name: CloudFormation goes on to use the one that it was given last."""


def judge() -> None:
    """Refuse a role that does not exist or trust CloudFormation, and resources that it may not pass their roles to."""
    for action in ("CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet"):
        handlers._ACTION_HANDLERS[action] = _checking(handlers._ACTION_HANDLERS[action])
    provision = stacks._provision_keeping_seed

    def provisioned(kind: str, logical_id: str, properties: dict[str, Any], stack: str) -> Any:  # noqa: ANN401 - MiniStack's
        for role in roles_in(properties):
            require(stack, "iam:PassRole", role)
        return provision(kind, logical_id, properties, stack)

    stacks._provision_keeping_seed = provisioned


def require(stack: str, action: str, resource: str) -> None:
    """Raise `ValueError` with IAM's words unless the role of a stack, if it has one, may do an action."""
    role = _roles.get((*identity.request_scope(), stack))
    if role is None:
        return
    session = identity.session_of(role, "AWSCloudFormation")
    if denial := identity.denial(session, action, resource, {}):
        raise ValueError(denial)


def roles_in(properties: object) -> Iterator[str]:
    """Yield the ARNs of roles that a resource's properties give to a service."""
    if isinstance(properties, Mapping):
        for name, value in properties.items():
            if name in PASSED and isinstance(value, str) and ":role/" in value:
                yield value
            else:
                yield from roles_in(value)
    elif isinstance(properties, list):
        for value in properties:
            yield from roles_in(value)


def _checking(handle: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    def handled(params: Any) -> Answer:  # noqa: ANN401 - MiniStack's
        role, name = str(_p(params, "RoleARN") or ""), str(_p(params, "StackName") or "")
        if role and not identity.trusts_service(role, SERVICE, {}):
            refusal: Answer = _error("ValidationError", f"Role {role} is invalid or cannot be assumed")
            return refusal
        if role:
            _roles[*identity.request_scope(), name.split("/")[1] if name.startswith("arn:") else name] = role
        return handle(params)

    return handled
