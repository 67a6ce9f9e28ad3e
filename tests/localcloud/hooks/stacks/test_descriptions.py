"""Descriptions of stacks; recorded by localstack/localstack, tests/aws/services/cloudformation (Apache-2.0)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.localcloud.conftest import Deploy

pytestmark = pytest.mark.slow


def test_a_stack_is_described_without_what_it_has_not(aws: Callable[..., Any], deploy: Deploy) -> None:
    """Recorded: test_references_to_disabled_resources."""
    topic = {"Type": "AWS::SNS::Topic"}
    name = deploy({"Topic": topic})["StackName"]
    (bare,) = aws("cloudformation").describe_stacks(StackName=name)["Stacks"]
    assert (bare["NotificationARNs"], bare["RollbackConfiguration"], bare["Tags"]) == ([], {}, [])
    assert not {"Description", "StackStatusReason", "Outputs", "Parameters"} & set(bare)
    name = deploy({"Topic": topic}, Name={"Fn::GetAtt": ["Topic", "TopicName"]})["StackName"]
    told = aws("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    assert [set(output) for output in told] == [{"OutputKey", "OutputValue"}]
