"""The table tells that objects are answered or failed, or that a job goes on: what is next in their jobs is done."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from labeling_finish.carrying_on import MakeEnding, carry_on
from labeling_finish.ending import Ending
from labeling_finish.flowing import StreamLabels, flow_on
from labeling_finish.telling import tell_end
from labels.request import Request
from reach import stream
from reach.files import Files
from reach.functions import Functions
from reach.settings import Settings
from reach.topics import Topics
from task_store.jobs import Job, State
from task_store.opened import open_store
from task_store.stream_store import StreamStore

logger = Logger(service="labeling-finish")


@dataclass(frozen=True)
class World:
    """What jobs are carried on with: `ending` makes labels, `flowing` has a streaming job go on."""

    store: StreamStore
    ending: MakeEnding
    flowing: Callable[[Job], State]
    tell: Callable[[str, State], None]


@cache
def world() -> World:
    """Return what jobs are carried on with: the store, and the files, functions and topics of this environment."""
    settings, store = Settings.of_environment(os.environ), open_store(os.environ)
    files = Files(boto3.client("s3"), settings.bucket, settings.inputs)
    functions = Functions(boto3.client("lambda"), settings.functions)
    topics = Topics(boto3.client("sns"))

    def ending(job: Job, request: Request) -> Ending:
        return Ending(store, job, request, files, functions, settings)

    def flowing(job: Job) -> State:
        def labels(job: Job, request: Request) -> StreamLabels:
            return StreamLabels(store, job, request, files, functions, settings)

        idle = timedelta(days=settings.streams.idle_days)
        return flow_on(store, job, labels, topics, idle, datetime.now(UTC))

    events = boto3.client("events") if os.environ.get("TELLS_ENDS") else None

    def tell(job: str, state: State) -> None:
        if events:
            tell_end(store, events, settings, job, state)

    return World(store, ending, flowing, tell)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Carry on each job that the records are about; return the state that each is in."""
    at_hand = world()
    found: dict[str, State] = {}
    for name in stream.jobs(event):
        job = at_hand.store.job(name)
        if job.stream:
            found[name] = at_hand.flowing(job)
        else:
            found[name] = carry_on(at_hand.store, name, at_hand.ending, datetime.now(UTC))
        at_hand.tell(name, found[name])
    logger.info("carried on", extra={"jobs": found})
    return {job: state.value for job, state in found.items()}
