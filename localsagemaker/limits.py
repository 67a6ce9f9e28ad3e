"""Requests are admitted within the quotas of their account, and refused beyond them in SageMaker's words."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from account import quotas
from account.instance_types import Usage
from localsagemaker import instances
from localsagemaker.errors import ServiceError
from localsagemaker.hosting.kinds import ENDPOINT, ENDPOINT_CONFIG
from localsagemaker.instances import Instances
from localsagemaker.jobs.kinds import PROCESSING_JOB, TRAINING_JOB
from localsagemaker.kernel.host import Scope
from localsagemaker.kernel.kinds import Kind
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Record, Resources
from localsagemaker.quotas import Quotas
from localsagemaker.studio.kinds import APP, DOMAIN, NOTEBOOK_INSTANCE, SPACE

_RUNNING: Final = {"InProgress", "Stopping", "Pending", "InService"}
_TOGETHER: Final = {Usage.TRAINING: quotas.TRAINING_INSTANCES, Usage.PROCESSING: quotas.PROCESSING_INSTANCES}
"""Usages whose instances are counted together, whatever their types, beside by type."""
_DEFAULT_APP_INSTANCE: Final = "ml.t3.medium"


class Limits:
    """How much of its quotas each account and region uses, counted from the records of what runs."""

    def __init__(self, resources: Resources, quotas: Quotas) -> None:
        self._resources, self._quotas = resources, quotas
        self._lock = threading.RLock()
        self._asked: Mapping[str, Callable[[Request], Iterable[Instances]]] = {
            "CreateTrainingJob": lambda request: instances.of_training(request.parameters),
            "CreateProcessingJob": lambda request: instances.of_processing(request.parameters),
            "CreateEndpoint": self._of_fleet,
            "UpdateEndpoint": self._of_fleet,  # a whole fleet beside the one in service
            "UpdateEndpointWeightsAndCapacities": self._of_capacities,
            "CreateNotebookInstance": lambda request: [_notebook(request.parameters)],
            "StartNotebookInstance": self._of_notebook,
            "CreateApp": lambda request: self._of_app(request.scope, request.parameters),
        }

    def run(self, request: Request, handler: Handler) -> dict[str, Any]:
        """Run a request that SageMaker has instances for, within the account's quotas.

        Raises `ServiceError`: `ValidationException`, `ResourceLimitExceeded`.
        """
        instances.check(request)
        wanted = self._wanted(request)
        limits = {name: limit for name in wanted if (limit := self._limit(request.scope, name)) is not None}
        if not limits:
            return handler(request)
        with self._lock:
            used = self._used(request.scope)
            for name, limit in limits.items():
                if used[name] + wanted[name] > limit:
                    raise _exceeded(name, limit, used[name], wanted[name])
            return handler(request)

    def _limit(self, scope: Scope, name: str) -> float | None:
        return self._quotas.value(scope.account, scope.region, name)

    def _wanted(self, request: Request) -> Counter[str]:
        if request.operation == "CreateDomain":
            return Counter({quotas.DOMAINS: 1})
        asked = self._asked.get(request.operation)
        return _count(asked(request)) if asked else Counter()

    def _used(self, scope: Scope) -> Counter[str]:
        domains = [each for each in self._resources.all(DOMAIN, scope) if each["Status"] != "Failed"]
        return _count(self._running(scope)) + Counter({quotas.DOMAINS: len(domains)})

    def _running(self, scope: Scope) -> Iterator[Instances]:
        for job in self._records(TRAINING_JOB, scope, "TrainingJobStatus"):
            yield from instances.of_training(job)
        for job in self._records(PROCESSING_JOB, scope, "ProcessingJobStatus"):
            yield from instances.of_processing(job)
        for notebook in self._records(NOTEBOOK_INSTANCE, scope, "NotebookInstanceStatus"):
            yield _notebook(notebook)
        for app in self._records(APP, scope, "Status"):
            yield from self._of_app(scope, app)
        for endpoint in self._resources.all(ENDPOINT, scope):
            if endpoint["EndpointStatus"] != "Failed":
                yield from self._of_endpoint(scope, endpoint)

    def _records(self, kind: Kind, scope: Scope, status: str) -> Iterator[Record]:
        """Yield what has instances now."""
        return (record for record in self._resources.all(kind, scope) if record[status] in _RUNNING)

    def _of_endpoint(self, scope: Scope, endpoint: Record) -> Iterator[Instances]:
        for fleet in filter(None, (endpoint, endpoint.get("PendingDeploymentSummary"))):
            if config := self._resources.find(ENDPOINT_CONFIG, scope, fleet["EndpointConfigName"]):
                yield from instances.of_config(config, _sizes(fleet))

    def _of_fleet(self, request: Request) -> Iterator[Instances]:
        parameters, counts = request.parameters, {}
        config = self._resources.find(ENDPOINT_CONFIG, request.scope, parameters["EndpointConfigName"])
        endpoint = self._resources.find(ENDPOINT, request.scope, parameters["EndpointName"])
        if endpoint and parameters.get("RetainAllVariantProperties"):
            counts = _sizes(endpoint)
        if config:
            yield from instances.of_config(config, counts)

    def _of_capacities(self, request: Request) -> Iterator[Instances]:
        endpoint = self._resources.find(ENDPOINT, request.scope, request.parameters["EndpointName"])
        config = endpoint and self._resources.find(ENDPOINT_CONFIG, request.scope, endpoint["EndpointConfigName"])
        if endpoint and config:
            sizes = _sizes(endpoint)
            desired = {
                each["VariantName"]: max(0, each["DesiredInstanceCount"] - sizes.get(each["VariantName"], 0))
                for each in request.parameters["DesiredWeightsAndCapacities"]
                if "DesiredInstanceCount" in each
            }
            yield from instances.of_config(config, {**dict.fromkeys(sizes, 0), **desired})

    def _of_notebook(self, request: Request) -> Iterator[Instances]:
        notebook = self._resources.find(NOTEBOOK_INSTANCE, request.scope, request.parameters["NotebookInstanceName"])
        if notebook:
            yield _notebook(notebook)

    def _of_app(self, scope: Scope, app: Record) -> Iterator[Instances]:
        if app["AppType"] not in quotas.APPS:
            return
        space = self._resources.find(SPACE, scope, f"{app['DomainId']}/{app.get('SpaceName', '')}") or {}
        settings = space.get("SpaceSettings", {}).get(f"{app['AppType']}AppSettings", {})
        chosen = {**settings.get("DefaultResourceSpec", {}), **app.get("ResourceSpec", {})}
        name = chosen.get("InstanceType", _DEFAULT_APP_INSTANCE)
        yield Instances(name, Usage.STUDIO, app=app["AppType"])


def _notebook(record: Record) -> Instances:
    return Instances(record["InstanceType"], Usage.NOTEBOOK)


def _sizes(fleet: Record) -> dict[str, int]:
    """Return how many instances each variant of a fleet is to have."""
    return {
        each["VariantName"]: each["DesiredInstanceCount"]
        for each in fleet.get("ProductionVariants", ())
        if "DesiredInstanceCount" in each
    }


def _count(found: Iterable[Instances]) -> Counter[str]:
    """Count instances by the quotas that they count against."""
    counted: Counter[str] = Counter()
    for each in found:
        if each.count:
            counted[each.quota] += each.count
            if each.usage in _TOGETHER:
                counted[_TOGETHER[each.usage]] += each.count
    return counted


def _exceeded(name: str, limit: float, used: int, wanted: int) -> ServiceError:
    quota = quotas.find(name)
    unit = quota.unit if quota else "Instances"
    return ServiceError(
        "ResourceLimitExceeded",
        f"The account-level service limit '{name}' is {limit:g} {unit}, with current utilization of {used} {unit} and"
        f" a request delta of {wanted} {unit}. Please use AWS Service Quotas to request an increase for this quota."
        " If AWS Service Quotas is not available, contact AWS support to request an increase for this quota.",
    )
