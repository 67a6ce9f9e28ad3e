"""Tables."""

from typing import Any

from tests.localcloud.answers.case import ABSENT, Call, Case, call, refuses, shows
from tests.localcloud.answers.sources import (
    OF_DYNAMODB,
    RECORDED,
)

TABLES = RECORDED + "dynamodb/test_dynamodb.snapshot.json: "

TABLE = call(
    "dynamodb.CreateTable",
    TableName="<id>",
    AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    BillingMode="PAY_PER_REQUEST",
)


def item(**more: Any) -> Call:
    return call("dynamodb.PutItem", TableName="<id>", Item={"pk": {"S": "a"}, "n": {"N": "1"}}, **more)


DYNAMODB = (
    refuses(
        "delete a table that is not there",
        TABLES + "test_table_crud: ResourceNotFoundException, Requested resource not found: Table: non-existent not "
        "found",
        "ResourceNotFoundException",
        "^Requested resource not found: Table: <id> not found$",
        call("dynamodb.DeleteTable", TableName="<id>"),
    ),
    refuses(
        "describe a table that is not there",
        TABLES + "test_table_crud and TableNotFound's words: Requested resource not found: Table: … not found",
        "ResourceNotFoundException",
        "^Requested resource not found: Table: <id> not found$",
        call("dynamodb.DescribeTable", TableName="<id>"),
    ),
    refuses(
        "an item of a table that is not there",
        TABLES + "test_batch_write_not_existing_table: ResourceNotFoundException, Requested resource not found",
        "ResourceNotFoundException",
        "^Requested resource not found$",
        call("dynamodb.GetItem", TableName="<id>", Key={"pk": {"S": "a"}}),
    ),
    refuses(
        "a condition that fails",
        TABLES + "test_return_values_on_conditions_check_failure: ConditionalCheckFailedException, The conditional "
        "request failed",
        "ConditionalCheckFailedException",
        "^The conditional request failed$",
        TABLE,
        item(),
        item(ConditionExpression="attribute_not_exists(pk)"),
    ),
    refuses(
        "a table twice",
        OF_DYNAMODB + "CreateTable errors: ResourceInUseException; words: Table already exists: <name>",
        "ResourceInUseException",
        "^Table already exists: <id>$",
        TABLE,
        TABLE,
    ),
    refuses(
        "an item without its key",
        "Amazon DynamoDB developer guide, PutItem: One or more parameter values were invalid: Missing the key pk in "
        "the item",
        "ValidationException",
        "^One or more parameter values were invalid: Missing the key pk in the item$",
        TABLE,
        call("dynamodb.PutItem", TableName="<id>", Item={"n": {"N": "1"}}),
    ),
    refuses(
        "a filter that names a reserved word",
        "Amazon DynamoDB developer guide, Reserved words: Invalid FilterExpression: Attribute name is a reserved "
        "keyword; reserved keyword: status",
        "ValidationException",
        "Attribute name is a reserved keyword; reserved keyword: status",
        TABLE,
        call(
            "dynamodb.Scan",
            TableName="<id>",
            FilterExpression="status = :s",
            ExpressionAttributeValues={":s": {"S": "a"}},
        ),
    ),
    shows(
        "an item that is not there",
        OF_DYNAMODB + "GetItem: If there is no matching item, GetItem does not return any data and there will be no "
        "Item element in the response",
        {"Item": ABSENT},
        TABLE,
        call("dynamodb.GetItem", TableName="<id>", Key={"pk": {"S": "none"}}),
    ),
    shows(
        "a counter",
        OF_DYNAMODB
        + "UpdateItemInput ReturnValues UPDATED_NEW: Returns only the updated attributes, as they appear after "
        "the UpdateItem operation",
        {"Attributes": {"n": {"N": "3"}}},
        TABLE,
        item(),
        call(
            "dynamodb.UpdateItem",
            TableName="<id>",
            Key={"pk": {"S": "a"}},
            UpdateExpression="ADD n :two",
            ExpressionAttributeValues={":two": {"N": "2"}},
            ReturnValues="UPDATED_NEW",
        ),
    ),
    shows(
        "a table paid by the request",
        OF_DYNAMODB + "BillingModeSummary BillingMode; DescribeTable TableStatus ACTIVE",
        {"Table.BillingModeSummary.BillingMode": "PAY_PER_REQUEST", "Table.TableStatus": "ACTIVE"},
        TABLE,
        call("dynamodb.DescribeTable", TableName="<id>"),
    ),
    shows(
        "no recovery of a new table",
        OF_DYNAMODB + "DescribeContinuousBackups: PointInTimeRecoveryStatus DISABLED unless enabled",
        {"ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus": "DISABLED"},
        TABLE,
        call("dynamodb.DescribeContinuousBackups", TableName="<id>"),
    ),
)


CASES: tuple[Case, ...] = DYNAMODB
