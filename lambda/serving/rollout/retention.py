"""Which endpoint configurations have had their day."""

from datetime import datetime, timedelta

from rollout.reconcile import TURNED_DOWN, order
from rollout.state import Mark, Rollout, State

KEPT = 10
"""Configurations that served, today's among them, and as many that were turned down, whose reasons may be asked for."""
EVENTS_LIVE = timedelta(days=2)
"""Longer than EventBridge and Lambda deliver an event, which a mark of its own tells from a new one."""


def outlived(state: State, now: datetime) -> list[Mark]:
    """Return the marks whose configurations can go: old ones that the endpoint neither has nor is getting."""
    used = {state.endpoint.config, state.endpoint.pending_config} if state.endpoint else set()
    found: list[Mark] = []
    for kind in ((Rollout.SERVING, Rollout.SUPERSEDED), TURNED_DOWN):
        newest_first = sorted((mark for mark in state.marks if mark.rollout in kind), key=order, reverse=True)
        found += [
            mark for mark in newest_first[KEPT:] if mark.config not in used and now - mark.requested_at > EVENTS_LIVE
        ]
    return found
