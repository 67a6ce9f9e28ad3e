"""The SageMaker service of the local cloud: one object, one method for the control plane, one for the runtime."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mdlc.local.images import Images
from mdlc.local.sagemaker.errors import ServiceError
from mdlc.local.sagemaker.host import Caller, Host


@dataclass(frozen=True)
class Invocation:
    """What an endpoint answered: HTTP status, headers by lower-case name, and the body as the container wrote it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class SageMaker:
    """SageMaker for every account and region of one local cloud.

    `workdir` holds the working folders of jobs and endpoints, `time_scale` divides the waits of roll-outs (60 makes a
    minute of baking last a second).
    """

    def __init__(self, host: Host, images: Images, workdir: Path, time_scale: float = 1.0) -> None:
        self._host, self._images, self._workdir, self._time_scale = host, images, workdir, time_scale

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Run one control-plane operation, such as `CreatePipeline`, and return its output members.

        Timestamps come back as `datetime`; `to_json` writes a result as the wire wants it. Raises `ServiceError` with
        AWS's code: `ValidationException`, `ResourceNotFound`, `ResourceInUse`, `ResourceLimitExceeded`,
        `ConflictException`, `AccessDeniedException`, `UnknownOperationException`.
        """
        raise ServiceError("UnknownOperationException", f"{operation} is not provided by the local SageMaker")

    def invoke_endpoint(  # noqa: PLR0913 - the request's own headers
        self,
        endpoint: str,
        body: bytes,
        caller: Caller,
        *,
        content_type: str | None = None,
        accept: str | None = None,
        target_variant: str | None = None,
    ) -> Invocation:
        """Send one request to an endpoint as `InvokeEndpoint` does.

        Raises `ServiceError`: `ValidationError` (400, no such endpoint or variant), `ModelError` (424, the container
        answered an error), `ServiceUnavailable` (503), `AccessDeniedException` (403).
        """
        raise ServiceError("ValidationError", f"Endpoint {endpoint} of account {caller.scope.account} not found.")

    def close(self) -> None:
        """End every job, execution and endpoint, and wait until their processes are gone."""


def to_json(result: object) -> bytes:
    """A result in AWS JSON 1.1: timestamps are seconds since the epoch."""
    return json.dumps(result, default=_encode, separators=(",", ":")).encode()


def _encode(value: object) -> object:
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    raise TypeError(f"{type(value).__name__} has no form in AWS JSON")
