"""Deployments that do not go straight: one fails at the end of every stack, one is destroyed while logs arrive."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk
import pytest

from app import build
from localcloud.cdk import Cdk, CdkError
from mdlc.client.aws import Cloud
from tests.checks.upgrade.conftest import Platform, quick_to_build
from tests.environments import DEV, STAGING

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
UNNAMED = {"AWS::DynamoDB::Table", "AWS::ECR::Repository"}
"""What a rollback cannot delete, a table that is protected and a repository with images; the next has another name."""
FAILS_OFTEN_ENOUGH = 12
"""More deployments than any stack has stacks below it."""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Platform]:
    platform = Platform(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MDLC_ENGINE", "process")
        platform.local.up(account=STAGING.account)
    yield platform
    platform.local.down()


@pytest.fixture
def assembly(tmp_path: Path, cdk_context: dict[str, Any]) -> Path:
    """The assemblies of dev and staging."""
    app = aws_cdk.App(outdir=str(tmp_path / "assembly"), context=cdk_context)
    return Path(build(app, [DEV, STAGING]).synth().directory)


def events(cloud: Cloud) -> list[dict[str, Any]]:
    """Every event of the stacks that are taken back; the next deployment deletes them, to create them anew."""
    stacks = cloud.cloudformation.describe_stacks()["Stacks"]
    pages = cloud.cloudformation.get_paginator("describe_stack_events")
    return [
        dict(event)
        for stack in stacks
        if stack["StackStatus"].startswith("ROLLBACK_")
        for page in pages.paginate(StackName=stack["StackId"])
        for event in page["StackEvents"]
    ]


def unprotect(cloud: Cloud) -> None:
    """Do what `mdlc doctor` and AWS ask for before a protected stack that was taken back is made anew."""
    for stack in cloud.cloudformation.describe_stacks()["Stacks"]:
        if stack["StackStatus"] == "ROLLBACK_COMPLETE":
            cloud.cloudformation.update_termination_protection(
                StackName=stack["StackName"], EnableTerminationProtection=False
            )


def test_what_fails_at_its_end_is_deployed_again(here: Platform, assembly: Path) -> None:
    assembly = quick_to_build(assembly / "assembly-staging")
    variables = here.local.running().environment(STAGING.account)
    cloud = Cloud(variables)
    Cdk(variables, assembly=here.folder).bootstrap(STAGING.account, STAGING.region)
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"].values()
    names = [each["properties"]["stackName"] for each in artifacts if each["type"] == "aws:cloudformation:stack"]
    for name in names:
        here.local.fail_resource(name)
    told: list[dict[str, Any]] = []
    for _ in range(FAILS_OFTEN_ENOUGH):
        try:
            Cdk(variables, assembly=assembly, log=lambda _: None)("deploy", "staging/*")
        except CdkError:
            told += events(cloud)
            unprotect(cloud)
        else:
            break
    assert here.local.faults() == []
    ended = {stack["StackName"]: stack["StackStatus"] for stack in cloud.cloudformation.describe_stacks()["Stacks"]}
    assert {name: ended[name] for name in names} == dict.fromkeys(names, "CREATE_COMPLETE")
    taken_back = {e["StackName"] for e in told if e["ResourceStatus"] == "ROLLBACK_COMPLETE"}
    assert taken_back == set(names)
    assert [e for e in told if e["ResourceStatus"] in {"ROLLBACK_FAILED", "DELETE_FAILED"}] == []
    assert {e["ResourceType"] for e in told if e["ResourceStatus"] == "DELETE_SKIPPED"} == UNNAMED


def test_access_logs_that_arrive_while_an_environment_goes_are_in_nobodys_way(here: Platform, assembly: Path) -> None:
    variables = here.local.running().environment(DEV.account)
    cdk = Cdk(variables, assembly=assembly / "assembly-dev", log=lambda _: None)
    cdk.bootstrap(DEV.account, DEV.region)
    cdk("deploy", "dev/storage")
    [bucket] = [
        resource["PhysicalResourceId"]
        for _, resource in Cloud(variables).resources("dev")
        if resource["ResourceType"] == "AWS::S3::Bucket" and resource["LogicalResourceId"].startswith("AccessLogs")
    ]
    here.local.deliver_late(bucket)
    cdk("destroy", "dev/storage")
    assert "dev-storage" not in {line["stack"] for line in here.local.resources()}
