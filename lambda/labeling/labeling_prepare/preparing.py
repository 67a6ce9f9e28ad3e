"""From the lines of a manifest to objects that people can be asked about, a portion at a time.

A portion that is cut off is done again: what stands in the table already is not written anew.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from labels import adjustment, objects, request
from labels.objects import DataObject
from labels.streaming import identity
from labels.task import Fail, RefusedError
from reach.functions import Functions
from reach.settings import Settings
from reach.tasks import TaskMaker
from task_store.jobs import Job, State
from task_store.store import Store

AT_ONCE: Final = 8
LAST: Final = 9
"""The priority of objects whose label is known: people get them in between, and the rest of them at the end."""


def prepare(store: Store, name: str, functions: Functions, settings: Settings, portion: int) -> None:
    """Prepare the next objects of a job, and let people begin when all are."""
    job = store.job(name)
    if job.state is not State.INITIALIZING:
        return
    if job.reason:
        store.update(job, state=State.STOPPING)
        return
    asked = request.read(json.loads(job.request))
    purpose = adjustment.purpose_of(asked, store.template(job))
    maker = TaskMaker(job, asked, purpose, functions, settings)
    lines = _lines(store, job)[job.prepared : job.prepared + portion]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(lambda line: _prepare(store, job, maker, line), lines):
            pass
    done = job.prepared + len(lines)
    state = {"state": State.IN_PROGRESS} if done == job.objects else {}
    store.update(job, prepared=done, **state)  # where it was stopped meanwhile, the table has told of that


def _lines(store: Store, job: Job) -> Sequence[DataObject]:
    if not job.manifest:
        return ()
    found = [each for each in objects.read(objects.split(store.manifest(job))) if isinstance(each, DataObject)]
    return [_known_again(each) for each in found] if job.stream else found


def _known_again(line: DataObject) -> DataObject:
    """Return an object of a streaming job's manifest by the id that it has when it comes again as a message."""
    known = identity.of_line(line.value)
    return DataObject(identity.digest(known), line.value) if known else line


def _prepare(store: Store, job: Job, maker: TaskMaker, line: DataObject) -> None:
    made = maker.make(line)
    if line.id in job.known:
        store.add(replace(job, wanted=maker.request.workers), line, made.value, priority=LAST)
    else:
        store.add(job, line, made.value)
    if made.reason:
        try:
            store.change(job, line.id, Fail(made.reason))
        except RefusedError:  # it has failed already
            return
