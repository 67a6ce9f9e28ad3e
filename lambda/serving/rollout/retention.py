"""Which endpoint configurations are no longer needed, and which approvals people should hear of."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from rollout.reconcile import TURNED_DOWN, order
from rollout.state import Approval, Rollout, State

KEPT = 10
"""Configurations that served, today's among them, and as many that were turned down, whose reasons may be asked for."""
EVENTS_LIVE = timedelta(days=2)
"""Longer than EventBridge and Lambda deliver an event, which an approval of its own tells from a new one."""


def old_approvals(state: State, now: datetime) -> list[Approval]:
    """Return the approvals whose configurations can go: old ones that the endpoint neither has nor is getting."""
    used = {state.endpoint.config, state.endpoint.pending_config} if state.endpoint else set()
    found: list[Approval] = []
    for kind in ((Rollout.SERVING, Rollout.SUPERSEDED), TURNED_DOWN):
        newest_first = sorted(
            (approval for approval in state.approvals if approval.rollout in kind), key=order, reverse=True
        )
        found += [
            approval
            for approval in newest_first[KEPT:]
            if approval.config not in used and now - approval.requested_at > EVENTS_LIVE
        ]
    return found


def turned_down(approvals: Iterable[Approval], now: datetime) -> list[Approval]:
    """Return the approvals of late that were refused, failed or rolled back.

    All of them each time: who has to tell people knows by the configuration's name whom it has told, and an answer that
    is lost is followed by the next hour's.
    """
    return [
        approval
        for approval in approvals
        if approval.rollout in TURNED_DOWN and now - approval.requested_at <= EVENTS_LIVE
    ]
