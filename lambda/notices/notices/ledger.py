"""A DynamoDB table of the notices that people were told, so that each is told once, and a burst not one by one."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from notices.notice import Notice

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=90)
LEASE = timedelta(seconds=50)
"""How long a claim holds whoever made it: less than Lambda waits before it tries a failed event again."""
BURSTS = "burst/"
"""How the ids of items begin that count."""


class Ledger:
    """The items of one table: a notice each, and a count of each kind, system and hour."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb, self._table = dynamodb, table

    def claim(self, notice: Notice, now: datetime) -> bool:
        """Write the notice down; false when people were told of it, or somebody else is about to tell them."""
        item = {
            "Id": notice.id,
            "Kind": notice.kind.value,
            "System": notice.system,
            "Subject": notice.subject,
            "Body": notice.body,
            "Time": now.isoformat(timespec="seconds"),
            "State": "claimed",
        }
        numbers = {"Until": now + LEASE, "Expires": now + KEPT}
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item={name: {"S": text} for name, text in item.items()}
                | {name: {"N": str(int(moment.timestamp()))} for name, moment in numbers.items()},
                ConditionExpression="attribute_not_exists(Id) OR (#state = :claimed AND #until < :now)",
                ExpressionAttributeNames={"#state": "State", "#until": "Until"},
                ExpressionAttributeValues={":claimed": {"S": "claimed"}, ":now": {"N": str(int(now.timestamp()))}},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def close(self, notice: Notice, state: str) -> None:
        """Write down what became of a claimed notice."""
        self._dynamodb.update_item(
            TableName=self._table,
            Key={"Id": {"S": notice.id}},
            UpdateExpression="SET #state = :state",
            ExpressionAttributeNames={"#state": "State"},
            ExpressionAttributeValues={":state": {"S": state}},
        )

    def count(self, notice: Notice, now: datetime) -> int:
        """Return the how manieth notice of its kind and system in this hour it is."""
        answer = self._dynamodb.update_item(
            TableName=self._table,
            Key={"Id": {"S": f"{BURSTS}{notice.kind.value}/{notice.system}/{now:%Y-%m-%dT%H}"}},
            UpdateExpression="ADD #count :one SET #expires = :expires",
            ExpressionAttributeNames={"#count": "Count", "#expires": "Expires"},
            ExpressionAttributeValues={
                ":one": {"N": "1"},
                ":expires": {"N": str(int((now + timedelta(days=1)).timestamp()))},
            },
            ReturnValues="UPDATED_NEW",
        )
        return int(answer["Attributes"]["Count"]["N"])
