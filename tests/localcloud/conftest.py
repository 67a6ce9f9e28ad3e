"""A local cloud for the tests of its host."""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from localcloud.console import Running
from localcloud.lifecycle import LocalCloud

Deploy = Callable[..., dict[str, Any]]
NOT_APPLIED: dict[str, Any] = {
    "InventoryConfigurations": [
        {
            "Id": "all",
            "Enabled": True,
            "IncludedObjectVersions": "All",
            "ScheduleFrequency": "Daily",
            "Destination": {"BucketArn": "arn:aws:s3:::elsewhere", "Format": "CSV"},
        }
    ]
}
"""A property of a bucket that AWS takes, and the local cloud does not apply."""


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A local cloud that runs, its images as plain processes."""
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud"))
    before = os.environ.get("MDLC_ENGINE")
    os.environ["MDLC_ENGINE"] = "process"
    try:
        cloud.up()
    finally:
        os.environ.pop("MDLC_ENGINE") if before is None else os.environ.update(MDLC_ENGINE=before)
    yield cloud
    cloud.down()


@pytest.fixture(scope="session")
def running(cloud: LocalCloud) -> Running:
    return cloud.running()


@pytest.fixture(scope="session")
def aws(running: Running) -> Callable[..., Any]:
    """Clients of the cloud: `aws("s3")` as root, `aws("s3", access_key, secret)` as a user."""

    def client(service: str, access_key: str = running.account, secret: str = running.secret) -> Any:
        connect: Any = boto3.client
        return connect(service, running.region, None, True, None, running.endpoint, access_key, secret)  # noqa: FBT003 - boto3's order

    return client


@pytest.fixture
def deploy(aws: Callable[..., Any]) -> Iterator[Deploy]:
    """Create a stack of these resources, or update it, and return its description; it is deleted afterwards."""
    cloudformation, made = aws("cloudformation"), set()

    def run(resources: dict[str, Any], stack: str | None = None, **outputs: Any) -> dict[str, Any]:
        name = stack or f"test-{uuid.uuid4().hex[:8]}"
        template = {"Resources": resources, "Outputs": {key: {"Value": value} for key, value in outputs.items()}}
        change = cloudformation.update_stack if name in made else cloudformation.create_stack
        change(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
        made.add(name)
        return settled(cloudformation, name)

    yield run
    for name in made:
        cloudformation.delete_stack(StackName=name)
        settled(cloudformation, name)


def settled(cloudformation: Any, stack: str) -> dict[str, Any]:
    """Wait for a stack; its description with outputs as a dictionary and `Failed`, the reasons by logical id."""
    pages = cloudformation.get_paginator("list_stacks").paginate()
    summaries = [summary for page in pages for summary in page["StackSummaries"]]
    identity = {summary["StackName"]: summary["StackId"] for summary in reversed(summaries)}[stack]
    while True:
        description: dict[str, Any] = cloudformation.describe_stacks(StackName=identity)["Stacks"][0]
        if not description["StackStatus"].endswith("_IN_PROGRESS"):
            break
    description["Outputs"] = {o["OutputKey"]: o["OutputValue"] for o in description.get("Outputs", [])}
    events = cloudformation.describe_stack_events(StackName=identity)["StackEvents"]
    description["Failed"] = {
        e["LogicalResourceId"]: e.get("ResourceStatusReason", "")
        for e in events
        if e["ResourceStatus"].endswith("_FAILED")
    }
    return description


@pytest.fixture
def role() -> Callable[..., dict[str, Any]]:
    """An IAM role resource for a service, allowed these (action, resource) pairs."""

    def make(service: str, *allowed: tuple[str, Any]) -> dict[str, Any]:
        statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in allowed]
        trust = [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]
        policies = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}]
        return {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": trust},
                "Policies": policies if statements else [],
            },
        }

    return make


@pytest.fixture
def function(aws: Callable[..., Any], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """A Lambda function resource with this source, in the role of that logical id."""
    del aws, tmp_path

    def make(source: str, role: str, **properties: Any) -> dict[str, Any]:
        return {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Code": {"ZipFile": source},
                "Role": {"Fn::GetAtt": [role, "Arn"]},
                "Timeout": 30,
                **properties,
            },
        }

    return make
