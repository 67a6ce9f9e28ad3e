"""Lambda of MiniStack: functions read streams of DynamoDB and Kinesis as Lambda's event source mappings do.

A batch that fails is tried again so often, or so long, as its mapping says, cut in halves where it says so; then what
is known of it goes to its destination. A function may report the record that failed: the ones before it are done.

Sources: developer guide of Lambda, "Using AWS Lambda with Amazon DynamoDB", "Batching behavior", "Configuring partial
batch response", "Retaining discarded batch records"; answers that localstack/localstack recorded from AWS
(tests/aws/services/lambda_/event_source_mapping/, Apache-2.0).
"""

import base64
import datetime as dt
import logging
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb, kinesis, lambda_svc

from localcloud.hooks.compute import failures

BATCH = 100
_DYNAMODB_SHARD = "shardId-00000000000000000000-00000000"
_LOG = logging.getLogger("lambda")
Record = Mapping[str, Any]
Mapped = dict[str, Any]
"""An event source mapping, as MiniStack keeps it."""


@dataclass(frozen=True)
class Shard:
    """What can be read of a stream, from a position on: at most a batch."""

    name: str
    position: int
    records: Sequence[Record]
    positions: dict[Any, int]
    key: object
    """Where `positions` keeps how far a mapping has read."""

    def advance(self, records: int) -> None:
        """Note that so many records are done."""
        self.positions[self.key] = self.position + records


@dataclass
class Trial:
    """A batch that is being tried: its end, and how often it was."""

    end: int
    made: int = 0
    half: int = 0
    """Records of it that are tried next, where it was cut; 0 for all that are left."""


def read_streams(scale: float) -> None:
    """Read streams so; `scale` divides how long a batch waits to be filled."""
    reader = Reader(scale)
    lambda_svc._poll_dynamodb_streams = lambda: reader.poll("dynamodb")
    lambda_svc._poll_kinesis = lambda: reader.poll("kinesis")


class Reader:
    """Reads streams for the mappings of functions, and remembers what is being tried again."""

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._trials: dict[tuple[str, str], Trial] = {}
        self._waiting: dict[tuple[str, str], float] = {}

    def poll(self, service: str) -> bool:
        """Give every mapping of a service its next batch; say whether there was one."""
        found = False
        for account, region, mapping in lambda_svc._iter_all_esms():
            source = mapping.get("EventSourceArn", "")
            if not mapping.get("Enabled", True) or source.split(":")[2:3] != [service]:
                continue
            with responses.request_scope(account, region):
                found = self._poll(service, mapping) or found
        return found

    def _poll(self, service: str, mapping: Mapped) -> bool:
        function, _ = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
        identifier = mapping["UUID"]
        is_busy = lambda_svc._esm_inflight.get(identifier, 0)
        if function is None or is_busy or lambda_svc._esm_backoff_until.get(identifier, 0) > time.time():
            return False
        read = _dynamodb_shards if service == "dynamodb" else _kinesis_shards
        for shard in read(mapping, function):
            if shard.records and self._is_full(mapping, shard):
                lambda_svc._dispatch_esm_batch(identifier, self.process, service, mapping, function, shard)
                return True
        return False

    def _is_full(self, mapping: Mapped, shard: Shard) -> bool:
        """Say whether a batch is not to wait for more records."""
        key = (mapping["UUID"], shard.name)
        if key in self._trials or len(shard.records) >= mapping.get("BatchSize", BATCH):
            return True
        window = (mapping.get("MaximumBatchingWindowInSeconds") or 0) / self._scale
        return time.monotonic() - self._waiting.setdefault(key, time.monotonic()) >= window

    def process(self, service: str, mapping: Mapped, function: Record, shard: Shard) -> None:
        """Give a batch to the function of a mapping, and note what is done of it."""
        key = (mapping["UUID"], shard.name)
        self._waiting.pop(key, None)
        trial = self._trials.setdefault(key, Trial(shard.position + len(shard.records)))
        batch = shard.records[: trial.half or trial.end - shard.position]
        if old := too_old(service, mapping, batch):
            _discard(service, mapping, ("RecordAgeExceeded", max(trial.made, 1), None), shard.name, old)
            shard.advance(len(old))
            self._trials.pop(key, None)
            return
        records = lambda_svc._apply_filter_criteria(list(batch), mapping)
        result = lambda_svc._execute_function(function, {"Records": records}) if records else {}
        trial.made += 1
        done = done_of(service, mapping, records, result)
        if done is None:
            mapping["LastProcessingResult"] = "OK" if records else mapping["LastProcessingResult"]
            shard.advance(len(batch))
            trial.half = 0
            if shard.position + len(batch) >= trial.end:
                self._trials.pop(key, None)
            return
        mapping["LastProcessingResult"] = "PROBLEM: Function call failed"
        _LOG.warning("Lambda %s failed with a batch of %s", mapping["FunctionName"], mapping["EventSourceArn"])
        left = batch[batch.index(records[done]) :]
        shard.advance(len(batch) - len(left))
        if len(left) < len(batch):
            trial.made = trial.half = 0  # the rest is a batch of its own
        elif mapping.get("BisectBatchOnFunctionError") and len(left) > 1:
            trial.half = len(left) // 2
            trial.made -= 1  # a cut counts as no attempt
        elif 0 <= mapping.get("MaximumRetryAttempts", -1) < trial.made:
            _discard(service, mapping, ("RetryAttemptsExhausted", trial.made, result), shard.name, left)
            shard.advance(len(batch))
            self._trials.pop(key, None)
            return
        lambda_svc._esm_backoff_until[mapping["UUID"]] = time.time() + lambda_svc._ESM_BACKOFF_SECONDS


def _dynamodb_shards(mapping: Mapped, _function: Record) -> Iterator[Shard]:
    source = mapping["EventSourceArn"]
    name = source.partition(":table/")[2].partition("/stream/")[0]
    table = dynamodb._tables.get(name)
    if not table or table.get("LatestStreamArn") != source:
        return
    positions, key = lambda_svc._dynamodb_stream_positions, mapping["UUID"]
    start, end = dynamodb.stream_start_position(name), dynamodb.stream_end_position(name)
    first = start if mapping.get("StartingPosition") == "TRIM_HORIZON" else end
    positions[key] = max(positions.get(key, first), start)
    records = dynamodb.stream_records_since(name, positions[key], mapping.get("BatchSize", BATCH))
    yield Shard(_DYNAMODB_SHARD, positions[key], records, positions, key)


def _kinesis_shards(mapping: Mapped, function: Record) -> Iterator[Shard]:
    source = mapping["EventSourceArn"]
    _, _, _, region, account, resource = source.split(":", 5)
    stream = kinesis._streams.get_scoped(account, region, resource.removeprefix("stream/"))
    if not stream or stream.get("StreamARN") != source or stream["StreamStatus"] != "ACTIVE":
        return
    name = mapping["FunctionName"]
    if account != responses.get_account_id() and lambda_svc._cross_account_read_blocked(source, function, name):
        return
    positions = lambda_svc._kinesis_positions.get(mapping["UUID"])
    if positions is None:
        positions = lambda_svc._kinesis_positions[mapping["UUID"]] = {}
    for shard_id, shard in stream["shards"].items():
        first = 0 if mapping.get("StartingPosition") == "TRIM_HORIZON" else len(shard["records"])
        position = positions.setdefault(shard_id, first)
        raw = shard["records"][position : position + mapping.get("BatchSize", BATCH)]
        role = (function.get("config") or {}).get("Role", "")
        records = [_kinesis_record(each, shard_id, source, role) for each in raw]
        yield Shard(shard_id, position, records, positions, shard_id)


def _kinesis_record(record: Record, shard: str, source: str, role: str) -> Record:
    data = record["Data"]
    if isinstance(data, str):
        try:
            base64.b64decode(data, validate=True)
        except ValueError:
            data = data.encode()
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": record["SequenceNumber"],
            "data": base64.b64encode(data).decode() if isinstance(data, bytes) else data,
            "approximateArrivalTimestamp": float(record["ApproximateArrivalTimestamp"]),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": source.split(":")[3],
        "eventSourceARN": source,
    }


def _sequence(service: str, record: Record) -> str:
    number: str = record["dynamodb"]["SequenceNumber"] if service == "dynamodb" else record["kinesis"]["sequenceNumber"]
    return number


def _arrival(service: str, record: Record) -> float:
    if service == "dynamodb":
        return float(record["dynamodb"]["ApproximateCreationDateTime"])
    return float(record["kinesis"]["approximateArrivalTimestamp"])


def done_of(service: str, mapping: Mapped, records: Sequence[Record], result: Record) -> int | None:
    """Return how many records of a batch are done though it failed; None where it did not."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or ()):
        return None
    body = result.get("body")
    failed = body.get("batchItemFailures") if isinstance(body, dict) else None
    if not failed:
        return None
    numbers = [_sequence(service, record) for record in records]
    named = [each.get("itemIdentifier") if isinstance(each, dict) else None for each in failed]
    return min(numbers.index(each) if each in numbers else 0 for each in named)


def too_old(service: str, mapping: Mapped, batch: Sequence[Record]) -> Sequence[Record]:
    """Return the records at the beginning of a batch that are older than the mapping takes."""
    age = mapping.get("MaximumRecordAgeInSeconds", -1)
    fresh = (index for index, record in enumerate(batch) if time.time() - _arrival(service, record) <= age)
    return batch[: next(fresh, len(batch))] if age > 0 else ()


def _discard(
    service: str, mapping: Mapped, ended: tuple[str, int, Record | None], shard: str, left: Sequence[Record]
) -> None:
    condition, made, result = ended
    first, last = left[0], left[-1]
    digits = "seconds" if service == "dynamodb" else "milliseconds"
    response = {
        "statusCode": failures.DONE,
        "executedVersion": mapping.get("Qualifier") or "$LATEST",
        "functionError": "Unhandled" if result and result.get("error") else None,
    }
    record = {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": mapping["FunctionArn"],
            "condition": condition,
            "approximateInvokeCount": made,
        },
        **({} if result is None else {"responseContext": response}),
        "version": "1.0",
        "timestamp": _time(time.time(), "milliseconds"),
        "DDBStreamBatchInfo" if service == "dynamodb" else "KinesisBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": _sequence(service, first),
            "endSequenceNumber": _sequence(service, last),
            "approximateArrivalOfFirstRecord": _time(_arrival(service, first), digits),
            "approximateArrivalOfLastRecord": _time(_arrival(service, last), digits),
            "batchSize": len(left),
            "streamArn": mapping["EventSourceArn"],
        },
    }
    failures.discard(mapping, record, {"Records": list(left)}, shard)


def _time(seconds: float, digits: str) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec=digits).replace("+00:00", "Z")
