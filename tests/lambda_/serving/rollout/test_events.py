from datetime import UTC, datetime
from typing import Any

import pytest

from rollout.events import Approved, Changed, Due, parse
from tests.lambda_.serving.rollout.world import ENDPOINT, GROUP, arn_of


def package_event(**detail: object) -> dict[str, Any]:
    """The documented "SageMaker Model Package State Change"."""
    return {
        "version": "0",
        "id": "844e2571-85d4-695f-b930-0153b71dcb42",
        "detail-type": "SageMaker Model Package State Change",
        "source": "aws.sagemaker",
        "account": "111122223333",
        "time": "2026-03-01T17:00:14Z",
        "region": "eu-west-1",
        "resources": [arn_of(2)],
        "detail": {
            "ModelPackageGroupName": GROUP,
            "ModelPackageVersion": 2,
            "ModelPackageArn": arn_of(2),
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": "Approved",
            **detail,
        },
    }


def endpoint_event(name: str) -> dict[str, Any]:
    """The documented "SageMaker Endpoint State Change", whose envelope time is no ISO time."""
    return {
        "version": "0",
        "id": "d2921b5a-b0ad-cace-a8e3-0f159d018e06",
        "detail-type": "SageMaker Endpoint State Change",
        "source": "aws.sagemaker",
        "account": "111122223333",
        "time": "1583831889050",
        "region": "eu-west-1",
        "resources": ["arn:aws:sagemaker:eu-west-1:111122223333:endpoint/dev-fraud"],
        "detail": {
            "EndpointName": name,
            "EndpointArn": "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/dev-fraud",
            "EndpointConfigName": "dev-fraud-v1-01234567",
            "ProductionVariants": [{"DesiredWeight": 1.0, "DesiredInstanceCount": 1.0}],
            "EndpointStatus": "IN_SERVICE",
            "CreationTime": 1592411992203.0,
            "LastModifiedTime": 1592411994287.0,
            "Tags": {},
        },
    }


def read(event: dict[str, Any]) -> Approved | Changed | Due | None:
    return parse(event, package_group=GROUP, endpoint=ENDPOINT)


@pytest.mark.parametrize(
    ("modified", "at"),
    [
        (1772384414250, datetime(2026, 3, 1, 17, 0, 14, 250000, tzinfo=UTC)),
        (1772384414250.0, datetime(2026, 3, 1, 17, 0, 14, 250000, tzinfo=UTC)),
        ("1772384414250", datetime(2026, 3, 1, 17, 0, 14, 250000, tzinfo=UTC)),
        ("2026-03-01T17:00:14Z", datetime(2026, 3, 1, 17, 0, 14, tzinfo=UTC)),
        ("2026-03-01T17:00:14.250+00:00", datetime(2026, 3, 1, 17, 0, 14, 250000, tzinfo=UTC)),
        ("2026-03-01T17:00:14", datetime(2026, 3, 1, 17, 0, 14, tzinfo=UTC)),
    ],
)
def test_an_approval_has_the_time_of_the_change(modified: object, at: datetime) -> None:
    event = package_event(LastModifiedTime=modified, UpdatedModelPackageFields=["ModelApprovalStatus"])
    assert read(event) == Approved(arn_of(2), at)


def test_a_package_that_is_born_approved_has_the_time_of_its_birth() -> None:
    born = datetime(2026, 3, 1, 17, 0, 13, 500000, tzinfo=UTC)
    assert read(package_event(CreationTime=int(born.timestamp() * 1000))) == Approved(arn_of(2), born)


def test_a_later_approval_never_has_the_time_of_birth() -> None:
    event = package_event(CreationTime=1, UpdatedModelPackageFields=["ModelApprovalStatus"])
    assert read(event) == Approved(arn_of(2), datetime(2026, 3, 1, 17, 0, 14, tzinfo=UTC))


@pytest.mark.parametrize("status", ["Rejected", "PendingManualApproval", None])
def test_other_decisions_are_changes(status: str | None) -> None:
    assert isinstance(read(package_event(ModelApprovalStatus=status)), Changed)


def test_an_edit_of_an_approved_package_is_a_change() -> None:
    assert isinstance(read(package_event(UpdatedModelPackageFields=["CustomerMetadataProperties"])), Changed)


@pytest.mark.parametrize("name", ["dev-fraud", "Dev-Fraud"])
def test_the_endpoints_own_events_are_changes(name: str) -> None:
    assert read(endpoint_event(name)) == Changed("endpoint IN_SERVICE")


@pytest.mark.parametrize(
    "event",
    [
        package_event(ModelPackageGroupName=f"{GROUP}-2"),
        package_event(ModelPackageGroupName=None),
        endpoint_event("dev-fraud-2"),
        {"detail-type": "SageMaker Training Job State Change", "detail": {"TrainingJobName": "dev-fraud"}},
        {"detail-type": "SageMaker Endpoint State Change", "detail": None},
        {},
    ],
)
def test_everything_else_is_ignored(event: dict[str, Any]) -> None:
    assert read(event) is None


def test_the_event_of_a_schedule_is_about_no_package() -> None:
    """The event is that of the user guide of EventBridge, "Scheduled events"."""
    event = {
        "version": "0",
        "account": "111122223333",
        "region": "eu-west-1",
        "source": "aws.events",
        "detail-type": "Scheduled Event",
        "time": "2026-03-01T18:00:00Z",
        "id": "cdc73f9d-aea9-11e3-9d5a-835b769c0d9c",
        "resources": ["arn:aws:events:eu-west-1:111122223333:rule/dev-fraud-due"],
        "detail": {},
    }
    assert read(event) == Due()
