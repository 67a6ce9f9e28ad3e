"""One InvokeEndpoint: which variant it goes to, what the container answers, what is measured."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Self

from botocore.model import Shape, StructureShape

from localsagemaker.errors import ServiceError
from localsagemaker.hosting.deployment import Variant
from localsagemaker.hosting.fleet import Fleet
from localsagemaker.hosting.model_server import INVOCATION_TIMEOUT_S, NoReply, Reply
from localsagemaker.kernel.host import DataPoint, Host, Scope
from localsagemaker.kernel.members import refusals
from localsagemaker.kernel.requests import operation_model, unmet

SERVICE: Final = "sagemaker-runtime"
LARGEST_BODY = 6 * 1024 * 1024
"""Bytes of a request body at most."""

MODEL_ERROR = 424
SERVER_ERROR = 500
CLIENT_ERROR = 400
CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id"
_FIELDS = {
    "ContentType": "content_type",
    "Accept": "accept",
    "TargetVariant": "target_variant",
    "CustomAttributes": "custom_attributes",
    "InferenceId": "inference_id",
}
"""Where the headers of InvokeEndpoint are kept that are acted on."""


@dataclass(frozen=True)
class Request:
    """The body and the headers of InvokeEndpoint that reach the container."""

    body: bytes
    content_type: str = "application/octet-stream"
    accept: str = "*/*"
    target_variant: str | None = None
    custom_attributes: str | None = None
    inference_id: str | None = None

    @classmethod
    def read(cls, headers: Mapping[str, str], body: bytes) -> Self:
        """Return the request that the wire has, its header names in lower case.

        ServiceError `ValidationError` for a header that breaks the model of the API, or asks for what an endpoint here
        cannot do: a model of several, a container by its name, an inference component, a session, explanations.
        """
        given = {
            member: headers[shape.serialization["name"].lower()]
            for member, shape in _header_members().items()
            if headers.get(shape.serialization["name"].lower())
        }
        if refused := list(refusals("InvokeEndpoint", given, SERVICE)):
            raise ServiceError("ValidationError", " ".join(refused))
        for member, value in given.items():
            if constraint := unmet(value, _header_members()[member]):
                raise ServiceError("ValidationError", f"{member} failed to satisfy constraint: it must {constraint}.")
        return cls(body, **{_FIELDS[member]: value for member, value in given.items()})

    @property
    def headers(self) -> dict[str, str]:
        """As the container gets them."""
        optional = {CUSTOM_ATTRIBUTES: self.custom_attributes, INFERENCE_ID: self.inference_id}
        sent = {name: value for name, value in optional.items() if value}
        return {"Content-Type": self.content_type, "Accept": self.accept, **sent}


@cache
def _header_members() -> Mapping[str, Shape]:
    """Return the members of InvokeEndpoint that come as headers."""
    shape = operation_model("InvokeEndpoint", SERVICE).input_shape
    members = shape.members if isinstance(shape, StructureShape) else {}
    return {name: member for name, member in members.items() if member.serialization.get("location") == "header"}


@dataclass(frozen=True)
class Answer:
    """The HTTP answer of InvokeEndpoint."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def invoke(host: Host, scope: Scope, endpoint: str, fleet: Fleet, request: Request) -> Answer:
    """Send a request to a fleet, and record the endpoint's invocation metrics."""
    begun = time.perf_counter()
    if len(request.body) > LARGEST_BODY:
        raise ServiceError(
            "ValidationError", f"Body of {len(request.body)} bytes: at most {LARGEST_BODY} are allowed.", 413
        )
    variant = fleet.choose(request.target_variant)
    asked = time.perf_counter()
    answer, original = _ask(fleet, variant, request, _log_stream(scope, endpoint, variant))
    answered = time.perf_counter()
    dimensions = {"EndpointName": endpoint, "VariantName": variant.name}
    model_us = (answered - asked) * 1e6
    measured = (
        ("Invocations", 1.0, "None"),
        ("InvocationsPerInstance", 1.0 / max(variant.instances, 1), "None"),
        ("Invocation4XXErrors", float(CLIENT_ERROR <= original < SERVER_ERROR), "None"),
        ("Invocation5XXErrors", float(original >= SERVER_ERROR), "None"),
        ("InvocationModelErrors", float(answer.status == MODEL_ERROR), "None"),
        ("ModelLatency", model_us, "Microseconds"),
        ("OverheadLatency", (answered - begun) * 1e6 - model_us, "Microseconds"),
    )
    host.put_metrics(
        scope, [DataPoint("AWS/SageMaker", name, value, dimensions, unit) for name, value, unit in measured]
    )
    return answer


def _ask(fleet: Fleet, variant: Variant, request: Request, log_stream: str) -> tuple[Answer, int]:
    """Pass a request through the variant's containers; the answer, and the status that the metrics count."""
    headers, body = request.headers, request.body
    reply = Reply(200, {}, body)
    for server in fleet.servers[variant.name]:
        try:
            reply = server.invoke(body, headers, INVOCATION_TIMEOUT_S)
        except NoReply as silence:
            return _model_error(0, str(silence), log_stream), SERVER_ERROR
        if not 200 <= reply.status < 300:  # noqa: PLR2004 - HTTP's successes
            return _model_error(reply.status, reply.body.decode("utf-8", "replace"), log_stream), reply.status
        content_type = _header(reply, "Content-Type") or "application/octet-stream"
        headers, body = {**headers, "Content-Type": content_type}, reply.body
    attributes = _header(reply, CUSTOM_ATTRIBUTES)
    return (
        Answer(
            200,
            {
                "Content-Type": headers["Content-Type"],
                "x-Amzn-Invoked-Production-Variant": variant.name,
                **({CUSTOM_ATTRIBUTES: attributes} if attributes else {}),
            },
            body,
        ),
        reply.status,
    )


def _model_error(status: int, text: str, log_stream: str) -> Answer:
    side = "client" if CLIENT_ERROR <= status < SERVER_ERROR else "server"
    message = f'Received {side} error ({status}) from primary with message "{text[:1024]}". See {log_stream} for more.'
    body = {
        "Message": message,
        "OriginalStatusCode": status,
        "OriginalMessage": text[:1024],
        "LogStreamArn": log_stream,
    }
    headers = {"Content-Type": "application/json", "x-amzn-errortype": "ModelError"}
    return Answer(MODEL_ERROR, headers, json.dumps(body).encode())


def _log_stream(scope: Scope, endpoint: str, variant: Variant) -> str:
    group = f"arn:aws:logs:{scope.region}:{scope.account}:log-group:/aws/sagemaker/Endpoints/{endpoint}"
    return f"{group}:log-stream:{variant.name}/local-1"


def _header(reply: Reply, name: str) -> str | None:
    return next((value for key, value in reply.headers.items() if key.lower() == name.lower()), None)
