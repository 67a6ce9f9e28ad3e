"""Objects and leases come out of items as they went in, and stand in the indexes where they are looked for."""

from hypothesis import given
from hypothesis import strategies as st

from labels.task import Hold, Lease, Object, Stage
from task_store import items

COUNTS = st.integers(0, 10**6)


@given(st.builds(Object, COUNTS, st.sampled_from(Stage), COUNTS, COUNTS, COUNTS, COUNTS, st.text()))
def test_an_object_comes_back(thing: Object) -> None:
    item = items.of_object(thing, "birds", "0005#ab")
    assert items.object_of(item) == thing
    assert ("OpenJob" in item) == ("Due" in item) == (thing.stage is Stage.OPEN and thing.left > 0)


@given(st.builds(Lease, st.sampled_from(Hold), *[COUNTS] * 6, *[st.text()] * 3, COUNTS, st.text()))
def test_a_lease_comes_back(lease: Lease) -> None:
    item = items.of_lease(lease, "birds", "0", "ada")
    assert items.lease_of(item) == lease
    assert ("Due" in item) == (lease.state is Hold.HELD)


def test_the_queue_has_urgent_objects_first_and_no_order_else() -> None:
    ranks = [items.rank(5, str(number)) for number in range(100)]
    assert ranks != sorted(ranks)
    assert items.rank(1, "7") < min(ranks)
