"""Log groups that services make for themselves, in this process."""

import asyncio
import json
from typing import Any

from ministack.services import cloudwatch_logs

from localcloud.hooks import telemetry
from localcloud.hooks.requests import services

ACCOUNT, REGION, KEY = "999999999999", "eu-west-1", "arn:aws:kms:eu-west-1:999999999999:key/k"


def ask(operation: str, **parameters: Any) -> None:
    headers = {"x-amz-target": f"Logs_20140328.{operation}"}
    status, _, said = asyncio.run(
        cloudwatch_logs.handle_request("POST", "/", headers, json.dumps(parameters).encode(), {})
    )
    assert status == 200, said


def groups() -> list[tuple[str, str | None, int | None]]:
    found = telemetry.log_groups()
    return [(each["name"], each["key"], each["retention"]) for each in found if each["account"] == ACCOUNT]


def test_a_group_that_a_service_makes_has_no_key_and_no_end_and_one_that_was_there_keeps_them() -> None:
    """Source: CloudWatch Logs user guide: by default, log data is kept indefinitely; a key has to be associated."""
    with services.scope(ACCOUNT, REGION):
        ask("CreateLogGroup", logGroupName="/aws/sagemaker/ProcessingJobs", kmsKeyId=KEY)
        ask("PutRetentionPolicy", logGroupName="/aws/sagemaker/ProcessingJobs", retentionInDays=30)
        for kind in ("TrainingJobs", "ProcessingJobs"):
            telemetry.write_log(f"/aws/sagemaker/{kind}", "one/algo-1", ["hello"])
    assert groups() == [("/aws/sagemaker/ProcessingJobs", KEY, 30), ("/aws/sagemaker/TrainingJobs", None, None)]
