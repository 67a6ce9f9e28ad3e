"""The SageMaker service of the local cloud: one object, one method for the control plane, one for the runtime."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localsagemaker import closed
from localsagemaker.errors import ServiceError
from localsagemaker.feature_store.service import FeatureStore
from localsagemaker.hosting import invocation
from localsagemaker.hosting.service import Hosting
from localsagemaker.images import Images
from localsagemaker.jobs.kinds import JobKind
from localsagemaker.jobs.operations import Jobs
from localsagemaker.jobs.spot import Interruption
from localsagemaker.kernel.authorization import Authorizer
from localsagemaker.kernel.host import Caller, Cloud, Scope
from localsagemaker.kernel.kinds import Kind
from localsagemaker.kernel.members import judge
from localsagemaker.kernel.requests import Handler, Request, operation_model, parse
from localsagemaker.kernel.resources import Record, Resources
from localsagemaker.kernel.tags import Tags
from localsagemaker.limits import Limits
from localsagemaker.mlflow.apps import MlflowApps
from localsagemaker.pipelines.operations import Pipelines
from localsagemaker.quotas import Quotas
from localsagemaker.registry.packages import Registry
from localsagemaker.studio.service import Studio

if TYPE_CHECKING:
    from localsagemaker.kernel.capability import Capability

_GRACE_S = 120.0


class SageMaker:
    """SageMaker for every account and region of one local cloud.

    `workdir` holds the working folders of jobs and endpoints, `time_scale` divides the waits of roll-outs and of Studio
    (60 makes a minute of baking last a second); `quotas` are those of its accounts. `gate` is asked of every
    request's operation and caller's ARN before anything else, and raises `ServiceError` for one that is to fail.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it lives in, each of which has a default or is another's
        self,
        host: Cloud,
        images: Images,
        workdir: Path,
        time_scale: float = 1.0,
        quotas: Quotas | None = None,
        gate: Callable[[str, str], None] | None = None,
    ) -> None:
        self._gate = gate
        self._resources = Resources()
        self._limits = Limits(self._resources, quotas or Quotas())
        self._authorizer = Authorizer(host, self._resources)
        registry = Registry(host, self._resources)
        self._hosting = Hosting(host, self._resources, registry, images, workdir / "endpoints", time_scale)
        self._jobs = Jobs(host, images, self._resources, workdir, _GRACE_S / time_scale)
        features = FeatureStore(host, self._resources, self._authorizer, workdir / "features", time_scale)
        self.feature_store_runtime = features.runtime
        self.mlflow_apps = MlflowApps(host, self._resources, workdir / "mlflow")
        self._capabilities: tuple[Capability, ...] = (  # in the order in which they end
            Studio(host, self._resources, time_scale),
            Pipelines(host, self._resources, self, time_scale),
            self._jobs,
            self._hosting,
            features,
            self.mlflow_apps,
            registry,
            Tags(self._resources),
        )
        self._operations: dict[str, Handler] = {}
        for capability in self._capabilities:
            operations = capability.operations()
            self._operations.update(operations)
            self._authorizer.declare(operations, capability.permissions)

    @property
    def kinds(self) -> Iterator[Kind]:
        """Every kind of resource that the service has."""
        for capability in self._capabilities:
            yield from capability.permissions.kinds

    @property
    def operations(self) -> frozenset[str]:
        """The operations of the control plane that are provided; every other one is refused by its name."""
        return frozenset(self._operations)

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Run one control-plane operation, such as `CreatePipeline`, and return its output members.

        Timestamps come back as `datetime`; `to_json` writes a result as the wire wants it. Raises `ServiceError` with
        AWS's code: `ValidationException`, `ResourceNotFound`, `ResourceInUse`, `ResourceLimitExceeded`,
        `ConflictException`, `AccessDeniedException`, `ThrottlingException`, `UnknownOperationException`.
        """
        operation_model(operation)
        handler = self._operations.get(operation)
        if handler is None:
            closed.refuse(operation)
            raise ServiceError("UnknownOperationException", f"{operation} is not provided by the local SageMaker.", 404)
        if self._gate:
            self._gate(operation, caller.arn)
        request = parse(operation, parameters, caller)
        judge(request)
        self._authorizer.authorize(request)
        return self._limits.run(request, handler)

    def invoke_endpoint(self, endpoint: str, request: invocation.Request, caller: Caller) -> invocation.Answer:
        """Send one request to an endpoint as `InvokeEndpoint` does, and return the answer on the wire.

        An error of the container is an answer of status 424 (`ModelError`). Raises `ServiceError`: `ValidationError`
        (400, no such endpoint or variant; 413, too large), `AccessDeniedException` (403).
        """
        self._authorizer.authorize(Request("InvokeEndpoint", {"EndpointName": endpoint}, caller))
        return self._hosting.endpoints.invoke(caller.scope, endpoint, request)

    def variants(self, scope: Scope, endpoint: str) -> list[str]:
        """Return the names of the production variants of an endpoint; none when there is no such endpoint."""
        return self._hosting.variants(scope, endpoint)

    def wait_for_job(self, kind: JobKind, scope: Scope, name: str) -> Record:
        """Wait until a job has ended, and return its record."""
        return self._jobs.wait(kind, scope, name)

    def stop_job(self, kind: JobKind, scope: Scope, name: str) -> None:
        """Ask a job to end, as the service itself; nothing when it has."""
        self._jobs.stop(kind, scope, name)

    def interrupt_job(self, name: str, interruption: Interruption) -> None:
        """Take the instances of a spot training job away; ServiceError when it has none that could be."""
        self._jobs.interrupt(name, interruption)

    def rehearse_interruptions(self, times: int) -> None:
        """Interrupt every spot job that is created from now on so many times, each when a checkpoint was copied."""
        self._jobs.rehearse_interruptions(times)

    def label(self, arn: str, tags: Mapping[str, str]) -> None:
        """Tag a resource, as the service itself."""
        self._resources.tag(arn, tags)

    def close(self) -> None:
        """End every execution, job and endpoint, and wait until their processes are gone."""
        for capability in self._capabilities:
            capability.close()


def to_json(result: object) -> bytes:
    """Return a result in AWS JSON 1.1: timestamps are seconds since the epoch."""
    return json.dumps(result, default=_encode, separators=(",", ":")).encode()


def _encode(value: object) -> object:
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    raise TypeError(f"{type(value).__name__} has no form in AWS JSON")
