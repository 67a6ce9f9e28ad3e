"""Service quotas of SageMaker: their names, and their values in a new account and in one that is established.

`quotas.csv` has a quota a line, the first that fits a name counts; its column `mark` says how far a figure can be
trusted: observed in an account, or derived. AWS publishes no defaults by instance type: each account has its own, which
`service-quotas:ListServiceQuotas` tells.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Final

from account.instance_types import Usage, instance_types

TABLE: Final = Path(__file__).with_name("quotas.csv")
SERVICE: Final = "sagemaker"
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
    """A quota of SageMaker by profile; None is as much as one asks for."""

    name: str
    unit: str
    new: float | None
    established: float | None
    mark: str
    source: str

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


@cache
def find(name: str) -> Quota | None:
    """Return the quota of a name; None where SageMaker has none that is known."""
    for quota in _rows():
        if fnmatchcase(name, quota.name):
            return Quota(name, quota.unit, quota.new, quota.established, quota.mark, quota.source)
    return None


def quotas() -> Iterator[Quota]:
    """Yield every quota: those of each instance type for each usage, then those of the account as a whole."""
    for name in instance_types():
        for usage in Usage:
            if usage in instance_types()[name].usages:
                yield from filter(None, map(find, _names(name, usage)))
    yield from (quota for quota in _rows() if "ml." not in quota.name)


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
                row["name"],
                row["unit"],
                _number(row["new"]),
                _number(row["established"]),
                row["mark"],
                row["source"],
            )
            for row in csv.DictReader(file)
        )


def _number(text: str) -> float | None:
    return float(text) if text else None
