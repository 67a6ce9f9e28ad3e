"""The table tells that objects are answered or failed, or that a job goes on: what is next in their jobs is done."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from labeling_finish.carrying_on import MakeEnding, carry_on
from labeling_finish.ending import Ending
from labeling_finish.telling import tell_end
from labels.request import Request
from reach import stream
from reach.files import Files
from reach.functions import Functions
from reach.settings import Settings
from task_store.jobs import Job, State
from task_store.opened import open_store
from task_store.store import Store

logger = Logger(service="labeling-finish")


@cache
def world() -> tuple[Store, MakeEnding, Callable[[str, State], object]]:
    """Return the store, what ends a job with the files and functions of this environment, and what tells of its end."""
    settings, store = Settings.of_environment(os.environ), open_store(os.environ)
    files = Files(boto3.client("s3"), settings.bucket, settings.inputs)
    functions = Functions(boto3.client("lambda"), settings.functions)

    def ending(job: Job, request: Request) -> Ending:
        return Ending(store, job, request, files, functions, settings)

    if not os.environ.get("TELLS_ENDS"):
        return store, ending, lambda _job, _state: None
    return store, ending, partial(tell_end, store, boto3.client("events"), settings)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Carry on each job that the records are about; return the state that each is in."""
    store, ending, tell = world()
    found = {job: carry_on(store, job, ending, datetime.now(UTC)) for job in stream.jobs(event)}
    for job, state in found.items():
        tell(job, state)
    logger.info("carried on", extra={"jobs": found})
    return {job: state.value for job, state in found.items()}
