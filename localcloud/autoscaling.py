"""Application Auto Scaling for endpoint variants: records only, nothing is scaled on this machine."""

import uuid
from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any

from account.sessions import in_callers_name
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Host, Scope
from localsagemaker.kernel.listing import page
from localsagemaker.kernel.members import judge
from localsagemaker.kernel.requests import Request, operation_model, parse
from localsagemaker.kernel.resources import now
from localsagemaker.service import SageMaker

_SERVICE = "application-autoscaling"
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
Key = tuple[Scope, str, str]


class AutoScaling:
    """Scalable targets and scaling policies of the service namespace `sagemaker`."""

    def __init__(self, host: Host, sagemaker: SageMaker) -> None:
        self._host, self._sagemaker = host, sagemaker
        self._lock = RLock()
        self._targets: dict[Key, dict[str, Any]] = {}
        self._policies: dict[tuple[Key, str], dict[str, Any]] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self.operations: dict[str, Callable[[Request], dict[str, Any]]] = {
            "RegisterScalableTarget": self._register,
            "DescribeScalableTargets": self._describe_targets,
            "DeregisterScalableTarget": self._deregister,
            "PutScalingPolicy": self._put_policy,
            "DescribeScalingPolicies": self._describe_policies,
            "DeleteScalingPolicy": self._delete_policy,
            "DescribeScalingActivities": lambda request: page(request, "ScalingActivities", []),
            "ListTagsForResource": self._list_tags,
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Run one operation, such as `RegisterScalableTarget`, and return its output members.

        Raises `ServiceError`: `ValidationException`, `ObjectNotFoundException`, `AccessDeniedException`,
        `UnknownOperationException`.
        """
        operation_model(operation, _SERVICE)
        if operation not in self.operations:
            message = f"{operation} is not provided by the local Application Auto Scaling."
            raise ServiceError("UnknownOperationException", message, 404)
        request = parse(operation, parameters, caller, _SERVICE)
        judge(request, _SERVICE)
        self._authorize(request)
        with self._lock:
            return self.operations[operation](request)

    def _authorize(self, request: Request) -> None:
        parameters, scope = request.parameters, request.scope
        resource = parameters.get("ResourceARN", "*")
        if "ResourceId" in parameters and not request.operation.startswith("Describe"):
            target = self._targets.get(_key(request))
            resource = target["ScalableTargetARN"] if target else f"{_arn(scope)}:scalable-target/*"
        context = {
            f"{_SERVICE}:service-namespace": parameters.get("ServiceNamespace"),
            f"{_SERVICE}:scalable-dimension": parameters.get("ScalableDimension"),
        }
        given = {name: value for name, value in context.items() if value}
        self._host.authorize(request.caller, f"{_SERVICE}:{request.operation}", resource, given)
        self._authorize_alarms(request)

    def _authorize_alarms(self, request: Request) -> None:
        """Refuse a caller in whose name the alarms of policies cannot be kept; without a policy none are deleted."""
        scope, removes = request.scope, request.operation.startswith(("Delete", "Deregister"))
        if removes and not any(name[0] == _key(request) for name in self._policies):
            return
        members = {
            "region": scope.region,
            "account": scope.account,
            "ResourceId": request.parameters.get("ResourceId", ""),
        }
        for action, resource in in_callers_name(f"{_SERVICE}:{request.operation}", **members):
            self._host.authorize(request.caller, action, f"{resource}Alarm", {})

    def _register(self, request: Request) -> dict[str, Any]:
        parameters, key = request.parameters, _key(request)
        self._check_variant(request)
        known = self._targets.get(key)
        least = parameters.get("MinCapacity", known["MinCapacity"] if known else None)
        most = parameters.get("MaxCapacity", known["MaxCapacity"] if known else None)
        if least is None or most is None:
            raise ServiceError("ValidationException", "A new scalable target needs MinCapacity and MaxCapacity.")
        if least > most:
            raise ServiceError("ValidationException", f"MinCapacity {least} is greater than MaxCapacity {most}.")
        identifier = uuid.uuid4().hex[:32]
        self._targets[key] = target = {
            "CreationTime": now(),
            "ScalableTargetARN": f"{_arn(request.scope)}:scalable-target/{identifier}",
            "RoleARN": f"arn:aws:iam::{request.scope.account}:role/aws-service-role/sagemaker.application-autoscaling"
            ".amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
            **(known or {}),
            "ServiceNamespace": parameters["ServiceNamespace"],
            "ResourceId": parameters["ResourceId"],
            "ScalableDimension": parameters["ScalableDimension"],
            "MinCapacity": least,
            "MaxCapacity": most,
            "SuspendedState": parameters.get("SuspendedState", (known or {}).get("SuspendedState", _NOT_SUSPENDED)),
        }
        if parameters.get("RoleARN"):
            target["RoleARN"] = parameters["RoleARN"]
        self._tags.setdefault(target["ScalableTargetARN"], {}).update(parameters.get("Tags", {}))
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    def _check_variant(self, request: Request) -> None:
        parameters = request.parameters
        if parameters["ServiceNamespace"] != "sagemaker" or parameters["ScalableDimension"] != _DIMENSION:
            raise ServiceError(
                "ValidationException",
                f"Locally only {_DIMENSION} of namespace sagemaker is provided, not "
                f"{parameters['ScalableDimension']} of {parameters['ServiceNamespace']}.",
            )
        match parameters["ResourceId"].split("/"):
            case ["endpoint", endpoint, "variant", variant]:
                if variant not in self._sagemaker.variants(request.scope, endpoint):
                    raise ServiceError("ValidationException", f"There is no variant {variant} of endpoint {endpoint}.")
            case _:
                raise ServiceError(
                    "ValidationException",
                    f"ResourceId is {parameters['ResourceId']!r}: it must be endpoint/<name>/variant/<name>.",
                )

    def _describe_targets(self, request: Request) -> dict[str, Any]:
        wanted = request.parameters
        found = [
            target
            for (scope, _, _), target in self._targets.items()
            if scope == request.scope
            and target["ServiceNamespace"] == wanted["ServiceNamespace"]
            and target["ResourceId"] in wanted.get("ResourceIds", [target["ResourceId"]])
            and target["ScalableDimension"] == wanted.get("ScalableDimension", target["ScalableDimension"])
        ]
        return page(request, "ScalableTargets", found)

    def _target(self, request: Request) -> dict[str, Any]:
        key = _key(request)
        if key not in self._targets:
            raise ServiceError(
                "ObjectNotFoundException",
                f"No scalable target registered for service namespace: sagemaker, resource ID: {key[1]}, scalable "
                f"dimension: {key[2]}",
            )
        return self._targets[key]

    def _deregister(self, request: Request) -> dict[str, Any]:
        target, key = self._target(request), _key(request)
        del self._targets[key]
        self._tags.pop(target["ScalableTargetARN"], None)
        self._policies = {name: policy for name, policy in self._policies.items() if name[0] != key}
        return {}

    def _put_policy(self, request: Request) -> dict[str, Any]:
        parameters, key = request.parameters, _key(request)
        self._target(request)
        name = parameters["PolicyName"]
        known = self._policies.get((key, name))
        kind = parameters.get("PolicyType", known["PolicyType"] if known else "StepScaling")
        member = f"{kind}PolicyConfiguration"
        if member not in parameters:
            raise ServiceError("ValidationException", f"A policy of type {kind} needs a {member}.")
        arn = (
            known["PolicyARN"]
            if known
            else f"arn:aws:autoscaling:{request.scope.region}:{request.scope.account}:scalingPolicy:{uuid.uuid4()}:"
            f"resource/sagemaker/{key[1]}:policyName/{name}"
        )
        self._policies[key, name] = {
            "PolicyARN": arn,
            "CreationTime": known["CreationTime"] if known else now(),
            "PolicyType": kind,
            "PolicyName": name,
            "ServiceNamespace": parameters["ServiceNamespace"],
            "ResourceId": parameters["ResourceId"],
            "ScalableDimension": parameters["ScalableDimension"],
            member: parameters[member],
            "Alarms": [],
        }
        return {"PolicyARN": arn, "Alarms": []}

    def _describe_policies(self, request: Request) -> dict[str, Any]:
        wanted = request.parameters
        found = [
            policy
            for ((scope, resource, dimension), name), policy in self._policies.items()
            if scope == request.scope
            and policy["ServiceNamespace"] == wanted["ServiceNamespace"]
            and resource == wanted.get("ResourceId", resource)
            and dimension == wanted.get("ScalableDimension", dimension)
            and name in wanted.get("PolicyNames", [name])
        ]
        return page(request, "ScalingPolicies", found)

    def _delete_policy(self, request: Request) -> dict[str, Any]:
        name = (_key(request), request.parameters["PolicyName"])
        if name not in self._policies:
            raise ServiceError("ObjectNotFoundException", f"No scaling policy found for policy name: {name[1]}")
        del self._policies[name]
        return {}

    def _find_tags(self, request: Request) -> dict[str, str]:
        arn = request.parameters["ResourceARN"]
        if arn not in self._tags:
            raise ServiceError("ResourceNotFoundException", f"{arn} does not exist.")
        return self._tags[arn]

    def _list_tags(self, request: Request) -> dict[str, Any]:
        return {"Tags": dict(self._find_tags(request))}

    def _tag(self, request: Request) -> dict[str, Any]:
        self._find_tags(request).update(request.parameters["Tags"])
        return {}

    def _untag(self, request: Request) -> dict[str, Any]:
        for key in request.parameters["TagKeys"]:
            self._find_tags(request).pop(key, None)
        return {}


_NOT_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}


def _key(request: Request) -> Key:
    return request.scope, request.parameters["ResourceId"], request.parameters.get("ScalableDimension", _DIMENSION)


def _arn(scope: Scope) -> str:
    return f"arn:aws:{_SERVICE}:{scope.region}:{scope.account}"
