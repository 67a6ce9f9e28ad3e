"""The table tells of a job that is new, or has more to prepare: its next objects are prepared."""

import os
from functools import cache
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from labeling_prepare.preparing import prepare
from reach import stream
from reach.functions import Functions
from reach.settings import Settings
from task_store.opened import open_store
from task_store.store import Store

PORTION: Final = 500
"""Objects that are prepared before other jobs have their turn."""
logger = Logger(service="labeling-prepare")


@cache
def world() -> tuple[Store, Functions, Settings]:
    """Return what this execution environment works with."""
    settings = Settings.of_environment(os.environ)
    return open_store(os.environ), Functions(boto3.client("lambda"), settings.functions), settings


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Prepare the next portion of each job."""
    store, functions, settings = world()
    for job in stream.jobs(event):
        prepare(store, job, functions, settings, PORTION)
        logger.info("prepared", extra={"job": job})
