"""The decision: what to do so that the endpoint serves the package that was approved last.

A pure function, so that it can be asked again after every event, in any order and any number of times.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from rollout.state import Approval, Endpoint, Rollout, State, Status

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
    """One step, the approval it is for (create, update and delete have one), and why in a sentence."""

    step: Step
    reason: str
    approval: Approval | None = None


@dataclass(frozen=True)
class Decision:
    """The approvals that changed, to be written first, then the action."""

    approvals: tuple[Approval, ...]
    action: Action


def reconcile(state: State) -> Decision:
    """Decide on the next step.

    - What the endpoint shows outweighs what an approval says.
    - A package that is not approved now is never deployed.
    - What was rolled back, or failed, is not tried again until it is approved anew.
    - An approval of what serves already, with the same settings, changes nothing.
    - Of the others, the one approved last is wanted; of two approved at the same time, the higher version.
    """
    observed = _observe_all(state)
    wanted = max(
        (approval for approval in observed if _eligible(approval, observed, state.approved)), key=order, default=None
    )
    action = _act(wanted, state.endpoint, observed)
    settled = [_settle(approval, wanted, action, state.approved) for approval in observed]
    changed = tuple(new for old, new in zip(state.approvals, settled, strict=True) if new != old)
    return Decision(changed, action)


def order(approval: Approval) -> tuple[datetime, int, str]:
    """Sort approvals by approval: of two at the same time, the higher version is the later one."""
    return approval.requested_at, approval.version, approval.config


def _eligible(approval: Approval, approvals: list[Approval], approved: frozenset[str]) -> bool:
    if approval.package not in approved or approval.rollout in TURNED_DOWN:
        return False
    if approval.rollout is Rollout.SERVING:
        return True
    return not any(
        other.rollout in TURNED_DOWN and other.equals(approval) and order(other) > order(approval)
        for other in approvals
    )


def _observe_all(state: State) -> list[Approval]:
    """Correct the approvals by the endpoint's state; what serves for one approval serves for its equals."""
    approvals = [_observe(approval, state.endpoint) for approval in state.approvals]
    serving = [
        approval for approval in approvals if approval.rollout is Rollout.SERVING and _runs(approval, state.endpoint)
    ]
    return [
        replace(approval, rollout=Rollout.SERVING, reason="")
        if approval.rollout not in TURNED_DOWN and any(approval.equals(other) for other in serving)
        else approval
        for approval in approvals
    ]


def _runs(approval: Approval, endpoint: Endpoint | None) -> bool:
    return endpoint is not None and endpoint.status is Status.IN_SERVICE and endpoint.config == approval.config


def _observe(approval: Approval, endpoint: Endpoint | None) -> Approval:
    """Correct an approval by what the endpoint shows."""
    if endpoint is None:
        gone = approval.rollout is Rollout.DEPLOYING
        return (
            replace(approval, rollout=Rollout.FAILED, reason="the endpoint was deleted during the roll-out")
            if gone
            else approval
        )
    if endpoint.status is Status.DELETING:
        return approval
    if endpoint.status.busy:
        return (
            replace(approval, rollout=Rollout.DEPLOYING, reason="")
            if approval.config == endpoint.pending_config
            else approval
        )
    if endpoint.status is Status.IN_SERVICE:
        return _observe_in_service(approval, endpoint)
    if approval.rollout is Rollout.DEPLOYING:
        why = endpoint.failure_reason or f"the endpoint is {endpoint.status.value}"
        return replace(approval, rollout=Rollout.FAILED, reason=why)
    return approval


def _observe_in_service(approval: Approval, endpoint: Endpoint) -> Approval:
    if approval.config == endpoint.config:
        return replace(approval, rollout=Rollout.SERVING, reason="")
    if approval.rollout is Rollout.SERVING:
        return replace(approval, rollout=Rollout.SUPERSEDED, reason=f"by {endpoint.config}")
    if approval.rollout is Rollout.DEPLOYING:
        why = endpoint.failure_reason or "an alarm fired during the roll-out or the new instances did not get healthy"
        return replace(approval, rollout=Rollout.ROLLED_BACK, reason=f"went back to {endpoint.config}: {why}")
    return approval


def _act(wanted: Approval | None, endpoint: Endpoint | None, approvals: list[Approval]) -> Action:
    if endpoint is not None and endpoint.status.busy:
        return Action(Step.WAIT, f"the endpoint is {endpoint.status.value}")
    if wanted is None:
        return Action(Step.NOTHING, "no approved package is left to deploy")
    if endpoint is None:
        return _make(wanted, approvals)
    if endpoint.status is Status.FAILED:
        return Action(Step.DELETE, "a failed endpoint can only be deleted", wanted)
    if any(_runs(approval, endpoint) and approval.equals(wanted) for approval in approvals):
        return Action(Step.NOTHING, "the endpoint serves the package that was approved last")
    return Action(Step.UPDATE, f"instead of {endpoint.config}", wanted)


def _make(wanted: Approval, approvals: list[Approval]) -> Action:
    """Create the endpoint, unless somebody deleted it on purpose: that stands until the next approval."""
    was_there = any(approval.rollout is Rollout.SERVING for approval in approvals)
    if was_there and wanted.rollout is not Rollout.PENDING:
        return Action(Step.NOTHING, "the endpoint was deleted from outside; the next approval makes it again")
    return Action(Step.CREATE, "there is no endpoint yet", wanted)


def _settle(approval: Approval, wanted: Approval | None, action: Action, approved: frozenset[str]) -> Approval:
    """Set the final state of approvals that will not be deployed, once nothing is left to be done.

    Not before: a reconciliation at the same time may be deploying it, and what it writes must not be overwritten.
    """
    if approval == wanted and action.step is Step.DELETE:
        # After the deletion the endpoint is made again, for an approval that was serving too.
        return replace(approval, rollout=Rollout.PENDING, reason="")
    if approval == wanted or approval.rollout is not Rollout.PENDING or action.step is not Step.NOTHING:
        return approval
    reason = (
        f"by {wanted.config}" if wanted is not None and approval.package in approved else "the package is not approved"
    )
    return replace(approval, rollout=Rollout.SUPERSEDED, reason=reason)
