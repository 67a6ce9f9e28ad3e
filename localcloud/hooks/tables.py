"""DynamoDB of MiniStack: tables are described as AWS describes them, and statements of PartiQL reach streams.

Sources: API reference of DynamoDB, "TableDescription", "CreateTable", "UpdateContinuousBackups"; developer guide,
"Change data capture for DynamoDB Streams"; answers that localstack/localstack recorded from AWS
(tests/aws/services/dynamodb/test_dynamodb.snapshot.json, Apache-2.0).
"""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb, dynamodb_streams

ON_DEMAND: Mapping[str, int] = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}
"""The warm throughput of a new table that is paid by request."""
RECOVERY_DAYS = 35
FIRST_NUMBER = "000000000000000000001"
"""What a stream without records begins at: 21 digits, as API reference of DynamoDB Streams, "SequenceNumberRange"."""
_OK = 200
Answer = tuple[int, Any, bytes]


def describe_as_aws() -> None:
    """Describe tables, their backups and insights with AWS's members only, and with all of them."""
    describe = dynamodb._table_description
    dynamodb._table_description = lambda name: described(describe(name))
    dynamodb._create_table = _without_stream(dynamodb._create_table)
    for name, status in (("_create_table", "CREATING"), ("_update_table", "UPDATING"), ("_delete_table", "DELETING")):
        setattr(dynamodb, name, _in_status(getattr(dynamodb, name), status))
    for name in ("_describe_continuous_backups", "_update_continuous_backups"):
        setattr(dynamodb, name, _with_window(getattr(dynamodb, name)))


def begin_streams() -> None:
    """Let the shard of a stream have a first number before it has a record, which readers may start at."""
    describe = dynamodb_streams._describe_stream

    def told(data: Mapping[str, Any]) -> Answer:
        status, headers, body = describe(data)
        found = json.loads(body)
        if status != _OK:
            return status, headers, body
        for shard in found["StreamDescription"]["Shards"]:
            shard["SequenceNumberRange"].setdefault("StartingSequenceNumber", FIRST_NUMBER)
        return status, headers, json.dumps(found).encode()

    begin = dynamodb_streams._get_shard_iterator

    def begun(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        at_first = {**data, "ShardIteratorType": "TRIM_HORIZON"}
        return begin(at_first if data.get("SequenceNumber") == FIRST_NUMBER else data)

    dynamodb_streams._describe_stream, dynamodb_streams._get_shard_iterator = told, begun


def stream_statements() -> None:
    """Write what PartiQL changes into the streams of tables."""
    for name in ("_partiql_insert", "_partiql_update", "_partiql_delete"):
        setattr(dynamodb, name, _streamed(getattr(dynamodb, name)))


def described(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of a table with the members that AWS gives it."""
    told = dict(table)
    is_on_demand = told.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
    if is_on_demand:
        since = {"LastUpdateToPayPerRequestDateTime": told["CreationDateTime"]}
        told["BillingModeSummary"] = {**since, **told["BillingModeSummary"]}
    else:
        told.pop("BillingModeSummary", None)
    if not (told.get("StreamSpecification") or {}).get("StreamEnabled"):
        told.pop("StreamSpecification", None)
        for name in ("LatestStreamArn", "LatestStreamLabel"):
            if not told.get(name):
                told.pop(name, None)
    told["ProvisionedThroughput"] = {"NumberOfDecreasesToday": 0, **told["ProvisionedThroughput"]}
    told["WarmThroughput"] = _warm(told, is_on_demand=is_on_demand)
    if "GlobalSecondaryIndexes" in told:
        told["GlobalSecondaryIndexes"] = [
            {
                **index,
                "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, **(index.get("ProvisionedThroughput") or {})},
                "WarmThroughput": _warm(index, is_on_demand=is_on_demand),
            }
            for index in told["GlobalSecondaryIndexes"]
        ]
    return told


def _warm(throughput: Mapping[str, Any], *, is_on_demand: bool) -> dict[str, Any]:
    given = throughput.get("WarmThroughput") or {}
    if given.get("ReadUnitsPerSecond"):
        return {"Status": "ACTIVE", **given}
    if is_on_demand:
        return {**ON_DEMAND, "Status": "ACTIVE"}
    capacity = throughput.get("ProvisionedThroughput") or {}
    return {
        "ReadUnitsPerSecond": capacity.get("ReadCapacityUnits", 0),
        "WriteUnitsPerSecond": capacity.get("WriteCapacityUnits", 0),
        "Status": "ACTIVE",
    }


def _without_stream(create: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Give a table no stream that was not asked for, as MiniStack does where one is said to be off."""

    def created(data: Mapping[str, Any]) -> Answer:
        if (data.get("StreamSpecification") or {}).get("StreamEnabled"):
            return create(data)
        return create({name: value for name, value in data.items() if name != "StreamSpecification"})

    return created


def _in_status(operation: Callable[[Any], Answer], status: str) -> Callable[[Any], Answer]:
    """Let an operation answer as one that has begun; what is asked next sees it done."""

    def begun(data: Mapping[str, Any]) -> Answer:
        code, headers, body = operation(data)
        if code != _OK:
            return code, headers, body
        table = json.loads(body)["TableDescription"]
        table["TableStatus"] = status
        if "WarmThroughput" in data and table["TableName"] in dynamodb._tables:
            dynamodb._tables[table["TableName"]]["WarmThroughput"] = data["WarmThroughput"]
            table["WarmThroughput"] = {**data["WarmThroughput"], "Status": "UPDATING"}
        elif status != "UPDATING":
            table.pop("WarmThroughput", None)
        if status == "CREATING":
            table.get("BillingModeSummary", {}).pop("LastUpdateToPayPerRequestDateTime", None)
        for index in table.get("GlobalSecondaryIndexes", ()) if status == "CREATING" else ():
            index["IndexStatus"] = status
            if "WarmThroughput" not in data:
                index.pop("WarmThroughput")
        if status == "DELETING":
            for name in ("AttributeDefinitions", "CreationDateTime", "KeySchema"):
                table.pop(name, None)
        answer: Answer = responses.json_response({"TableDescription": table})
        return answer

    return begun


def _with_window(operation: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    def answered(data: Mapping[str, Any]) -> Answer:
        code, headers, body = operation(data)
        if code != _OK:
            return code, headers, body
        told = json.loads(body)
        recovery = told["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        if recovery["PointInTimeRecoveryStatus"] == "ENABLED":
            asked = data.get("PointInTimeRecoverySpecification") or {}
            now = dynamodb.time.time()
            recovery.setdefault("RecoveryPeriodInDays", asked.get("RecoveryPeriodInDays", RECOVERY_DAYS))
            recovery.setdefault("EarliestRestorableDateTime", now)
            recovery.setdefault("LatestRestorableDateTime", now)
        answer: Answer = responses.json_response(told)
        return answer

    return answered


def _streamed(operation: Callable[..., Answer]) -> Callable[..., Answer]:
    def written(table: Mapping[str, Any], parsed: Mapping[str, Any], *arguments: Any) -> Answer:  # noqa: ANN401 - MiniStack's
        key = _key(table, parsed)
        old = copy.deepcopy(_item(table, key))
        answer = operation(table, parsed, *arguments)
        new = _item(table, key)
        if answer[0] == _OK and old != new:
            event = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
            dynamodb._emit_stream_event(table["TableName"], event, old, copy.deepcopy(new))
        return answer

    return written


def _key(table: Mapping[str, Any], parsed: Mapping[str, Any]) -> tuple[Any, Any]:
    if "item" not in parsed:
        partition, sort, _, _ = dynamodb._partiql_key_target(table, parsed)
        return partition, sort
    item = parsed["item"]
    item = item["M"] if set(item) == {"M"} else item
    values = [
        dynamodb._extract_key_val(item.get(table[name])) if table[name] else None for name in ("pk_name", "sk_name")
    ]
    return values[0], values[1] if table["sk_name"] else "__no_sort__"


def _item(table: Mapping[str, Any], key: tuple[Any, Any]) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = (table["items"].get(key[0]) or {}).get(key[1])
    return found
