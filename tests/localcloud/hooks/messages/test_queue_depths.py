"""Alarms on queues, against the running cloud. Its time runs 60 times faster: a minute's period is a second.

Source: developer guide of SQS, "Available CloudWatch metrics for Amazon SQS".
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.slow
Aws = Callable[..., Any]
VISIBLE = {"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible"}


def test_an_alarm_tells_of_a_dead_letter(aws: Aws) -> None:
    """As the platform's own: a maximum above 0 within five minutes; nobody asks CloudWatch meanwhile."""
    sqs, sns, cloudwatch = aws("sqs"), aws("sns"), aws("cloudwatch")
    letters, told = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("depth-letters", "depth-told"))
    topic = sns.create_topic(Name="depth")["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=told, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = f'{{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "{arn}"}}'
    policy = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    sqs.set_queue_attributes(QueueUrl=told, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    cloudwatch.put_metric_alarm(
        AlarmName="depth",
        **VISIBLE,
        Dimensions=[{"Name": "QueueName", "Value": "depth-letters"}],
        Statistic="Maximum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
    )
    sqs.send_message(QueueUrl=letters, MessageBody="what nobody took")
    [message] = sqs.receive_message(QueueUrl=told, WaitTimeSeconds=15)["Messages"]
    assert "depth" in message["Body"]
    assert cloudwatch.describe_alarms(AlarmNames=["depth"])["MetricAlarms"][0]["StateValue"] == "ALARM"
    sqs.purge_queue(QueueUrl=letters)
    deadline = time.monotonic() + 20
    while cloudwatch.describe_alarms(AlarmNames=["depth"])["MetricAlarms"][0]["StateValue"] != "OK":
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_what_a_queue_has_is_read_from_cloudwatch(aws: Aws) -> None:
    sqs, end = aws("sqs"), datetime.now(UTC) + timedelta(minutes=1)
    url = sqs.create_queue(QueueName="depth-read")["QueueUrl"]
    for text in ("one", "two", "three"):
        sqs.send_message(QueueUrl=url, MessageBody=text)
    assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1
    found = {}
    for state in ("Visible", "NotVisible", "Delayed"):
        [point] = aws("cloudwatch").get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName=f"ApproximateNumberOfMessages{state}",
            Dimensions=[{"Name": "QueueName", "Value": "depth-read"}],
            StartTime=end - timedelta(hours=1),
            EndTime=end,
            Period=3600,
            Statistics=["Maximum"],
        )["Datapoints"]
        found[state] = point["Maximum"]
    assert found == {"Visible": 2, "NotVisible": 1, "Delayed": 0}
