"""A stack to build in, and what constructs are given by their surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs
from aws_cdk import aws_s3 as s3

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.jobs.job import JobSettings
from ml_constructs.network.closed_network import Placement

ACCOUNT, REGION = "111122223333", "eu-west-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@dataclass
class AnyImage:
    """An image that somebody else pushed."""

    uri: str = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/tabular:1"

    def grant_pull(self, grantee: object) -> None:
        """Nothing to grant."""

    def grant_look_up(self, grantee: object) -> None:
        """Nothing to grant."""


@pytest.fixture
def stack(cdk_context: dict[str, Any]) -> cdk.Stack:
    """An empty stack with the flags of the application."""
    return cdk.Stack(cdk.App(context=cdk_context), "test", env=cdk.Environment(account=ACCOUNT, region=REGION))


@pytest.fixture
def key(stack: cdk.Stack) -> kms.IKey:
    """A key of somebody else's."""
    return kms.Key.from_key_arn(stack, "Key", KEY)


@pytest.fixture
def placement(stack: cdk.Stack) -> Placement:
    """A place in somebody else's network."""
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        isolated_subnet_ids=["subnet-1", "subnet-2"],
    )
    return Placement(vpc=vpc, security_group=ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1"))


@pytest.fixture
def settings(placement: Placement, key: kms.IKey) -> JobSettings:
    """What jobs share."""
    return JobSettings(image=AnyImage(), placement=placement, key=key)


@pytest.fixture
def logs(key: kms.IKey) -> LogSettings:
    """How logs are kept."""
    return LogSettings(key=key, retention=aws_logs.RetentionDays.ONE_WEEK, removal_policy=cdk.RemovalPolicy.DESTROY)


@pytest.fixture
def folder(stack: cdk.Stack, key: kms.IKey) -> Folder:
    """A folder in somebody else's encrypted bucket."""
    bucket = s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="data", encryption_key=key)
    return Folder(bucket, ["fraud", "versions"])
