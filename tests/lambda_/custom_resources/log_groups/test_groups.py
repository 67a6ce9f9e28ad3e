"""Log groups of SageMaker: made, found without a key, or shared with another environment of the account."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from log_groups.groups import keep, let_go
from tests.lambda_.stub import answered_by

JOBS = "/aws/sagemaker/TrainingJobs"
KEY, OTHER = (f"arn:aws:kms:eu-west-1:111122223333:key/{name}" for name in ("own", "other"))


class Logs:
    """CloudWatch Logs, as its API reference tells it."""

    def __init__(self, **groups: dict[str, Any]) -> None:
        self.groups = {JOBS + name: group for name, group in groups.items()}
        self.client = answered_by(boto3.client("logs"), self.answer)

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked.get("logGroupName", "")
        match operation:
            case "CreateLogGroup":
                if name in self.groups:
                    code = "ResourceAlreadyExistsException"
                    raise ClientError({"Error": {"Code": code, "Message": "It already exists"}}, operation)
                self.groups[name] = {"kmsKeyId": asked["kmsKeyId"]}
            case "DescribeLogGroups":
                found = [each for each in self.groups if each.startswith(asked["logGroupNamePrefix"])]
                return {"logGroups": [{"logGroupName": each, **self.groups[each]} for each in sorted(found)]}
            case "AssociateKmsKey":
                self.groups[name]["kmsKeyId"] = asked["kmsKeyId"]
            case "DisassociateKmsKey":
                del self.groups[name]["kmsKeyId"]
            case "PutRetentionPolicy":
                self.groups[name]["retentionInDays"] = asked["retentionInDays"]
        return {}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("found", "then"),
    [
        (None, (KEY, 30)),
        ({}, (KEY, 30)),  # as SageMaker makes it
        ({"retentionInDays": 400}, (KEY, 400)),  # and somebody has given it an end
        ({"kmsKeyId": KEY, "retentionInDays": 7}, (KEY, 30)),
        ({"kmsKeyId": OTHER}, (OTHER, 30)),
        ({"kmsKeyId": OTHER, "retentionInDays": 90}, (OTHER, 90)),
    ],
)
def test_a_group_gets_what_it_lacks_and_keeps_a_neighbours(found: dict[str, Any] | None, then: tuple[str, int]) -> None:
    logs = Logs() if found is None else Logs(**{"": dict(found)})
    for _ in range(2):
        keep(logs.client, JOBS, key=KEY, days=30)
    assert (logs.groups[JOBS]["kmsKeyId"], logs.groups[JOBS]["retentionInDays"]) == then


@pytest.mark.usefixtures("aws")
def test_a_group_that_only_begins_like_it_is_another() -> None:
    logs = Logs(OfOthers={})
    keep(logs.client, JOBS, key=KEY, days=30)
    assert logs.groups == {JOBS: {"kmsKeyId": KEY, "retentionInDays": 30}, f"{JOBS}OfOthers": {}}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("key", [KEY, OTHER, None])
def test_the_key_that_goes_is_taken_from_its_groups_alone(key: str | None) -> None:
    logs = Logs(**{"": {"kmsKeyId": key} if key else {}})
    let_go(logs.client, JOBS, key=KEY)
    assert logs.groups == {JOBS: {} if key in {KEY, None} else {"kmsKeyId": OTHER}}
    let_go(Logs().client, JOBS, key=KEY)
