"""Real-time endpoints: created, updated with traffic shifting and rollback, invoked, deleted."""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.hosting.deployment import Deployment, Variant, variants
from localsagemaker.hosting.fleet import Fleet, FleetFailed
from localsagemaker.hosting.invocation import Answer, Request, invoke
from localsagemaker.hosting.model_server import INVOCATION_TIMEOUT_S
from localsagemaker.hosting.traffic import Plan, Step, plan
from localsagemaker.images import Images
from localsagemaker.kernel.host import Host, Scope
from localsagemaker.kernel.resources import Update, now

__all__ = ["Answer", "Deployment", "Endpoints"]

logger = logging.getLogger(__name__)

ALARM_POLL_S = 0.5
BUSY = frozenset({"Creating", "Updating", "RollingBack", "Deleting"})
ANSWERING = frozenset({"InService", "Updating", "RollingBack"})
EVENT = "SageMaker Endpoint State Change"


class RolledBack(Exception):  # noqa: N818 - what happened, and no programming error
    """An update that has to be undone; the message is the reason."""


@dataclass
class Endpoint:
    """One endpoint: its state, and where its traffic goes."""

    scope: Scope
    name: str
    arn: str
    update: Update
    created: datetime = field(default_factory=now)
    status: str = "Creating"
    config_name: str = ""
    routes: list[tuple[Fleet, float]] = field(default_factory=list)
    """Fleets and their shares of the traffic; the first is the one in service."""
    fleets: list[Fleet] = field(default_factory=list)
    """Every fleet whose containers may run."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)
    worker: threading.Thread | None = None
    fleets_made: int = 0

    def route(self, *routes: tuple[Fleet, float]) -> None:
        """Send the traffic somewhere else."""
        with self.lock:
            self.routes = list(routes)

    @contextmanager
    def chosen(self) -> Iterator[Fleet]:
        """Choose the fleet for one request, which holds the fleet's end back until it is answered."""
        with self.lock:
            fleet = random.choices(*zip(*self.routes, strict=True))[0]  # noqa: S311 - it shares out traffic
            fleet.begin()
        try:
            yield fleet
        finally:
            fleet.done()

    def retire(self, fleet: Fleet, grace: float = 30.0) -> None:
        """End a fleet that gets no more traffic, after the requests under way."""
        fleet.drain(INVOCATION_TIMEOUT_S)
        fleet.stop(grace)
        self.fleets.remove(fleet)


class Endpoints:
    """All endpoints of the local cloud. Every method may be called from any thread."""

    def __init__(
        self,
        host: Host,
        images: Images,
        workdir: Path,
        time_scale: float = 1.0,
        *,
        least_startup_s: float = 60.0,
    ) -> None:
        """Divide the waits of deployments, and the start-up limit of containers, by `time_scale`.

        The start-up limit is never made shorter than `least_startup_s`: starting is real work.
        """
        self._host = host
        self._images = images
        self._workdir = workdir
        self._time_scale = time_scale
        self._least_startup_s = least_startup_s
        self._endpoints: dict[tuple[Scope, str], Endpoint] = {}
        self._lock = threading.RLock()

    def create(self, scope: Scope, name: str, arn: str, deployment: Deployment, update: Update) -> None:
        """Begin to create an endpoint; `update` gets its changes, the first (`Creating`) before this returns."""
        planned = variants(deployment, self._images)
        with self._lock:
            if (scope, name) in self._endpoints:
                raise ServiceError("ValidationException", f'Cannot create already existing endpoint "{arn}".')
            endpoint = self._endpoints[scope, name] = Endpoint(scope, name, arn, update)
        self._tell(endpoint, "Creating", EndpointConfigName=deployment.config_name, CreationTime=endpoint.created)
        self._work(endpoint, lambda: self._create(endpoint, deployment, planned))

    def update(  # noqa: PLR0913 - UpdateEndpoint's own parameters
        self,
        scope: Scope,
        name: str,
        deployment: Deployment,
        *,
        deployment_config: Mapping[str, Any] | None = None,
        retain_all_variant_properties: bool = False,
        exclude_retained_variant_properties: Sequence[str] = (),
    ) -> None:
        """Begin to update an endpoint that is InService; ServiceError `ValidationException` otherwise.

        `exclude_retained_variant_properties` names `DesiredInstanceCount` and `DesiredWeight`.
        """
        planned = variants(deployment, self._images)
        endpoint = self._idle(scope, name, "InService")
        if retain_all_variant_properties:
            _retain(endpoint.routes[0][0], planned, exclude_retained_variant_properties)
        steps = plan(deployment_config, sum(variant.instances for variant in planned))
        self._claim(endpoint, "Updating", LastDeploymentConfig=deployment_config, FailureReason=None)
        self._work(endpoint, lambda: self._update(endpoint, deployment, planned, steps))

    def update_weights(self, scope: Scope, name: str, desired: Sequence[Mapping[str, Any]]) -> None:
        """Change weights and instance counts (DesiredWeightsAndCapacities) of an endpoint that is InService."""
        endpoint = self._idle(scope, name, "InService")
        fleet = endpoint.routes[0][0]
        chosen = [(fleet.choose(each["VariantName"]), each) for each in desired]
        self._claim(endpoint, "Updating")

        def apply() -> None:
            for variant, wanted in chosen:
                variant.weight = float(wanted.get("DesiredWeight", variant.weight))
                variant.instances = int(wanted.get("DesiredInstanceCount", variant.instances))
            self._tell(endpoint, "InService", ProductionVariants=fleet.summaries())

        self._work(endpoint, apply)

    def delete(self, scope: Scope, name: str) -> None:
        """End an endpoint and all its containers, and return when they are gone.

        ServiceError `ValidationException` while it is created or updated, as on AWS.
        """
        endpoint = self._idle(scope, name, "InService", "Failed")
        self._claim(endpoint, "Deleting")
        self._end(endpoint)
        with self._lock:
            del self._endpoints[scope, name]

    def invoke(self, scope: Scope, name: str, request: Request) -> Answer:
        """Ask the endpoint; errors of the container come as an answer with status 424 (ModelError).

        ServiceError `ValidationError` when there is no such endpoint in service.
        """
        endpoint = self._endpoints.get((scope, name))
        if endpoint is None or endpoint.status not in ANSWERING:
            raise ServiceError("ValidationError", f"Endpoint {name} of account {scope.account} not found.")
        with endpoint.chosen() as fleet:
            return invoke(self._host, scope, name, fleet, request)

    def close(self) -> None:
        """End everything, at once."""
        with self._lock:
            endpoints = list(self._endpoints.values())
            self._endpoints.clear()
        for endpoint in endpoints:
            self._end(endpoint, grace=1.0)

    def _create(self, endpoint: Endpoint, deployment: Deployment, planned: Sequence[Variant]) -> None:
        fleet = self._fleet(endpoint, deployment, planned)
        try:
            fleet.start()
        except Exception as problem:  # noqa: BLE001 - whatever it is, the endpoint must not stay in Creating
            endpoint.retire(fleet, grace=1.0)
            self._tell(endpoint, "Failed", FailureReason=_reason(problem)[:1024])
            return
        endpoint.route((fleet, 1.0))
        self._in_service(endpoint, fleet)

    def _update(self, endpoint: Endpoint, deployment: Deployment, planned: Sequence[Variant], wanted: Plan) -> None:
        """Start the new fleet beside the old one, shift the traffic, end the old one; or go back to it."""
        blue = endpoint.routes[0][0]
        green = self._fleet(endpoint, deployment, planned)
        deadline = time.monotonic() + wanted.limit_s
        try:
            self._pending(endpoint, green, "Creating")
            green.start()
            for step in wanted.steps:
                endpoint.route((blue, 1.0 - step.share), (green, step.share))
                self._pending(endpoint, green, "Baking")
                self._bake(endpoint, step, wanted, deadline)
            self._bake(endpoint, Step(1.0, wanted.termination_wait_s), wanted, deadline)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the endpoint must not stay in Updating
            self._roll_back(endpoint, blue, green, _reason(problem))
            return
        endpoint.route((green, 1.0))
        endpoint.retire(blue)
        self._in_service(endpoint, green)

    def _roll_back(self, endpoint: Endpoint, blue: Fleet, green: Fleet, problem: str) -> None:
        reason = f"{problem} The endpoint was rolled back to endpoint config {blue.deployment.config_name}."[:1024]
        endpoint.route((blue, 1.0))
        if not endpoint.ended.is_set():
            self._tell(endpoint, "RollingBack", FailureReason=reason)
        endpoint.retire(green)
        self._in_service(endpoint, blue, reason)

    def _bake(self, endpoint: Endpoint, step: Step, wanted: Plan, deadline: float) -> None:
        """Watch the alarms for the step's time; RolledBack when one goes off, or the update takes too long."""
        end = time.monotonic() + step.bake_s / self._time_scale
        while True:
            tripped = [name for name in wanted.alarms if self._host.alarm_state(endpoint.scope, name) == "ALARM"]
            if tripped:
                raise RolledBack(f"Alarm(s) of the auto-rollback configuration went into ALARM: {', '.join(tripped)}.")
            if time.monotonic() > deadline:
                raise RolledBack(
                    f"The update took longer than MaximumExecutionTimeoutInSeconds ({wanted.limit_s:g} s)."
                )
            left = end - time.monotonic()
            if left <= 0:
                return
            if endpoint.ended.wait(min(left, ALARM_POLL_S)):
                raise RolledBack("The local cloud ends.")

    def _fleet(self, endpoint: Endpoint, deployment: Deployment, planned: Sequence[Variant]) -> Fleet:
        endpoint.fleets_made += 1
        scope = endpoint.scope
        folder = self._workdir / f"{scope.account}-{scope.region}-{endpoint.name}-{endpoint.fleets_made}"
        for variant in planned:
            variant.startup_s = max(variant.startup_s / self._time_scale, self._least_startup_s)
        fleet = Fleet(deployment, planned, endpoint=endpoint.name, scope=scope, host=self._host, folder=folder)
        endpoint.fleets.append(fleet)
        return fleet

    def _in_service(self, endpoint: Endpoint, fleet: Fleet, reason: str | None = None) -> None:
        if endpoint.ended.is_set():
            fleet.stop(grace=1.0)
            return
        self._tell(
            endpoint,
            "InService",
            EndpointConfigName=fleet.deployment.config_name,
            ProductionVariants=fleet.summaries(),
            PendingDeploymentSummary=None,
            FailureReason=reason,
        )

    def _pending(self, endpoint: Endpoint, green: Fleet, stage: str) -> None:
        summaries = [{**each, "VariantStatus": [{"Status": stage}]} for each in green.summaries()]
        pending = {"EndpointConfigName": green.deployment.config_name, "ProductionVariants": summaries}
        endpoint.update({"PendingDeploymentSummary": pending})

    def _idle(self, scope: Scope, name: str, *states: str) -> Endpoint:
        endpoint = self._endpoints.get((scope, name))
        if endpoint is None:
            arn = f"arn:aws:sagemaker:{scope.region}:{scope.account}:endpoint/{name.lower()}"
            raise ServiceError("ValidationException", f'Could not find endpoint "{arn}".')
        if endpoint.status in BUSY:
            raise ServiceError("ValidationException", f'Cannot update in-progress endpoint "{endpoint.arn}".')
        if endpoint.status not in states:
            raise ServiceError(
                "ValidationException", f'Cannot update endpoint "{endpoint.arn}" with status "{endpoint.status}".'
            )
        return endpoint

    def _claim(self, endpoint: Endpoint, status: str, **fields: object) -> None:
        """Take an idle endpoint for one operation; of two at once the second is refused."""
        with self._lock:
            if endpoint.status in BUSY:
                raise ServiceError("ValidationException", f'Cannot update in-progress endpoint "{endpoint.arn}".')
            endpoint.status = status
        self._tell(endpoint, status, **fields)

    def _tell(self, endpoint: Endpoint, status: str, **fields: object) -> None:
        """Change the state, tell the record, then everybody."""
        moment = now()
        endpoint.status = status
        endpoint.config_name = str(fields.get("EndpointConfigName", endpoint.config_name))
        endpoint.update({**fields, "EndpointStatus": status, "LastModifiedTime": moment})
        fleet = endpoint.routes[0][0] if endpoint.routes else None
        detail = {
            "EndpointName": endpoint.name,
            "EndpointArn": endpoint.arn,
            "EndpointConfigName": endpoint.config_name,
            "ProductionVariants": [
                {key: each[key] for key in ("VariantName", "DesiredWeight", "DesiredInstanceCount")}
                for each in (fleet.summaries() if fleet else [])
            ],
            "EndpointStatus": "".join(f"_{letter}" if letter.isupper() else letter for letter in status)[1:].upper(),
            "CreationTime": round(endpoint.created.timestamp() * 1000),
            "LastModifiedTime": round(moment.timestamp() * 1000),
            "Tags": {},
        }
        try:
            self._host.put_event(endpoint.scope, EVENT, detail, [endpoint.arn])
        except Exception:  # events are best effort, on AWS too: a lost one must not stop the endpoint
            logger.exception("an event of endpoint %s was lost", endpoint.name)

    def _work(self, endpoint: Endpoint, task: Callable[[], None]) -> None:
        endpoint.worker = threading.Thread(target=task, name=f"endpoint-{endpoint.name}", daemon=True)
        endpoint.worker.start()

    def _end(self, endpoint: Endpoint, grace: float = 30.0) -> None:
        """Stop the worker and all fleets of an endpoint."""
        endpoint.ended.set()
        for fleet in list(endpoint.fleets):
            fleet.stop(grace)
        if endpoint.worker and endpoint.worker is not threading.current_thread():
            endpoint.worker.join(grace + 5)


def _reason(problem: Exception) -> str:
    if isinstance(problem, (FleetFailed, RolledBack)):
        return str(problem)
    logger.error("an endpoint failed for a reason of our own", exc_info=problem)
    return f"InternalServerError: {type(problem).__name__}: {problem}."


def _retain(current: Fleet, planned: Sequence[Variant], excluded: Sequence[str]) -> None:
    """Keep weight and instance count of variants that exist already."""
    for variant in planned:
        if before := current.variants.get(variant.name):
            if "DesiredWeight" not in excluded:
                variant.weight = before.weight
            if "DesiredInstanceCount" not in excluded:
                variant.instances = before.instances
