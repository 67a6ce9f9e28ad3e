"""Which objects people are asked about next: as many at once as the request says, and never more.

An index tells which objects are open, and may not know of what changed within the last second. So what is opened is
written down first, by one function at a time, and counts as open until it is known what became of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from labels.task import Object, Open, RefusedError, Stage
from task_store.jobs import Job
from task_store.store import TRIES, ConflictError, Store
from task_store.turns import Turn

LAG: Final = 60
"""After how many seconds an index knows of everything."""
MOST_AT_ONCE: Final = 400
"""How many objects are opened before it is counted again; an item holds their names."""


def open_next(store: Store, job: Job, now: int) -> None:
    """Ask about the next objects; known ones first, since everybody begins with these."""
    limited = job.objects > job.concurrent
    for _ in range(TRIES if limited else 1):
        turn = store.turns.last(job.name)
        free, taken = room(store, job, turn, now)
        most = min(free, MOST_AT_ONCE) if limited else free
        chosen = list(islice((each for each in _waiting(store, job) if each not in taken), most))
        if not chosen:
            return
        if limited and not take(store, job, turn, chosen, now):
            continue
        for identity in chosen:
            try:
                store.change(job, identity, Open())
            except (RefusedError, ConflictError):  # somebody else has opened it
                continue
        if len(chosen) < MOST_AT_ONCE:
            return


def room(store: Store, job: Job, turn: Turn, now: int) -> tuple[int, set[str]]:
    """Return how many more objects may be open, and which were opened too lately for an index to say so."""
    there = set(store.at(job.name, Stage.OPEN))
    late = [each for each, when in turn.opened.items() if now - when < LAG and each not in there]
    found: Mapping[str, Object] = store.now(job, late)
    taken = {each for each in late if each in found and found[each].stage in {Stage.WAITING, Stage.OPEN}}
    return max(0, job.concurrent - len(there | taken)), taken


def take(store: Store, job: Job, turn: Turn, chosen: Sequence[str], now: int) -> bool:
    """Write down that these are opened now; false where somebody else opens some at the same time."""
    late = {each: when for each, when in turn.opened.items() if now - when < LAG}
    return store.turns.take(job.name, turn, opened={**late, **dict.fromkeys(chosen, now)})


def _waiting(store: Store, job: Job) -> Iterator[str]:
    """Yield the objects that wait: those of known label, then the others in their order."""
    known = store.now(job, job.known)
    yield from (identity for identity, thing in known.items() if thing.stage is Stage.WAITING)
    yield from (identity for identity in store.at(job.name, Stage.WAITING) if identity not in known)
