"""More people are asked about an object, while its job goes on: whoever ends the job either sees that, or was first."""

from labels.task import Close, RefusedError, Reopen, Why
from task_store.jobs import Job, State
from task_store.store import Store

INSTEAD = "a new job of the object's line asks about it again."


def reopen(store: Store, job: Job, identity: str, more: int) -> None:
    """Ask `more` people about an object. Raises RefusedError where its job asks nobody any more."""
    if job.state is not State.IN_PROGRESS:
        raise RefusedError(Why.NOT_NOW, f"{job.name} is {job.state}: {INSTEAD}")
    store.change(job, identity, Reopen(more))
    while True:
        found = store.job(job.name)
        if found.state is not State.IN_PROGRESS:
            store.change(job, identity, Close("The job has ended."))
            raise RefusedError(Why.NOT_NOW, f"{job.name} has ended meanwhile: {INSTEAD}")
        if store.update(found):  # who ends the job has seen it as it was before
            return
