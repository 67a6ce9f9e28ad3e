"""The EventBridge events that start a reconciliation: two of SageMaker's, and one of a schedule.

SageMaker's may come late, twice and in any order: they say that something changed, and the approval event also when.
The schedule's comes whatever happened: an event that was lost leaves nothing behind for longer than that.
Source: SageMaker developer guide, "Events that Amazon SageMaker AI sends to Amazon EventBridge".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

PACKAGE_CHANGE = "SageMaker Model Package State Change"
ENDPOINT_CHANGE = "SageMaker Endpoint State Change"
SCHEDULE = "Scheduled Event"


@dataclass(frozen=True)
class Approved:
    """A package of the group was approved at `at`."""

    package: str  # ARN
    at: datetime


@dataclass(frozen=True)
class Changed:
    """A package of the group, or the endpoint, changed in another way."""

    what: str


@dataclass(frozen=True)
class Due:
    """It is time to look for approvals whose event was lost."""


def parse(event: Mapping[str, Any], *, package_group: str, endpoint: str) -> Approved | Changed | Due | None:
    """Read an event; none when it is about another group, another endpoint or something else."""
    detail: Mapping[str, Any] = event.get("detail") or {}
    kind = event.get("detail-type")
    if kind == SCHEDULE:
        return Due()
    # The documented events write the endpoint's name in upper and lower case alike.
    if kind == ENDPOINT_CHANGE and str(detail.get("EndpointName", "")).lower() == endpoint.lower():
        return Changed(f"endpoint {detail.get('EndpointStatus')}")
    if kind != PACKAGE_CHANGE or detail.get("ModelPackageGroupName") != package_group:
        return None
    package = str(detail["ModelPackageArn"])
    if detail.get("ModelApprovalStatus") != "Approved" or not _about_approval(detail):
        return Changed(f"{package} {detail.get('ModelApprovalStatus')}")
    return Approved(package, _time(detail, event))


def _about_approval(detail: Mapping[str, Any]) -> bool:
    """Return whether the approval changed: an update of other fields repeats it. A new package lists no fields."""
    fields = detail.get("UpdatedModelPackageFields")
    return not fields or "ModelApprovalStatus" in fields


def _time(detail: Mapping[str, Any], event: Mapping[str, Any]) -> datetime:
    """Return when the change was made: the detail's times are the same in every event about one change."""
    made = None if detail.get("UpdatedModelPackageFields") else detail.get("CreationTime")
    return _instant(detail.get("LastModifiedTime") or made or event["time"])


def _instant(value: object) -> datetime:
    """Read ISO 8601 text, or milliseconds since 1970 as a number or as text; SageMaker sends all three."""
    if isinstance(value, str) and not value.isdecimal():
        instant = datetime.fromisoformat(value)
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(str(value)) / 1000, tz=UTC)
