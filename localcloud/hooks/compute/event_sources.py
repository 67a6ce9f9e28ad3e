"""Lambda of MiniStack: event source mappings are refused, described and fed as Lambda's.

Sources: API reference of Lambda, "CreateEventSourceMapping"; developer guide, "Lambda event filtering" and "Using
Lambda with Amazon SQS"; answers that localstack/localstack recorded from AWS
(tests/aws/services/lambda_/event_source_mapping/, Apache-2.0).
"""

import contextvars
import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb, kinesis, lambda_svc, sqs

from localcloud.hooks.compute import event_filters
from localcloud.hooks.stacks import cloudformation

Parameters = Mapping[str, Any]
MOST_WITHOUT_WINDOW = 10
ACCEPTED = 202
INVALID = "InvalidParameterValueException"
OF_STREAMS: Mapping[str, Any] = {
    "BatchSize": 100,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "StateTransitionReason": "User action",
    "TumblingWindowInSeconds": 0,
}
_reports: contextvars.ContextVar[bool] = contextvars.ContextVar("reports", default=False)


def map_as_aws() -> None:
    """Refuse mappings that AWS refuses, and describe the others as AWS does."""
    create, update, delete = lambda_svc._create_esm, lambda_svc._update_esm, lambda_svc._delete_esm
    respond = lambda_svc._esm_response

    def created(data: Parameters) -> Any:  # noqa: ANN401 - MiniStack's
        refusal = _pattern(data) or _window(data, data.get("EventSourceArn", "")) or _source(data) or _twin(data)
        if refusal:
            return _refused(refusal)
        if ":sqs:" not in data.get("EventSourceArn", ""):
            data = {**{name: value for name, value in OF_STREAMS.items() if name != "StateTransitionReason"}, **data}
            data = {**data, "DestinationConfig": data["DestinationConfig"] or OF_STREAMS["DestinationConfig"]}
        return _in_state("Creating", create(data))

    def updated(identifier: str, data: Parameters) -> Any:  # noqa: ANN401 - MiniStack's
        found = lambda_svc._esms.get(identifier) or {}
        refusal = _pattern(data) or _window({**found, **data}, found.get("EventSourceArn", ""))
        if refusal:
            return _refused(refusal)
        was = found.get("State")
        answer = update(identifier, data)
        state = found.get("State")
        changing = {"Enabled": "Enabling", "Disabled": "Disabling"}.get(str(state), "Updating")
        return _in_state("Updating" if state == was else changing, answer)

    def described(mapping: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        told = respond(mapping)
        if ":sqs:" in mapping.get("EventSourceArn", ""):
            told.pop("LastProcessingResult", None)
            return told
        return {**OF_STREAMS, **told, "StateTransitionReason": OF_STREAMS["StateTransitionReason"]}

    lambda_svc._create_esm, lambda_svc._update_esm = created, updated
    lambda_svc._delete_esm = lambda identifier: _in_state("Deleting", delete(identifier))
    lambda_svc._esm_response = described


def keep_tags() -> None:
    """Keep the tags of mappings that stacks make."""

    def keep(identifier: str, properties: Parameters) -> dict[str, Any]:
        lambda_svc._esms[identifier]["Tags"] = {each["Key"]: each["Value"] for each in properties.get("Tags") or ()}
        return {}

    cloudformation.after("AWS::Lambda::EventSourceMapping", keep)


def complete_records() -> None:
    """Give records of queues and tables every member that AWS gives them, and heed malformed reports of failures."""
    keep, run, execute = lambda_svc._apply_filter_criteria, lambda_svc._run_sqs_batch, lambda_svc._execute_function
    build = dynamodb._build_change_record

    def kept(records: list[dict[str, Any]], mapping: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        has_window = bool(mapping.get("MaximumBatchingWindowInSeconds"))
        return [_with_digest(record, has_window=has_window) for record in keep(records, mapping)]

    def ran(mapping: Mapping[str, Any], *arguments: Any) -> None:  # noqa: ANN401 - MiniStack's
        token = _reports.set("ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or ()))
        try:
            run(mapping, *arguments)
        finally:
            _reports.reset(token)

    def executed(function: Any, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        is_reporting = _reports.get()
        token = _reports.set(False)
        try:
            result = execute(function, event)
        finally:
            _reports.reset(token)
        if is_reporting and not is_report(result.get("body"), event):
            return {**result, "error": True}
        return result

    def built(*arguments: Any) -> Any:  # noqa: ANN401 - MiniStack's
        record = build(*arguments)
        change = record["dynamodb"]
        images = [change[name] for name in ("Keys", "NewImage", "OldImage") if name in change]
        change["SizeBytes"] = sum(map(dynamodb._item_size_bytes, images))
        change["ApproximateCreationDateTime"] = float(change["ApproximateCreationDateTime"])
        record["eventID"] = record["eventID"].replace("-", "")
        return record

    lambda_svc._apply_filter_criteria, lambda_svc._run_sqs_batch = kept, ran
    lambda_svc._execute_function, dynamodb._build_change_record = executed, built


def _with_digest(record: dict[str, Any], *, has_window: bool) -> dict[str, Any]:
    """Return a record of a queue with its attributes in full, and their digest; null of none, where batches wait."""
    if record.get("eventSource") != "aws:sqs":
        return record
    given = record["messageAttributes"]
    attributes = {
        name: {key[0].upper() + key[1:]: value for key, value in members.items()} for name, members in given.items()
    }
    digest = sqs._md5_msg_attrs(attributes)
    if not digest:
        return {**record, "md5OfMessageAttributes": None} if has_window else record
    lists: dict[str, list[str]] = {"stringListValues": [], "binaryListValues": []}
    full = {name: {**lists, **members} for name, members in given.items()}
    return {**record, "messageAttributes": full, "md5OfMessageAttributes": digest}


def is_report(body: object, event: Mapping[str, Any]) -> bool:
    """Say whether a function's answer tells which messages failed; any other one means that all did."""
    if isinstance(body, str):
        try:
            body = json.loads(body) if body else None
        except ValueError:
            return False
    if body is None:
        return True
    failures = body.get("batchItemFailures") if isinstance(body, dict) else ()
    known = {record["messageId"] for record in event["Records"]}
    if failures is None:
        return True
    return isinstance(failures, list) and all(
        isinstance(each, dict) and each.get("itemIdentifier") in known for each in failures
    )


def _in_state(state: str, answer: Any) -> Any:  # noqa: ANN401 - MiniStack's
    status, headers, body = answer
    if status > ACCEPTED:
        return answer
    return ACCEPTED, headers, json.dumps({**json.loads(body), "State": state}).encode()


def _refused(refusal: tuple[str, str, int]) -> Any:  # noqa: ANN401 - MiniStack's
    return responses.error_response_json(*refusal)


def _pattern(data: Parameters) -> tuple[str, str, int] | None:
    for each in (data.get("FilterCriteria") or {}).get("Filters") or ():
        pattern = each.get("Pattern") or "{}"
        if not isinstance(pattern, str) or event_filters.refusal(pattern):
            return INVALID, "Invalid filter pattern definition.", 400
    return None


def _window(data: Parameters, source: str) -> tuple[str, str, int] | None:
    size, window = data.get("BatchSize") or 0, data.get("MaximumBatchingWindowInSeconds") or 0
    if ":sqs:" not in source or size <= MOST_WITHOUT_WINDOW or window > 0:
        return None
    said = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than"
    return INVALID, f"{said} {MOST_WITHOUT_WINDOW}", 400


def _source(data: Parameters) -> tuple[str, str, int] | None:
    source = data.get("EventSourceArn", "")
    if ":sqs:" in source and sqs._queue_by_arn(source) is None:
        code, said = "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist."
        return INVALID, f"Error occurred while ReceiveMessage. SQS Error Code: {code}. SQS Error Message: {said}", 400
    streams = {
        ":dynamodb:": lambda: any(table.get("LatestStreamArn") == source for table in dynamodb._tables.values()),
        ":kinesis:": lambda: any(stream["StreamARN"] == source for _, stream in kinesis._streams.all_items()),
    }
    is_there: Callable[[], bool] | None = next((there for name, there in streams.items() if name in source), None)
    return (INVALID, f"Stream not found: {source}", 400) if is_there and not is_there() else None


def _twin(data: Parameters) -> tuple[str, str, int] | None:
    source = data.get("EventSourceArn", "")
    name, qualifier, missing = lambda_svc._resolve_existing_esm_function(data.get("FunctionName", ""))
    for found in () if missing else lambda_svc._esms.values():
        if (found["EventSourceArn"], found["FunctionName"], found.get("Qualifier")) == (source, name, qualifier):
            update = f"Please update or delete the existing mapping with UUID {found['UUID']}"
            if ":sqs:" in source:
                mapped = (
                    f'An event source mapping with SQS arn (" {source} ") and function (" {name} ") already exists.'
                )
            else:
                mapped = (
                    f'The event source arn (" {source} ") and function (" {name} ") provided mapping already exists.'
                )
            return "ResourceConflictException", f"{mapped} {update}", 409
    return None
