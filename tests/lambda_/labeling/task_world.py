"""What people may do with the objects of a job, told a second time: as sets of people, and without `labels.task`.

The rules are those of the developer guide ("Create a labeling job": workers per object, task time limit, availability)
and of the design: an object is never twice one person's, each wanted answer is given, held or free, nothing is lost.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

PEOPLE = ("ada", "bea", "cyd", "dan")
LIMIT, PATIENCE, AVAILABLE = 50, 20, 120
STEPS_OF_A_WALK = 80
AT_ONCE = 0.2
"""How often a place is taken from somebody who still works."""


@dataclass
class Thing:
    """What is true of the one object: the people who gave, hold, left or refused it."""

    wanted: int
    asked: bool = False
    """People are asked for answers."""
    finished: str = ""
    """It is done with: "labeled", or "failed"."""
    closes: int = 0
    given: dict[str, str] = field(default_factory=dict)
    holders: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Who has a place: until when without a sign of life, and until when at most."""
    lapsed: dict[str, int] = field(default_factory=dict)
    """Who lost a place that was not yet taken from them in writing: when that may be done."""
    gone: set[str] = field(default_factory=set)
    """Who had a place, and let it go by."""
    refused: set[str] = field(default_factory=set)
    rounds: int = 1

    @property
    def free(self) -> int:
        """How many more people may begin."""
        return self.wanted - len(self.given) - len(self.holders) if self.asked else 0

    @property
    def stage(self) -> str:
        """The name of where it is."""
        if self.finished:
            return self.finished
        return "open" if self.asked else "answered" if self.given or self.closes else "waiting"


def machine(engine: Any) -> type[RuleBasedStateMachine]:  # noqa: C901 - one class, a rule each
    """Return a machine of hypothesis that acts on `engine`, which is `labels.task` or a faulty copy of it."""
    terms = engine.Terms(limit=LIMIT, patience=PATIENCE, available=AVAILABLE)
    people, seconds = st.sampled_from(PEOPLE), st.integers(-5, 60)

    class World(RuleBasedStateMachine):
        @initialize(wanted=st.integers(1, 3))
        def begin(self, wanted: int) -> None:
            self.now, self.tokens = 1_000, 0
            self.thing = Thing(wanted)
            self.barred: dict[str, str] = {}
            self.object = engine.Object(wanted)
            self.leases: dict[str, Any] = {}
            self.worked: dict[str, int] = {}
            self.touched: dict[str, int] = {}
            self.drafts: dict[str, str] = {}

        def act(self, person: str | None, action: Any, *, allowed: bool) -> bool:
            """Do it, and hold whether it was allowed against what should be."""
            task = engine.Task(self.object, self.leases.get(person or ""), self.barred.get(person or "", ""))
            try:
                after = engine.step(task, action, terms, self.now)
            except engine.RefusedError as error:
                if allowed or not str(error).strip():
                    raise AssertionError(f"{action} was refused: {error}") from error
                return False
            assert allowed, f"{action} was allowed"
            self.object = after.object
            if person and after.lease is not None:
                self.leases[person] = after.lease
            if person:
                self.barred[person] = after.barred
            return True

        def work(self, person: str, seconds: int) -> None:
            spent = self.now - self.touched[person]
            self.worked[person] += sorted((0, seconds, spent))[1] if spent else 0
            self.touched[person] = self.now

        def lose(self) -> None:
            """Nobody holds a place of it any more; what they hold in writing is taken from them when it is over."""
            self.thing.lapsed |= {person: until for person, (until, _) in self.thing.holders.items()}
            self.thing.holders.clear()

        @rule(by=st.integers(0, 45))
        def wait(self, by: int) -> None:
            self.now += by

        @rule()
        def open(self) -> None:
            thing = self.thing
            if self.act(None, engine.Open(), allowed=thing.stage == "waiting"):
                thing.asked, thing.closes = True, self.now + AVAILABLE

        @rule(person=people)
        def claim(self, person: str) -> None:
            thing = self.thing
            mine = person in thing.holders
            barred = bool(self.barred.get(person)) or person in thing.given or person in thing.refused
            allowed = mine or (thing.free > 0 and not barred and self.now < thing.closes)
            if self.act(person, engine.Claim(), allowed=allowed) and not mine:
                thing.holders[person] = (self.now + PATIENCE, self.now + LIMIT)
                thing.lapsed.pop(person, None)
                thing.gone.discard(person)
                self.touched[person] = self.now
                self.worked.setdefault(person, 0)

        @rule(person=people, seconds=seconds, text=st.none() | st.sampled_from(("one", "two")))
        def live(self, person: str, seconds: int, text: str | None) -> None:
            action = engine.Heartbeat(seconds) if text is None else engine.Draft(text, seconds)
            if self.act(person, action, allowed=person in self.thing.holders):
                _, ends = self.thing.holders[person]
                self.thing.holders[person] = (min(self.now + PATIENCE, ends), ends)
                self.work(person, seconds)
                if text is not None:
                    self.drafts[person] = text

        @rule(person=people, seconds=seconds)
        def answer(self, person: str, seconds: int) -> None:
            thing = self.thing
            late = person in thing.lapsed or person in thing.gone
            allowed = person in thing.holders or (late and thing.free > 0)
            token = f"token-{self.tokens}"
            self.tokens += 1
            if self.act(
                person, engine.Answer(token, f"what {person} says", seconds, f"how {person} got there"), allowed=allowed
            ):
                for left in (thing.holders, thing.lapsed):
                    left.pop(person, None)
                thing.gone.discard(person)
                thing.given[person] = token
                self.drafts[person] = f"how {person} got there"
                self.work(person, seconds)
                if len(thing.given) == thing.wanted:
                    thing.asked = False
                    assert not thing.holders

        @rule(person=people)
        def answer_again(self, person: str) -> None:
            if person in self.thing.given:
                before = self.object
                self.act(person, engine.Answer(self.thing.given[person], "the same"), allowed=True)
                assert self.object == before, "the same answer counts once"

        @rule(person=people)
        def undo(self, person: str) -> None:
            thing = self.thing
            complete = thing.stage == "answered" and len(thing.given) == thing.wanted
            allowed = person in thing.given and (thing.asked or complete) and self.now < thing.closes
            if self.act(person, engine.Undo(), allowed=allowed):
                del thing.given[person]
                thing.asked = True
                thing.holders[person] = (self.now + PATIENCE, self.now + LIMIT)
                self.touched[person] = self.now

        @rule(person=people)
        def decline(self, person: str) -> None:
            thing = self.thing
            had = self.leases.get(person) is not None
            if self.act(person, engine.Decline("unclear"), allowed=had and person not in thing.given):
                thing.holders.pop(person, None)
                thing.lapsed.pop(person, None)
                thing.gone.discard(person)
                thing.refused.add(person)
                assert self.leases[person].reason == "unclear"

        @rule(person=people, at_once=st.booleans())
        def expire(self, person: str, *, at_once: bool) -> None:
            thing = self.thing
            over = thing.holders.get(person, (thing.lapsed.get(person), 0))[0]
            allowed = over is not None and (at_once or over <= self.now)
            if self.act(person, engine.Expire(at_once), allowed=allowed):
                thing.holders.pop(person, None)
                thing.lapsed.pop(person, None)
                thing.gone.add(person)

        @precondition(lambda self: self.now % 3 == 0)  # seldom: little happens afterwards
        @rule()
        def close(self) -> None:
            thing = self.thing
            reason = "the job was stopped"
            asked = thing.stage in {"open", "waiting"}
            self.act(None, engine.Close(reason), allowed=True)
            if asked:
                self.lose()
                thing.asked = False
                thing.finished = "" if thing.given else "failed"
                assert self.object.reason == ("" if thing.given else reason)

        @rule()
        def label(self) -> None:
            if self.act(None, engine.Label(), allowed=self.thing.stage == "answered"):
                self.thing.finished = "labeled"

        @rule()
        def fail(self) -> None:
            if self.act(None, engine.Fail("no two agree"), allowed=self.thing.stage in {"answered", "waiting"}):
                self.thing.finished = "failed"
                assert self.object.reason == "no two agree"

        @rule(more=st.integers(0, 2))
        def reopen(self, more: int) -> None:
            thing = self.thing
            allowed = more > 0 and thing.stage in {"answered", "labeled", "failed"}
            if self.act(None, engine.Reopen(more), allowed=allowed):
                thing.wanted, thing.asked, thing.finished = len(thing.given) + more, True, ""
                thing.closes = self.now + AVAILABLE
                thing.rounds += 1
                assert not self.object.reason

        @rule(person=people)
        def pause(self, person: str) -> None:
            self.act(person, engine.Pause("a second look at your answers"), allowed=True)
            assert self.barred[person] == "a second look at your answers"

        @precondition(lambda self: self.now % 5 == 0)
        @rule()
        def withdraw(self) -> None:
            thing = self.thing
            if thing.asked and thing.holders:
                self.act(None, engine.Withdraw("the loop was stopped"), allowed=True)
                thing.wanted = len(thing.given) + len(thing.holders)
                thing.closes = min(thing.closes, self.now)
                return
            asked = thing.stage in {"open", "waiting"}
            self.act(None, engine.Withdraw("the loop was stopped"), allowed=True)
            if asked:
                self.lose()
                thing.asked = False
                thing.finished = "" if thing.given else "failed"
                assert self.object.reason == ("" if thing.given else "the loop was stopped")

        @rule(person=people)
        def resume(self, person: str) -> None:
            self.act(person, engine.Resume(), allowed=True)
            assert not self.barred[person]

        @invariant()
        def same(self) -> None:
            """The engine's object and leases say what the sets say."""
            thing, found = self.thing, self.object
            assert found.stage == thing.stage
            assert (found.left, found.answers, found.wanted) == (thing.free, len(thing.given), thing.wanted)
            assert found.round == thing.rounds
            assert 0 <= found.left <= found.wanted
            if thing.asked:
                assert found.until == thing.closes
            if found.stage != "failed":
                assert not found.reason
            for person, lease in self.leases.items():
                if lease is not None:
                    self.same_lease(person, lease)

        def same_lease(self, person: str, lease: Any) -> None:
            thing = self.thing
            given, held = person in thing.given, person in thing.holders
            state = (
                *("submitted" for _ in [1] if given),
                *("held" for _ in [1] if held or person in thing.lapsed),
                *("expired" for _ in [1] if person in thing.gone),
                *("declined" for _ in [1] if person in thing.refused),
            )
            assert (lease.state,) == state, "one lease, in one state"
            assert engine.holds(engine.Task(self.object, lease)) == held
            assert bool(lease.answer) == bool(lease.token) == bool(lease.submitted) == given
            assert lease.draft == self.drafts.get(person, "")
            assert lease.active == self.worked[person]
            if held:
                assert (lease.until, lease.ends) == thing.holders[person]

    return World


def walk(engine: Any, seed: int, steps: int) -> None:
    """Let people do anything at random on `engine`: what hypothesis does with the machine, and faster."""
    chance, world = random.Random(seed), machine(engine)
    for _ in range(steps // STEPS_OF_A_WALK):
        people: Any = world()
        people.begin(wanted=chance.randint(1, 3))
        for _ in range(STEPS_OF_A_WALK):
            move(people, chance)
            people.same()


def move(world: Any, chance: random.Random) -> None:
    """Let somebody do something."""
    person, seconds = chance.choice(PEOPLE), chance.randint(-5, 60)
    own = (world.claim, world.claim, world.answer_again, world.undo, world.decline)
    chance.choice(
        (
            *(partial(each, person=person) for each in (*own, world.pause, world.resume)),
            *[partial(world.answer, person=person, seconds=seconds)] * 2,
            partial(world.live, person=person, seconds=seconds, text=chance.choice((None, "one", "two"))),
            partial(world.expire, person=person, at_once=chance.random() < AT_ONCE),
            partial(world.wait, by=chance.randint(0, 45)),
            partial(world.reopen, more=chance.randint(0, 2)),
            world.close if world.now % 3 == 0 else world.open,
            world.withdraw if world.now % 5 == 0 else world.open,
            world.open,
            world.label,
            world.fail,
        )
    )()
