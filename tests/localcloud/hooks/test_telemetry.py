"""Alarms, events and logs, against the running cloud. Its time runs 60 times faster: a minute's period is a second."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow
DIMENSIONS = [{"Name": "EndpointName", "Value": "springs"}, {"Name": "VariantName", "Value": "AllTraffic"}]
METRIC = {"Namespace": "Test", "MetricName": "Invocation5XXErrors"}


def test_an_alarm_answers_at_once_and_forgets_in_time(aws: Callable[..., Any], deploy: Callable[..., Any]) -> None:
    properties = {
        **METRIC,
        "Dimensions": DIMENSIONS,
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    stack = deploy({"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}, Name={"Ref": "Alarm"})
    cloudwatch = aws("cloudwatch")

    def state() -> str:
        [alarm] = cloudwatch.describe_alarms(AlarmNames=[stack["Outputs"]["Name"]])["MetricAlarms"]
        return str(alarm["StateValue"])

    def put(dimensions: list[dict[str, str]]) -> None:
        datum = {"MetricName": METRIC["MetricName"], "Dimensions": dimensions, "Value": 1}
        cloudwatch.put_metric_data(Namespace="Test", MetricData=[datum])

    assert state() == "OK"
    put([DIMENSIONS[0], {"Name": "VariantName", "Value": "Other"}])
    assert state() == "OK"  # another variant's errors are not this alarm's
    put(DIMENSIONS)
    assert state() == "ALARM"
    time.sleep(1.2)
    assert state() == "OK"


def test_a_state_that_is_set_lasts_until_the_next_evaluation(aws: Callable[..., Any]) -> None:
    """Source: API reference of SetAlarmState; a period of five minutes is five seconds here."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="set",
        **METRIC,
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    cloudwatch.set_alarm_state(AlarmName="set", StateValue="ALARM", StateReason="to see what happens")
    [alarm] = cloudwatch.describe_alarms(AlarmNames=["set"])["MetricAlarms"]
    assert (alarm["StateValue"], alarm["StateReason"]) == ("ALARM", "to see what happens")
    time.sleep(5.2)
    [alarm] = cloudwatch.describe_alarms(AlarmNames=["set"])["MetricAlarms"]
    assert alarm["StateValue"] == "OK"


def test_an_approval_reaches_a_queue_and_a_function(
    aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> None:
    source = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    print(event['detail']['ModelApprovalStatus'], boto3.client('sts').get_caller_identity()['Arn'])\n"
    )
    pattern = {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Model Package State Change"]}
    queue, fn = {"Fn::GetAtt": ["Queue", "Arn"]}, {"Fn::GetAtt": ["Fn", "Arn"]}
    rule_arn = {"Fn::GetAtt": ["Rule", "Arn"]}
    events = {"Service": "events.amazonaws.com"}
    send = {"Effect": "Allow", "Principal": events, "Action": "sqs:SendMessage", "Resource": queue}
    resources = {
        "Role": role("lambda.amazonaws.com"),
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "approvals"}},
        "Fn": function(source, "Role", LoggingConfig={"LogGroup": {"Ref": "Log"}}),
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Policy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": [send]}},
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": pattern,
                "Targets": [{"Id": "q", "Arn": queue}, {"Id": "f", "Arn": fn, "DeadLetterConfig": {"Arn": queue}}],
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Ref": "Fn"},
                "Principal": "events.amazonaws.com",
                "SourceArn": rule_arn,
            },
        },
    }
    stack = deploy(resources, Queue={"Ref": "Queue"}, Role={"Ref": "Role"})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    sagemaker = aws("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="approvals")
    image = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/x:1"
    package = sagemaker.create_model_package(
        ModelPackageGroupName="approvals",
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [{"Image": image, "ModelDataUrl": "s3://none/model.tar.gz"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")

    statuses: list[str] = []
    deadline = time.monotonic() + 20
    while "Approved" not in statuses and time.monotonic() < deadline:
        request = {"QueueUrl": stack["Outputs"]["Queue"], "WaitTimeSeconds": 1, "MaxNumberOfMessages": 10}
        messages = aws("sqs").receive_message(**request).get("Messages", [])
        statuses += [json.loads(m["Body"])["detail"]["ModelApprovalStatus"] for m in messages]
    assert sorted(set(statuses)) == ["Approved", "PendingManualApproval"]

    lines: list[str] = []
    while not any("Approved" in line for line in lines) and time.monotonic() < deadline:
        lines = [e["message"] for e in aws("logs").filter_log_events(logGroupName="approvals")["events"]]
        time.sleep(0.1)
    assert any(f"Approved arn:aws:sts::111111111111:assumed-role/{stack['Outputs']['Role']}/" in line for line in lines)


def test_events_are_those_of_the_log_streams_that_are_asked_for(aws: Callable[..., Any]) -> None:
    """API reference of FilterLogEvents: the prefix, the names, and that both together are refused."""
    logs, group = aws("logs"), "streams"
    logs.create_log_group(logGroupName=group)
    for stream in ("train-1/algo-1", "train-1/algo-2", "train-10/algo-1"):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        event = {"timestamp": int(time.time() * 1000), "message": stream}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])

    def found(**chosen: Any) -> set[str]:
        return {event["message"] for event in logs.filter_log_events(logGroupName=group, **chosen)["events"]}

    assert found() == {"train-1/algo-1", "train-1/algo-2", "train-10/algo-1"}
    assert found(logStreamNamePrefix="train-1/") == {"train-1/algo-1", "train-1/algo-2"}
    assert found(logStreamNamePrefix="train-1/", filterPattern='"algo-2"') == {"train-1/algo-2"}
    assert found(logStreamNamePrefix="train-2") == set()
    assert found(logStreamNames=["train-10/algo-1"]) == {"train-10/algo-1"}
    with pytest.raises(ClientError, match="InvalidParameterException"):
        found(logStreamNamePrefix="train-1/", logStreamNames=["train-1/algo-1"])
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.filter_log_events(logGroupName="no-such-group", logStreamNamePrefix="x")


@pytest.mark.slow
def test_alarms_that_cloudwatch_refuses(aws: Callable[..., Any], deploy: Callable[..., dict[str, Any]]) -> None:
    alarm = {
        "MetricName": "m",
        "Namespace": "n",
        "Statistic": "Sum",
        "Period": 45,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    with pytest.raises(ClientError, match=r"ValidationError.*multiple of 60"):
        aws("cloudwatch").put_metric_alarm(AlarmName="a", **alarm)
    stack = deploy({"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm}})
    assert "multiple of 60" in stack["Failed"]["Alarm"]
