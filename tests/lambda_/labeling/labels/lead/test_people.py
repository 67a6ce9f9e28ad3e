"""What each person did, counted by hand."""

from labels.lead.people import work_of
from labels.task import Hold, Lease


def lease(state: Hold, active: int, reason: str = "") -> Lease:
    return Lease(state, 0, 100, 50, 7, 1, active=active, reason=reason)


LEASES = [
    ("ann", lease(Hold.SUBMITTED, 10)),
    ("ann", lease(Hold.SUBMITTED, 30)),
    ("ann", lease(Hold.SUBMITTED, 11)),
    ("ann", lease(Hold.DECLINED, 5, "unclear")),
    ("ann", lease(Hold.DECLINED, 4, "broken")),
    ("ann", lease(Hold.DECLINED, 0, "unclear")),
    ("bob", lease(Hold.EXPIRED, 60)),
    ("bob", lease(Hold.HELD, 0)),
]


def test_what_a_person_did_is_counted() -> None:
    ann, bob = work_of(LEASES)
    assert (ann.worker, ann.answers, ann.skips, ann.seconds, ann.active, ann.seen) == ("ann", 3, 3, 11, 60, 7)
    assert ann.reasons == {"unclear": 2, "broken": 1}
    assert ann.an_hour == 180
    assert (bob.answers, bob.expired, bob.held, bob.seconds, bob.an_hour) == (0, 1, 1, None, 0)
    assert work_of([("cid", lease(Hold.HELD, 0))])[0].an_hour is None
