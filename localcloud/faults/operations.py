"""Operations of AWS's APIs: the one that a user names, and the one that a request asks for, by botocore's models."""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import botocore.session
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from localsagemaker.errors import ServiceError

SAGEMAKER: Final = "sagemaker"
MODELS: Final[Mapping[str, Sequence[str]]] = {
    SAGEMAKER: ("sagemaker", "sagemaker-runtime", "sagemaker-featurestore-runtime"),
    "airflow": ("mwaa",),
    "aoss": ("opensearchserverless",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "appconfig": ("appconfig", "appconfigdata"),
    "bedrock": ("bedrock", "bedrock-runtime", "bedrock-agent", "bedrock-agent-runtime"),
    "cloudcontrolapi": ("cloudcontrol",),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "elasticfilesystem": ("efs",),
    "elasticloadbalancing": ("elbv2",),
    "elasticmapreduce": ("emr",),
    "es": ("opensearch",),
    "geo": ("location",),
    "iotdata": ("iot-data",),
    "kinesisanalytics": ("kinesisanalyticsv2",),
    "lambda": ("lambda", "lambda-core", "lambda-microvms"),
    "monitoring": ("cloudwatch",),
    "rds": ("rds", "docdb"),
    "servicequotas": ("service-quotas",),
    "ses": ("ses", "sesv2"),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
}
"""botocore's models by the name that a service is signed for, where there are several or it is another one."""
NEAR: Final = 3
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
_HOSTED_BUCKET: Final = re.compile(r"(?P<bucket>.+)\.s3[.-].*")
_MEMBER: Final = re.compile(r"\{([^}]+?)(\+?)\}")


@dataclass(frozen=True)
class Asked:
    """A request on the wire: headers by lower-case name, the path decoded; the body counts for forms alone."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def service(self) -> str:
        """Name of the service that it is signed for, as IAM has it; empty without a signature."""
        given = self.headers.get("authorization", "")
        if credential := self.query.get("X-Amz-Credential"):
            given = f"Credential={credential[0]}"
        found = _SCOPE.search(given)
        return found[1] if found else ""

    @property
    def is_form(self) -> bool:
        """Return whether its body names its operation."""
        return self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


@dataclass(frozen=True)
class Target:
    """What is to fail: a service as IAM names it, and one of its operations, or all."""

    service: str
    operation: str = ""

    def __str__(self) -> str:
        """Write it as a user does."""
        return f"{self.service}:{self.operation or '*'}"

    def covers(self, service: str, operation: str) -> bool:
        """Return whether a request is meant."""
        return service == self.service and self.operation in {"", operation}


@cache
def _session() -> botocore.session.Session:
    """Open a session with models of its own: clients of S3 take the bucket out of the paths of models they share."""
    session = botocore.session.get_session()
    session.register_component("data_loader", Loader())
    return session


@cache
def models(service: str) -> Sequence[ServiceModel]:
    """Return botocore's models of a service, named as IAM or as the AWS CLI does; none for what is no service."""
    names = MODELS.get(service, (service,))
    known = _session().get_available_services()
    return [_session().get_service_model(name) for name in names if name in known]


def target(text: str, provided: Collection[str]) -> Target:
    """Read `OPERATION` of SageMaker's, `SERVICE:OPERATION`, `SERVICE:*` or `SERVICE`.

    `provided` are the services that there are. Raises `ServiceError`: what there is not is refused, with what is near.
    """
    service, colon, operation = text.partition(":")
    if not colon and text[:1].isupper():
        service, operation = SAGEMAKER, text
    found = models(service)
    signing = found[0].signing_name if found else ""
    if not {signing, service, *(model.service_name for model in found)} & set(provided):
        raise ServiceError(
            "ValidationException", f"The local cloud has no service {service!r}{near(service, provided)}."
        )
    if operation in {"", "*"}:
        return Target(signing)
    names = [name for model in found for name in model.operation_names]
    if operation not in names:
        raise ServiceError("ValidationException", f"{service} has no operation {operation!r}{near(operation, names)}.")
    return Target(signing, operation)


def near(name: str, names: Collection[str]) -> str:
    """Say which names are near one that is none of them."""
    folded = {each.lower(): each for each in sorted(names)}
    near = [folded[each] for each in difflib.get_close_matches(name.lower(), folded, NEAR)]
    return f"; near: {', '.join(near)}" if near else ""


def model_of(service: str, operation: str) -> OperationModel | None:
    """Return the model of an operation of a service, named as IAM does."""
    for model in models(service):
        if operation in model.operation_names:
            return model.operation_model(operation)
    return None


def asked_for(request: Asked) -> str:
    """Return the operation that a signed request asks for; empty where its service's models know none."""
    for model in models(request.service):
        if operation := _in_model(model, request):
            return operation
    return ""


def _in_model(model: ServiceModel, request: Asked) -> str:
    prefix, _, operation = request.headers.get("x-amz-target", "").rpartition(".")
    if prefix:
        return operation if prefix == model.metadata.get("targetPrefix") else ""
    if "smithy-protocol" in request.headers:
        return request.path.rpartition("/operation/")[2]
    if request.is_form or "Action" in request.query:
        form = parse_qs(request.body.decode(errors="replace")) if request.is_form else request.query
        operation = "".join(form.get("Action", ()))
        return operation if operation in model.operation_names else ""
    path = _with_bucket(request) if model.service_name == "s3" else request.path
    return next((route.operation for route in _routes(model.service_name) if route.leads(request, path)), "")


def _with_bucket(request: Asked) -> str:
    """Return a path of S3 with the bucket in it, as in the model, without a slash behind it."""
    hosted = _HOSTED_BUCKET.fullmatch(request.headers.get("host", ""))
    path = f"/{hosted['bucket']}{request.path}" if hosted else request.path
    return path.rstrip("/") or "/" if path.count("/") <= 2 else path  # noqa: PLR2004 - /bucket/


@dataclass(frozen=True)
class _Route:
    """A way to an operation of REST: what its path, its query and its headers must have."""

    operation: str
    method: str
    form: re.Pattern[str]
    given: Mapping[str, str]
    query: frozenset[str]
    headers: frozenset[str]
    current: bool

    @property
    def exactness(self) -> tuple[int, int, int, bool]:
        """Order of routes: the one that asks for more is tried first."""
        plain = re.sub(r"\(.*?\)", "", self.form.pattern)
        return len(self.given) + len(self.query), len(self.headers), len(plain), self.current

    def leads(self, request: Asked, path: str) -> bool:
        """Return whether a request takes it."""
        return (
            self.method == request.method
            and bool(self.form.fullmatch(path))
            and all(name in request.query and value in {"", *request.query[name]} for name, value in self.given.items())
            and self.query <= request.query.keys()
            and self.headers <= request.headers.keys()
        )


@cache
def _routes(service: str) -> Sequence[_Route]:
    model = _session().get_service_model(service)
    return sorted(_every_route(model), key=lambda route: route.exactness, reverse=True)


def _every_route(model: ServiceModel) -> Iterator[_Route]:
    for name in model.operation_names:
        operation = model.operation_model(name)
        path, _, query = str(operation.http.get("requestUri", "/")).partition("?")
        given = {key: value[0] for key, value in parse_qs(query, keep_blank_values=True).items() if key != "x-id"}
        placed = dict[str, set[str]](querystring=set(), header=set())
        shape: Any = operation.input_shape
        for member in shape.required_members if shape else ():
            serialization = shape.members[member].serialization
            may_be_empty = shape.members[member].type_name in {"list", "map"}
            if serialization.get("location") in placed and not may_be_empty:
                placed[serialization["location"]].add(serialization["name"])
        yield _Route(
            name,
            str(operation.http.get("method", "POST")),
            re.compile(_form(urlsplit(path).path), re.DOTALL),
            given,
            frozenset(placed["querystring"]),
            frozenset(header.lower() for header in placed["header"]),
            not operation.deprecated,
        )


def _form(path: str) -> str:
    parts, end = [], 0
    for member in _MEMBER.finditer(path):
        parts += [re.escape(path[end : member.start()]), "(.+)" if member[2] else "([^/]+)"]
        end = member.end()
    return "".join([*parts, re.escape(path[end:])])
