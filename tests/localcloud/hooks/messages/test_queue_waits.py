"""What a queue has to wait for. Sources: API reference of SQS, PurgeQueue, CreateQueue and AddPermission."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.keyed import fresh, refusal

pytestmark = pytest.mark.slow


def test_a_queue_is_purged_once_a_minute(aws: Callable[..., Any]) -> None:
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName=fresh("q"))["QueueUrl"]
    sqs.purge_queue(QueueUrl=url)
    said = refusal(sqs.purge_queue, QueueUrl=url)
    assert "PurgeQueueInProgress" in said
    assert "is allowed every 60 seconds" in said
    time.sleep(1.1)  # a minute of the local cloud's
    sqs.purge_queue(QueueUrl=url)


def test_a_name_is_free_a_minute_after_its_queue_was_deleted(aws: Callable[..., Any]) -> None:
    sqs, name = aws("sqs"), fresh("q")
    sqs.delete_queue(QueueUrl=sqs.create_queue(QueueName=name)["QueueUrl"])
    with pytest.raises(ClientError, match=r"QueueDeletedRecently.*You must wait 60 seconds"):
        sqs.create_queue(QueueName=name)
    time.sleep(1.1)
    sqs.create_queue(QueueName=name)


def test_a_permission_is_a_statement(aws: Callable[..., Any]) -> None:
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName=fresh("q"))["QueueUrl"]
    sqs.add_permission(QueueUrl=url, AWSAccountIds=["111111111111"], Actions=["ReceiveMessage"], Label="one")
    policy = json.loads(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])
    assert (policy["Version"], policy["Statement"][0]["Action"]) == ("2008-10-17", "SQS:ReceiveMessage")
    assert policy["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}


@pytest.mark.parametrize("name", ["ends.", "two..dots"])
def test_a_name_of_an_attribute_that_is_refused(aws: Callable[..., Any], name: str) -> None:
    """Source: API reference of SQS, "MessageAttributeValue"; developer guide, "Message attribute components"."""
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName=fresh("q"))["QueueUrl"]
    attributes = {name: {"DataType": "String", "StringValue": "x"}}
    said = refusal(sqs.send_message, QueueUrl=url, MessageBody="x", MessageAttributes=attributes)
    assert f"attribute name '{name}' is invalid" in said
