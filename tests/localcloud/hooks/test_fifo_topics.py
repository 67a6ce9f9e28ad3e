"""FIFO topics of templates. Source: template reference, "AWS::SNS::Topic FifoTopic"; SNS, CreateTopic."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def topic(**properties: Any) -> dict[str, Any]:
    return {"Topic": {"Type": "AWS::SNS::Topic", "Properties": properties}}


def test_a_fifo_topic_of_a_template(aws: Callable[..., Any], deploy: Callable[..., Any]) -> None:
    stack = deploy(
        topic(TopicName="ordered.fifo", FifoTopic=True, ContentBasedDeduplication=True), Arn={"Ref": "Topic"}
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    sns, arn = aws("sns"), stack["Outputs"]["Arn"]
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert (attributes["FifoTopic"], attributes["ContentBasedDeduplication"]) == ("true", "true")
    assert "SequenceNumber" in sns.publish(TopicArn=arn, Message="m", MessageGroupId="g")


def test_a_fifo_topic_of_another_name(deploy: Callable[..., Any]) -> None:
    stack = deploy(topic(TopicName="unordered", FifoTopic=True))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Invalid parameter: Topic Name" in stack["Failed"]["Topic"]
