import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from ml_constructs.network.closed_network import Placement
from ml_constructs.studio.domain import SpaceSettings, StudioDomain

HOUR = cdk.Duration.hours(1)


def test_a_start_script_that_sagemaker_would_not_take_is_refused(stack: cdk.Stack) -> None:
    """Source: API reference, CreateStudioLifecycleConfig: at most 16384 characters, which is 12288 bytes in base64."""
    vpc = ec2.Vpc(stack, "Vpc", availability_zones=["eu-west-1a"])
    place = Placement(vpc=vpc, security_group=ec2.SecurityGroup(stack, "Group", vpc=vpc))
    with pytest.raises(ValueError, match=r"The start script of own has 12289 bytes: SageMaker takes 12288\."):
        StudioDomain(
            stack,
            "Studio",
            name="own",
            placement=place,
            spaces=SpaceSettings(instance_types=("ml.t3.medium",), idle=HOUR, longest_idle=HOUR),
            removal_policy=cdk.RemovalPolicy.DESTROY,
            start_script="#" * 12289,
        )
