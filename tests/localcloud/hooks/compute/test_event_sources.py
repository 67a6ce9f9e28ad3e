"""Event source mappings: which ones Lambda refuses, how it describes them, and what functions get of streams.

Recorded by localstack/localstack, tests/aws/services/lambda_/event_source_mapping/ (Apache-2.0); developer guide of
Lambda, "Batching behavior", "Configuring partial batch response", "Retaining discarded batch records".
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ministack.services import lambda_svc

from localcloud.hooks.compute import event_sources, failures, stream_sources

EVENT = {"Records": [{"messageId": "1"}, {"messageId": "2"}]}
SOURCE = """
def handler(event, context):
    numbers = [record["dynamodb"]["NewImage"]["number"]["N"] for record in event["Records"]]
    if "0" in numbers:
        raise ValueError("zero")
"""


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        {},
        {"batchItemFailures": []},
        {"batchItemFailures": None},
        {"batchItemFailures": [{"itemIdentifier": "1"}]},
    ],
)
def test_an_answer_that_tells_which_messages_failed(body: object) -> None:
    assert event_sources.is_report(body, EVENT)


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        {"batchItemFailures": "1"},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": "3"}]},
        {"batchItemFailures": [{"id": "1"}]},
    ],
)
def test_an_answer_that_does_not_means_that_all_failed(body: object) -> None:
    assert not event_sources.is_report(body, EVENT)


def record(number: int, arrived: float = 0.0) -> dict[str, Any]:
    return {"dynamodb": {"SequenceNumber": str(number), "ApproximateCreationDateTime": arrived}}


@pytest.mark.parametrize(
    ("result", "done"),
    [
        ({"body": {"batchItemFailures": [{"itemIdentifier": "3"}, {"itemIdentifier": "2"}]}}, 1),
        ({"body": {"batchItemFailures": [{"itemIdentifier": "9"}]}}, 0),
        ({"body": {"batchItemFailures": [{"itemIdentifier": None}]}}, 0),
        ({"body": {"batchItemFailures": []}}, None),
        ({"body": None}, None),
        ({"error": True}, 0),
    ],
)
def test_the_first_record_that_failed_is_tried_again(result: dict[str, Any], done: int | None) -> None:
    mapping = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
    assert stream_sources.done_of("dynamodb", mapping, [record(1), record(2), record(3)], result) == done


def test_records_that_are_too_old_are_discarded() -> None:
    now = time.time()
    batch = [record(1, now - 100), record(2, now - 70), record(3, now)]
    assert stream_sources.too_old("dynamodb", {"MaximumRecordAgeInSeconds": 60}, batch) == batch[:2]
    assert stream_sources.too_old("dynamodb", {"MaximumRecordAgeInSeconds": -1}, batch) == ()


class Clock:
    """A reader over a list of records, with what its function answers in turn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answers: Sequence[dict[str, Any]], **mapping: Any) -> None:
        self.mapping = {"UUID": "u", "FunctionName": "f", "EventSourceArn": "arn", "FunctionArn": "f", **mapping}
        self.mapping.setdefault("LastProcessingResult", "")
        self.positions: dict[object, int] = {"u": 0}
        self.records = [record(number, time.time()) for number in range(1, 5)]
        self.invoked: list[list[str]] = []
        self.discarded: list[dict[str, Any]] = []
        left: Iterator[dict[str, Any]] = iter(answers)

        def execute(_: object, event: dict[str, Any]) -> dict[str, Any]:
            self.invoked.append([each["dynamodb"]["SequenceNumber"] for each in event["Records"]])
            return next(left, {"body": None})

        monkeypatch.setattr(lambda_svc, "_execute_function", execute)
        monkeypatch.setattr(failures, "discard", lambda _, told, *__: self.discarded.append(told))
        self.reader = stream_sources.Reader(1)

    def run(self) -> None:
        while (position := self.positions["u"]) < len(self.records):
            shard = stream_sources.Shard("s", position, self.records[position:], self.positions, "u")
            self.reader.process("dynamodb", self.mapping, {}, shard)


FAILED = {"error": True, "body": {}}


def test_a_batch_is_tried_so_often_and_then_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, [FAILED, FAILED, FAILED], MaximumRetryAttempts=2)
    clock.run()
    assert clock.invoked == [["1", "2", "3", "4"]] * 3
    told = clock.discarded[0]
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["requestContext"]["approximateInvokeCount"] == 3
    assert told["responseContext"]["functionError"] == "Unhandled"
    info = told["DDBStreamBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"]) == ("1", "4", 4)


def test_what_comes_before_the_record_that_failed_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    reported = {"body": {"batchItemFailures": [{"itemIdentifier": "3"}]}}
    reports = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumRetryAttempts": 1}
    clock = Clock(monkeypatch, [reported, reported, reported], **reports)
    clock.run()
    assert clock.invoked == [["1", "2", "3", "4"], ["3", "4"], ["3", "4"]]
    assert clock.discarded[0]["requestContext"]["approximateInvokeCount"] == 2
    assert clock.discarded[0]["responseContext"]["functionError"] is None


def test_a_batch_is_cut_in_halves_until_the_record_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, [FAILED] * 3, BisectBatchOnFunctionError=True, MaximumRetryAttempts=0)
    clock.run()
    assert clock.invoked == [["1", "2", "3", "4"], ["1", "2"], ["1"], ["2", "3", "4"]]
    assert [told["DDBStreamBatchInfo"]["batchSize"] for told in clock.discarded] == [1]


@pytest.fixture
def mapped(
    aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> tuple[str, str]:
    """A function, and the ARN of a queue that it may be mapped to."""
    resources = {"Role": role("lambda.amazonaws.com"), "Function": function(SOURCE, "Role")}
    name = deploy(resources, Name={"Ref": "Function"})["Outputs"]["Name"]
    url = aws("sqs").create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]
    return name, aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


@pytest.mark.slow
def test_mappings_that_lambda_refuses(aws: Callable[..., Any], mapped: tuple[str, str]) -> None:
    client, (name, queue) = aws("lambda"), mapped
    base = {"FunctionName": name, "EventSourceArn": queue}
    made = client.create_event_source_mapping(**base, Enabled=False)
    assert (made["State"], made["BatchSize"], "LastProcessingResult" in made) == ("Creating", 10, False)
    for parameters, code, said in (
        ({}, "ResourceConflictException", made["UUID"]),
        ({"BatchSize": 11}, "InvalidParameterValueException", "Maximum batch window in seconds must be greater than 0"),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": '{"a": "b"}'}]}},
            "InvalidParameterValueException",
            "Invalid filter pattern definition.",
        ),
        ({"EventSourceArn": f"{queue}-gone"}, "InvalidParameterValueException", "NonExistentQueue"),
    ):
        with pytest.raises(ClientError, match=said) as refused:
            client.create_event_source_mapping(**{**base, **parameters})
        answer: Any = refused.value.response
        assert (answer["Error"]["Code"], answer["Type"]) == (code, "User")
    assert client.delete_event_source_mapping(UUID=made["UUID"])["State"] == "Deleting"


@pytest.mark.slow
def test_a_record_that_fails_goes_to_the_destination(aws: Callable[..., Any], mapped: tuple[str, str]) -> None:
    (name, queue), table = mapped, f"t{uuid.uuid4().hex}"
    made = aws("dynamodb").create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    mapping = aws("lambda").create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=made["LatestStreamArn"],
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    assert (mapping["BatchSize"], mapping["MaximumRecordAgeInSeconds"]) == (100, -1)
    aws("dynamodb").execute_statement(Statement=f"INSERT INTO \"{table}\" VALUE {{'id': 'a', 'number': 0}}")
    url = aws("sqs").get_queue_url(QueueName=queue.rpartition(":")[2])["QueueUrl"]
    messages = aws("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    told = json.loads(messages[0]["Body"])
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["DDBStreamBatchInfo"]["streamArn"] == made["LatestStreamArn"]
    aws("lambda").delete_event_source_mapping(UUID=mapping["UUID"])


@pytest.mark.slow
def test_a_mapping_of_a_stack_keeps_its_tags(
    aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> None:
    """CloudFormation user guide, AWS::Lambda::EventSourceMapping: `Tags`, a list of keys and values."""
    mapping = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
            "FunctionName": {"Ref": "Function"},
            "Tags": [{"Key": "owner", "Value": "ml-platform"}],
        },
    }
    resources = {
        "Role": role("lambda.amazonaws.com"),
        "Function": function(SOURCE, "Role"),
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Mapping": mapping,
    }
    stack = deploy(resources, Arn={"Fn::GetAtt": ["Mapping", "EventSourceMappingArn"]})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    assert aws("lambda").list_tags(Resource=stack["Outputs"]["Arn"])["Tags"] == {"owner": "ml-platform"}
