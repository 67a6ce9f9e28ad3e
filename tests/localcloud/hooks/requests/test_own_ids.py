"""Ids of the local cloud are taken back by the operations that AWS has for them."""

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow
Aws = Callable[..., Any]


def test_the_secret_of_a_client_is_one_that_revoke_token_takes(aws: Aws) -> None:
    """Source: API reference of RevokeToken, ClientSecret: [\\w+]+, at most 64."""
    cognito = aws("cognito-idp")
    pool = cognito.create_user_pool(PoolName="secrets")["UserPool"]["Id"]
    for number in range(5):
        made = cognito.create_user_pool_client(UserPoolId=pool, ClientName=f"c{number}", GenerateSecret=True)
        assert re.fullmatch(r"[\w+]{1,64}", made["UserPoolClient"]["ClientSecret"])


def test_a_stream_is_read_on_after_a_record(aws: Aws) -> None:
    """Source: API reference of GetShardIterator, AFTER_SEQUENCE_NUMBER; the number is that of an earlier answer."""
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName="numbered", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="numbered", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    put = [kinesis.put_record(StreamName="numbered", Data=data, PartitionKey="k") for data in (b"one", b"two")]
    assert put[0]["SequenceNumber"] < put[1]["SequenceNumber"]
    for kind, expected in (("AT_SEQUENCE_NUMBER", [b"one", b"two"]), ("AFTER_SEQUENCE_NUMBER", [b"two"])):
        iterator = kinesis.get_shard_iterator(
            StreamName="numbered",
            ShardId=put[0]["ShardId"],
            ShardIteratorType=kind,
            StartingSequenceNumber=put[0]["SequenceNumber"],
        )["ShardIterator"]
        assert [record["Data"] for record in kinesis.get_records(ShardIterator=iterator)["Records"]] == expected


def test_a_delivery_of_logs_is_found_and_deleted_by_its_id(aws: Aws) -> None:
    """Source: API reference of CreateDelivery, GetDelivery and DeleteDelivery, `id`."""
    logs, region = aws("logs"), aws("logs").meta.region_name
    logs.create_log_group(logGroupName="delivered")
    group = f"arn:aws:logs:{region}:111111111111:log-group:delivered"
    target = logs.put_delivery_destination(
        name="target", deliveryDestinationConfiguration={"destinationResourceArn": group}
    )["deliveryDestination"]["arn"]
    source = "arn:aws:cloudfront::111111111111:distribution/E1"
    logs.put_delivery_source(name="source", resourceArn=source, logType="ACCESS_LOGS")
    made = logs.create_delivery(deliverySourceName="source", deliveryDestinationArn=target)["delivery"]
    assert made["arn"].endswith(made["id"])
    assert logs.get_delivery(id=made["id"])["delivery"]["arn"] == made["arn"]
    logs.delete_delivery(id=made["id"])
    assert logs.describe_deliveries()["deliveries"] == []
