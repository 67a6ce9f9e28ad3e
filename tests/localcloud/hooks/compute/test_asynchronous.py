"""Functions that rules start: tried again, a dead letter in the end, and their answers events of their own.

Expectations are those of Lambda's developer guide, "How Lambda handles errors and retries with asynchronous invocation"
and "Capturing records of Lambda asynchronous invocations", and of CloudWatch's user guide, "Alarm events and
EventBridge".
"""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow
SOURCE = """
def handler(event, context):
    if event["detail"].get("fails"):
        raise ValueError("no such claim")
    return {"claim": event["detail"]["claim"]}
"""

LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
"""Without the first Lambda makes no log group."""


def wait_for(aws: Callable[..., Any], queue: str, seconds: float = 30) -> dict[str, Any]:
    """Return the next message of a queue, its attributes with it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        request = {"QueueUrl": queue, "WaitTimeSeconds": 1, "MessageAttributeNames": ["All"]}
        for message in aws("sqs").receive_message(**request).get("Messages", []):
            return dict(message)
    raise AssertionError(f"{queue} stays empty")


def rule(pattern: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern, "Targets": [{"Id": "t", **target}]}}


def listening(queue: str) -> dict[str, Any]:
    """A queue that rules may write to."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": {"Fn::GetAtt": [queue, "Arn"]},
    }
    policy = {"Queues": [{"Ref": queue}], "PolicyDocument": {"Statement": [statement]}}
    return {
        queue: {"Type": "AWS::SQS::Queue"},
        f"{queue}Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy},
    }


def claims(role: Callable[..., Any], function: Callable[..., Any], *, may_tell: bool = True) -> dict[str, Any]:
    """A function that claims start, its dead letters, and a queue that hears of its answers."""
    bus = {"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"}
    letters = {"Fn::GetAtt": ["Letters", "Arn"]}
    allowed: list[tuple[str, Any]] = [("sqs:SendMessage", letters), *((action, "*") for action in LOGS)]
    if may_tell:
        allowed.append(("events:PutEvents", bus))
    fn = {"Fn::GetAtt": ["Fn", "Arn"]}
    invoking = {
        "FunctionName": {"Ref": "Fn"},
        "Qualifier": "$LATEST",
        "DestinationConfig": {"OnSuccess": {"Destination": bus}},
    }
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": fn, "Principal": "events.amazonaws.com"}
    answered = {
        "source": ["lambda"],
        "detail-type": ["Lambda Function Invocation Result - Success"],
        "detail": {"responsePayload": {"claim": [{"exists": True}]}},
    }
    return {
        **listening("Heard"),
        "Letters": {"Type": "AWS::SQS::Queue"},
        "Role": role("lambda.amazonaws.com", *allowed),
        "Fn": function(SOURCE, "Role", DeadLetterConfig={"TargetArn": letters}),
        "Invoking": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": invoking},
        "Permission": {"Type": "AWS::Lambda::Permission", "Properties": permission},
        "Claims": rule({"source": ["claims"]}, {"Arn": fn, "DeadLetterConfig": {"Arn": letters}}),
        "Answers": rule(answered, {"Arn": {"Fn::GetAtt": ["Heard", "Arn"]}}),
    }


def put(aws: Callable[..., Any], **detail: Any) -> None:
    entry = {"Source": "claims", "DetailType": "Claim", "Detail": json.dumps(detail)}
    assert aws("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def test_an_answer_is_an_event_and_a_failure_a_dead_letter(
    aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> None:
    outputs = {name: {"Ref": name} for name in ("Heard", "Letters", "Fn")}
    stack = deploy(claims(role, function), **outputs)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    name = stack["Outputs"]["Fn"]

    put(aws, claim="c-1")
    heard = json.loads(wait_for(aws, stack["Outputs"]["Heard"])["Body"])
    assert (heard["source"], heard["detail"]["responsePayload"]) == ("lambda", {"claim": "c-1"})
    assert heard["detail"]["requestContext"]["functionArn"].endswith(f":function:{name}:$LATEST")
    assert heard["detail"]["requestContext"]["condition"] == "Success"
    assert heard["detail"]["requestPayload"]["detail"] == {"claim": "c-1"}

    put(aws, claim="c-2", fails=True)
    letter = wait_for(aws, stack["Outputs"]["Letters"])
    assert json.loads(letter["Body"])["detail"] == {"claim": "c-2", "fails": True}
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no such claim"
    lines = aws("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern='"no such claim"')
    said = [each["message"] for each in lines["events"]]
    assert said.count("ValueError: no such claim") == 3  # and two more attempts


def test_a_message_of_a_topic_that_fails_is_a_dead_letter(
    aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> None:
    """Recorded by localstack/localstack: test_sns_topic_as_lambda_dead_letter_queue."""
    source = "def handler(event, context):\n    raise ValueError(event['Records'][0]['Sns']['Message'])\n"
    letters, fn = {"Fn::GetAtt": ["Letters", "Arn"]}, {"Fn::GetAtt": ["Fn", "Arn"]}
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": fn, "Principal": "sns.amazonaws.com"}
    resources = {
        "Letters": {"Type": "AWS::SQS::Queue"},
        "Role": role("lambda.amazonaws.com", ("sqs:SendMessage", letters), *((action, "*") for action in LOGS)),
        "Fn": function(source, "Role", DeadLetterConfig={"TargetArn": letters}),
        "Permission": {"Type": "AWS::Lambda::Permission", "Properties": permission},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": [{"Protocol": "lambda", "Endpoint": fn}]}},
    }
    stack = deploy(resources, **{name: {"Ref": name} for name in ("Letters", "Topic", "Fn")})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    outputs = stack["Outputs"]
    aws("sns").publish(TopicArn=outputs["Topic"], Message="no such claim")
    letter = wait_for(aws, outputs["Letters"])
    (record,) = json.loads(letter["Body"])["Records"]
    assert (record["EventSource"], record["Sns"]["Message"]) == ("aws:sns", "no such claim")
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no such claim"
    lines = aws("logs").filter_log_events(logGroupName=f"/aws/lambda/{outputs['Fn']}", filterPattern='"no such claim"')
    assert sum("ValueError: no such claim" in each["message"] for each in lines["events"]) == 3  # and two more attempts


def test_a_role_that_may_put_no_events_is_refused(
    deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> None:
    stack = deploy(claims(role, function, may_tell=False))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "execution role does not have permissions to call PutEvents" in str(stack["Failed"])


def test_a_message_that_waits_makes_an_alarm_and_that_an_event(
    aws: Callable[..., Any], deploy: Callable[..., Any]
) -> None:
    alarm = {
        "AlarmDescription": "Claims wait",
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["Letters", "QueueName"]}}],
        "Statistic": "Maximum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"state": {"value": ["ALARM"]}},
    }
    resources = {
        **listening("Heard"),
        "Letters": {"Type": "AWS::SQS::Queue"},
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm},
        "Changed": rule(pattern, {"Arn": {"Fn::GetAtt": ["Heard", "Arn"]}}),
    }
    stack = deploy(resources, Heard={"Ref": "Heard"}, Letters={"Ref": "Letters"}, Alarm={"Ref": "Alarm"})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    aws("sqs").send_message(QueueUrl=stack["Outputs"]["Letters"], MessageBody="c-1")
    event = json.loads(wait_for(aws, stack["Outputs"]["Heard"])["Body"])
    detail, name = event["detail"], stack["Outputs"]["Alarm"]
    assert event["resources"] == [f"arn:aws:cloudwatch:eu-west-1:111111111111:alarm:{name}"]
    assert (detail["alarmName"], detail["previousState"]["value"], detail["state"]["value"]) == (name, "OK", "ALARM")
    [watched] = detail["configuration"]["metrics"]
    assert watched["metricStat"] == {
        "metric": {
            "namespace": "AWS/SQS",
            "name": "ApproximateNumberOfMessagesVisible",
            "dimensions": {"QueueName": stack["Outputs"]["Letters"].rsplit("/", 1)[1]},
        },
        "period": 300,
        "stat": "Maximum",
    }
    assert detail["configuration"]["description"] == "Claims wait"
