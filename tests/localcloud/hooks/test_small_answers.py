"""Answers of several services, each small: numbers of records, whole events, change sets of stacks.

Source: API reference of Kinesis, GetShardIterator, "StartingSequenceNumber"; the others stand at their test.
"""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.console import Running
from tests.localcloud.keyed import fresh, refusal

pytestmark = pytest.mark.slow


@pytest.fixture
def raw(running: Running) -> Callable[..., Any]:
    """Requests that the client does not judge."""

    def ask(service: str, operation: str, **parameters: Any) -> Any:
        session = boto3.Session(running.account, running.secret, region_name=running.region)
        connect: Any = session.client
        client = connect(service, endpoint_url=running.endpoint, config=Config(parameter_validation=False))
        return getattr(client, operation)(**parameters)

    return ask


def test_a_stream_is_read_on_after_a_record(aws: Callable[..., Any]) -> None:
    kinesis, name = aws("kinesis"), fresh("stream")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name)
    first, _ = (kinesis.put_record(StreamName=name, Data=text, PartitionKey="k") for text in (b"1", b"2"))
    asked = {"StreamName": name, "ShardId": first["ShardId"], "ShardIteratorType": "AFTER_SEQUENCE_NUMBER"}
    iterator = kinesis.get_shard_iterator(**asked, StartingSequenceNumber=first["SequenceNumber"])["ShardIterator"]
    records = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert [record["Data"] for record in records] == [b"2"]


def test_an_event_is_whole_and_parameters_are_some(aws: Callable[..., Any], raw: Callable[..., Any]) -> None:
    """Sources: API references, TestEventPattern of EventBridge and ExecuteStatement of DynamoDB."""
    said = refusal(aws("events").test_event_pattern, Event='{"source": "a"}', EventPattern='{"source": ["a"]}')
    assert "Parameter Event is not valid." in said
    with pytest.raises(ClientError, match=r"Value '\[\]' at 'parameters' failed to satisfy constraint"):
        raw("dynamodb", "execute_statement", Statement='SELECT * FROM "t"', Parameters=[])


def test_a_stack_tells_its_change_set(aws: Callable[..., Any]) -> None:
    """Source: API reference of CloudFormation, "Stack", ChangeSetId."""
    cloudformation, name = aws("cloudformation"), fresh("changed")
    template = '{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'
    change = cloudformation.create_change_set(
        StackName=name, ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=template
    )["Id"]
    cloudformation.get_waiter("change_set_create_complete").wait(ChangeSetName=change)
    cloudformation.execute_change_set(ChangeSetName=change)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name)
    assert cloudformation.describe_stacks(StackName=name)["Stacks"][0]["ChangeSetId"] == change
    cloudformation.delete_stack(StackName=name)
