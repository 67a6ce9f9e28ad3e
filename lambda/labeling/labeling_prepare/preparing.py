"""From the lines of a manifest to objects that people can be asked about, a portion at a time.

A portion that is cut off is done again: what stands in the table already is not written anew.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from labels import contract, objects, request
from labels.contract import ContractError, TaskInput
from labels.objects import DataObject
from labels.request import Request
from labels.task import Fail, RefusedError
from reach.functions import Functions
from reach.settings import Settings
from task_store.jobs import Job, State
from task_store.store import Store

AT_ONCE: Final = 8
LAST: Final = 9
"""The priority of objects whose label is known: people get them in between, and the rest of them at the end."""
NOT_NEEDED: Final = "The function before the task says that nobody is to be asked about it."


def prepare(store: Store, name: str, functions: Functions, settings: Settings, portion: int) -> None:
    """Prepare the next objects of a job, and let people begin when all are."""
    job = store.job(name)
    if job.state is not State.INITIALIZING:
        return
    if job.reason:
        store.update(job, state=State.STOPPING)
        return
    asked = request.read(json.loads(job.request))
    lines = _lines(store, job)[job.prepared : job.prepared + portion]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(lambda line: _prepare(store, job, asked, line, functions, settings), lines):
            pass
    done = job.prepared + len(lines)
    state = {"state": State.IN_PROGRESS} if done == job.objects else {}
    store.update(job, prepared=done, **state)  # where it was stopped meanwhile, the table has told of that


def _lines(store: Store, job: Job) -> Sequence[DataObject]:
    return [each for each in objects.read(objects.split(store.manifest(job))) if isinstance(each, DataObject)]


def _prepare(  # noqa: PLR0913, PLR0917 - what an object is made of
    store: Store, job: Job, asked: Request, line: DataObject, functions: Functions, settings: Settings
) -> None:
    reason = ""
    try:
        made = _task_input(job, asked, line, functions, settings)
        reason = "" if made.needed else NOT_NEEDED
    except ContractError as error:
        made, reason = TaskInput({}), str(error)
    if line.id in job.known:
        store.add(replace(job, wanted=asked.workers), line, made.value, priority=LAST)
    else:
        store.add(job, line, made.value)
    if reason:
        try:
            store.change(job, line.id, Fail(reason))
        except RefusedError:  # it has failed already
            return


def _task_input(job: Job, asked: Request, line: DataObject, functions: Functions, settings: Settings) -> TaskInput:
    if not asked.before:
        return contract.built_in_input(line.source, job.categories)
    event = contract.before(settings.arn(job.name), line.value)
    return contract.task_input(functions.call(asked.before, "PreHumanTaskLambdaArn", event))
