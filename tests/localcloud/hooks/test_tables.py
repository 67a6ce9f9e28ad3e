"""Descriptions of tables: API reference of DynamoDB, "TableDescription"; recorded by localstack/localstack,
tests/aws/services/dynamodb/test_dynamodb.snapshot.json (Apache-2.0).
"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.hooks.tables import described

BARE = {
    "TableName": "t",
    "CreationDateTime": 1.0,
    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
    "BillingModeSummary": {"BillingMode": "PROVISIONED"},
    "StreamSpecification": {"StreamEnabled": False},
    "LatestStreamArn": "",
    "LatestStreamLabel": "",
    "WarmThroughput": {"ReadUnitsPerSecond": 0, "WriteUnitsPerSecond": 0, "Status": "ACTIVE"},
}


def test_a_table_with_capacity_and_without_a_stream() -> None:
    assert described(BARE) == {
        "TableName": "t",
        "CreationDateTime": 1.0,
        "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
        "WarmThroughput": {"ReadUnitsPerSecond": 5, "WriteUnitsPerSecond": 6, "Status": "ACTIVE"},
    }


def test_a_table_that_is_paid_by_request_and_its_index() -> None:
    by_request = {"BillingMode": "PAY_PER_REQUEST"}
    table = described({**BARE, "BillingModeSummary": by_request, "GlobalSecondaryIndexes": [{"IndexName": "i"}]})
    warm = {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}
    assert table["BillingModeSummary"] == {**by_request, "LastUpdateToPayPerRequestDateTime": 1.0}
    assert table["WarmThroughput"] == table["GlobalSecondaryIndexes"][0]["WarmThroughput"] == warm


def test_a_stream_that_was_stopped_keeps_its_name() -> None:
    assert described({**BARE, "LatestStreamArn": "arn"})["LatestStreamArn"] == "arn"


@pytest.mark.slow
def test_a_table_is_being_made_and_then_there(aws: Callable[..., Any]) -> None:
    dynamodb, name = aws("dynamodb"), f"t{uuid.uuid4().hex}"
    made = dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": False},
    )["TableDescription"]
    assert made["TableStatus"] == "CREATING"
    assert "LatestStreamArn" not in made
    assert dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE"
    window = dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert window["RecoveryPeriodInDays"] == 35
    assert dynamodb.delete_table(TableName=name)["TableDescription"]["TableStatus"] == "DELETING"


@pytest.mark.slow
def test_the_key_that_aws_manages_is_described(aws: Callable[..., Any]) -> None:
    """Developer guide of KMS, "AWS managed keys"."""
    dynamodb, name = aws("dynamodb"), f"t{uuid.uuid4().hex}"
    made = dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        SSESpecification={"Enabled": True},
    )["TableDescription"]
    key = made["SSEDescription"]["KMSMasterKeyArn"]
    by_arn, by_alias = (aws("kms").describe_key(KeyId=each)["KeyMetadata"] for each in (key, "alias/aws/dynamodb"))
    assert by_arn == by_alias
    assert (by_arn["Arn"], by_arn["KeyManager"], by_arn["KeyState"]) == (key, "AWS", "Enabled")


@pytest.mark.slow
def test_a_stream_has_a_beginning_before_a_record(aws: Callable[..., Any]) -> None:
    """Recorded: test_transact_write_items_streaming."""
    name, streams = f"t-{uuid.uuid4().hex[:8]}", aws("dynamodbstreams")
    table = aws("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    aws("dynamodb").get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    arn = table["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    first = shard["SequenceNumberRange"]["StartingSequenceNumber"]
    assert 21 <= len(first) <= 40
    given = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "AT_SEQUENCE_NUMBER"}
    iterator = streams.get_shard_iterator(**given, SequenceNumber=first)["ShardIterator"]
    aws("dynamodb").put_item(TableName=name, Item={"k": {"S": "1"}})
    (record,) = streams.get_records(ShardIterator=iterator)["Records"]
    assert first < record["dynamodb"]["SequenceNumber"]
