"""The quotas that an environment's templates need, and what an account has of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from account.instance_types import Usage
from account.quotas import CONCURRENT_EXECUTIONS, SERVICES, builds_quota, quota_name
from mdlc.cost import jobs, serving
from mdlc.cost.assembly import Stacks, resources
from mdlc.cost.estimate import Traffic

if TYPE_CHECKING:
    from mdlc.client.aws import Cloud

PREDICTION_S: Final = float(Traffic.milliseconds) / 1000


@dataclass(frozen=True)
class Need:
    """A quota that an environment needs: at least so many instances, and for what."""

    quota: str
    count: int
    users: Sequence[str]


def needs(stacks: Stacks) -> list[Need]:
    """Return what an environment needs, by name.

    A job needs its instances while it runs, and jobs are counted one at a time. Endpoints need their largest fleets,
    and the largest of them once more: a roll-out starts a whole fleet beside the one in service. Notebook instances
    and spaces are counted as if all of them ran. Images are built one after the other. An API needs as many functions
    at once as it lets requests through, each of which is taken to last as long as `mdlc cost` takes it to.
    """
    found = [*_jobs(stacks), *_endpoints(stacks), *_people(stacks), *_builds(stacks), *_functions(stacks)]
    return sorted(found, key=lambda need: need.quota)


def _jobs(stacks: Stacks) -> Iterator[Need]:
    found: dict[str, list[jobs.Job]] = defaultdict(list)
    for template in stacks.templates.values():
        for job in jobs.find(template):
            if job.instance_type:
                found[quota_name(job.instance_type, Usage(job.kind), spot=job.spot)].append(job)
    for quota, each in found.items():
        users = sorted({job.pipeline for job in each})
        yield Need(quota, max(int(job.instance_count or 1) for job in each), users)


def _endpoints(stacks: Stacks) -> Iterator[Need]:
    found: dict[str, list[serving.Endpoint]] = defaultdict(list)
    for endpoint in serving.endpoints(stacks):
        found[quota_name(endpoint.instance_type, Usage.ENDPOINT)].append(endpoint)
    for quota, each in found.items():
        sizes = [int(endpoint.maximum) for endpoint in each]
        yield Need(quota, sum(sizes) + max(sizes), sorted(endpoint.name for endpoint in each))


def _people(stacks: Stacks) -> Iterator[Need]:
    found: dict[str, list[str]] = defaultdict(list)
    for template in stacks.templates.values():
        for name, notebook in resources(template, "AWS::SageMaker::NotebookInstance").items():
            quota = quota_name(notebook["InstanceType"], Usage.NOTEBOOK)
            found[quota].append(notebook.get("NotebookInstanceName", name))
        for name, space in resources(template, "AWS::SageMaker::Space").items():
            app = space.get("SpaceSettings", {}).get("JupyterLabAppSettings", {})
            if chosen := app.get("DefaultResourceSpec", {}).get("InstanceType"):
                found[quota_name(chosen, Usage.STUDIO)].append(space.get("SpaceName", name))
    for quota, users in found.items():
        yield Need(quota, len(users), sorted(users))


def _builds(stacks: Stacks) -> Iterator[Need]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, template in stacks.templates.items():
        for project in resources(template, "AWS::CodeBuild::Project").values():
            environment = project["Environment"]
            found[builds_quota(environment["Type"], environment["ComputeType"])].append(name)
    for quota, users in found.items():
        yield Need(quota, 1, sorted(set(users)))


def _functions(stacks: Stacks) -> Iterator[Need]:
    for name, template in stacks.templates.items():
        for stage in resources(template, "AWS::ApiGateway::Stage").values():
            rates = [
                float(each["ThrottlingRateLimit"])
                for each in stage.get("MethodSettings", ())
                if "ThrottlingRateLimit" in each
            ]
            if rates:
                yield Need(CONCURRENT_EXECUTIONS, ceil(max(rates) * PREDICTION_S), [name])


def read_quotas(cloud: "Cloud") -> Mapping[str, float]:
    """Return how much the account of a cloud has of each quota in its region."""
    connect: Any = cloud.session.client
    client = connect("service-quotas", endpoint_url=cloud.endpoint)
    asked = client.get_paginator("list_service_quotas")
    pages = (page for service in SERVICES for page in asked.paginate(ServiceCode=service))
    return {quota["QuotaName"]: quota["Value"] for page in pages for quota in page["Quotas"]}
