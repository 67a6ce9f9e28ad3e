"""What answers tell of a job that runs: about which objects another person is asked, and who is to be paused.

That is learned from all answers together, so it is looked at from time to time and at the end, not at each answer.
"""

import json
from typing import Final

from labeling_finish.opening import room, take
from labels import output, redundancy, request, steering
from labels.answers import Single
from labels.consolidation.classes import Vote
from labels.guessing import Pace, guessers
from labels.job import answers_of
from labels.steering import Steering
from labels.task import RefusedError, Reopen, Stage
from task_store.jobs import Job
from task_store.lookout import Lookout, Sight
from task_store.results import SUBS, result_of
from task_store.store import ConflictError, Store

SELDOM: Final = 30
"""Seconds between two looks at all answers while people have something to do,"""
SHARE: Final = 100
"""and of so many objects one must have been answered since."""


def steering_of(job: Job) -> Steering:
    """Return how the people of a job are asked."""
    return steering.steering(request.read(json.loads(job.request))) if "mdlc:" in job.request else Steering()


def look_between(store: Store, job: Job, now: int) -> None:
    """Look at the answers of a job in which people have something to do, if it is time."""
    way = steering_of(job)
    if not way.looks:
        return
    turn, answered = store.turns.last(job.name), store.stages(job.name)[Stage.ANSWERED]
    fresh = answered - turn.answered >= max(1, job.objects // SHARE)
    if fresh and now - turn.looked >= SELDOM and store.turns.take(job.name, turn, looked=now, answered=answered):
        _look(store, job, way, now)


def enough(store: Store, job: Job, now: int) -> bool:
    """Look at the answers of a job in which nobody has anything to do; false where more people are asked now."""
    way = steering_of(job)
    return not way.looks or not _look(store, job, way, now)


def _look(store: Store, job: Job, way: Steering, now: int) -> list[str]:
    """Pause who guesses, and ask more people about what is not sure; return about which objects."""
    sight = Lookout(store).look(job.name)
    known = {identity: steering.class_of(each.line, way.known) for identity, each in sight.objects.items()}
    known = {identity: name for identity, name in known.items() if identity in job.known}
    votes, paces = _answers(job, sight)
    if way.pauses:
        for worker, reason in guessers(votes, job.categories, known, paces).items():
            store.pause(worker, job.name, reason)
    if way.rule is None:
        return []
    answered = [
        identity
        for identity, each in sight.objects.items()
        if each.thing.stage is Stage.ANSWERED and each.thing.answers == each.thing.wanted and not each.thing.reason
    ]
    asked = redundancy.objects_to_ask(votes, job.categories, answered, way.rule, known)
    return _reopen(store, job, list(asked), now)


def _answers(job: Job, sight: Sight) -> tuple[list[Vote], list[Pace]]:
    """Return the classes that people gave, without answers that cannot be right, and how long each took."""
    names = list(sight.objects)
    results = [
        result_of(SUBS, identity, each.thing, each.line, each.leases) for identity, each in sight.objects.items()
    ]
    given = answers_of(output.tree(job.name, results), job.categories)
    single = [
        (names[number], each) for number, answers in given.items() for each in answers if isinstance(each, Single)
    ]
    votes = [Vote(identity, each.worker, each.label) for identity, each in single]
    return votes, [Pace(each.worker, each.seconds) for _, each in single if each.seconds is not None]


def _reopen(store: Store, job: Job, objects: list[str], now: int) -> list[str]:
    """Ask one more person about each, as far as there is room."""
    turn = store.turns.last(job.name)
    free, taken = room(store, job, turn, now)
    chosen = [each for each in objects if each not in taken][:free]
    if chosen and job.objects > job.concurrent and not take(store, job, turn, chosen, now):
        return chosen  # somebody else asks at this moment: it is looked at again
    for identity in chosen:
        try:
            store.change(job, identity, Reopen(1))
        except (RefusedError, ConflictError):
            continue
    return chosen
