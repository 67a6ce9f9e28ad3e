from datetime import UTC, datetime, timedelta

from rollout.retention import KEPT, outlived
from rollout.state import Endpoint, Mark, Rollout, State, Status
from tests.lambda_.serving.rollout.world import arn_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MANY = KEPT + 3


def mark(version: int, rollout: Rollout, *, days: float = 30) -> Mark:
    """One that was asked for so many days ago; of equally old ones, the higher version is the newer."""
    asked = NOW - timedelta(days=days)
    return Mark(f"dev-fraud-v{version}-00000000", arn_of(version), "5e771265", asked, rollout)


def gone(*marks: Mark, endpoint: Endpoint | None = None) -> set[int]:
    return {old.version for old in outlived(State(endpoint, marks, frozenset()), NOW)}


def test_the_oldest_configurations_go_and_as_many_as_kept_stay() -> None:
    assert gone(*(mark(version, Rollout.SUPERSEDED) for version in range(1, MANY + 1))) == {1, 2, 3}
    assert gone(*(mark(version, Rollout.SUPERSEDED) for version in range(1, KEPT + 1))) == set()


def test_those_that_were_turned_down_push_out_none_that_could_serve_again() -> None:
    failed = [mark(version, Rollout.ROLLED_BACK) for version in range(2, MANY + 1)]
    assert gone(mark(1, Rollout.SUPERSEDED), *failed, mark(MANY + 1, Rollout.FAILED)) == {2, 3, 4}


def test_what_the_endpoint_has_or_is_getting_stays() -> None:
    marks = [mark(version, Rollout.SUPERSEDED) for version in range(1, MANY + 1)]
    endpoint = Endpoint(Status.UPDATING, marks[0].config, pending_config=marks[1].config)
    assert gone(*marks, endpoint=endpoint) == {3}


def test_what_is_under_way_stays() -> None:
    newer = [mark(version, Rollout.SUPERSEDED) for version in range(3, MANY + 1)]
    assert gone(mark(1, Rollout.PENDING), mark(2, Rollout.DEPLOYING), *newer) == {3}


def test_a_mark_stays_as_long_as_its_event_may_come_again() -> None:
    old = [mark(version, Rollout.SUPERSEDED, days=2.1) for version in (1, 2)]
    new = [mark(version, Rollout.SUPERSEDED, days=1.9) for version in range(3, 3 + KEPT + 2)]
    assert gone(*old, *new) == {1, 2}
