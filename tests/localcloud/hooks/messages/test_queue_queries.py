"""SQS by its Query protocol.

API reference of SQS: "Request Parameters" and "Examples" of each operation, in the form `AWSAccountId.1=…`; answers
that localstack/localstack recorded from AWS with both protocols, tests/aws/services/sqs/test_sqs.py (Apache-2.0).
"""

import json
import re
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localcloud.console import Running

pytestmark = pytest.mark.slow
Ask = Callable[..., str]


@pytest.fixture
def ask(running: Running) -> Ask:
    """Send a query for a queue, and return the answer's XML."""

    def send(action: str, url: str = "", **members: str) -> str:
        queue = {"QueueUrl": url} if url else {}
        named = {name.replace("_", "."): value for name, value in members.items()}
        body = urlencode({"Action": action, "Version": "2012-11-05", **queue, **named}).encode()
        request = AWSRequest("POST", running.endpoint, {"Content-Type": "application/x-www-form-urlencoded"}, body)
        SigV4Auth(Credentials(running.account, running.secret), "sqs", running.region).add_auth(request)
        sent = urllib.request.Request(running.endpoint, body, dict(request.headers.items()))
        try:
            with urllib.request.urlopen(sent) as answer:
                return str(answer.read().decode())
        except HTTPError as error:
            return error.read().decode()

    return send


@pytest.fixture
def url(aws: Callable[..., Any]) -> str:
    made: str = aws("sqs").create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]
    return made


def test_queues_of_a_dead_letter_queue(aws: Callable[..., Any], ask: Ask, url: str) -> None:
    arn = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    source = aws("sqs").create_queue(QueueName=uuid.uuid4().hex, Attributes={"RedrivePolicy": policy})["QueueUrl"]
    assert f"<ListDeadLetterSourceQueuesResult><QueueUrl>{source}</QueueUrl>" in ask("ListDeadLetterSourceQueues", url)


def test_a_permission_is_added_and_removed(aws: Callable[..., Any], ask: Ask, url: str, running: Running) -> None:
    named = {"AWSAccountId_1": running.account, "ActionName_1": "ReceiveMessage", "Label": "one"}
    assert "<AddPermissionResponse" in ask("AddPermission", url, **named)
    policy = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    assert '"Sid": "one"' in policy.replace('":"', '": "')
    assert "<RemovePermissionResponse" in ask("RemovePermission", url, Label="one")


def test_a_trace_of_a_message_has_a_digest(aws: Callable[..., Any], ask: Ask, url: str) -> None:
    trace = {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}
    sent = aws("sqs").send_message(QueueUrl=url, MessageBody="m", MessageSystemAttributes={"AWSTraceHeader": trace})
    place = "MessageSystemAttribute_1_"
    members = {f"{place}Name": "AWSTraceHeader", **{f"{place}Value_{name}": value for name, value in trace.items()}}
    answer = ask("SendMessage", url, MessageBody="m", **members)
    assert f"<MD5OfMessageSystemAttributes>{sent['MD5OfMessageSystemAttributes']}</" in answer


def test_an_entry_without_an_id(ask: Ask, url: str) -> None:
    entry = "DeleteMessageBatchRequestEntry_1_"
    answer = ask("DeleteMessageBatch", url, **{f"{entry}Id": "", f"{entry}ReceiptHandle": "r"})
    assert re.findall("<Code>(.*?)</Code>", answer) == ["AWS.SimpleQueueService.InvalidBatchEntryId"]
    answer = ask("DeleteMessageBatch", url)
    assert re.findall("<Code>(.*?)</Code>", answer) == ["AWS.SimpleQueueService.EmptyBatchRequest"]
