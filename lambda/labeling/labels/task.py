"""What may happen to an object of a labeling job, and to the leases of those who work on it: one function, `step`.

An object waits, is open while answers are wanted, is answered when no more will come, and ends labeled or failed. Of an
open object each wanted answer is in one place: given, under a lease, or left for the next person. A person has one
lease of an object for ever, so nobody answers it twice; who let it expire may take it up again, who declined may not.

All times are whole seconds since 1970.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Stage(StrEnum):
    """Where an object is."""

    WAITING = "waiting"
    OPEN = "open"
    ANSWERED = "answered"
    LABELED = "labeled"
    FAILED = "failed"


class Hold(StrEnum):
    """What became of a lease."""

    HELD = "held"
    SUBMITTED = "submitted"
    DECLINED = "declined"
    EXPIRED = "expired"


class Why(StrEnum):
    """Why an action is refused: what a caller tells apart."""

    PAUSED = "paused"
    TAKEN = "taken"
    """Nobody is asked about the object any more, or not this person."""
    LATE = "late"
    """The lease is lost, and so is its place."""
    DONE = "done"
    """The person, or the consolidation, has finished with it."""
    NOT_YOURS = "not yours"
    NOT_NOW = "not now"


class RefusedError(Exception):
    """An action that the state of a task does not allow; `why`, and one sentence."""

    def __init__(self, why: Why, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


@dataclass(frozen=True)
class Terms:
    """How long things last in a job."""

    limit: int
    """TaskTimeLimitInSeconds: from the claim to the answer."""
    patience: int
    """How long a lease lasts without a sign of life."""
    available: int
    """TaskAvailabilityLifetimeInSeconds: how long an object is open."""


@dataclass(frozen=True)
class Object:
    """An object of a job: how many answers are wanted, and how many places are left, which only an open one has."""

    wanted: int
    stage: Stage = Stage.WAITING
    left: int = 0
    answers: int = 0
    until: int = 0
    round: int = 1
    """How often people were asked: Ground Truth's iteration. A lease holds a place in the round that it is of."""
    reason: str = ""
    """Why it failed."""


@dataclass(frozen=True)
class Lease:
    """What one person has to do with one object."""

    state: Hold
    started: int
    ends: int
    """When the time for the answer is over."""
    until: int
    """When it is lost without a sign of life."""
    seen: int
    round: int
    active: int = 0
    """Seconds that the person worked on it."""
    draft: str = ""
    token: str = ""
    answer: str = ""
    submitted: int = 0
    reason: str = ""
    """Why it was declined."""


@dataclass(frozen=True)
class Task:
    """An object as one person meets it; `barred` says why the person may begin nothing now."""

    object: Object
    lease: Lease | None = None
    barred: str = ""


@dataclass(frozen=True)
class Open:
    """Ask people about an object that waited."""


@dataclass(frozen=True)
class Claim:
    """Take a place."""


@dataclass(frozen=True)
class Heartbeat:
    """Say that the person still works, and how many seconds since the last time."""

    seconds: int = 0


@dataclass(frozen=True)
class Draft:
    """Keep what the person has so far."""

    content: str
    seconds: int = 0


@dataclass(frozen=True)
class Answer:
    """Submit; the same `token` again is the same answer again."""

    token: str
    content: str
    seconds: int = 0
    draft: str = ""
    """What the page needs to show it again: an answer does not say where it was entered."""


@dataclass(frozen=True)
class Undo:
    """Take a submitted answer back, while nobody has read it, to change it."""


@dataclass(frozen=True)
class Decline:
    """Give the place back, for a reason."""

    reason: str


@dataclass(frozen=True)
class Expire:
    """Take the place from somebody of whom nothing was heard; `at_once` from somebody who works on it, too."""

    at_once: bool = False


@dataclass(frozen=True)
class Close:
    """Ask nobody any more: the job is stopped, or its time is over. The object has what answers it has."""

    reason: str


@dataclass(frozen=True)
class Withdraw:
    """Ask nobody new: who has begun may finish, and then the object has what answers it has."""

    reason: str


@dataclass(frozen=True)
class Label:
    """Write down that the answers became a label."""


@dataclass(frozen=True)
class Fail:
    """Write down that the object has no label, and why."""

    reason: str


@dataclass(frozen=True)
class Reopen:
    """Ask for `more` answers."""

    more: int


@dataclass(frozen=True)
class Pause:
    """Give the person nothing new, for a reason that they are told."""

    reason: str


@dataclass(frozen=True)
class Resume:
    """End a pause."""


Asked = Open | Close | Withdraw | Label | Fail | Reopen
Action = Claim | Heartbeat | Draft | Answer | Undo | Decline | Expire | Pause | Resume | Asked


def step(task: Task, action: Action, terms: Terms, now: int) -> Task:  # noqa: C901, PLR0911, PLR0912 - a table
    """Return the task after an action; the same one where it was done before. Raises RefusedError."""
    match action:
        case Open():
            return _open(task, terms, now)
        case Claim():
            return _claim(task, terms, now)
        case Heartbeat(seconds):
            return replace(task, lease=_alive(_holding(task), seconds, terms, now))
        case Draft(content, seconds):
            return replace(task, lease=replace(_alive(_holding(task), seconds, terms, now), draft=content))
        case Answer():
            return _submit(task, action, now)
        case Undo():
            return _undo(task, terms, now)
        case Decline(reason):
            return _decline(task, reason)
        case Expire(at_once):
            return _expire(task, now, at_once=at_once)
        case Close(reason):
            return replace(task, object=_close(task.object, reason))
        case Withdraw(reason):
            return replace(task, object=_withdraw(task.object, reason, now))
        case Label():
            return replace(task, object=replace(_with_answers(task.object), stage=Stage.LABELED))
        case Fail(reason):
            return replace(task, object=replace(_without_label(task.object), stage=Stage.FAILED, left=0, reason=reason))
        case Reopen(more):
            return replace(task, object=_reopen(task.object, more, terms, now))
        case Pause(reason):
            return replace(task, barred=reason)
        case Resume():
            return replace(task, barred="")


def holds(task: Task) -> bool:
    """Return whether the person has a place of the object now."""
    lease, thing = task.lease, task.object
    return lease is not None and lease.state is Hold.HELD and lease.round == thing.round and thing.stage is Stage.OPEN


def _open(task: Task, terms: Terms, now: int) -> Task:
    thing = task.object
    if thing.stage is not Stage.WAITING:
        raise RefusedError(Why.NOT_NOW, f"The object is {thing.stage}, and not waiting.")
    return replace(
        task, object=replace(thing, stage=Stage.OPEN, left=thing.wanted - thing.answers, until=now + terms.available)
    )


def _claim(task: Task, terms: Terms, now: int) -> Task:
    if holds(task):
        return task
    thing, lease = task.object, task.lease
    if task.barred:
        raise RefusedError(Why.PAUSED, task.barred)
    if lease is not None and lease.state in {Hold.SUBMITTED, Hold.DECLINED}:
        raise RefusedError(Why.DONE, f"You have {lease.state} this object, and are not asked again.")
    if thing.left == 0 or now >= thing.until:
        raise RefusedError(Why.TAKEN, "Nobody more is asked about this object: take the next.")
    ends = now + terms.limit
    taken = Lease(Hold.HELD, now, ends, min(now + terms.patience, ends), now, thing.round)
    if lease is not None:
        taken = replace(taken, active=lease.active, draft=lease.draft)
    return replace(task, object=replace(thing, left=thing.left - 1), lease=taken)


def _holding(task: Task) -> Lease:
    lease = _own(task)
    if not holds(task):
        raise RefusedError(Why.LATE, "Your time for this object is over: take it up again, or take the next.")
    return lease


def _own(task: Task) -> Lease:
    if task.lease is None:
        raise RefusedError(Why.NOT_YOURS, "There is no such task.")
    return task.lease


def _alive(lease: Lease, seconds: int, terms: Terms, now: int) -> Lease:
    return replace(_count_work(lease, seconds, now), until=min(now + terms.patience, lease.ends))


def _count_work(lease: Lease, seconds: int, now: int) -> Lease:
    """Count the seconds of work, no more of them than went by."""
    return replace(lease, seen=now, active=lease.active + max(0, min(seconds, now - lease.seen)))


def _submit(task: Task, answer: Answer, now: int) -> Task:
    thing, lease = task.object, _own(task)
    if lease.state is Hold.SUBMITTED:
        if lease.token == answer.token:
            return task
        raise RefusedError(Why.DONE, "You have answered this object: take your answer back to change it.")
    if lease.state is Hold.DECLINED:
        raise RefusedError(Why.DONE, "You have declined this object, and are not asked again.")
    if not holds(task):
        if thing.left == 0:
            raise RefusedError(Why.LATE, "Your time was over, and others have answered: your answer is kept, not used.")
        thing = replace(thing, left=thing.left - 1)
    answers = thing.answers + 1
    stage = Stage.ANSWERED if answers == thing.wanted else Stage.OPEN
    given = replace(
        _count_work(lease, answer.seconds, now),
        state=Hold.SUBMITTED,
        token=answer.token,
        answer=answer.content,
        submitted=now,
        draft=answer.draft,
    )
    return replace(task, object=replace(thing, answers=answers, stage=stage), lease=given)


def _undo(task: Task, terms: Terms, now: int) -> Task:
    thing, lease = task.object, _own(task)
    if lease.state is not Hold.SUBMITTED:
        raise RefusedError(Why.NOT_NOW, "There is no answer of yours to take back.")
    complete = thing.stage is Stage.ANSWERED and thing.answers == thing.wanted
    if (thing.stage is not Stage.OPEN and not complete) or now >= thing.until:
        raise RefusedError(Why.DONE, "Your answer has been used, and cannot be taken back.")
    ends = now + terms.limit
    again = replace(
        lease,
        state=Hold.HELD,
        ends=ends,
        until=min(now + terms.patience, ends),
        seen=now,
        round=thing.round,
        token="",
        answer="",
        submitted=0,
    )
    return replace(task, object=replace(thing, answers=thing.answers - 1, stage=Stage.OPEN), lease=again)


def _decline(task: Task, reason: str) -> Task:
    lease = _own(task)
    if lease.state is Hold.SUBMITTED:
        raise RefusedError(Why.DONE, "You have answered this object: take your answer back first.")
    return _release(task, replace(lease, state=Hold.DECLINED, reason=reason))


def _expire(task: Task, now: int, *, at_once: bool) -> Task:
    lease = _own(task)
    if lease.state is not Hold.HELD or (now < lease.until and not at_once):
        raise RefusedError(Why.NOT_NOW, "The lease is not over.")
    return _release(task, replace(lease, state=Hold.EXPIRED))


def _release(task: Task, lease: Lease) -> Task:
    """Leave the place to others, if it is one."""
    thing = task.object
    return replace(task, object=replace(thing, left=thing.left + 1) if holds(task) else thing, lease=lease)


def _close(thing: Object, reason: str) -> Object:
    if thing.stage not in {Stage.WAITING, Stage.OPEN}:
        return thing
    if thing.answers:
        return replace(thing, stage=Stage.ANSWERED, left=0)
    return replace(thing, stage=Stage.FAILED, left=0, reason=reason)


def _withdraw(thing: Object, reason: str, now: int) -> Object:
    """Take the places away that nobody holds; one that is let go is free, but nobody can take it any more."""
    if thing.stage is not Stage.OPEN or thing.wanted == thing.answers + thing.left:
        return _close(thing, reason)
    return replace(thing, wanted=thing.wanted - thing.left, left=0, until=min(thing.until, now))


def _with_answers(thing: Object) -> Object:
    if thing.stage is not Stage.ANSWERED:
        raise RefusedError(Why.NOT_NOW, f"The object is {thing.stage}, and not answered.")
    return thing


def _without_label(thing: Object) -> Object:
    if thing.stage not in {Stage.WAITING, Stage.ANSWERED}:
        raise RefusedError(Why.NOT_NOW, f"The object is {thing.stage}: it fails before it is open, or when answered.")
    return thing


def _reopen(thing: Object, more: int, terms: Terms, now: int) -> Object:
    if thing.stage in {Stage.WAITING, Stage.OPEN}:
        raise RefusedError(Why.NOT_NOW, f"The object is {thing.stage}: people are asked about it as it is.")
    if more < 1:
        raise RefusedError(Why.NOT_NOW, "Ask for one more answer at least.")
    return replace(
        thing,
        wanted=thing.answers + more,
        left=more,
        stage=Stage.OPEN,
        until=now + terms.available,
        round=thing.round + 1,
        reason="",
    )
