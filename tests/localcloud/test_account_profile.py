"""A local cloud whose accounts are new, asked as AWS is: by clients of the SDK."""

import json
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


def test_a_new_account_has_a_monitor_few_functions_and_no_role_for_logs(running: Running) -> None:
    (monitor,) = client(running, "ce").get_anomaly_monitors()["AnomalyMonitors"]
    assert monitor["MonitorDimension"] == "SERVICE"
    limits = client(running, "lambda").get_account_settings()["AccountLimit"]
    assert (limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]) == (10, 10)
    properties = {"MonitorName": "dev-services", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    body = {"Resources": {"Monitor": {"Type": "AWS::CE::AnomalyMonitor", "Properties": properties}}}
    cloudformation = client(running, "cloudformation")
    cloudformation.create_stack(StackName="dev-budget", TemplateBody=json.dumps(body))
    (stack,) = cloudformation.describe_stacks(StackName="dev-budget")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName="dev-budget")["StackEvents"]
    (failed,) = [each for each in events if each["ResourceStatus"] == "CREATE_FAILED"]
    assert (
        failed["ResourceStatusReason"] == 'Resource handler returned message: "null" (HandlerErrorCode: AlreadyExists)'
    )


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
