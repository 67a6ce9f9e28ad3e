"""The table tells of human loops that have ended, with all that is said of them: nothing is read."""

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from human_loop_news.news import News
from task_store.reviews import record_of

logger = Logger(service="human-loop-news")


@cache
def news() -> News:
    """Return what tells in this environment."""
    return News(boto3.client("events"), boto3.client("stepfunctions"), os.environ["FLOW_ARNS"])


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Tell of each loop that the records are about."""
    for record in event.get("Records", ()):
        ended = record_of(record["dynamodb"]["NewImage"])
        news().tell(ended)
        logger.info("told", extra={"loop": ended.name, "status": ended.status, "waiting": len(ended.tokens)})
