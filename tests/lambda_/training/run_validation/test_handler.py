"""What earlier runs took is refused, and what a run takes it takes as a whole."""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from run_validation import handler as function
from run_validation.request import InvalidInput
from run_validation.reservation import TransactionConflict
from tests.lambda_.stub import answered_by, answered_with
from tests.lambda_.training.run_validation.test_request import GOOD

EXECUTION = "arn:aws:states:eu-west-1:111122223333:execution:dev-census:1"


class World:
    """Objects in S3 by bucket and key, jobs of SageMaker, and the table: transactions with one kind of condition."""

    def __init__(self) -> None:
        self.objects = {
            "data/census/versions/0123456789abcdef/manifest.json",
            "data/census/scripts/versions/fedcba9876543210/manifest.json",
        }
        self.jobs: set[str] = set()
        self.items: dict[str, str] = {}
        self.conflict = False

    def list_objects_v2(self, *, Bucket: str, Prefix: str, MaxKeys: int) -> Mapping[str, int]:  # noqa: N803
        assert MaxKeys == 1
        return {"KeyCount": int(any(name.startswith(f"{Bucket}/{Prefix}") for name in self.objects))}

    def sagemaker(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        (name,) = parameters.values()
        if name not in self.jobs:
            message = "Requested resource not found."
            raise ClientError({"Error": {"Code": "ValidationException", "Message": message}}, operation)
        kind = operation.removeprefix("Describe")
        return {f"{kind}Name": name, f"{kind}Arn": f"arn:aws:sagemaker:eu-west-1:111122223333:x/{name}"}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803
        puts = [item["Put"] for item in TransactItems]
        codes = []
        for put in puts:
            assert put["ConditionExpression"] == "attribute_not_exists(#key) OR #execution = :execution"
            owner = self.items.get(put["Item"]["Key"]["S"])
            mine = owner in {None, put["ExpressionAttributeValues"][":execution"]["S"]}
            codes.append("TransactionConflict" if self.conflict else "None" if mine else "ConditionalCheckFailed")
        if set(codes) != {"None"}:
            response: Any = {
                "Error": {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"},
                "CancellationReasons": [{"Code": code} for code in codes],
            }
            raise ClientError(response, "TransactWriteItems")
        self.items |= {put["Item"]["Key"]["S"]: put["Item"]["Execution"]["S"] for put in puts}


@pytest.fixture
def world(aws: None, monkeypatch: pytest.MonkeyPatch) -> World:
    del aws
    world = World()
    clients = (
        answered_with(boto3.client("s3"), world),
        answered_by(boto3.client("sagemaker"), world.sagemaker),
        answered_with(boto3.client("dynamodb"), world),
    )
    monkeypatch.setattr(function, "clients", lambda: clients)
    for name, value in {
        "JOB_PREFIX": "dev-census-",
        "DATA_URI": "s3://data/census/versions",
        "SCRIPTS_URI": "s3://data/census/scripts/versions",
        "RUNS_URI": "s3://artifacts/census/runs",
        "TABLE_NAME": "runs",
    }.items():
        monkeypatch.setenv(name, value)
    function.settings.cache_clear()
    return world


def run(context: LambdaContext, execution: str = EXECUTION, **change: Any) -> dict[str, Any]:
    answer: dict[str, Any] = function.handler({"Execution": execution, "Input": {**GOOD, **change}}, context)
    return answer


def test_a_run_takes_its_names_and_again_for_the_same_execution(world: World, context: LambdaContext) -> None:
    assert run(context) == run(context)
    assert world.items == dict.fromkeys(
        (
            "processing-job/dev-census-1-prepare",
            "processing-job/dev-census-1-evaluate",
            "training-job/dev-census-1-train",
            "output/1",
        ),
        EXECUTION,
    )


NEW = {
    "PreprocessingJobName": "dev-census-2-prepare",
    "TrainingJobName": "dev-census-2-train",
    "EvaluationJobName": "dev-census-2-evaluate",
    "OutputPrefix": "2",
}


@pytest.mark.parametrize("key", NEW)
def test_a_name_of_an_earlier_run_is_refused_and_nothing_is_taken(
    key: str, world: World, context: LambdaContext
) -> None:
    run(context)
    before = dict(world.items)
    change = {name: value for name, value in NEW.items() if name != key}
    with pytest.raises(InvalidInput, match=f"{key} '{GOOD[key]}' was used by an earlier run"):
        run(context, execution=f"{EXECUTION}-2", **change)
    assert world.items == before
    run(context, execution=f"{EXECUTION}-2", **NEW)


@pytest.mark.parametrize("key", ["PreprocessingJobName", "TrainingJobName", "EvaluationJobName"])
def test_a_job_that_somebody_else_made_is_refused(key: str, world: World, context: LambdaContext) -> None:
    world.jobs.add(GOOD[key])
    with pytest.raises(InvalidInput, match=f"{key} '{GOOD[key]}' was used before"):
        run(context)
    assert not world.items


def test_an_output_prefix_with_objects_is_refused(world: World, context: LambdaContext) -> None:
    world.objects.add("artifacts/census/runs/1/evaluation/evaluation.json")
    with pytest.raises(InvalidInput, match="OutputPrefix '1' was used before"):
        run(context)
    world.objects.add("artifacts/census/runs/12/evaluation/evaluation.json")
    assert run(context, OutputPrefix="2")


@pytest.mark.parametrize(("key", "place"), [("DataVersion", "census/versions"), ("ScriptVersion", "census/scripts")])
def test_a_version_that_is_not_published_is_refused(key: str, place: str, world: World, context: LambdaContext) -> None:
    del world
    with pytest.raises(InvalidInput, match=f"{key} 0000000000000000 is not published: there is no s3://data/{place}"):
        run(context, **{key: "0000000000000000"})


def test_names_that_are_being_taken_are_tried_again(world: World, context: LambdaContext) -> None:
    world.conflict = True
    with pytest.raises(TransactionConflict):
        run(context)
