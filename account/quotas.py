"""Service quotas: their names, and their values in a new account and in one that is established.

`quotas.csv` has a quota a line, the first that fits a name counts; its column `mark` says how far a figure can be
trusted: published by AWS, observed in an account, or derived. AWS publishes no defaults by instance type of SageMaker:
each account has its own, which `service-quotas:ListServiceQuotas` tells.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Final

from account.instance_types import Usage, instance_types

TABLE: Final = Path(__file__).with_name("quotas.csv")
SAGEMAKER: Final = "sagemaker"
SERVICES: Final = {SAGEMAKER: "Amazon SageMaker", "codebuild": "AWS CodeBuild", "lambda": "AWS Lambda"}
"""Services that the table has quotas of: what Service Quotas calls each."""
CONCURRENT_EXECUTIONS: Final = "Concurrent executions"
QUEUE_FACTOR: Final = 5
"""Builds that may wait, for each that may run: CodeBuild user guide, "Builds in AWS CodeBuild"."""
TRAINING_INSTANCES: Final = "Number of instances across all training jobs"
PROCESSING_INSTANCES: Final = "Number of instances across all processing jobs"
DOMAINS: Final = "Total domains"
APPS: Final = ("CodeEditor", "JupyterLab", "KernelGateway")
"""Types of applications of Studio that run on instances whose type people choose."""


class Profile(StrEnum):
    """Whose account it is: AWS hands out a new one, and raises the quotas of an established one when it is asked."""

    NEW = "new"
    ESTABLISHED = "established"


@dataclass(frozen=True)
class Quota:
    """A quota of a service by profile; None is as much as one asks for. `code` is AWS's where it is known."""

    service: str
    name: str
    unit: str
    new: float | None
    established: float | None
    mark: str
    source: str
    code: str = ""

    def value(self, profile: Profile) -> float | None:
        """Return how much an account of a profile has of it; None is as much as it asks for."""
        return self.new if profile is Profile.NEW else self.established


def quota_name(instance_type: str, usage: Usage, *, spot: bool = False, app: str = "JupyterLab") -> str:
    """Return what Service Quotas calls the quota of an instance type for a usage."""
    match usage:
        case Usage.STUDIO:
            kind = "instance" if app == "KernelGateway" else "instances"
            return f"Studio {app} Apps running on {instance_type} {kind}"
        case Usage.ENDPOINT:
            return f"{instance_type} for endpoint usage"
        case Usage.NOTEBOOK:
            return f"{instance_type} for notebook instance usage"
        case _:
            return f"{instance_type} for {'spot ' if spot else ''}{usage.value} job usage"


def builds_quota(environment: str, compute: str) -> str:
    """Return what Service Quotas calls the quota of builds in an environment (`LINUX_CONTAINER`) of a compute type."""
    platform = "ARM" if environment.startswith("ARM") else "Linux"
    size = compute.removeprefix("BUILD_GENERAL1_").capitalize()
    size = {"Xlarge": "XLarge", "2xlarge": "2XLarge"}.get(size, size)
    return f"Concurrently running builds for {platform}/{size} environment"


@cache
def find(name: str) -> Quota | None:
    """Return the quota of a name; None where no service has one that is known."""
    for quota in _rows():
        if fnmatchcase(name, quota.name):
            return replace(quota, name=name)
    return None


def quotas(service: str = SAGEMAKER) -> Iterator[Quota]:
    """Yield every quota of a service; of SageMaker those of each instance type for each usage come first."""
    if service == SAGEMAKER:
        yield from _of_instances()
    yield from (quota for quota in _rows() if quota.service == service and "ml." not in quota.name)


def _of_instances() -> Iterator[Quota]:
    for name in instance_types():
        for usage in Usage:
            if usage in instance_types()[name].usages:
                yield from filter(None, map(find, _names(name, usage)))


def _names(instance_type: str, usage: Usage) -> Iterator[str]:
    if usage is Usage.STUDIO:
        yield from (quota_name(instance_type, usage, app=app) for app in APPS)
        return
    yield quota_name(instance_type, usage)
    if usage is Usage.TRAINING:
        yield quota_name(instance_type, usage, spot=True)


@cache
def _rows() -> Sequence[Quota]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Quota(
                row["service"],
                row["name"],
                row["unit"],
                _number(row["new"]),
                _number(row["established"]),
                row["mark"],
                row["source"],
                row["code"],
            )
            for row in csv.DictReader(file)
        )


def _number(text: str) -> float | None:
    return float(text) if text else None
