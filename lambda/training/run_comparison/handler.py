"""The last state of a training pipeline decides whether a run is the best of its experiment so far."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from run_comparison.best import Run, decide
from run_comparison.evaluation import MalformedEvaluation, value_of
from run_comparison.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

logger = Logger(service="run-comparison")


@cache
def clients() -> "tuple[S3Client, DynamoDBClient]":
    """Return the clients of this execution environment."""
    return boto3.client("s3"), boto3.client("dynamodb")


@cache
def settings() -> Settings:
    """Return the settings of this function."""
    return Settings.of_environment(os.environ)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Read the run's evaluation, decide, and return `is_best` with the figure."""
    s3, dynamodb = clients()
    own = settings()
    uri = f"{own.runs_uri}/{event['OutputPrefix']}/evaluation/{own.evaluation}"
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        document = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "NoSuchKey":
            raise
        raise MalformedEvaluation(f"The evaluation wrote no {uri}.") from None
    value = value_of(document, own.metric, uri)
    run = Run(
        experiment=event["ExperimentName"],
        execution=event["Execution"],
        training_job=event["TrainingJobName"],
        metric=own.metric,
        value=value,
        model=event["Model"],
        evaluation=uri,
        data_version=event["DataVersion"],
        script_version=event["ScriptVersion"],
        comment=event["Comment"],
    )
    is_best = decide(dynamodb, own.table, run)
    logger.info("Compared", extra={"execution": run.execution, "value": value, "is_best": is_best})
    return {"is_best": is_best, "metric": own.metric, "value": value, "evaluation": uri}
