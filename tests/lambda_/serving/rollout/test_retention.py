from datetime import UTC, datetime, timedelta

from rollout.retention import KEPT, old_approvals, turned_down
from rollout.state import Approval, Endpoint, Rollout, State, Status
from tests.lambda_.serving.rollout.world import arn_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MANY = KEPT + 3


def approval(version: int, rollout: Rollout, *, days: float = 30) -> Approval:
    """One that was asked for so many days ago; of equally old ones, the higher version is the newer."""
    asked = NOW - timedelta(days=days)
    return Approval(f"dev-fraud-v{version}-00000000", arn_of(version), "5e771265", asked, rollout)


def gone(*approvals: Approval, endpoint: Endpoint | None = None) -> set[int]:
    return {old.version for old in old_approvals(State(endpoint, approvals, frozenset()), NOW)}


def test_the_oldest_configurations_go_and_as_many_as_kept_stay() -> None:
    assert gone(*(approval(version, Rollout.SUPERSEDED) for version in range(1, MANY + 1))) == {1, 2, 3}
    assert gone(*(approval(version, Rollout.SUPERSEDED) for version in range(1, KEPT + 1))) == set()


def test_those_that_were_turned_down_push_out_none_that_could_serve_again() -> None:
    failed = [approval(version, Rollout.ROLLED_BACK) for version in range(2, MANY + 1)]
    assert gone(approval(1, Rollout.SUPERSEDED), *failed, approval(MANY + 1, Rollout.FAILED)) == {2, 3, 4}


def test_what_the_endpoint_has_or_is_getting_stays() -> None:
    approvals = [approval(version, Rollout.SUPERSEDED) for version in range(1, MANY + 1)]
    endpoint = Endpoint(Status.UPDATING, approvals[0].config, pending_config=approvals[1].config)
    assert gone(*approvals, endpoint=endpoint) == {3}


def test_what_is_under_way_stays() -> None:
    newer = [approval(version, Rollout.SUPERSEDED) for version in range(3, MANY + 1)]
    assert gone(approval(1, Rollout.PENDING), approval(2, Rollout.DEPLOYING), *newer) == {3}


def test_a_mark_stays_as_long_as_its_event_may_come_again() -> None:
    old = [approval(version, Rollout.SUPERSEDED, days=2.1) for version in (1, 2)]
    new = [approval(version, Rollout.SUPERSEDED, days=1.9) for version in range(3, 3 + KEPT + 2)]
    assert gone(*old, *new) == {1, 2}


def test_people_hear_of_what_was_turned_down_within_two_days() -> None:
    approvals = [
        approval(1, Rollout.FAILED, days=1.9),
        approval(2, Rollout.ROLLED_BACK, days=0),
        approval(3, Rollout.FAILED, days=2.1),
        approval(4, Rollout.SERVING, days=0),
        approval(5, Rollout.SUPERSEDED, days=0),
    ]
    assert [each.version for each in turned_down(approvals, NOW)] == [1, 2]
