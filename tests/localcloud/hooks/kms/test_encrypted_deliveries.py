"""Services deliver to what is under a key whose policy names them, and else what they have is a dead letter.

Sources: SQS and SNS developer guides, "Key management"; EventBridge user guide, "Using dead-letter queues"; SNS
developer guide, "Dead-letter queues"; S3 user guide, "Granting permissions to publish event notification messages";
CloudWatch user guide, "Notifying users on alarm changes" (a topic under a customer's key).
"""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.localcloud.keyed import ACCOUNT, Aws, fresh, make_key, serving

pytestmark = pytest.mark.slow

BOTH = ("GenerateDataKey", "Decrypt")


def anybody(service: str) -> str:
    """Return a policy by which everybody may do everything that a service can."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": f"{service}:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def queue(aws: Aws) -> Callable[..., tuple[str, str]]:
    """URL and ARN of a queue, under a key if one is given."""

    def make(key: str = "") -> tuple[str, str]:
        sealed = {"KmsMasterKeyId": key} if key else {}
        attributes = {"Policy": anybody("sqs"), **sealed}
        url = aws("sqs").create_queue(QueueName=fresh(), Attributes=attributes)["QueueUrl"]
        found = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, found["Attributes"]["QueueArn"]

    return make


@pytest.fixture
def topic(aws: Aws, queue: Callable[..., tuple[str, str]]) -> Callable[..., tuple[str, str]]:
    """ARN of a topic under a key, and URL of a queue that hears all of it."""

    def make(key: str) -> tuple[str, str]:
        attributes = {"Policy": anybody("sns"), "KmsMasterKeyId": key}
        arn = aws("sns").create_topic(Name=fresh(), Attributes=attributes)["TopicArn"]
        url, to = queue()
        aws("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint=to)
        return arn, url

    return make


def heard(aws: Aws, url: str, seconds: float = 1.0) -> list[dict[str, Any]]:
    """Messages of a queue, as soon as there are some."""
    end = time.monotonic() + seconds
    while True:
        found = aws("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", [])
        if found or time.monotonic() > end:
            return list(found)
        time.sleep(0.05)


def send_event(aws: Aws, target: dict[str, Any]) -> str:
    """Make a rule for a target, put an event that it matches, and return the rule's ARN."""
    name, events = fresh(), aws("events")
    arn = str(events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))["RuleArn"])
    events.put_targets(Rule=name, Targets=[{"Id": "1", **target}])
    events.put_events(Entries=[{"Source": name, "DetailType": "x", "Detail": "{}"}])
    return arn


def test_an_event_reaches_a_queue_whose_key_names_eventbridge(aws: Aws, queue: Callable[..., tuple[str, str]]) -> None:
    url, arn = queue(make_key(aws, serving("events.amazonaws.com", *BOTH)))
    send_event(aws, {"Arn": arn})
    assert len(heard(aws, url)) == 1


@pytest.mark.parametrize("actions", [(), ("GenerateDataKey",), ("Decrypt",)], ids=str)
def test_an_event_that_the_key_keeps_out_is_a_dead_letter(
    aws: Aws, queue: Callable[..., tuple[str, str]], actions: tuple[str, ...]
) -> None:
    statements = [serving("events.amazonaws.com", *actions)] if actions else []
    (url, arn), (dead, of_dead) = queue(make_key(aws, *statements)), queue()
    rule = send_event(aws, {"Arn": arn, "DeadLetterConfig": {"Arn": of_dead}})
    (letter,) = heard(aws, dead)
    told = {name: each["StringValue"] for name, each in letter["MessageAttributes"].items()}
    assert (told["RULE_ARN"], told["TARGET_ARN"], told["ERROR_CODE"]) == (rule, arn, "NO_PERMISSIONS")
    assert "kms:" in told["ERROR_MESSAGE"]
    assert json.loads(letter["Body"])["detail-type"] == "x"
    assert heard(aws, url, 0) == []


def test_a_dead_letter_needs_the_key_of_its_queue_too(aws: Aws, queue: Callable[..., tuple[str, str]]) -> None:
    (_, arn), (dead, of_dead) = queue(make_key(aws)), queue(make_key(aws))
    send_event(aws, {"Arn": arn, "DeadLetterConfig": {"Arn": of_dead}})
    assert heard(aws, dead, 0.3) == []


@pytest.mark.parametrize(
    ("condition", "arrives"),
    [
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, True),
        ({"StringEquals": {"aws:SourceAccount": "222222222222"}}, False),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/*"}}, True),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/else"}}, False),
    ],
    ids=str,
)
def test_a_key_policy_sees_the_rule(
    aws: Aws, queue: Callable[..., tuple[str, str]], condition: dict[str, Any], *, arrives: bool
) -> None:
    url, arn = queue(make_key(aws, serving("events.amazonaws.com", *BOTH, **condition)))
    send_event(aws, {"Arn": arn})
    assert bool(heard(aws, url, 1 if arrives else 0.3)) == arrives


def test_a_key_of_aws_names_no_service(aws: Aws, queue: Callable[..., tuple[str, str]]) -> None:
    url, arn = queue("alias/aws/sqs")
    send_event(aws, {"Arn": arn})
    assert heard(aws, url, 0.3) == []
    aws("sqs").send_message(QueueUrl=url, MessageBody="x")
    assert len(heard(aws, url)) == 1


@pytest.mark.parametrize("named", [True, False])
def test_an_event_reaches_a_topic_whose_key_names_eventbridge(
    aws: Aws, topic: Callable[..., tuple[str, str]], *, named: bool
) -> None:
    arn, url = topic(make_key(aws, *([serving("events.amazonaws.com", *BOTH)] if named else [])))
    send_event(aws, {"Arn": arn})
    assert bool(heard(aws, url, 1 if named else 0.3)) == named


def test_a_notification_reaches_a_queue_whose_key_names_sns(aws: Aws, queue: Callable[..., tuple[str, str]]) -> None:
    arn = aws("sns").create_topic(Name=fresh())["TopicArn"]
    (open_, to), (shut, kept_out), (dead, of_dead) = (
        queue(make_key(aws, serving("sns.amazonaws.com", *BOTH))),
        queue(make_key(aws)),
        queue(),
    )
    aws("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint=to)
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": of_dead})}
    aws("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint=kept_out, Attributes=redrive)
    aws("sns").publish(TopicArn=arn, Message="hello")
    assert [len(heard(aws, url)) for url in (open_, dead)] == [1, 1]
    assert heard(aws, shut, 0) == []


@pytest.mark.parametrize("named", [True, False])
def test_s3_tells_a_queue_whose_key_names_it(aws: Aws, queue: Callable[..., tuple[str, str]], *, named: bool) -> None:
    url, arn = queue(make_key(aws, *([serving("s3.amazonaws.com", *BOTH)] if named else [])))
    bucket = fresh()
    aws("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    told = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    aws("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)
    aws("s3").put_object(Bucket=bucket, Key="x", Body=b"")
    assert bool(heard(aws, url, 1 if named else 0.3)) == named


@pytest.mark.parametrize("named", [True, False])
def test_an_alarm_tells_a_topic_whose_key_names_cloudwatch(
    aws: Aws, topic: Callable[..., tuple[str, str]], *, named: bool
) -> None:
    arn, url = topic(make_key(aws, *([serving("cloudwatch.amazonaws.com", *BOTH)] if named else [])))
    name = fresh()
    aws("cloudwatch").put_metric_alarm(
        AlarmName=name,
        AlarmActions=[arn],
        MetricName="m",
        Namespace="n",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="x")
    assert bool(heard(aws, url, 1 if named else 0.3)) == named
