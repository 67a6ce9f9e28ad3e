"""The trace of who sends or publishes goes with a message.

Recorded by localstack/localstack, test_aws_trace_header_propagation and test_publish_sqs_from_sns_with_xray_propagation
(Apache-2.0).
"""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow
TRACE = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1"


def traced(client: Any, operation: str) -> Any:
    """A client that sends its trace with an operation, as an instrumented one does."""
    service = client.meta.service_model.service_name
    client.meta.events.register(
        f"before-send.{service}.{operation}", lambda request, **_: request.headers.update({"X-Amzn-Trace-Id": TRACE})
    )
    return client


@pytest.fixture
def url(aws: Callable[..., Any]) -> str:
    return str(aws("sqs").create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"])


def received(aws: Callable[..., Any], url: str) -> str | None:
    asked = {"QueueUrl": url, "MessageSystemAttributeNames": ["AWSTraceHeader"], "WaitTimeSeconds": 2}
    (message,) = aws("sqs").receive_message(**asked)["Messages"]
    found: str | None = message.get("Attributes", {}).get("AWSTraceHeader")
    return found


def test_a_message_that_is_sent_has_the_trace_of_its_request(aws: Callable[..., Any], url: str) -> None:
    traced(aws("sqs"), "SendMessage").send_message(QueueUrl=url, MessageBody="m")
    assert received(aws, url) == TRACE


def test_a_message_may_name_another_trace(aws: Callable[..., Any], url: str) -> None:
    other = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
    given = {"QueueUrl": url, "MessageBody": "m", "MessageSystemAttributes": other}
    traced(aws("sqs"), "SendMessage").send_message(**given)
    assert received(aws, url) == other["AWSTraceHeader"]["StringValue"]


def test_a_message_without_a_trace_has_none(aws: Callable[..., Any], url: str) -> None:
    aws("sqs").send_message(QueueUrl=url, MessageBody="m")
    assert received(aws, url) is None


def test_what_is_published_arrives_with_its_trace(aws: Callable[..., Any], url: str) -> None:
    sqs, sns = aws("sqs"), aws("sns")
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    send = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [send]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    topic = sns.create_topic(Name=uuid.uuid4().hex)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    traced(sns, "Publish").publish(TopicArn=topic, Message="m")
    assert received(aws, url) == TRACE
