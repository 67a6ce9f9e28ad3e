"""The decision: what to do so that the endpoint serves the package that was approved last.

A pure function, so that it can be asked again after every event, in any order and any number of times.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from rollout.state import Endpoint, Mark, Rollout, State, Status

TURNED_DOWN = (Rollout.ROLLED_BACK, Rollout.FAILED)


class Step(StrEnum):
    """What SageMaker is asked to do next."""

    NOTHING = "nothing"
    WAIT = "wait"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True)
class Action:
    """One step, the mark it is for (create, update and delete have one), and why in a sentence."""

    step: Step
    reason: str
    mark: Mark | None = None


@dataclass(frozen=True)
class Decision:
    """The marks that changed, to be written first, then the action."""

    marks: tuple[Mark, ...]
    action: Action


def reconcile(state: State) -> Decision:
    """Decide on the next step.

    - What the endpoint shows outweighs what a mark says.
    - A package that is not approved now is never deployed.
    - What was rolled back, or failed, is not tried again until it is approved anew.
    - An approval of what serves already, with the same settings, changes nothing.
    - Of the others, the one approved last is wanted; of two approved at the same time, the higher version.
    """
    observed = _observe_all(state)
    wanted = max((mark for mark in observed if _eligible(mark, observed, state.approved)), key=order, default=None)
    action = _act(wanted, state.endpoint, observed)
    settled = [_settle(mark, wanted, action, state.approved) for mark in observed]
    changed = tuple(new for old, new in zip(state.marks, settled, strict=True) if new != old)
    return Decision(changed, action)


def order(mark: Mark) -> tuple[datetime, int, str]:
    """Sort marks by approval: of two at the same time, the higher version is the later one."""
    return mark.requested_at, mark.version, mark.config


def _eligible(mark: Mark, marks: list[Mark], approved: frozenset[str]) -> bool:
    if mark.package not in approved or mark.rollout in TURNED_DOWN:
        return False
    if mark.rollout is Rollout.SERVING:
        return True
    return not any(
        other.rollout in TURNED_DOWN and other.equals(mark) and order(other) > order(mark) for other in marks
    )


def _observe_all(state: State) -> list[Mark]:
    """Correct the marks by what the endpoint shows; what serves for one approval serves for its equals."""
    marks = [_observe(mark, state.endpoint) for mark in state.marks]
    serving = [mark for mark in marks if mark.rollout is Rollout.SERVING and _runs(mark, state.endpoint)]
    return [
        replace(mark, rollout=Rollout.SERVING, reason="")
        if mark.rollout not in TURNED_DOWN and any(mark.equals(other) for other in serving)
        else mark
        for mark in marks
    ]


def _runs(mark: Mark, endpoint: Endpoint | None) -> bool:
    return endpoint is not None and endpoint.status is Status.IN_SERVICE and endpoint.config == mark.config


def _observe(mark: Mark, endpoint: Endpoint | None) -> Mark:
    """Correct a mark by what the endpoint shows."""
    if endpoint is None:
        gone = mark.rollout is Rollout.DEPLOYING
        return (
            replace(mark, rollout=Rollout.FAILED, reason="the endpoint was deleted during the roll-out")
            if gone
            else mark
        )
    if endpoint.status is Status.DELETING:
        return mark
    if endpoint.status.busy:
        return replace(mark, rollout=Rollout.DEPLOYING, reason="") if mark.config == endpoint.pending_config else mark
    if endpoint.status is Status.IN_SERVICE:
        return _observe_in_service(mark, endpoint)
    if mark.rollout is Rollout.DEPLOYING:
        why = endpoint.failure_reason or f"the endpoint is {endpoint.status.value}"
        return replace(mark, rollout=Rollout.FAILED, reason=why)
    return mark


def _observe_in_service(mark: Mark, endpoint: Endpoint) -> Mark:
    if mark.config == endpoint.config:
        return replace(mark, rollout=Rollout.SERVING, reason="")
    if mark.rollout is Rollout.SERVING:
        return replace(mark, rollout=Rollout.SUPERSEDED, reason=f"by {endpoint.config}")
    if mark.rollout is Rollout.DEPLOYING:
        why = endpoint.failure_reason or "an alarm fired during the roll-out or the new instances did not get healthy"
        return replace(mark, rollout=Rollout.ROLLED_BACK, reason=f"went back to {endpoint.config}: {why}")
    return mark


def _act(wanted: Mark | None, endpoint: Endpoint | None, marks: list[Mark]) -> Action:
    if endpoint is not None and endpoint.status.busy:
        return Action(Step.WAIT, f"the endpoint is {endpoint.status.value}")
    if wanted is None:
        return Action(Step.NOTHING, "no approved package is left to deploy")
    if endpoint is None:
        return _make(wanted, marks)
    if endpoint.status is Status.FAILED:
        return Action(Step.DELETE, "a failed endpoint can only be deleted", wanted)
    if any(_runs(mark, endpoint) and mark.equals(wanted) for mark in marks):
        return Action(Step.NOTHING, "the endpoint serves the package that was approved last")
    return Action(Step.UPDATE, f"instead of {endpoint.config}", wanted)


def _make(wanted: Mark, marks: list[Mark]) -> Action:
    """Create the endpoint, unless somebody deleted it on purpose: that stands until the next approval."""
    was_there = any(mark.rollout is Rollout.SERVING for mark in marks)
    if was_there and wanted.rollout is not Rollout.PENDING:
        return Action(Step.NOTHING, "the endpoint was deleted from outside; the next approval makes it again")
    return Action(Step.CREATE, "there is no endpoint yet", wanted)


def _settle(mark: Mark, wanted: Mark | None, action: Action, approved: frozenset[str]) -> Mark:
    """Give a pending mark the name of its fate, once nothing is left to be done.

    Not before: a reconciliation at the same time may be deploying it, and what it writes must not be overwritten.
    """
    if mark == wanted and action.step is Step.DELETE:
        # After the deletion the endpoint is made again, for a mark that was serving too.
        return replace(mark, rollout=Rollout.PENDING, reason="")
    if mark == wanted or mark.rollout is not Rollout.PENDING or action.step is not Step.NOTHING:
        return mark
    reason = f"by {wanted.config}" if wanted is not None and mark.package in approved else "the package is not approved"
    return replace(mark, rollout=Rollout.SUPERSEDED, reason=reason)
