"""mdlc notices and mdlc redrive: what is wrong, and events that go back to their functions."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import NOW, FakeAws, refuse

QUEUE = "dev-serving-FraudDeadLetters-1A2B"
URL = f"https://sqs.eu-west-1.amazonaws.com/111111111111/{QUEUE}"
ARN = f"arn:aws:sqs:eu-west-1:111111111111:{QUEUE}"
ROLLOUT = "dev-serving-FraudRollout-abc"


@dataclass
class Queue:
    """A queue with messages that are hidden when they are received; what has been started with which body."""

    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    started: list[tuple[str, str]] = field(default_factory=list)
    refuses: str = ""

    def put(self, body: str, *, later: bool = False, **attributes: str) -> None:
        number = str(len(self.messages) + 1)
        sent = time.time() + (3600 if later else -60)
        self.messages[number] = {
            "MessageId": number,
            "ReceiptHandle": number,
            "Body": body,
            "Attributes": {"SentTimestamp": str(int(sent * 1000))},
            "MessageAttributes": {
                name: {"StringValue": value, "DataType": "String"} for name, value in attributes.items()
            },
        }

    def receive(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = [each for number, each in self.messages.items() if number not in self.hidden]
        found = found[: asked["MaxNumberOfMessages"]]
        self.hidden |= {each["MessageId"] for each in found}
        return {"Messages": found} if found else {}

    def delete(self, asked: dict[str, Any]) -> dict[str, Any]:
        del self.messages[asked["ReceiptHandle"]]
        return {}

    def show(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert asked["VisibilityTimeout"] == 0
        self.hidden.discard(asked["ReceiptHandle"])
        return {}

    def attributes(self, _: dict[str, Any]) -> dict[str, Any]:
        waiting = len(self.messages.keys() - self.hidden)
        counted = {"ApproximateNumberOfMessages": str(waiting), "ApproximateNumberOfMessagesNotVisible": "0"}
        return {"Attributes": {"QueueArn": ARN, **counted}}

    def invoke(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["FunctionName"] == self.refuses:
            raise refuse("Invoke", "TooManyRequestsException", "Rate Exceeded.")
        assert asked["InvocationType"] == "Event"
        self.started.append((asked["FunctionName"], asked["Payload"].decode()))
        return {"StatusCode": 202}


def resource(logical: str, physical: str, kind: str) -> dict[str, Any]:
    return {
        "LogicalResourceId": logical,
        "PhysicalResourceId": physical,
        "ResourceType": kind,
        "LastUpdatedTimestamp": NOW,
        "ResourceStatus": "CREATE_COMPLETE",
    }


@pytest.fixture
def queue(aws: FakeAws) -> Queue:
    """The dead-letter queue of a roll-out in dev."""
    held = Queue()
    aws.stacks["dev-serving"] = {}
    aws.answers |= {
        "ListStackResources": lambda asked: {
            "StackResourceSummaries": [
                resource("FraudDeadLetters1A2B", URL, "AWS::SQS::Queue"),
                resource("FraudRolloutFunction", ROLLOUT, "AWS::Lambda::Function"),
                resource("Other", "dev-serving-Other-x", "AWS::Lambda::Function"),
            ]
            if asked["StackName"] == "dev-serving"
            else []
        },
        "GetFunctionConfiguration": lambda asked: {
            "FunctionName": asked["FunctionName"],
            "DeadLetterConfig": {"TargetArn": ARN if asked["FunctionName"] == ROLLOUT else f"{ARN}-other"},
        },
        "GetQueueAttributes": held.attributes,
        "ListQueueTags": lambda _: {"Tags": {"environment": "dev", "system": "fraud", "owner": "o"}},
        "ReceiveMessage": held.receive,
        "DeleteMessage": held.delete,
        "ChangeMessageVisibility": held.show,
        "Invoke": held.invoke,
    }
    return held


@pytest.mark.parametrize("name", [QUEUE, "fraud"])
def test_letters_go_back_to_the_function_whose_queue_it_is(mdlc: Mdlc, queue: Queue, name: str) -> None:
    for number in range(25):
        queue.put(json.dumps({"detail": {"number": number}}), ErrorMessage="denied")
    ran = mdlc("redrive", name)
    assert (ran.code, ran.stdout.strip()) == (0, "25 events were put back.")
    assert {function for function, _ in queue.started} == {ROLLOUT}
    assert [json.loads(body)["detail"]["number"] for _, body in queue.started] == list(range(25))
    assert queue.messages == {}
    assert mdlc("redrive", name).stdout.strip() == "0 events were put back."


def test_a_letter_of_eventbridge_goes_to_its_target(mdlc: Mdlc, queue: Queue) -> None:
    """EventBridge user guide, "Using dead-letter queues": attributes of a message, TARGET_ARN among them."""
    target = "arn:aws:lambda:eu-west-1:111111111111:function:dev-serving-Other-x"
    queue.put("{}", RULE_ARN="arn:aws:events:eu-west-1:111111111111:rule/r", TARGET_ARN=target)
    assert mdlc("redrive", QUEUE).stdout.strip() == "1 event was put back."
    assert queue.started == [(target, "{}")]


def test_what_a_rule_could_not_publish_goes_to_its_topic(mdlc: Mdlc, aws: FakeAws, queue: Queue) -> None:
    """A new object of a stream's folder: the same page, where the target is a topic."""
    topic = "arn:aws:sns:eu-west-1:111111111111:dev-birds-input"
    told: list[tuple[str, str]] = []

    def publish(asked: dict[str, Any]) -> dict[str, Any]:
        told.append((asked["TopicArn"], asked["Message"]))
        return {"MessageId": "m"}

    aws.answers["Publish"] = publish
    queue.put('{"detail": {}}', TARGET_ARN=topic)
    assert mdlc("redrive", QUEUE).stdout.strip() == "1 event was put back."
    assert (told, queue.started, queue.messages) == ([(topic, '{"detail": {}}')], [], {})


def test_what_comes_meanwhile_is_left_for_the_next_time(mdlc: Mdlc, queue: Queue) -> None:
    queue.put("{}")
    queue.put("{}", later=True)  # it has failed again already
    assert mdlc("redrive", QUEUE).code == 0
    assert (list(queue.messages), queue.hidden) == (["2"], {"1"})


def test_a_letter_that_lambda_does_not_take_stays_and_is_named(mdlc: Mdlc, queue: Queue) -> None:
    queue.put("{}")
    queue.refuses = ROLLOUT
    ran = mdlc("redrive", QUEUE)
    assert ran.code == 1
    assert "Rate Exceeded." in ran.stdout
    assert (list(queue.messages), queue.hidden) == (["1"], set())


def test_what_cloudformation_asked_for_stays_until_it_is_thrown_away(mdlc: Mdlc, queue: Queue) -> None:
    queue.put(json.dumps({"RequestType": "Create", "ResponseURL": "https://x", "StackId": "s"}))
    refused = mdlc("redrive", QUEUE)
    assert (refused.code, queue.started) == (1, [])
    assert "deploy the stack again" in refused.stdout
    assert list(queue.messages) == ["1"]
    thrown = mdlc("redrive", QUEUE, "--discard", "--json")
    assert (thrown.code, json.loads(thrown.stdout)["letters"][0]["fate"]) == (0, "discarded")
    assert queue.messages == {}


def test_a_name_that_no_queue_has_is_wrong_input(mdlc: Mdlc, queue: Queue) -> None:
    ran = mdlc("redrive", "frud")
    assert (ran.code, queue.started) == (2, [])
    assert f"no dead-letter queue of 'frud'; it has of fraud: {QUEUE}." in ran.stderr


def test_notices_show_what_is_wrong_now_and_what_was_told(mdlc: Mdlc, aws: FakeAws, queue: Queue) -> None:
    queue.put("{}")
    aws.stacks["dev-notices"] = {"NoticesTableName": "ledger"}
    told = {
        "Id": "run/1",
        "Time": "2026-11-29T18:38:41+00:00",
        "System": "fraud",
        "Kind": "failed run",
        "Subject": "dev fraud: a training run failed",
        "Body": "the body",
        "State": "told",
    }
    alarm = {
        "AlarmName": "dev-serving-Errors",
        "StateValue": "ALARM",
        "Dimensions": [{"Name": "EndpointName", "Value": "e"}],
    }
    of_queue = {"AlarmName": "dev-x", "StateValue": "ALARM", "Dimensions": [{"Name": "QueueName", "Value": QUEUE}]}
    rule = {"Name": "dev-serving-FraudDue", "State": "DISABLED"}
    aws.answers |= {
        "Scan": lambda _: {
            "Items": [
                {name: {"S": value} for name, value in told.items()},
                {"Id": {"S": "burst/x"}, "Count": {"N": "1"}},
            ]
        },
        "DescribeAlarms": lambda asked: (
            {"MetricAlarms": [alarm, of_queue]} if asked["AlarmNamePrefix"] == "dev-" else {}
        ),
        "ListRules": lambda _: {"Rules": [rule, {"Name": "dev-serving-Other", "State": "ENABLED"}]},
    }
    answer = json.loads(mdlc("notices", "--json").stdout)
    assert [each["what"] for each in answer["open"]] == [
        f"1 dead letter in {QUEUE}",
        "the alarm dev-serving-Errors fires",
        "the rule dev-serving-FraudDue is disabled",
    ]
    assert answer["open"][0]["command"] == f"mdlc redrive {QUEUE} -e dev"
    assert [each["subject"] for each in answer["notices"]] == ["dev fraud: a training run failed"]
    assert "the body" in mdlc("notices", "--bodies").stdout


def test_an_environment_without_notices_says_how_to_get_them(mdlc: Mdlc, aws: FakeAws) -> None:
    aws.stacks["dev-storage"] = {}
    ran = mdlc("notices")
    assert ran.code == 2
    assert "has no table of notices: cdk deploy 'dev/*' brings it" in ran.stderr
