"""The best run: decided by one conditional write, and only by a figure that is one."""

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from run_comparison import handler as function
from run_comparison.best import Run, decide
from run_comparison.evaluation import MalformedEvaluation, value_of
from tests.lambda_.stub import answered_with

RUN = Run(
    experiment="census",
    execution="first",
    training_job="dev-census-1-train",
    metric="roc_auc",
    value=0.8,
    model="s3://artifacts/model.tar.gz",
    evaluation="s3://artifacts/evaluation.json",
    data_version="0123456789abcdef",
    script_version="fedcba9876543210",
    comment="",
)


class Table:
    """Items by key; a conditional update is atomic, as DynamoDB's is."""

    def __init__(self) -> None:
        self.client = answered_with(boto3.client("dynamodb"), self)
        self.items: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def update_item(self, **request: Any) -> None:
        assert request["ConditionExpression"] == "attribute_not_exists(#value) OR #value < :value"
        names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
        key = request["Key"]["Key"]["S"]
        with self._lock:
            item = self.items.get(key, {})
            if "Value" in item and not Decimal(item["Value"]["N"]) < Decimal(values[":value"]["N"]):
                raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "UpdateItem")
            assignments = request["UpdateExpression"].removeprefix("SET ").split(", ")
            parts = (assignment.split(" = ") for assignment in assignments)
            self.items[key] = {names[name]: values[value] for name, value in parts}

    def get_item(self, **request: Any) -> Mapping[str, Any]:
        assert request["ConsistentRead"] is True
        item = self.items.get(request["Key"]["Key"]["S"])
        return {"Item": item} if item else {}


@pytest.fixture
def table(aws: None) -> Table:
    del aws
    return Table()


def is_best(table: Table, run: Run) -> bool:
    return decide(table.client, "runs", run)


def test_a_better_run_becomes_the_best_and_a_worse_or_equal_one_does_not(table: Table) -> None:
    assert is_best(table, RUN)
    assert not is_best(table, replace(RUN, execution="worse", value=0.7))
    assert not is_best(table, replace(RUN, execution="equal"))
    assert table.items["experiment/census"]["Execution"] == {"S": "first"}
    assert is_best(table, replace(RUN, execution="better", value=0.8000001))
    assert table.items["experiment/census"]["Execution"] == {"S": "better"}


def test_asked_again_the_answer_is_the_same(table: Table) -> None:
    assert is_best(table, RUN)
    assert is_best(table, RUN)
    worse = replace(RUN, execution="worse", value=0.7)
    assert not is_best(table, worse)
    assert not is_best(table, worse)


def test_experiments_do_not_compare(table: Table) -> None:
    assert is_best(table, RUN)
    assert is_best(table, replace(RUN, experiment="other", execution="other", value=0.1))


@pytest.mark.parametrize("values", [[0.1 * i for i in range(8)], [0.5] * 8, [0.7 - 0.1 * i for i in range(8)]])
def test_of_eight_runs_at_once_one_is_the_best(values: list[float], table: Table) -> None:
    runs = [replace(RUN, execution=str(number), value=value) for number, value in enumerate(values)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda run: is_best(table, run), runs))
    assert len(table.items) == 1
    best = runs[int(table.items["experiment/census"]["Execution"]["S"])]
    assert best.value == max(values)
    assert [is_best(table, run) for run in runs].count(True) == 1


def evaluation(value: object) -> bytes:
    return json.dumps({"classification_metrics": {"roc_auc": {"value": value}}}).encode()


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b"\xff", "is no JSON"),
        (b"[]", "has no classification_metrics.roc_auc.value"),
        (b"{}", "has no classification_metrics.roc_auc.value"),
        (b'{"classification_metrics": {"roc_auc": 0.5}}', "has no classification_metrics.roc_auc.value"),
        (evaluation("0.9"), "no finite number"),
        (evaluation(None), "no finite number"),
        (evaluation(value=True), "no finite number"),
        (evaluation(float("nan")), "no finite number"),
    ],
)
def test_a_malformed_evaluation_is_refused_in_a_sentence(document: bytes, sentence: str) -> None:
    with pytest.raises(MalformedEvaluation, match=sentence) as refused:
        value_of(document, "roc_auc", "s3://artifacts/evaluation.json")
    assert str(refused.value).startswith("s3://artifacts/evaluation.json")


class Objects:
    def __init__(self, content: Mapping[str, bytes]) -> None:
        self.content = content

    def get_object(self, *, Bucket: str, Key: str) -> Mapping[str, Any]:  # noqa: N803
        if f"{Bucket}/{Key}" not in self.content:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "no"}}, "GetObject")
        return {"Body": BytesIO(self.content[f"{Bucket}/{Key}"])}


EVENT = {
    "ExperimentName": "census",
    "Execution": "first",
    "TrainingJobName": "dev-census-1-train",
    "Model": "s3://artifacts/model.tar.gz",
    "OutputPrefix": "1",
    "DataVersion": "0123456789abcdef",
    "ScriptVersion": "fedcba9876543210",
    "Comment": "",
}


def test_the_function_reads_decides_and_answers(
    aws: None, monkeypatch: pytest.MonkeyPatch, context: LambdaContext, table: Table
) -> None:
    del aws
    objects = answered_with(
        boto3.client("s3"), Objects({"artifacts/census/runs/1/evaluation/evaluation.json": evaluation(0.875)})
    )
    monkeypatch.setattr(function, "clients", lambda: (objects, table.client))
    for name, value in {
        "RUNS_URI": "s3://artifacts/census/runs",
        "METRIC": "roc_auc",
        "EVALUATION": "evaluation.json",
        "TABLE_NAME": "runs",
    }.items():
        monkeypatch.setenv(name, value)
    function.settings.cache_clear()
    uri = "s3://artifacts/census/runs/1/evaluation/evaluation.json"
    answer = {"is_best": True, "metric": "roc_auc", "value": 0.875, "evaluation": uri}
    assert function.handler(EVENT, context) == answer
    with pytest.raises(MalformedEvaluation, match="The evaluation wrote no s3://artifacts/census/runs/2/"):
        function.handler({**EVENT, "OutputPrefix": "2"}, context)
