"""Reviews in the table of tasks: a flow definition is a job, and each of its human loops an object of that job.

| key | is |
|---|---|
| `PAGES`, `PAGE#name` | a worker template: a human task UI |
| `FLOWS`, `JOB#reviews_name` | a flow definition, as `task_store.jobs` has jobs |
| `LOOPS`, `LOOP#name` | a human loop: its request, how far it is, who waits for it; in the index `due` until it ends |
| `GATE#name`, `DAY#2026-11-30` | the loops of a flow definition that the gate has opened on a day |

Nobody works on a loop but as on any object: what people do with it is `Store`'s.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from labels.review import loop
from labels.review.loop import Loop, LoopStatus, Standing, Start
from labels.task import Hold, Lease, RefusedError, Why
from task_store import items
from task_store.items import DUE, FLOWS, REVIEWS, Due, Item
from task_store.jobs import Job, State, job_of, of_job
from task_store.store import Store

PAGES, LOOPS = "PAGES", "LOOPS"
SOON: Final = 300
"""After how many seconds a loop is looked at again that has not begun,"""
LATER: Final = 3600
"""and after how many one that waits for people: it is told of when one of them answers, unless that is lost."""


class Step(StrEnum):
    """How far a loop is."""

    STARTING = "starting"
    ASKED = "asked"
    ENDED = "ended"


@dataclass(frozen=True)
class Page:
    """A worker template by its name."""

    name: str
    template: str
    """S3 URI of its text."""
    sha256: str
    created: int
    deleted: bool = False


@dataclass(frozen=True)
class LoopRecord:
    """What the engine has to know of a human loop beside the object that people work on."""

    name: str
    flow: str
    """The name of its flow definition."""
    request: str
    """S3 URI of the body of StartHumanLoop."""
    created: int
    people: int
    until: int
    """When its time is over."""
    step: Step = Step.STARTING
    stopped: bool = False
    status: str = LoopStatus.IN_PROGRESS
    failure: str = ""
    output: str = ""
    """S3 URI of its output, where it has ended with one."""
    tokens: tuple[str, ...] = ()
    """The task tokens of the state machines that wait for it."""
    version: int = 0

    @property
    def job(self) -> str:
        """The name of the job that its flow definition is."""
        return f"{REVIEWS}{self.flow}"

    @property
    def standing(self) -> Standing:
        """What the service says of it."""
        stopping = self.stopped and self.step is not Step.ENDED
        return Standing(LoopStatus.STOPPING if stopping else LoopStatus(self.status), self.failure, self.output)

    def loop(self, start: Start) -> Loop:
        """Return the loop of a request."""
        created, until = (datetime.fromtimestamp(each, UTC) for each in (self.created, self.until))
        return Loop(start, created, self.people, until)


class ReviewStore(Store):
    """The jobs, objects, leases and people of one table, and its reviews."""

    def create_page(self, name: str, content: str, sha256: str) -> bool:
        """Write a worker template down; false where there is one of its name."""
        old = self._table.get(items.key(PAGES, f"PAGE#{name}"))
        if old is not None and not _page(old).deleted:
            return False
        uri = self._contents.write(content, f"pages/{name}-{sha256}.liquid.html")
        page = Page(name, uri, sha256, self._clock())
        return self._table.transact([self._table.change(_of_page(page), items.number(old or {}, "Version"))])

    def page(self, name: str) -> Page:
        """Return a worker template. Raises RefusedError."""
        item = self._table.get(items.key(PAGES, f"PAGE#{name}"))
        if item is None or _page(item).deleted:
            raise RefusedError(Why.NOT_YOURS, f"There is no human task UI {name}.")
        return _page(item)

    def pages(self) -> Iterator[Page]:
        """Yield every worker template."""
        yield from (page for page in map(_page, self._table.query("", PAGES)) if not page.deleted)

    def delete_page(self, page: Page) -> None:
        """Forget a worker template; flow definitions have their own copies."""
        self._table.set(items.key(PAGES, f"PAGE#{page.name}"), "Deleted", "yes")

    def content(self, page: Page) -> str:
        """Return the text of a worker template."""
        return self._contents.read(page.template)

    def create_flow(self, job: Job) -> bool:
        """Write a flow definition down, which people see at once; false where there is one of its name."""
        old = self._table.get(items.key_of_job(job.name))
        if old is not None and items.text(old, "State") == State.IN_PROGRESS:
            return False
        now = self._clock()
        request = self._contents.keep(job.request, f"{job.name}/request-{now}.json")
        item = of_job(replace(job, created=now, modified=now), request, "[]") | {"State": {"S": State.IN_PROGRESS}}
        return self._table.transact([self._table.change(item, items.number(old or {}, "Version"))])

    def flow(self, name: str) -> Job:
        """Return a flow definition. Raises RefusedError."""
        item = self._table.get(items.key_of_job(f"{REVIEWS}{name}"))
        if item is None or items.text(item, "State") != State.IN_PROGRESS:
            raise RefusedError(Why.NOT_YOURS, f"There is no flow definition {name}.")
        return job_of(item, self._contents.read(items.text(item, "Request")), "")

    def flows(self) -> Iterator[Job]:
        """Yield every flow definition, by name; without its request."""
        for item in self._table.query("", FLOWS):
            if items.text(item, "State") == State.IN_PROGRESS:
                yield job_of(item, "", "")

    def delete_flow(self, flow: Job) -> None:
        """Show a flow definition to nobody any more; its loops have ended."""
        self._table.set(items.key_of_job(flow.name), "State", State.STOPPED)

    def start(self, begun: Start, flow: Job, tokens: Sequence[str] = ()) -> LoopRecord:
        """Write a loop down, unless it is there, and return it; the table tells of it. Raises ConflictError."""
        name, now = begun.name, self._clock()
        body = json.dumps(begun.body, ensure_ascii=False, sort_keys=True)
        made = LoopRecord(
            name=name,
            flow=begun.flow_name,
            request=self._contents.write(body, f"{flow.name}/{name}/request-{_digest(body)}.json"),
            created=now,
            people=flow.wanted,
            until=now + flow.terms.available,
            tokens=tuple(tokens),
        )
        if self._table.put_new(_of_loop(made) | _due(made.step, now)):
            return replace(made, version=1)
        while True:
            there = self.loop(name)
            loop.require_same(begun, there.loop(self.begun(there)))
            new = tuple(each for each in tokens if each not in there.tokens)
            if not new or self.change_loop(there, tokens=(*there.tokens, *new)):
                return there

    def begun(self, record: LoopRecord) -> Start:
        """Return the request of a loop."""
        return loop.read(json.loads(self._contents.read(record.request)))

    def loop(self, name: str) -> LoopRecord:
        """Return a loop. Raises RefusedError."""
        item = self._table.get(_key_of_loop(name))
        if item is None:
            raise RefusedError(Why.NOT_YOURS, f"There is no human loop {name}.")
        return _loop(item)

    def has_loop(self, name: str) -> bool:
        """Return whether a loop of this name was ever started."""
        return self._table.get(_key_of_loop(name)) is not None

    def loops(self, flow: str) -> Iterator[LoopRecord]:
        """Yield the loops of a flow definition."""
        yield from (each for each in map(_loop, self._table.query("", LOOPS)) if each.flow == flow)

    def change_loop(self, record: LoopRecord, **changes: Any) -> bool:  # noqa: ANN401 - members of a loop
        """Change members of a loop; false where somebody else has changed it meanwhile."""
        after = replace(record, **changes)
        removed = ("Due", "Until") if after.step is Step.ENDED else ()
        values = {name: value for name, value in _of_loop(after).items() if name not in {"PK", "SK"}}
        values |= _due(after.step, self._clock())
        return self._table.update(_key_of_loop(record.name), values, record.version, removed)

    def look_at_loops(self) -> list[str]:
        """Touch the loops in which nothing has changed for long, so that the table tells of them."""
        now = {"N": str(self._clock())}
        due = [items.text(item, "SK") for item in self._table.query(DUE, Due.LOOP.value, {"Until": ("<=", now)})]
        names = [each.removeprefix("LOOP#") for each in due]
        return [name for name in names if self.change_loop(self.loop(name))]

    def labelers(self, source: str) -> set[str]:
        """Return who has answered an object of a labeling job that shows this text, or this picture."""
        found = set()
        for item in self._table.query("", items.partition_of_source(source)):
            job, _, identity = items.text(item, "SK").removeprefix("OBJECT#").partition("#")
            found |= {who for who, lease in self.leases(job, identity) if lease.state is Hold.SUBMITTED}
        return found

    def keep_from(self, record: LoopRecord, worker: str, reason: str) -> None:
        """Have a person never asked about a loop: as if they had declined it."""
        lease = Lease(Hold.DECLINED, started=0, ends=0, until=0, seen=0, round=1, reason=reason)
        key = items.key_of_lease(record.job, record.name, worker)
        self._table.put_new(key | items.of_lease(lease, record.job, record.name, worker))

    def reserve(self, flow: str, day: str, wanted: Sequence[str], most: int) -> Sequence[str]:
        """Return which of the loops that are `wanted` may be opened on a day, and have the others of it count them.

        A name that was counted before is not counted again: whoever was killed after it asks anew, and gets it.
        """
        key = items.key(f"GATE#{flow}", f"DAY#{day}")
        while True:
            old = self._table.get(key)
            there = json.loads(items.text(old or {}, "Loops") or "[]")
            room = max(0, most - len(there))
            new = [name for name in dict.fromkeys(wanted) if name not in there][:room]
            item = key | {"Loops": {"S": json.dumps([*there, *new])}}
            if not new or self._table.transact([self._table.change(item, items.number(old or {}, "Version"))]):
                return [name for name in wanted if name in {*there, *new}]

    def loops_of_day(self, flow: str, day: str) -> Sequence[str]:
        """Return the loops that the gate has opened on a day."""
        item = self._table.get(items.key(f"GATE#{flow}", f"DAY#{day}"))
        found: list[str] = json.loads(items.text(item or {}, "Loops") or "[]")
        return found


def record_of(image: Item) -> LoopRecord:
    """Return the loop of an item, as the table's stream has it."""
    return _loop(image)


def _digest(text: str) -> str:
    return items.partition_of_source(text).rpartition("#")[2][:16]


def _key_of_loop(name: str) -> Item:
    return items.key(LOOPS, f"LOOP#{name}")


def _due(step: Step, now: int) -> Item:
    """Return when a loop is looked at again, if ever."""
    if step is Step.ENDED:
        return {}
    return {"Due": {"S": Due.LOOP.value}, "Until": {"N": str(now + (SOON if step is Step.STARTING else LATER))}}


_TEXTS: Final = ("name", "flow", "request", "status", "failure", "output")


def _of_loop(record: LoopRecord) -> Item:
    """Return the attributes of a loop. `Until` is when it is looked at again: when its time is over is `Over`."""
    return _key_of_loop(record.name) | {
        **{each.capitalize(): {"S": getattr(record, each)} for each in _TEXTS},
        "Created": {"N": str(record.created)},
        "People": {"N": str(record.people)},
        "Over": {"N": str(record.until)},
        "State": {"S": record.step.value},
        "Stopped": {"S": "yes" if record.stopped else ""},
        "Tokens": {"S": json.dumps(record.tokens)},
    }


def _loop(item: Item) -> LoopRecord:
    return LoopRecord(
        **{each: items.text(item, each.capitalize()) for each in _TEXTS},
        created=items.number(item, "Created"),
        people=items.number(item, "People"),
        until=items.number(item, "Over"),
        step=Step(items.text(item, "State")),
        stopped=bool(items.text(item, "Stopped")),
        tokens=tuple(json.loads(items.text(item, "Tokens") or "[]")),
        version=items.number(item, "Version"),
    )


def _of_page(page: Page) -> Item:
    return items.key(PAGES, f"PAGE#{page.name}") | {
        "Template": {"S": page.template},
        "Sha256": {"S": page.sha256},
        "Created": {"N": str(page.created)},
    }


def _page(item: Item) -> Page:
    return Page(
        name=items.text(item, "SK").removeprefix("PAGE#"),
        template=items.text(item, "Template"),
        sha256=items.text(item, "Sha256"),
        created=items.number(item, "Created"),
        deleted=bool(items.text(item, "Deleted")),
    )
