"""Values of properties against the model of the service that a resource is made by, in the service's words.

A property is judged as the member of the same name of the request that makes the resource: its range, length, pattern
and enumeration. What the request calls otherwise, or has in another form, is not judged. Sources: botocore's models;
AWS's common front end ("1 validation error detected: …").
"""

import uuid
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from localsagemaker.kernel.requests import constraints, service_model

SERVICES: Final[Mapping[str, str]] = {
    "CertificateManager": "acm",
    "Cognito": "cognito-idp",
    "ElasticLoadBalancingV2": "elbv2",
    "KinesisFirehose": "firehose",
    "OpenSearchService": "opensearch",
}
"""botocore's names of services that templates call otherwise."""
VERBS: Final = ("Create", "Put", "Register", "Request")
OPERATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": ("application-autoscaling", "RegisterScalableTarget"),
    "AWS::ApplicationAutoScaling::ScalingPolicy": ("application-autoscaling", "PutScalingPolicy"),
    "AWS::AutoScaling::ScheduledAction": ("autoscaling", "PutScheduledUpdateGroupAction"),
    "AWS::AppConfig::Deployment": ("appconfig", "StartDeployment"),
    "AWS::AppSync::FunctionConfiguration": ("appsync", "CreateFunction"),
    "AWS::CloudWatch::Alarm": ("cloudwatch", "PutMetricAlarm"),
    "AWS::Cognito::IdentityPool": ("cognito-identity", "CreateIdentityPool"),
    "AWS::Cognito::UserPoolGroup": ("cognito-idp", "CreateGroup"),
    "AWS::Cognito::UserPoolResourceServer": ("cognito-idp", "CreateResourceServer"),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("elbv2", "CreateRule"),
    "AWS::IAM::ManagedPolicy": ("iam", "CreatePolicy"),
    "AWS::IAM::Policy": ("iam", "PutRolePolicy"),
    "AWS::Lambda::EventInvokeConfig": ("lambda", "PutFunctionEventInvokeConfig"),
    "AWS::Lambda::LayerVersion": ("lambda", "PublishLayerVersion"),
    "AWS::Lambda::Permission": ("lambda", "AddPermission"),
    "AWS::Lambda::Url": ("lambda", "CreateFunctionUrlConfig"),
    "AWS::Lambda::Version": ("lambda", "PublishVersion"),
    "AWS::Route53::RecordSet": ("route53", "ChangeResourceRecordSets"),
    "AWS::SNS::Subscription": ("sns", "Subscribe"),
}
"""The requests that make resources whose types they are not called after."""
ALSO: Final[Mapping[str, str]] = {"AWS::Events::Rule": "PutTargets"}
"""Further requests that a resource takes to make."""
RENAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "AWS::Cognito::UserPool": {"userpoolname": "PoolName"},
    "AWS::Kinesis::Stream": {"name": "StreamName"},
    "AWS::StepFunctions::StateMachine": {"statemachinename": "name", "statemachinetype": "type"},
}
"""Members of requests that properties are called otherwise than, by the property's name in small letters."""
OF_ANY_FORM: Final = frozenset({"EndPointType", "MappingTemplate"})
"""Shapes that templates have in another form, or whose pattern takes one line where the service takes more."""


class ValueRefusedError(ValueError):
    """A value of a property that its service does not take; the message is what CloudFormation says."""


def check(kind: str, properties: Mapping[str, Any]) -> None:
    """Raise `ValueRefusedError` with every value that the service of a resource would refuse."""
    request = request_of(kind)
    if request is None:
        return
    service, operation = request
    model = service_model(service)
    renamed = RENAMED.get(kind, {})
    given = {renamed.get(name.lower(), name): value for name, value in properties.items()}
    shapes = [model.operation_model(name).input_shape for name in (operation, ALSO.get(kind)) if name]
    found = list(dict.fromkeys(said for shape in shapes if shape is not None for said in wrong(given, shape)))
    if not found:
        return
    said = f"{len(found)} validation error{'' if len(found) == 1 else 's'} detected: {'; '.join(found)}"
    raise ValueRefusedError(
        f'Resource handler returned message: "{said} (Service: {model.service_id}, Status Code: 400, Request ID: '
        f'{uuid.uuid4()})" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: InvalidRequest)'
    )


@cache
def request_of(kind: str) -> tuple[str, str] | None:
    """Return the service and operation that make resources of a type; nothing where none is known."""
    if kind in OPERATIONS:
        return OPERATIONS[kind]
    if kind.count("::") != 2 or not kind.startswith("AWS::"):  # noqa: PLR2004 - AWS::Service::Thing
        return None
    _, namespace, thing = kind.split("::")
    service = SERVICES.get(namespace) or _services().get(namespace.lower())
    if service is None:
        return None
    names = {name.lower(): name for name in service_model(service).operation_names}
    found = (names.get(f"{verb}{thing}".lower()) for verb in VERBS)
    return next(((service, name) for name in found if name), None)


@cache
def _services() -> Mapping[str, str]:
    return {name.replace("-", ""): name for name in botocore.session.get_session().get_available_services()}


def wrong(value: Any, shape: Shape, path: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield what a service says of each part of a value that its model does not take."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        members = {name.lower(): (name, each) for name, each in shape.members.items()}
        for name, child in value.items():
            if name.lower() in members:
                member, each = members[name.lower()]
                yield from wrong(child, each, f"{path}.{member[:1].lower()}{member[1:]}")
        return
    if isinstance(shape, ListShape) and isinstance(value, list):
        for index, child in enumerate(value, 1):
            yield from wrong(child, shape.member, f"{path}.{index}.member")
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        for name, child in value.items():
            yield from wrong(name, shape.key, f"{path}.{name}.key")
            yield from wrong(child, shape.value, f"{path}.{name}.member")
    if isinstance(value, Mapping) is isinstance(shape, MapShape) and shape.name not in OF_ANY_FORM:
        given = _converted(value, shape)
        for constraint in constraints(given, shape):
            said = "" if shape.metadata.get("sensitive") else f" '{given}'"
            yield f"Value{said} at '{path.lstrip('.')}' failed to satisfy constraint: Member must {constraint}"


def _converted(value: Any, shape: Shape) -> Any:  # noqa: ANN401 - any JSON value
    """Return a scalar as CloudFormation hands it on: numbers of texts, and the other way round."""
    if isinstance(value, str) and value.startswith("{{resolve:"):
        return None
    if shape.type_name in {"integer", "long"} and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if isinstance(shape, StringShape) and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value
