"""Topics, subscriptions and messages: what SNS refuses, and how messages arrive.

Recorded by localstack/localstack, tests/aws/services/sns/test_sns.snapshot.json (Apache-2.0).
"""

import http.server
import json
import queue
import threading
import uuid
from collections.abc import Callable
from typing import Any, Self

import pytest
from botocore.exceptions import ClientError

from localcloud.hooks.messages.notifications import body_lookup, for_protocol
from localcloud.hooks.messages.publications import batch, message
from localcloud.hooks.messages.topics import attribute_refusal

STANDARD: dict[str, Any] = {"attributes": {}}
FIFO: dict[str, Any] = {"attributes": {"FifoTopic": "true"}}
TYPE = "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."


def attribute(kind: str, name: str = "a", **value: str) -> dict[str, str]:
    entry = "MessageAttributes.entry.1"
    return {f"{entry}.Name": name, f"{entry}.Value.DataType": kind} | {
        f"{entry}.Value.{member}": text for member, text in value.items()
    }


@pytest.mark.parametrize(
    ("parameters", "topic", "said"),
    [
        ({"Message": "m"}, STANDARD, ""),
        ({"Message": ""}, STANDARD, "Invalid parameter: Empty message"),
        ({"Message": "m", "Subject": ""}, STANDARD, "Invalid parameter: Subject"),
        ({"Message": "m" * 262145}, STANDARD, "Invalid parameter: Message too long"),
        (
            {"Message": '{"sqs": "m"}', "MessageStructure": "json"},
            STANDARD,
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
        (
            {"Message": "m", "MessageDeduplicationId": "d"},
            STANDARD,
            (
                "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId "
                "parameter that is not valid for this topic type"
            ),
        ),
        ({"Message": "m"}, FIFO, "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"),
        (
            {"Message": "m", "MessageGroupId": "g"},
            FIFO,
            (
                "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or "
                "MessageDeduplicationId provided explicitly"
            ),
        ),
        ({"Message": "m", **attribute("String.x", StringValue="v")}, STANDARD, ""),
        ({"Message": "m", **attribute("Stringx", StringValue="v")}, STANDARD, f"The message attribute 'a' {TYPE}"),
        (
            {"Message": "m", **attribute("Number", BinaryValue="v")},
            STANDARD,
            "The message attribute 'a' with type 'Number' must use field 'String'.",
        ),
        (
            {"Message": "m", **attribute("String", "a..b", StringValue="v")},
            STANDARD,
            "Message attribute name can not have successive '.' character.",
        ),
    ],
)
def test_a_message(parameters: dict[str, str], topic: dict[str, Any], said: str) -> None:
    refusal = message(parameters, topic)
    assert (refusal[1] if refusal else "") == said


@pytest.mark.parametrize(
    ("ids", "code"),
    [
        (["1", "2"], ""),
        (["1", "1"], "BatchEntryIdsNotDistinct"),
        (["a.b"], "InvalidBatchEntryId"),
        (["a" * 81], "InvalidBatchEntryId"),
        ([str(number) for number in range(11)], "TooManyEntriesInBatchRequest"),
    ],
)
def test_a_batch(ids: list[str], code: str) -> None:
    members = {f"PublishBatchRequestEntries.member.{index + 1}.Id": each for index, each in enumerate(ids)}
    texts = {name.replace(".Id", ".Message"): "m" for name in members}
    refusal = batch({**members, **texts}, STANDARD)
    assert (refusal[0] if refusal else "") == code


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("RawMessageDelivery", "TrUe", ""),
        ("RawMessageDelivery", "yes", "RawMessageDelivery: Invalid value [yes]. Must be true or false."),
        (
            "FilterPolicyScope",
            "Body",
            "FilterPolicyScope: Invalid value [Body]. Please use either MessageBody or MessageAttributes",
        ),
        ("FilterPolicy", '{"a": []}', "FilterPolicy: Empty arrays are not allowed"),
        ("RedrivePolicy", '{"deadLetterTargetArn": "x"}', "RedrivePolicy: deadLetterTargetArn is an invalid arn"),
        (
            "RedrivePolicy",
            '{"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:111122223333:q"}',
            "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.",
        ),
        ("Colour", "red", "AttributeName"),
    ],
)
def test_an_attribute_of_a_subscription(name: str, value: str, said: str) -> None:
    endpoint = "sqs:arn:aws:sqs:eu-west-1:111122223333:q.fifo"
    assert attribute_refusal(name, value, "MessageAttributes", endpoint) == said


def test_a_protocol_gets_its_own_text_or_the_default() -> None:
    text = json.dumps({"default": "d", "sqs": "s", "lambda": {"no": "text"}})
    assert [for_protocol(text, "json", protocol) for protocol in ("sqs", "email", "lambda")] == ["s", "d", "d"]
    assert for_protocol(text, "", "sqs") == text


def test_a_body_is_searched_by_dotted_paths_and_through_arrays() -> None:
    body = {"a": {"b": "1"}, "c.d": "2", "e": [{"f": "3"}, {"f": "4"}], "g": None}
    look = body_lookup(body)
    assert [look(key)[1] for key in ("a.b", "c.d", "e.f", "g", "h")] == [["1"], ["2"], ["3", "4"], [], []]
    assert look.child("e")("f") == (True, ["3", "4"], True)
    assert look.child("h") is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("create_topic", {"Name": "orders.fifo"}),
        ("create_topic", {"Name": "a b"}),
        ("subscribe", {"Protocol": "pigeon", "Endpoint": "roof"}),
        ("subscribe", {"Protocol": "sms", "Endpoint": "+15--551234567"}),
        ("set_topic_attributes", {"AttributeName": "FifoTopic", "AttributeValue": "false"}),
        ("unsubscribe", {"SubscriptionArn": "no-arn"}),
    ],
)
def test_what_sns_refuses(aws: Callable[..., Any], operation: str, parameters: dict[str, str]) -> None:
    sns = aws("sns")
    topic = {"TopicArn": sns.create_topic(Name="refusals")["TopicArn"]} if operation in _OF_A_TOPIC else {}
    with pytest.raises(ClientError, match="Invalid") as refused:
        getattr(sns, operation)(**topic, **parameters)
    assert refused.value.response["Error"]["Code"] == "InvalidParameter"


_OF_A_TOPIC = ("subscribe", "set_topic_attributes")


@pytest.mark.slow
def test_what_cannot_be_delivered_goes_to_the_dead_letters(aws: Callable[..., Any]) -> None:
    sns, sqs, name = aws("sns"), aws("sqs"), uuid.uuid4().hex[:8]
    topic = sns.create_topic(Name=name)["TopicArn"]
    gone, dead = (_queue(sqs, f"{name}-{kind}", topic) for kind in ("gone", "dead"))
    policy = json.dumps({"deadLetterTargetArn": dead[1]})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=gone[1], Attributes={"RedrivePolicy": policy})
    sqs.delete_queue(QueueUrl=gone[0])
    sns.publish(TopicArn=topic, Message="hello")
    received = sqs.receive_message(QueueUrl=dead[0], WaitTimeSeconds=5)["Messages"]
    assert json.loads(received[0]["Body"])["Message"] == "hello"


@pytest.mark.slow
def test_what_nobody_takes_over_http_goes_to_the_dead_letters(aws: Callable[..., Any]) -> None:
    sns, sqs, name = aws("sns"), aws("sqs"), uuid.uuid4().hex[:8]
    topic = sns.create_topic(Name=name)["TopicArn"]
    url, arn = _queue(sqs, name, topic)
    with Listener() as listener:
        subscription = sns.subscribe(
            TopicArn=topic,
            Protocol="http",
            Endpoint=listener.url,
            Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn})},
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        token = listener.told(10)["Token"]
    assert subscription.startswith(topic)
    for _ in range(2):
        assert sns.confirm_subscription(TopicArn=topic, Token=token)["SubscriptionArn"] == subscription
    sns.publish(TopicArn=topic, Message="hello")
    received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    assert json.loads(received[0]["Body"])["Message"] == "hello"


class Listener:
    """Someone who listens on a port of this machine until left, and keeps what came."""

    def __enter__(self) -> Self:
        self.came: queue.Queue[bytes] = queue.Queue()
        came = self.came

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                came.put(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def told(self, seconds: float) -> Any:
        return json.loads(self.came.get(timeout=seconds))


@pytest.mark.slow
def test_messages_of_a_fifo_topic_are_numbered_and_not_signed(aws: Callable[..., Any]) -> None:
    sns, sqs, name = aws("sns"), aws("sqs"), f"{uuid.uuid4().hex[:8]}.fifo"
    topic = sns.create_topic(Name=name, Attributes={"FifoTopic": "true"})["TopicArn"]
    url, arn = _queue(sqs, name, topic, FifoQueue="true")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="m", MessageGroupId="g", MessageDeduplicationId="d")
    received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, AttributeNames=["All"])["Messages"][0]
    body = json.loads(received["Body"])
    assert len(body["SequenceNumber"]) == len(received["Attributes"]["SequenceNumber"]) == 20
    assert "Signature" not in body


def _queue(sqs: Any, name: str, topic: str, **attributes: str) -> tuple[str, str]:
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


@pytest.mark.slow
def test_a_subscription_that_nobody_confirmed_has_no_arn_in_lists(aws: Callable[..., Any]) -> None:
    """Recorded: test_publish_no_confirm_subscription. API reference, "ListSubscriptionsByTopic": its example."""
    sns = aws("sns")
    topic = sns.create_topic(Name=uuid.uuid4().hex)["TopicArn"]
    mail = {"TopicArn": topic, "Protocol": "email", "Endpoint": "a@example.com"}
    assert sns.subscribe(**mail)["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(**mail, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "true"
    queue_arn = f"{topic.replace(':sns:', ':sqs:')}"
    confirmed = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)["SubscriptionArn"]
    for listed in (sns.list_subscriptions_by_topic(TopicArn=topic), sns.list_subscriptions()):
        mine = {
            each["Protocol"]: each["SubscriptionArn"] for each in listed["Subscriptions"] if each["TopicArn"] == topic
        }
        assert mine == {"email": "PendingConfirmation", "sqs": confirmed}


@pytest.mark.slow
def test_a_token_of_nobody_confirms_nothing(aws: Callable[..., Any]) -> None:
    """Recorded: test_sns_confirm_subscription_wrong_token."""
    sns, token = aws("sns"), "51b2ff3edb475b7d91550e0ab6edf0c1" * 4
    topic = sns.create_topic(Name=uuid.uuid4().hex)["TopicArn"]
    for arn in (topic, topic[:-1] + "i"):
        with pytest.raises(ClientError, match="Invalid parameter: Token") as refused:
            sns.confirm_subscription(TopicArn=arn, Token=token)
        assert refused.value.response["Error"]["Code"] == "InvalidParameter"
