"""A local cloud whose accounts are new, asked as AWS is: by clients of the SDK."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.lifecycle import LocalCloud, Running

pytestmark = pytest.mark.slow


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    cloud = LocalCloud(tmp_path / "cloud")
    yield cloud.up(profile="new", time_scale=6000.0)
    cloud.down()


def client(running: Running, service: str) -> Any:
    connect: Any = boto3.client
    return connect(service, running.region, None, True, None, running.endpoint, running.account, running.secret)  # noqa: FBT003 - boto3's order


def test_a_new_account_asks_for_more_and_has_it(running: Running) -> None:
    quotas, sagemaker = client(running, "service-quotas"), client(running, "sagemaker")
    pages = quotas.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
    listed = {each["QuotaName"]: each for page in pages for each in page["Quotas"]}
    quota = listed["ml.m5.xlarge for notebook instance usage"]
    assert quota["Value"] == 0
    notebook = {
        "NotebookInstanceName": "lab",
        "InstanceType": "ml.m5.xlarge",
        "RoleArn": "arn:aws:iam::111111111111:role/nobody",
    }
    with pytest.raises(ClientError, match=r"'ml\.m5\.xlarge for notebook instance usage' is 0 Instances") as refused:
        sagemaker.create_notebook_instance(**notebook)
    assert refused.value.response["Error"]["Code"] == "ResourceLimitExceeded"
    asked = quotas.request_service_quota_increase(
        ServiceCode="sagemaker", QuotaCode=quota["QuotaCode"], DesiredValue=1.0
    )["RequestedQuota"]
    while quotas.get_requested_service_quota_change(RequestId=asked["Id"])["RequestedQuota"]["Status"] == "PENDING":
        pass
    with pytest.raises(ClientError, match="Could not assume role"):  # the next check: the quota is there
        sagemaker.create_notebook_instance(**notebook)
