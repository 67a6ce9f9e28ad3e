"""What permission each operation needs: action, resources and condition keys of the Service Authorization Reference.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemakerai.html
Each capability declares the permissions of its operations; here is what they have in common.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Context, Host
from localsagemaker.kernel.kinds import Kind
from localsagemaker.kernel.requests import Request
from localsagemaker.kernel.resources import Resources

Find = Callable[[Request], Iterable[str]]
"""Finds the ARNs of what a request acts on."""
_VERBS = ("Create", "Describe", "Update", "Delete", "Stop")


@dataclass(frozen=True)
class KeyUse:
    """A key that a request has SageMaker use, and for which actions: one of the roles, or the caller, needs them."""

    key: str
    actions: Sequence[str] = ("CreateGrant",)
    roles: Sequence[str] = ()
    or_caller: bool = True


def volume_keys(request: Request, resources: Resources) -> Iterator[KeyUse]:
    """Yield the key of the volumes of a job, which EBS opens with a grant.

    `kms:CreateGrant` is "required only if the associated ResourceConfig has a specified VolumeKmsKeyId and the
    associated role does not have a policy that permits this action": the role that is passed has it, or who calls.
    Source: SageMaker developer guide, "API Permissions: Actions, Permissions, and Resources Reference",
    CreateTrainingJob and CreateProcessingJob; "How to use execution roles", where each job's role has it.
    """
    del resources
    given = request.parameters
    cluster = given.get("ResourceConfig") or given.get("ProcessingResources", {}).get("ClusterConfig", {})
    if request.operation.startswith("Create") and (key := cluster.get("VolumeKmsKeyId")):
        yield KeyUse(key, roles=request.roles)


@dataclass(frozen=True)
class Permissions:
    """What the operations of a capability act on, and the condition keys that they have beside the common ones.

    An operation that `resources` does not name acts on the resource of `kinds` that it is named after
    (`DescribeModel`), and without one on `*`.
    """

    kinds: Sequence[Kind] = ()
    resources: Mapping[str, Find] = field(default_factory=dict)
    conditions: Callable[[Request, Resources], Mapping[str, Context]] = lambda _request, _resources: {}
    keys: Callable[[Request, Resources], Iterable[KeyUse]] = volume_keys
    """Finds the keys that a request has SageMaker use."""
    in_callers_name: Callable[[Request], Iterable[tuple[str, str]]] = lambda _request: ()
    """Finds actions and resources that SageMaker asks for in the caller's name."""

    def find(self, request: Request) -> Iterable[str]:
        """Return the ARNs of what a request acts on."""
        if request.operation in self.resources:
            return self.resources[request.operation](request)
        verb = next((verb for verb in _VERBS if request.operation.startswith(verb)), None)
        named = {kind.name: kind for kind in self.kinds} if verb else {}
        kind = named.get(request.operation.removeprefix(verb or ""))
        return [kind.arn(request.scope, kind.name_of(request.parameters[kind.key]))] if kind else ["*"]


def by_name(*kinds: Kind) -> Find:
    """Return what finds the resources that a request names, one of each kind; those that it leaves out do not count."""

    def find(request: Request) -> Iterator[str]:
        for kind in kinds:
            if kind.key in request.parameters:
                yield kind.arn_of(request.scope, request.parameters[kind.key])

    return find


def by_arn(parameter: str) -> Find:
    """Return what finds the resource whose ARN a request has as `parameter`."""
    return lambda request: [request.parameters[parameter]]


def by_new(kind: Kind) -> Find:
    """Return what finds a resource whose id is not known yet."""
    return lambda request: [kind.arn(request.scope, "*")]


class Authorizer:
    """Asks IAM, before an operation runs, for every permission that it needs."""

    def __init__(self, host: Host, resources: Resources) -> None:
        self._host, self._resources = host, resources
        self._permissions: dict[str, Permissions] = {}

    def declare(self, operations: Iterable[str], permissions: Permissions) -> None:
        """Let these operations, and those that `permissions` names, need `permissions`."""
        self._permissions.update(dict.fromkeys((*operations, *permissions.resources), permissions))

    def authorize(self, request: Request) -> None:
        """Let a request pass, or raise `AccessDeniedException` naming the action and resource that IAM refuses."""
        permissions = self._permissions[request.operation]
        given = {**_conditions(request.parameters), **permissions.conditions(request, self._resources)}
        for resource in permissions.find(request):
            context = {**given, **self._tags(resource)}
            self._host.authorize(request.caller, f"sagemaker:{request.operation}", resource, context)
            if request.parameters.get("Tags") and request.operation.startswith("Create"):
                tagging = {**context, "sagemaker:TaggingAction": request.operation}
                self._host.authorize(request.caller, "sagemaker:AddTags", resource, tagging)
        for action, resource in permissions.in_callers_name(request):
            self._host.authorize(request.caller, action, resource, {})
        for role in request.roles:
            passed = {"iam:PassedToService": "sagemaker.amazonaws.com"}
            self._host.authorize(request.caller, "iam:PassRole", role, passed)
        for use in permissions.keys(request, self._resources):
            for action in use.actions:
                self._allow_key(request, use, action)

    def _allow_key(self, request: Request, use: KeyUse, action: str) -> None:
        """Let a request pass where one of those whom `use` names may do the action, or else refuse the last."""
        account = request.scope.account
        passed = [f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/SageMaker" for role in use.roles]
        callers = [Caller(request.scope, arn) for arn in passed]
        *others, last = [*callers, request.caller] if use.or_caller else callers
        for caller in others:
            try:
                self._host.use_key(caller, action, use.key)
            except ServiceError:
                continue
            return
        self._host.use_key(last, action, use.key)

    def _tags(self, resource: str) -> dict[str, Context]:
        """Return the condition keys of the tags that a resource has."""
        try:
            tags = self._resources.tags(resource)
        except ServiceError:  # there is no such resource yet
            return {}
        return {f"{prefix}:ResourceTag/{key}": value for prefix in ("aws", "sagemaker") for key, value in tags.items()}


def _conditions(parameters: Mapping[str, Any]) -> dict[str, Context]:
    """Return the condition keys that operations of many capabilities have: tags, network, volumes, outputs."""
    keys: dict[str, Context] = {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in parameters.get("Tags", ())}
    network = parameters.get("NetworkConfig", parameters)
    resources = parameters.get("ResourceConfig") or parameters.get("ProcessingResources", {}).get("ClusterConfig", {})
    outputs = parameters.get("OutputDataConfig") or parameters.get("ProcessingOutputConfig", {})
    values = {
        "sagemaker:NetworkIsolation": network.get("EnableNetworkIsolation"),
        "sagemaker:InterContainerTrafficEncryption": network.get("EnableInterContainerTrafficEncryption"),
        "sagemaker:VolumeKmsKey": resources.get("VolumeKmsKeyId") or parameters.get("KmsKeyId"),
        "sagemaker:OutputKmsKey": outputs.get("KmsKeyId"),
    }
    keys |= {key: str(value).lower() if isinstance(value, bool) else value for key, value in values.items() if value}
    return keys
