"""The table of tasks has the keys and indexes by which `task_store` finds what it looks for."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from ml_constructs.labeling.task_store import TaskStore
from task_store import items


@pytest.fixture
def store(stack: cdk.Stack, key: kms.IKey) -> TaskStore:
    data = s3.Bucket.from_bucket_attributes(stack, "Data", bucket_name="data", encryption_key=key)
    return TaskStore(stack, "TaskStore", data=data, key=key, removal_policy=cdk.RemovalPolicy.RETAIN)


def schema(keys: tuple[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=True)]


def test_the_table_is_as_the_functions_think(stack: cdk.Stack, store: TaskStore) -> None:
    assert store.contents.path == ["labeling-tasks"]
    indexes = [
        {
            "IndexName": name,
            "KeySchema": schema(keys),
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(items.COPIED[name])},
        }
        for name, keys in items.KEYS.items()
        if name
    ]
    names = {name for keys in items.KEYS.values() for name in keys}
    Template.from_stack(stack).has_resource(
        "AWS::DynamoDB::Table",
        {
            "DeletionPolicy": "Retain",
            "Properties": {
                "KeySchema": schema(items.KEYS[""]),
                "GlobalSecondaryIndexes": indexes,
                "AttributeDefinitions": Match.array_equals(
                    [{"AttributeName": "PK", "AttributeType": "S"}, {"AttributeName": "SK", "AttributeType": "S"}]
                    + [
                        {"AttributeName": name, "AttributeType": "N" if name in items.NUMBERS else "S"}
                        for keys in list(items.KEYS.values())[1:]
                        for name in keys
                    ]
                ),
                "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
                "DeletionProtectionEnabled": True,
            },
        },
    )
    assert len(names) == len(items.KEYS) * 2


def test_who_acts_deletes_nothing(stack: cdk.Stack, store: TaskStore) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    store.grant_act(role)
    store.grant_keep(role)
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    allowed = {
        each
        for some in statements
        for each in ([some["Action"]] if isinstance(some["Action"], str) else some["Action"])
    }
    assert {each for each in allowed if each.startswith("dynamodb:")} == {
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    }
    assert not [each for each in allowed if "Delete" in each or "*" in each]
