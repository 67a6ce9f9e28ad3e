"""What is next for a human loop: to ask people, to ask nobody any more, or to end it. Done twice, it is done once."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from labels.objects import DataObject
from labels.review import flow, loop, output
from labels.review.loop import Course, LoopStatus, Start
from labels.task import Action, Close, Hold, Label, Object, Open, RefusedError, Stage, Withdraw
from labels.worker_response import Response
from reach.files import Files
from task_store.jobs import Job
from task_store.results import Pool, result
from task_store.reviews import LoopRecord, ReviewStore, Step
from task_store.store import ConflictError

STOPPED: Final = "The human loop was stopped."
UNRENDERED: Final = "unrendered"
"""Why a task is given back whose template the page could not render."""
FAILURE: Final = "The worker template cannot be rendered with this input: try both with mdlc templates preview."


def carry_on(store: ReviewStore, name: str, files: Files, pool: Pool, now: datetime) -> LoopRecord:
    """Do what is next for a loop, and return it as it is then."""
    record = store.loop(name)
    if record.step is Step.ENDED:
        return record
    job, start = store.job(record.job), store.begun(record)
    if record.step is Step.STARTING:
        _ask(store, job, record, start)
        if not store.change_loop(record, step=Step.ASKED):
            return record  # who was faster has had the table tell of it
        record = store.loop(name)
    thing = store.read(job, name, "").task.object
    if thing.stage in {Stage.WAITING, Stage.OPEN}:
        failure = "" if thing.answers else _failure(store, record)
        if failure:
            thing = _change(store, job, name, Close(failure), thing)
            record = _with_failure(store, record, failure)
        elif record.stopped:
            thing = _change(store, job, name, Withdraw(STOPPED), thing)
    if thing.stage in {Stage.WAITING, Stage.OPEN}:
        return record
    return _end(store, job, record, start, files, pool, now)


def _ask(store: ReviewStore, job: Job, record: LoopRecord, start: Start) -> None:
    """Have people find the loop, but those who labeled what it shows, where the flow definition says so."""
    asked = flow.read(json.loads(job.request))
    source = next(iter(output.source_of(start.content).values()), "")
    if asked.others_only and source:
        labelers = store.labelers(source)
        for worker in labelers:
            store.keep_from(record, worker, asked.bar(worker, labelers))
    store.add(job, DataObject(record.name, {"humanLoop": record.name}), start.content)
    try:
        store.change(job, record.name, Open())
    except RefusedError:  # it is open already
        return


def _failure(store: ReviewStore, record: LoopRecord) -> str:
    given_back = (lease for _, lease in store.leases(record.job, record.name) if lease.state is Hold.DECLINED)
    return FAILURE if record.failure or any(lease.reason == UNRENDERED for lease in given_back) else ""


def _with_failure(store: ReviewStore, record: LoopRecord, failure: str) -> LoopRecord:
    store.change_loop(record, failure=failure)
    return store.loop(record.name)


def _change(store: ReviewStore, job: Job, name: str, action: Action, thing: Object) -> Object:
    try:
        return store.change(job, name, action)
    except (RefusedError, ConflictError):  # people were faster: what it is then is told
        return thing


def _end(  # noqa: PLR0913, PLR0917 - what a loop is ended with
    store: ReviewStore, job: Job, record: LoopRecord, start: Start, files: Files, pool: Pool, now: datetime
) -> LoopRecord:
    """Write down what people answered, unless somebody has taken an answer back meanwhile, and that it has ended."""
    place = store.read(job, record.name, "")
    if place.task.object.stage not in {Stage.LABELED, Stage.FAILED}:
        try:
            store.change(job, record.name, Label(), seen=int(place.item["Version"]["N"]))
        except (RefusedError, ConflictError):
            return record
    given = _responses(store, job, record, pool)
    course = Course(answers=len(given), stopped=record.stopped, failure=record.failure)
    ended = record.loop(start)
    status = loop.status(ended, course, now)
    if not status.ended:  # its time is over by the clock of who closed it
        status = LoopStatus.STOPPED
    uri = f"{flow.read(json.loads(job.request)).output}/{loop.key(ended)}" if given else ""
    if uri:
        files.write(uri, output.write(start, given))
    store.change_loop(record, step=Step.ENDED, status=status.value, output=uri)
    return store.loop(record.name)


def _responses(store: ReviewStore, job: Job, record: LoopRecord, pool: Pool) -> Sequence[Response]:
    thing = store.read(job, record.name, "").task.object
    found = result(store, job.name, pool, record.name, thing, {})
    return [each for given in found.responses.values() for each in given]


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)
