"""A whole job is read once, and then only what has changed of it."""

import json
from collections.abc import Iterator

import pytest

from labels.objects import DataObject
from labels.task import Answer, Claim, Heartbeat, Lease, Open
from task_store.lookout import Lookout
from task_store.store import Store
from tests.lambda_.labeling.conftest import Workshop

pytestmark = pytest.mark.slow
OBJECTS = 200


class Counting(Store):
    """A store that counts whose leases are read."""

    read_leases: list[str]

    def leases(self, job: str, identity: str) -> Iterator[tuple[str, Lease]]:
        self.read_leases.append(identity)
        return super().leases(job, identity)


@pytest.fixture
def store(workshop: Workshop) -> Counting:
    workshop.kinds = (Counting, workshop.kinds[1])
    job = workshop.job(wanted=1)
    made = workshop.store()
    assert isinstance(made, Counting)
    made.read_leases = []
    for number in range(OBJECTS):
        made.add(job, DataObject(str(number), {"source": f"text {number}"}), {})
    for number in range(3):
        made.change(job, str(number), Open())
    return made


def test_only_what_has_changed_is_read_again(store: Counting) -> None:
    job, lookout = store.job("birds"), Lookout(store)
    sight = lookout.look("birds")
    assert (len(sight.objects), sight.unread, len(store.read_leases)) == (OBJECTS, 0, OBJECTS)
    assert list(sight.objects) == [str(number) for number in range(OBJECTS)], "in the order of the manifest"
    store.read_leases.clear()
    lookout.look("birds")
    assert store.read_leases == []
    store.act(job, "1", "ada", Claim())
    store.act(job, "1", "ada", Answer("token", json.dumps({"kind": {"label": "cat"}}), 1, "a draft"))
    store.act(job, "2", "bea", Claim())
    found = lookout.look("birds").objects
    assert sorted(store.read_leases) == ["1", "2"]
    [(worker, lease)] = found["1"].leases
    assert (worker, json.loads(lease.answer), lease.draft) == ("ada", {"kind": {"label": "cat"}}, "")
    assert found["1"].line == {"source": "text 1"}
    store.read_leases.clear()
    store.act(job, "2", "bea", Heartbeat(1))
    lookout.look("birds")
    assert store.read_leases == [], "a sign of life changes no object"


def test_what_there_is_no_time_for_is_read_the_next_time(store: Counting) -> None:
    turns = iter([True, False])
    sight = Lookout(store).look("birds", lambda: next(turns))
    assert 0 < sight.unread < OBJECTS
    assert len(sight.objects) == OBJECTS - sight.unread
    rest = Lookout(store).look("birds")
    assert (rest.unread, len(rest.objects)) == (0, OBJECTS)
    assert len(store.read_leases) == OBJECTS, "each once"


def test_a_file_that_somebody_spoilt_is_read_as_none(store: Counting) -> None:
    Lookout(store).look("birds")
    store.keep("no json", "birds/lookout.json")
    assert len(Lookout(store).look("birds").objects) == OBJECTS
