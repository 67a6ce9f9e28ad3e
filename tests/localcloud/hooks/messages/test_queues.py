"""Queues: what SQS refuses, the order of FIFO queues, and receipt handles.

Recorded by localstack/localstack, tests/aws/services/sqs/test_sqs.snapshot.json (Apache-2.0); order: developer guide of
SQS, "FIFO queue delivery logic".
"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.hooks.messages.receipts import collect_in_order

FIFO = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
NOW = 1000.0


def queue(*messages: str) -> dict[str, Any]:
    """A queue with messages such as `g1-m1`, in this order."""
    return {
        "messages": [
            {"id": each, "body": each, "md5_body": "", "group_id": each.partition("-")[0], "visible_at": 0.0,
             "sent_at": 0.0, "receive_count": 0, "message_attributes": {}, "sys": {}}
            for each in messages
        ]
    }  # fmt: skip


def received(found: dict[str, Any], most: int, now: float = NOW) -> list[str]:
    return [message["id"] for message in collect_in_order(found, most, 30, now)]


def test_one_group_is_received_before_the_next() -> None:
    found = queue("g1-m1", "g2-m1", "g1-m2", "g1-m3")
    assert received(found, 2) == ["g1-m1", "g1-m2"]
    assert received(found, 10) == ["g2-m1"]


def test_what_comes_after_a_message_in_flight_waits_for_it() -> None:
    found = queue("g1-m1", "g1-m2", "g1-m3")
    assert received(found, 3) == ["g1-m1", "g1-m2", "g1-m3"]
    found["messages"][1]["visible_at"] = NOW + 100
    assert received(found, 3, NOW + 40) == ["g1-m1"]


def test_a_group_that_was_received_from_is_behind_the_others() -> None:
    found = queue("g1-m1", "g1-m2", "g2-m1", "g3-m1")
    assert received(found, 1) == ["g1-m1"]
    assert received(found, 10, NOW + 40) == ["g2-m1", "g3-m1", "g1-m1", "g1-m2"]


@pytest.fixture
def url(aws: Callable[..., Any]) -> str:
    made: str = aws("sqs").create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]
    return made


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "attributes", "code", "said"),
    [
        ("a b", {}, "InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores"),
        ("orders.fifo", {}, "InvalidParameterValue", "1 to 80 in length"),
        ("orders", {"FifoQueue": "false"}, "InvalidAttributeName", "Unknown Attribute FifoQueue."),
        ("orders", {"Colour": "red"}, "InvalidAttributeName", "Unknown Attribute Colour."),
        (
            "orders",
            {"DeduplicationScope": "queue"},
            "InvalidAttributeName",
            "You can specify the DeduplicationScope only when FifoQueue is set to true.",
        ),
    ],
)
def test_a_queue_that_is_refused(
    aws: Callable[..., Any], name: str, attributes: dict[str, str], code: str, said: str
) -> None:
    with pytest.raises(ClientError, match=said) as refused:
        aws("sqs").create_queue(QueueName=name, Attributes=attributes)
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"MessageGroupId": "a b"}, "MessageGroupId can only include alphanumeric and punctuation characters"),
        ({"MessageAttributes": {"a": {"DataType": "Text", "StringValue": "v"}}}, "supported type prefixes"),
        ({"MessageAttributes": {"aws.a": {"DataType": "String", "StringValue": "v"}}}, "name 'aws.a' is invalid"),
        ({"MessageAttributes": {"a": {"DataType": "String", "StringValue": ""}}}, "must contain a non-empty value"),
        (
            {"MessageBody": "m" * 1048575, "MessageAttributes": {"a": {"DataType": "String", "StringValue": "v"}}},
            "Message must be shorter than 1048576 bytes",
        ),
    ],
)
def test_a_message_that_is_refused(aws: Callable[..., Any], url: str, parameters: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError, match=said) as refused:
        aws("sqs").send_message(QueueUrl=url, **{"MessageBody": "m", **parameters})
    error: Any = refused.value.response["Error"]
    assert (error["Code"], error["QueryErrorCode"]) == ("InvalidParameterValue", "InvalidParameterValueException")


@pytest.mark.slow
def test_a_fifo_queue_of_a_template_tells_its_defaults(aws: Callable[..., Any], deploy: Callable[..., Any]) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}}
    url = deploy({"Queue": queue}, Url={"Ref": "Queue"})["Outputs"]["Url"]
    told = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    names = ("FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")
    assert [told[name] for name in names] == ["true", "false", "queue", "perQueue"]


@pytest.mark.slow
def test_a_batch_without_groups_is_refused_whole(aws: Callable[..., Any]) -> None:
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName=f"{uuid.uuid4().hex}.fifo", Attributes=FIFO)["QueueUrl"]
    with pytest.raises(ClientError, match="The request must contain the parameter MessageGroupId"):
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "m"}])


@pytest.mark.slow
def test_any_handle_that_a_message_had_deletes_it(aws: Callable[..., Any], url: str) -> None:
    sqs = aws("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="m")
    first, _ = (
        sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"][0]["ReceiptHandle"] for _ in range(2)
    )
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    with pytest.raises(ClientError, match='The input receipt handle "garbage" is not a valid receipt handle'):
        sqs.delete_message(QueueUrl=url, ReceiptHandle="garbage")
    with pytest.raises(ClientError, match="Message does not exist or is not available for visibility timeout change"):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=first, VisibilityTimeout=1)


@pytest.mark.slow
def test_queues_whose_dead_letters_come_here_are_listed(aws: Callable[..., Any], url: str) -> None:
    sqs = aws("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": 2}}'
    source = sqs.create_queue(QueueName=uuid.uuid4().hex, Attributes={"RedrivePolicy": policy})["QueueUrl"]
    assert sqs.list_dead_letter_source_queues(QueueUrl=url)["queueUrls"] == [source]


@pytest.mark.slow
def test_a_queue_loses_what_is_set_to_nothing(aws: Callable[..., Any], url: str) -> None:
    """Recorded: test_set_queue_attributes_default_values, test_sqs_permission_lifecycle."""
    sqs = aws("sqs")
    key = {"KmsMasterKeyId": "alias/aws/sqs", "KmsDataKeyReusePeriodSeconds": "6000"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes=key)
    kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (kept["KmsMasterKeyId"], kept["SqsManagedSseEnabled"]) == ("alias/aws/sqs", "false")
    nothing = {"KmsMasterKeyId": "", "KmsDataKeyReusePeriodSeconds": "300"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes=nothing)
    kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert not {"KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"} & set(kept)
    assert kept["SqsManagedSseEnabled"] == "false"
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
