"""The first state of a training pipeline checks an execution's input, and reserves the names of its run."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from run_validation.request import InvalidInput, parse
from run_validation.reservation import require_empty, require_new_jobs, require_version, reserve
from run_validation.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

logger = Logger(service="run-validation")


@cache
def clients() -> "tuple[S3Client, SageMakerClient, DynamoDBClient]":
    """Return the clients of this execution environment."""
    return boto3.client("s3"), boto3.client("sagemaker"), boto3.client("dynamodb")


@cache
def settings() -> Settings:
    """Return the settings of this function."""
    return Settings.of_environment(os.environ)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Check `Input` of the execution `Execution`, reserve its names, and return the input of the next states."""
    s3, sagemaker, dynamodb = clients()
    own = settings()
    try:
        request = parse(event["Input"], own.job_prefix)
        require_version(s3, own.data_uri, request.data_version, "DataVersion")
        require_version(s3, own.scripts_uri, request.script_version, "ScriptVersion")
        require_new_jobs(sagemaker, request)
        require_empty(s3, own.runs_uri, request.output_prefix)
        reserve(dynamodb, own.table, event["Execution"], request)  # decides between runs at once
    except InvalidInput as problem:
        logger.info("Input refused", extra={"execution": event["Execution"], "reason": str(problem)})
        raise
    return request.as_input()
