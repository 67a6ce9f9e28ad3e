"""Rolls approved model packages out to the endpoint, whenever a package or the endpoint changes."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from rollout.cloud import Cloud, Refused, Started
from rollout.events import Approved, Due, parse
from rollout.reconcile import Action, Step, reconcile
from rollout.retention import old_approvals, turned_down
from rollout.settings import Settings
from rollout.state import Approval, Endpoint, Rollout, State, Status

ROUNDS = 20
POLL_SECONDS = 3.0
RESERVE_MILLISECONDS = 15_000
CLIENT = Config(retries={"mode": "standard", "total_max_attempts": 6})

logger = Logger(service="rollout")


@dataclass(frozen=True)
class Reaction:
    """The last action, and how far every recorded approval had come before it."""

    action: Action
    approvals: tuple[Approval, ...]


class StillDeletingError(Exception):
    """The failed endpoint is not gone yet; Lambda delivers the event again in a minute."""


@cache
def environment() -> tuple[Settings, Cloud]:
    """Return the settings and clients of this execution environment."""
    settings = Settings.of_environment()
    sagemaker = boto3.client("sagemaker", config=CLIENT)
    return settings, Cloud(settings, sagemaker, boto3.client("application-autoscaling", config=CLIENT))


@logger.inject_lambda_context(clear_state=True)
def on_event(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take one EventBridge event about a package or the endpoint, or the hour's; answers with what was done and why.

    Lambda makes an event of the answer, from which people are told of approvals that were `turned_down`.
    """
    settings, cloud = environment()
    reaction = react(event, settings, cloud, lambda: context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS)
    return {
        "step": reaction.action.step.value,
        "reason": reaction.action.reason,
        "turned_down": [
            {
                "endpoint": settings.endpoint,
                "config": approval.config,
                "version": approval.version,
                "rollout": approval.rollout.value,
                "reason": approval.reason,
            }
            for approval in turned_down(reaction.approvals, datetime.now(UTC))
        ],
    }


def react(event: Mapping[str, Any], settings: Settings, cloud: Cloud, time_left: Callable[[], bool]) -> Reaction:
    """Record the approval that the event is, or that one was lost of, and roll out what was approved last."""
    change = parse(event, package_group=settings.package_group, endpoint=settings.endpoint)
    if change is None:
        logger.info("Not ours", extra={"detail_type": event.get("detail-type")})
        return Reaction(Action(Step.NOTHING, "the event is about something else"), ())
    approved = cloud.lost_approval() if isinstance(change, Due) else change
    if isinstance(approved, Approved):
        approval = cloud.request(approved)
        outcome = (
            "is known or no longer stands" if approval is None else approval.reason or f"asks for {approval.config}"
        )
        logger.info("An approval %s", outcome, extra={"package": approved.package, "at": approved.at.isoformat()})
    return roll_out(cloud, time_left)


def roll_out(cloud: Cloud, time_left: Callable[[], bool]) -> Reaction:
    """Decide and act until the endpoint serves what it should, or is busy.

    Raises `StillDeletingError`, and `ClientError` where AWS denies, throttles or fails.
    """
    for _ in range(ROUNDS):
        state = cloud.read()
        decision = reconcile(state)
        for approval in decision.approvals:
            _write(cloud, approval)
        action = decision.action
        logger.info("%s: %s", action.step.value, action.reason, extra=_keys(state.endpoint, action.approval))
        if state.endpoint is not None and state.endpoint.status is Status.IN_SERVICE:
            cloud.scale()
            cloud.tag(state.endpoint.arn)
        if _perform(cloud, action, state.endpoint):
            if action.step is Step.NOTHING:
                _forget(cloud, state)
            changed = {approval.config: approval for approval in decision.approvals}
            return Reaction(action, tuple(changed.get(approval.config, approval) for approval in state.approvals))
        while _is_deleting(cloud):
            if not time_left():
                raise StillDeletingError
            time.sleep(POLL_SECONDS)
    raise RuntimeError("The roll-out did not settle; the log shows its steps")


def _perform(cloud: Cloud, action: Action, endpoint: Endpoint | None) -> bool:
    """Perform the action; false when the state must be read again at once."""
    if action.step is Step.DELETE:
        cloud.delete()
        return False
    if action.approval is None:
        return endpoint is None or endpoint.status is not Status.DELETING
    try:
        started = cloud.create(action.approval) if endpoint is None else cloud.update(action.approval, endpoint.config)
    except Refused as refusal:
        _write(cloud, replace(action.approval, rollout=Rollout.FAILED, reason=str(refusal)))
        return False
    if started is Started.YES:
        _write(cloud, replace(action.approval, rollout=Rollout.DEPLOYING, reason=""))
    return True


def _write(cloud: Cloud, approval: Approval) -> None:
    cloud.write(approval)
    failed = approval.rollout in (Rollout.ROLLED_BACK, Rollout.FAILED)
    log = logger.error if failed else logger.info
    log(
        "%s is %s",
        approval.config,
        approval.rollout.value,
        extra={"package": approval.package, "reason": approval.reason},
    )


def _forget(cloud: Cloud, state: State) -> None:
    """Delete the configurations that nobody needs any more."""
    for approval in old_approvals(state, datetime.now(UTC)):
        cloud.forget(approval)
        logger.info(
            "%s is deleted, %s long ago", approval.config, approval.rollout.value, extra={"package": approval.package}
        )


def _is_deleting(cloud: Cloud) -> bool:
    endpoint = cloud.endpoint()
    return endpoint is not None and endpoint.status is Status.DELETING


def _keys(endpoint: Endpoint | None, approval: Approval | None) -> dict[str, str | None]:
    return {
        "endpoint_status": endpoint.status.value if endpoint else None,
        "endpoint_config": endpoint.config if endpoint else None,
        "wanted_config": approval.config if approval else None,
    }
