"""One operation an invocation: `{"operation": "StartHumanLoop", "body": {…}}`, answered or refused.

A state machine calls it with `waitForTaskToken`, and `taskToken` beside the body; what is refused then is an error of
the function, since nobody would read an answer.
"""

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from human_loops.operations import OperationError, Operations
from reach.files import Files
from reach.settings import Settings
from task_store.opened import open_reviews

logger = Logger(service="human-loops")


@cache
def operations() -> Operations:
    """Return the operations of this environment."""
    settings = Settings.of_environment(os.environ)
    return Operations(open_reviews(os.environ), Files(boto3.client("s3"), settings.bucket, settings.inputs), settings)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the operation's answer, or the error that AWS would name, with a sentence."""
    operation, token = str(event.get("operation")), str(event.get("taskToken") or "")
    try:
        answer = operations().do(operation, event.get("body") or {}, token)
    except OperationError as error:
        logger.info("%s is refused: %s", operation, error)
        if token:
            raise
        return {"error": {"Code": error.kind, "Message": str(error)}}
    logger.info(operation)
    return {"answer": dict(answer)}
