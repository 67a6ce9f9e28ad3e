"""Records in MLflow what ended: training jobs, pipeline executions and executions of state machines."""

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from experiments.events import Ended, Kind, parse
from experiments.recorder import highest, mark_best, record
from experiments.run import Run
from experiments.settings import Settings
from experiments.signing import SignedTransport
from experiments.sources import machine, pipeline, training_job
from experiments.sources.aws import Aws
from experiments.tracking import Tracking

logger = Logger(service="experiments")


@cache
def settings() -> Settings:
    """Return the settings of this execution environment."""
    return Settings.of(os.environ)


@cache
def clients() -> tuple[Aws, Tracking]:
    """Return the clients of this execution environment."""
    aws = Aws(
        sagemaker=boto3.client("sagemaker"),
        stepfunctions=boto3.client("stepfunctions"),
        logs=boto3.client("logs"),
        s3=boto3.client("s3"),
        dynamodb=boto3.client("dynamodb"),
    )
    return aws, Tracking(SignedTransport(boto3.Session(), settings().app))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str] | None:
    """Record what the event says has ended; return the ids of its experiment and run."""
    ended = parse(event)
    if ended is None:
        return None
    aws, tracking = clients()
    run = _read(aws, ended)
    if run is None:
        logger.info("No run", extra={"arn": ended.arn})
        return None
    tracked = record(tracking, run)
    _mark(aws, tracking, ended.kind, tracked.experiment_id, run.experiment)
    logger.info("Recorded", extra={"arn": run.arn, "experiment": run.experiment, "run": tracked.id})
    return {"experiment_id": tracked.experiment_id, "run_id": tracked.id}


def _read(aws: Aws, ended: Ended) -> Run | None:
    match ended.kind:
        case Kind.TRAINING_JOB:
            return training_job.read_run(aws, ended.arn)
        case Kind.PIPELINE:
            return pipeline.read_run(aws, ended.arn)
        case Kind.MACHINE:
            return machine.read_run(aws, ended.arn)


def _mark(aws: Aws, tracking: Tracking, kind: Kind, experiment: str, experiment_name: str) -> None:
    """Mark the best run of the experiment: the one that the machine's table has, or the highest of a pipeline."""
    maker, _, name = experiment_name.partition("/")
    if kind is Kind.MACHINE and maker in settings().tables:
        table = settings().tables[maker]
        mark_best(tracking, experiment, lambda: _in_table(aws, table, name))
    elif kind is Kind.PIPELINE and maker in settings().metrics:
        metric = settings().metrics[maker]
        mark_best(tracking, experiment, lambda: highest(tracking, experiment, metric))


def _in_table(aws: Aws, table: str, experiment: str) -> str | None:
    key = {"Key": {"S": f"experiment/{experiment}"}}
    item = aws.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
    return item.get("Execution", {}).get("S")
