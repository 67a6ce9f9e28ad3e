"""One operation an invocation: `{"operation": "CreateLabelingJob", "body": {…}}`, answered or refused."""

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from labeling_jobs.operations import OperationError, Operations
from reach.files import Files
from reach.functions import Functions
from reach.settings import Settings
from task_store.opened import open_store

logger = Logger(service="labeling-jobs")


@cache
def operations() -> Operations:
    """Return the operations of this environment; users' functions are not called here."""
    settings = Settings.of_environment(os.environ)
    files = Files(boto3.client("s3"), settings.bucket, settings.inputs)
    return Operations(open_store(os.environ), files, Functions(boto3.client("lambda"), settings.functions), settings)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the operation's answer, or the error that SageMaker would name, with a sentence."""
    operation = str(event.get("operation"))
    try:
        answer = operations().do(operation, event.get("body") or {})
    except OperationError as error:
        logger.info("%s is refused: %s", operation, error)
        return {"error": {"Code": error.kind, "Message": str(error)}}
    logger.info(operation)
    return {"answer": answer}
