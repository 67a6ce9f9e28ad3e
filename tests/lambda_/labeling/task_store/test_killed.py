"""Eight people, five hundred objects, three answers each, and processes that end between any two calls to AWS."""

import random
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from labels.objects import DataObject
from labels.task import Answer, Decline, Draft, Heartbeat, Hold, Label, Open, RefusedError, Stage, Terms
from task_store.jobs import Job
from task_store.store import ConflictError, Store
from tests.lambda_.labeling.conftest import Workshop

PEOPLE = [f"person-{number}" for number in range(8)]
OBJECTS, WANTED = 500, 3
SPEED = 15
"""Seconds of the store's clock in one of ours."""
TERMS = Terms(limit=900, patience=120, available=100_000)


class KilledError(BaseException):
    """The process ended."""


class Killer:
    """Ends the process of whoever makes a call, now and then."""

    def __init__(self, seed: int, share: float) -> None:
        self._chance, self._share, self.kills = random.Random(seed), share, 0

    def __call__(self) -> None:
        if self._chance.random() < self._share:
            self.kills += 1
            raise KilledError


class Shift:
    """A job that people work on until it is done; `given` are the answers that they know to be taken."""

    def __init__(self, workshop: Workshop, job: Job) -> None:
        self.workshop, self.job = workshop, job
        self.done = threading.Event()
        self.killers: list[Killer] = []
        self.given: list[tuple[str, str, str]] = []

    def store(self, share: float = 0.03) -> Store:
        """Return a store of a process that may be killed."""
        killer = Killer(len(self.killers), share)
        self.killers.append(killer)
        return self.workshop.store(killer)

    def work(self, person: str, store: Store) -> None:
        """Take tasks up, and save, answer, decline or forget them."""
        chance, last = random.Random(person), ""
        while not self.done.is_set():
            try:
                found = store.next(self.job, person, 2, last)
                for identity in found:
                    last = identity
                    self.answer(person, identity, store, chance)
                if not found:
                    time.sleep(0.5)
            except (KilledError, RefusedError, ConflictError):
                continue

    def answer(self, person: str, identity: str, store: Store, chance: random.Random) -> None:
        """Work on one task: a killed call is made again by half of the pages, with the same token."""
        if chance.random() < 0.01:
            store.act(self.job, identity, person, Decline("broken: no picture"))
            return
        if chance.random() < 0.1:
            store.act(self.job, identity, person, chance.choice((Draft('{"half": true}', 5), Heartbeat(5))))
        token = uuid.UUID(int=chance.getrandbits(128)).hex
        for _ in range(1 + chance.randint(0, 1) * 20):
            try:
                store.act(self.job, identity, person, Answer(token, f'{{"by": "{person}"}}', 5))
            except KilledError:
                continue
            self.given.append((identity, person, token))
            return

    def tend(self, store: Store) -> None:
        """Let the clock go on, take back what is lost, and label what is answered, until all is."""
        started, begun = time.monotonic(), self.workshop.now
        while not self.done.is_set():
            time.sleep(1)
            self.workshop.now = begun + int((time.monotonic() - started) * SPEED)
            try:
                store.sweep()
                found = list(store.objects(self.job.name))
                for identity, thing, item in found:
                    if thing.stage is Stage.ANSWERED:
                        store.change(self.job, identity, Label(), int(item["Version"]["N"]), {"of": thing.answers})
                if all(thing.stage is Stage.LABELED for _, thing, _ in found):
                    self.done.set()
            except (KilledError, RefusedError, ConflictError):
                continue


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_is_twice_when_processes_are_killed(workshop: Workshop) -> None:
    plain, job = workshop.store(), workshop.job(WANTED, TERMS)

    def prepare(number: int) -> None:
        plain.add(job, DataObject(str(number), {"source": f"text {number}"}), {"taskObject": f"text {number}"})
        plain.change(job, str(number), Open())

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(prepare, range(OBJECTS)))
    shift = Shift(workshop, job)
    with ThreadPoolExecutor(len(PEOPLE) + 1) as threads:
        tending = threads.submit(shift.tend, shift.store(0.005))
        working = [threads.submit(shift.work, person, shift.store()) for person in PEOPLE]
        try:
            tending.result(timeout=540)
        finally:
            shift.done.set()
        for each in working:
            each.result()
    answered: Counter[str] = Counter()
    tokens = set()
    for identity, thing, item in plain.objects("birds"):
        assert (thing.stage, thing.answers, thing.left) == (Stage.LABELED, WANTED, 0)
        assert item["Label"]["S"] == '{"of": 3}'
        leases = list(plain.leases("birds", identity))
        assert len({worker for worker, _ in leases}) == len(leases), "one lease for each person"
        answered[identity] = sum(lease.state is Hold.SUBMITTED for _, lease in leases)
        tokens |= {(identity, worker, lease.token) for worker, lease in leases if lease.state is Hold.SUBMITTED}
        for worker, lease in leases:
            assert lease.answer in {"", f'{{"by": "{worker}"}}'}
    assert sum(answered.values()) == OBJECTS * WANTED == 1_500
    assert set(answered.values()) == {WANTED}
    assert set(shift.given) <= tokens, "what a person was told is taken is there"
    assert sum(killer.kills for killer in shift.killers) > 100
