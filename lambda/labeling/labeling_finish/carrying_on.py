"""What is next in a job: to ask about more objects, to stop, or to end it. Done twice, it is done once."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime

from labeling_finish.asking import enough, look_between
from labeling_finish.ending import Ending
from labeling_finish.opening import open_next
from labels import request
from labels.task import Close, Fail, Label, RefusedError, Stage
from task_store.jobs import Job, State
from task_store.store import ConflictError, Store

ENOUGH = "Enough objects have been answered, as the StoppingConditions say."
NOTHING = "No object has a label; of the first it is said: {reason}"
MakeEnding = Callable[[Job, request.Request], Ending]


def carry_on(store: Store, name: str, ending: MakeEnding, when: datetime) -> State:
    """Do what is next in a job, and return its state."""
    job = store.job(name)
    stages = store.stages(name)
    if job.state is State.STOPPING:
        asked = [each for stage in (Stage.WAITING, Stage.OPEN) for each in store.at(name, stage)]
        _change(store, job, asked, Close(job.reason))
    elif job.state is not State.IN_PROGRESS:
        return job.state
    elif job.stops_at and stages[Stage.ANSWERED] >= job.stops_at:
        return State.STOPPING if store.update(job, state=State.STOPPING, reason=ENOUGH) else job.state
    else:
        if stages[Stage.OPEN]:
            look_between(store, job, int(when.timestamp()))
        open_next(store, job, int(when.timestamp()))
    counts = store.stages(name)
    if counts[Stage.WAITING] or counts[Stage.OPEN]:
        return job.state
    if job.state is State.IN_PROGRESS and not enough(store, job, int(when.timestamp())):
        return job.state
    return _end(store, job, ending(job, request.read(json.loads(job.request))), when)


def _end(store: Store, job: Job, ending: Ending, when: datetime) -> State:
    """Make labels of all answers, and write them down, unless somebody has taken one back meanwhile."""
    seen = {identity: (thing.stage, int(item["Version"]["N"])) for identity, thing, item in store.objects(job.name)}
    if any(stage in {Stage.WAITING, Stage.OPEN} for stage, _ in seen.values()):
        return job.state
    results = ending.results()
    failed = ending.label(results, when)
    for identity, (stage, version) in seen.items():
        if stage is Stage.ANSWERED:
            action = Fail(failed[identity]) if identity in failed else Label()
            try:
                store.change(job, identity, action, seen=version)
            except (RefusedError, ConflictError):  # whoever took an answer back gives another, and the job ends then
                return job.state
    ending.write()
    labeled = len(seen) - len(failed)
    state, reason = (State.STOPPED, job.reason) if job.state is State.STOPPING else (State.COMPLETED, "")
    if not labeled and state is State.COMPLETED:
        state, reason = State.FAILED, NOTHING.format(reason=next(iter(failed.values()), ""))
    done = store.update(job, state=state, reason=reason, labeled=labeled, failed=len(failed))
    return state if done else job.state


def _change(store: Store, job: Job, objects: Iterable[str], action: Close) -> None:
    """Change objects, but those that somebody else has changed: what these are then is seen the next time."""
    for identity in objects:
        try:
            store.change(job, identity, action)
        except (RefusedError, ConflictError):
            continue
