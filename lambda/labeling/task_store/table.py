"""Calls to the one table: reads that see the last write, and writes on which nobody else's is lost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from task_store import items
from task_store.items import BY_WORKER, Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

RECENT: Final = 50
"""Among how many of a person's last tasks those that they hold are looked for."""
_LOST: Final = frozenset({"None", "ConditionalCheckFailed", "TransactionConflict"})
"""Why a transaction is cancelled where somebody else was faster."""


class TaskTable:
    """A table of DynamoDB with the keys and indexes of `items.KEYS`."""

    def __init__(self, dynamodb: "DynamoDBClient", name: str) -> None:
        self._dynamodb, self._table = dynamodb, name

    def change(self, item: Item, version: int) -> "TransactWriteItemTypeDef":
        """Return the write of an item whose version is `version`; 0 where there is none."""
        new = item | {"Version": {"N": str(version + 1)}}
        if not version:
            return {"Put": {"TableName": self._table, "Item": new, "ConditionExpression": "attribute_not_exists(PK)"}}
        return {
            "Put": {
                "TableName": self._table,
                "Item": new,
                "ConditionExpression": "#version = :version",
                "ExpressionAttributeNames": {"#version": "Version"},
                "ExpressionAttributeValues": {":version": {"N": str(version)}},
            }
        }

    def check(self, key: Item, name: str, values: Sequence[str]) -> "TransactWriteItemTypeDef":
        """Return what of a transaction holds only while an item has one of these texts."""
        texts = {f":v{number}": {"S": value} for number, value in enumerate(values)}
        return {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": key,
                "ConditionExpression": f"#name IN ({', '.join(texts)})",
                "ExpressionAttributeNames": {"#name": name},
                "ExpressionAttributeValues": texts,
            }
        }

    def transact(self, writes: "Sequence[TransactWriteItemTypeDef]") -> bool:
        """Write all or nothing; false where somebody else was faster with any."""
        try:
            self._dynamodb.transact_write_items(TransactItems=writes)
        except ClientError as error:
            reasons = {each.get("Code") for each in error.response.get("CancellationReasons", ())}
            if reasons and reasons <= _LOST:
                return False
            raise
        return True

    def put_new(self, item: Item) -> bool:
        """Write an item down; false where there is one of its key."""
        return self._conditional(
            lambda: self._dynamodb.put_item(
                TableName=self._table,
                Item=item | {"Version": {"N": "1"}},
                ConditionExpression="attribute_not_exists(PK)",
            )
        )

    @staticmethod
    def _conditional(write: Callable[[], object]) -> bool:
        """Write, unless the condition of it does not hold."""
        try:
            write()
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def set(self, key: Item, name: str, value: str) -> None:
        """Set one text of an item."""
        self._dynamodb.update_item(
            TableName=self._table,
            Key=key,
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": {"S": value}},
        )

    def update(self, key: Item, values: Item, version: int, removed: Sequence[str] = ()) -> bool:
        """Set and remove attributes of an item whose version is `version`; false where somebody else was faster."""
        set_ = {**values, "Version": {"N": str(version + 1)}}
        names = {f"#n{number}": name for number, name in enumerate([*set_, *removed])}
        expression = "SET " + ", ".join(f"#n{number} = :v{number}" for number in range(len(set_)))
        if removed:
            expression += " REMOVE " + ", ".join(f"#n{len(set_) + number}" for number in range(len(removed)))
        return self._conditional(
            lambda: self._dynamodb.update_item(
                TableName=self._table,
                Key=key,
                UpdateExpression=expression,
                ConditionExpression="#version = :version",
                ExpressionAttributeNames={**names, "#version": "Version"},
                ExpressionAttributeValues={
                    **{f":v{number}": value for number, value in enumerate(set_.values())},
                    ":version": {"N": str(version)},
                },
            )
        )

    def get(self, key: Item) -> Item | None:
        """Return an item; None where there is none of this key."""
        return self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")

    def batch(self, keys: Sequence[Item]) -> list[Item | None]:
        """Return the items of these keys in their order; None for one that there is not."""
        asked: Mapping[str, Any] = {self._table: {"Keys": keys, "ConsistentRead": True}}
        found: dict[tuple[str, str], Item] = {}
        while asked:
            answer = self._dynamodb.batch_get_item(RequestItems=asked)
            found |= {(item["PK"]["S"], item["SK"]["S"]): item for item in answer["Responses"].get(self._table, ())}
            asked = answer.get("UnprocessedKeys", {})
        return [found.get((key["PK"]["S"], key["SK"]["S"])) for key in keys]

    def recent(self, worker: str) -> list[Item]:
        """Return the last tasks of a person, the last first."""
        return self._dynamodb.query(
            TableName=self._table,
            IndexName=BY_WORKER,
            KeyConditionExpression="Worker = :worker",
            ExpressionAttributeValues={":worker": {"S": worker}},
            ScanIndexForward=False,
            Limit=RECENT,
        )["Items"]

    def count(self, index: str, partition: str) -> int:
        """Return how many items of a partition an index has."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=index,
            Select="COUNT",
            KeyConditionExpression="#hash = :hash",
            ExpressionAttributeNames={"#hash": items.KEYS[index][0]},
            ExpressionAttributeValues={":hash": {"S": partition}},
        )
        return sum(each["Count"] for each in pages)

    def query(
        self,
        index: str,
        partition: str,
        limits: Mapping[str, tuple[str, Mapping[str, Any]]] | None = None,
        page: int = 0,
    ) -> Iterator[Item]:
        """Yield what an index has of a partition, or the table itself where `index` is empty; `page` items a call."""
        name = items.KEYS[index][0]
        condition, names, values = "#hash = :hash", {"#hash": name}, {":hash": {"S": partition}}
        for attribute, (comparison, value) in (limits or {}).items():
            condition += f" AND #range {comparison} :range"
            names["#range"] = attribute
            values[":range"] = dict(value)
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            **({"IndexName": index} if index else {"ConsistentRead": True}),
            KeyConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            PaginationConfig={"PageSize": page} if page else {},
        )
        for each in pages:
            yield from each["Items"]
