from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rollout.reconcile import Action, Decision, Step, reconcile
from rollout.state import Approval, Endpoint, Rollout, State, Status
from tests.lambda_.serving.rollout.world import arn_of

START = datetime(2026, 3, 1, tzinfo=UTC)


def approval(version: int, rollout: Rollout, minute: int | None = None) -> Approval:
    requested = START + timedelta(minutes=version if minute is None else minute)
    return Approval(f"dev-fraud-v{version}-0000000{version}", arn_of(version), "5e771265", requested, rollout)


def decide(endpoint: Endpoint | None, *approvals: Approval, approved: set[int]) -> Decision:
    return reconcile(State(endpoint, approvals, frozenset(arn_of(version) for version in approved)))


def in_service(config: Approval, reason: str = "") -> Endpoint:
    return Endpoint(Status.IN_SERVICE, config.config, failure_reason=reason)


def states(decision: Decision) -> dict[int, Rollout]:
    return {changed.version: changed.rollout for changed in decision.approvals}


def deployed(decision: Decision) -> tuple[Step, int | None]:
    return decision.action.step, decision.action.approval.version if decision.action.approval else None


def test_the_first_approval_creates_the_endpoint() -> None:
    decision = decide(None, approval(1, Rollout.PENDING), approved={1})
    assert deployed(decision) == (Step.CREATE, 1)


def test_a_later_approval_updates_it() -> None:
    decision = decide(
        in_service(approval(1, Rollout.SERVING)),
        approval(1, Rollout.SERVING),
        approval(2, Rollout.PENDING),
        approved={1, 2},
    )
    assert deployed(decision) == (Step.UPDATE, 2)


def test_the_package_approved_last_wins_over_the_higher_version() -> None:
    old_approved_last = approval(1, Rollout.PENDING, minute=9)
    decision = decide(
        in_service(approval(2, Rollout.SERVING)), old_approved_last, approval(2, Rollout.SERVING), approved={1, 2}
    )
    assert deployed(decision) == (Step.UPDATE, 1)


def test_of_two_packages_approved_at_the_same_time_the_higher_version_wins() -> None:
    decision = decide(None, approval(2, Rollout.PENDING, 5), approval(1, Rollout.PENDING, 5), approved={1, 2})
    assert deployed(decision) == (Step.CREATE, 2)


def test_what_was_overtaken_is_superseded_once_all_is_at_rest() -> None:
    serving, overtaken = approval(2, Rollout.SERVING), approval(1, Rollout.PENDING)
    assert states(decide(in_service(serving), serving, overtaken, approved={1, 2})) == {1: Rollout.SUPERSEDED}
    newer = approval(3, Rollout.PENDING)
    assert states(decide(in_service(serving), serving, overtaken, newer, approved={1, 2, 3})) == {}


@pytest.mark.parametrize("status", [status for status in Status if status.busy])
def test_a_busy_endpoint_is_left_alone(status: Status) -> None:
    endpoint = Endpoint(status, approval(1, Rollout.SERVING).config)
    decision = decide(endpoint, approval(1, Rollout.SERVING), approval(2, Rollout.PENDING), approved={1, 2})
    assert decision == Decision((), Action(Step.WAIT, f"the endpoint is {status.value}"))


def test_a_package_that_is_not_approved_is_never_deployed() -> None:
    decision = decide(None, approval(1, Rollout.PENDING), approved=set())
    assert deployed(decision) == (Step.NOTHING, None)
    assert decision.approvals[0].reason == "the package is not approved"


def test_success_is_seen_at_the_endpoint() -> None:
    decision = decide(
        in_service(approval(2, Rollout.DEPLOYING)),
        approval(1, Rollout.SERVING),
        approval(2, Rollout.DEPLOYING),
        approved={1, 2},
    )
    assert states(decision) == {1: Rollout.SUPERSEDED, 2: Rollout.SERVING}
    assert decision.action.step is Step.NOTHING


def test_a_silent_rollback_is_seen_named_and_not_tried_again() -> None:
    endpoint = in_service(approval(1, Rollout.SERVING), reason="Alarm dev-fraud-5xx is in ALARM")
    decision = decide(endpoint, approval(1, Rollout.SERVING), approval(2, Rollout.DEPLOYING), approved={1, 2})
    assert states(decision) == {2: Rollout.ROLLED_BACK}
    assert decision.approvals[0].reason == "went back to dev-fraud-v1-00000001: Alarm dev-fraud-5xx is in ALARM"
    assert decision.action.step is Step.NOTHING


def test_a_rollback_without_a_reason_says_what_it_can_be() -> None:
    decision = decide(in_service(approval(1, Rollout.SERVING)), approval(2, Rollout.DEPLOYING), approved={2})
    assert "an alarm fired" in decision.approvals[0].reason


def test_a_rolled_back_package_that_is_approved_anew_is_tried_again() -> None:
    anew = approval(2, Rollout.PENDING, minute=9)
    assert deployed(
        decide(in_service(approval(1, Rollout.SERVING)), approval(1, Rollout.SERVING), anew, approved={1, 2})
    ) == (
        Step.UPDATE,
        2,
    )


def test_rejecting_the_serving_package_brings_back_the_one_approved_before() -> None:
    approvals = approval(1, Rollout.SUPERSEDED), approval(2, Rollout.SUPERSEDED), approval(3, Rollout.SERVING)
    assert deployed(decide(in_service(approvals[2]), *approvals, approved={1, 2})) == (Step.UPDATE, 2)


def test_rejecting_the_only_package_changes_nothing() -> None:
    decision = decide(in_service(approval(1, Rollout.SERVING)), approval(1, Rollout.SERVING), approved=set())
    assert decision == Decision((), Action(Step.NOTHING, "no approved package is left to deploy"))


def test_a_package_rejected_while_it_was_rolled_out_is_taken_back() -> None:
    decision = decide(
        in_service(approval(2, Rollout.DEPLOYING)),
        approval(1, Rollout.SERVING),
        approval(2, Rollout.DEPLOYING),
        approved={1},
    )
    assert states(decision) == {1: Rollout.SUPERSEDED, 2: Rollout.SERVING}
    assert deployed(decision) == (Step.UPDATE, 1)


def test_a_deployment_whose_mark_was_not_written_is_recognized_while_it_runs() -> None:
    endpoint = Endpoint(
        Status.UPDATING, approval(1, Rollout.SERVING).config, pending_config=approval(2, Rollout.PENDING).config
    )
    decision = decide(endpoint, approval(1, Rollout.SERVING), approval(2, Rollout.PENDING), approved={1, 2})
    assert states(decision) == {2: Rollout.DEPLOYING}


def test_a_deployment_whose_mark_was_not_written_is_recognized_when_it_is_over() -> None:
    decision = decide(in_service(approval(2, Rollout.PENDING)), approval(2, Rollout.PENDING), approved={2})
    assert states(decision) == {2: Rollout.SERVING}


def test_a_failed_creation_is_deleted_for_the_next_package() -> None:
    failed = Endpoint(Status.FAILED, approval(2, Rollout.DEPLOYING).config, failure_reason="no ping")
    decision = decide(failed, approval(1, Rollout.SUPERSEDED), approval(2, Rollout.DEPLOYING), approved={1, 2})
    assert states(decision) == {1: Rollout.PENDING, 2: Rollout.FAILED}
    assert deployed(decision) == (Step.DELETE, 1)


def test_a_failed_creation_of_the_only_package_is_left_to_look_at() -> None:
    failed = Endpoint(Status.FAILED, approval(1, Rollout.DEPLOYING).config, failure_reason="no ping")
    decision = decide(failed, approval(1, Rollout.DEPLOYING), approved={1})
    assert [(changed.rollout, changed.reason) for changed in decision.approvals] == [(Rollout.FAILED, "no ping")]
    assert decision.action.step is Step.NOTHING


def test_a_failed_package_that_is_approved_anew_replaces_the_failed_endpoint() -> None:
    anew = approval(1, Rollout.PENDING, minute=9)
    assert deployed(decide(Endpoint(Status.FAILED, anew.config), anew, approved={1})) == (Step.DELETE, 1)


def test_a_failed_rollback_is_repaired_by_an_update_to_the_old_package() -> None:
    mixed = Endpoint(Status.UPDATE_ROLLBACK_FAILED, approval(1, Rollout.SERVING).config)
    decision = decide(mixed, approval(1, Rollout.SERVING), approval(2, Rollout.DEPLOYING), approved={1, 2})
    assert states(decision) == {2: Rollout.FAILED}
    assert deployed(decision) == (Step.UPDATE, 1)


def test_an_endpoint_deleted_on_purpose_stays_deleted_until_the_next_approval() -> None:
    assert decide(None, approval(1, Rollout.SERVING), approved={1}).action.step is Step.NOTHING
    assert (
        decide(None, approval(1, Rollout.SUPERSEDED), approval(2, Rollout.SERVING), approved={1}).action.step
        is Step.NOTHING
    )
    anew = replace(approval(1, Rollout.SERVING), rollout=Rollout.PENDING)
    assert deployed(decide(None, anew, approval(2, Rollout.SERVING), approved={1})) == (Step.CREATE, 1)


def test_a_change_made_by_hand_is_set_right() -> None:
    by_hand = Endpoint(Status.IN_SERVICE, "somebodys-config")
    decision = decide(by_hand, approval(1, Rollout.SERVING), approved={1})
    assert states(decision) == {1: Rollout.SUPERSEDED}
    assert deployed(decision) == (Step.UPDATE, 1)


def test_an_equal_of_what_serves_is_serving_too() -> None:
    again = replace(approval(1, Rollout.PENDING, minute=9), config="dev-fraud-v1-99999999")
    decision = decide(in_service(approval(1, Rollout.SERVING)), approval(1, Rollout.SERVING), again, approved={1})
    assert states(decision) == {1: Rollout.SERVING}
    assert decision.action.step is Step.NOTHING


def test_other_settings_are_rolled_out() -> None:
    again = replace(approval(1, Rollout.PENDING, minute=9), config="dev-fraud-v1-99999999", settings="07e25e77")
    assert deployed(
        decide(in_service(approval(1, Rollout.SERVING)), approval(1, Rollout.SERVING), again, approved={1})
    ) == (
        Step.UPDATE,
        1,
    )


def test_a_rollback_speaks_against_earlier_approvals_of_the_same_package_too() -> None:
    first = approval(1, Rollout.SUPERSEDED)
    later = replace(approval(1, Rollout.ROLLED_BACK, minute=9), config="dev-fraud-v1-99999999")
    decision = decide(
        in_service(approval(2, Rollout.SERVING)), first, later, approval(2, Rollout.SERVING), approved={1}
    )
    assert decision.action == Action(Step.NOTHING, "no approved package is left to deploy")


def test_a_package_whose_endpoint_was_deleted_under_it_failed() -> None:
    decision = decide(None, approval(1, Rollout.SUPERSEDED), approval(2, Rollout.DEPLOYING), approved={1, 2})
    assert states(decision) == {2: Rollout.FAILED}
    assert deployed(decision) == (Step.CREATE, 1)
