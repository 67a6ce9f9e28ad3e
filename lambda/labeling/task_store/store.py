"""What people do with the objects of jobs, each time as one transaction: `labels.task.step` says what it does.

An action reads the object and the lease, and writes what became of them if nobody changed either meanwhile; else it is
done anew. So a process may end between any two calls, and has then done all of an action or nothing.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from labels import task
from labels.objects import SOURCES, DataObject
from labels.redundancy import checks_for
from labels.task import Action, Claim, Lease, Object, RefusedError, Stage, Task, Why, step
from task_store import items
from task_store.items import DUE, OPEN, STAGE, Due
from task_store.job_store import JobStore
from task_store.jobs import Job

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

CANDIDATES: Final = 10
"""How many objects are looked at for one that a person can take up."""
AT_ONCE: Final = 100
"""How many items a call of DynamoDB's reads."""
TRIES: Final = 12
"""How often an action is done anew where others were faster."""


class ConflictError(Exception):
    """Others changed an object again and again meanwhile: try later."""


@dataclass(frozen=True)
class TaskPlace:
    """A task as it stands in the table: with what is needed to write it back."""

    task: Task
    item: Mapping[str, Any]
    """The object's."""
    lease: int
    """The lease's version; 0 where there is none."""


class Store(JobStore):
    """The jobs, objects, leases and people of one table."""

    def add(self, job: Job, line: DataObject, task_input: object, *, priority: int = 5) -> bool:
        """Write an object down that waits; false where the job has one of its id."""
        return self._table.put_new(self._new(job, line, task_input, Object(job.wanted), priority))

    def _new(self, job: Job, line: DataObject, task_input: object, thing: Object, priority: int = 5) -> items.Item:
        """Return the item of an object, whose texts may lie in S3."""
        texts = {
            "Line": json.dumps(line.value, ensure_ascii=False),
            "Input": json.dumps(task_input, ensure_ascii=False),
        }
        kept = {
            name: {"S": self._contents.keep(text, f"{job.name}/{line.id}/{name.lower()}.json")}
            for name, text in texts.items()
        }
        shown = [line.value[each] for each in SOURCES if isinstance(line.value.get(each), str)]
        for source in shown:
            self._table.put_new(items.key_of_source(source, job.name, line.id))
        place = items.rank(priority, line.id)
        item = items.key_of_object(job.name, line.id) | items.of_object(thing, job.name, place)
        return item | kept | {"Queue": {"S": place}, "Id": {"S": line.id}}

    def bar(self, worker: str, reason: str) -> None:
        """Give a person nothing new, for a reason that they are told; an empty one ends it."""
        self._table.set(items.key_of_worker(worker), "Barred", reason)

    def pause(self, worker: str, job: str, reason: str) -> bool:
        """Bar a person whom a job has not barred before: whoever ended that trusts them."""
        if not self._table.put_new(items.key_of_pause(job, worker) | {"Reason": {"S": reason}}):
            return False
        self.bar(worker, reason)
        return True

    def next(self, job: Job, worker: str, count: int = 1, after: str = "") -> list[str]:
        """Return the ids of what a person is to do now: what they hold, then what they take up.

        `after` is the last object that they got, so that all before it are not looked at anew. Raises RefusedError
        where they may begin nothing; nothing is left to do where the list is empty.
        """
        recent = [item for item in self._table.recent(worker) if items.text(item, "Job") == job.name]
        mine = [items.text(item, "Object") for item in recent if items.text(item, "State") == task.Hold.HELD]
        found = [identity for identity in mine if task.holds(self.read(job, identity, worker).task)][:count]
        checks = self._checks(job, worker, [items.text(item, "Object") for item in recent])
        for identity in chain(checks, self._candidates(job, worker, after)):
            if len(found) >= count:
                break
            if identity not in found and self._take(job, identity, worker):
                found.append(identity)
        return found

    def act(self, job: Job, identity: str, worker: str, action: Action) -> Task:
        """Do what a person does, or what happens to their lease, and return the task. Raises RefusedError."""
        action = self._small(job, identity, worker, action)
        for _ in range(TRIES):
            place = self.read(job, identity, worker)
            try:
                after = step(place.task, action, job.terms, self._clock())
            except RefusedError as error:
                if error.why is Why.LATE and isinstance(action, task.Answer):
                    self._contents.write(
                        self._contents.read(action.content), f"{job.name}/{identity}/late/{worker}/{action.token}.json"
                    )
                raise
            if self._write(job, identity, worker, place, after):
                return after
        raise ConflictError(f"Object {identity} of {job.name} changes too fast: try again.")

    def change(self, job: Job, identity: str, action: Action, seen: int = 0, label: object = None) -> Object:
        """Do what happens to an object, whoever works on it, and return it. Raises RefusedError.

        `seen` is its version where the action is right for that one only: a label for the answers that it was made of.
        A `label` is kept with it, and is due to be published where the job publishes.
        """
        for _ in range(TRIES):
            place = self.read(job, identity, "")
            if seen and seen != items.number(place.item, "Version"):
                raise RefusedError(Why.NOT_NOW, f"Object {identity} has changed meanwhile.")
            after = step(place.task, action, job.terms, self._clock())
            if self._write(job, identity, "", place, after, label=label):
                return after.object
        raise ConflictError(f"Object {identity} of {job.name} changes too fast: try again.")

    def sweep(self) -> Counter[str]:
        """Take back what nobody gave a sign of life for, close what is over, and return how many of each."""
        done: Counter[str] = Counter()
        jobs: dict[str, Job] = {}
        for due in (Due.LEASE, Due.OBJECT):
            for item in self._table.query(DUE, due.value, {"Until": ("<=", {"N": str(self._clock())})}):
                name = items.text(item, "Job") or items.text(item, "PK").removeprefix("JOB#")
                try:
                    job = jobs[name] if name in jobs else jobs.setdefault(name, self.job(name))
                    if due is Due.LEASE:
                        self.act(job, items.text(item, "Object"), items.text(item, "Worker"), task.Expire())
                    else:
                        self.change(job, items.text(item, "Id"), task.Close("Nobody answered while there was time."))
                except (RefusedError, ConflictError):  # somebody was faster: what is still due is found the next time
                    continue
                done[due.value] += 1
        return done

    def objects(self, job: str) -> Iterator[tuple[str, Object, Mapping[str, Any]]]:
        """Yield the id of every object of a job, the object, and its item."""
        for item in self._table.query("", f"JOB#{job}"):
            yield items.text(item, "Id"), items.object_of(item), item

    def at(self, job: str, stage: Stage) -> Iterator[str]:
        """Yield the ids of the objects that are in a stage, in the order in which people are asked.

        An index says so, which may not know of what changed within the last second.
        """
        for item in self._table.query(STAGE, items.stage_key(job, stage)):
            yield items.text(item, "Id")

    def stages(self, job: str) -> Counter[Stage]:
        """Return how many objects of a job are in each stage, as the same index has it."""
        counts = {stage: self._table.count(STAGE, items.stage_key(job, stage)) for stage in Stage}
        return Counter({stage: count for stage, count in counts.items() if count})

    def lines(self, job: str) -> Iterator[tuple[str, Object, Mapping[str, Any]]]:
        """Yield the id of every object of a job, the object, and its line of the manifest."""
        for identity, thing, item in self.objects(job):
            yield identity, thing, json.loads(self._contents.read(items.text(item, "Line")))

    def leases(self, job: str, identity: str) -> Iterator[tuple[str, Lease]]:
        """Yield who had to do with an object, and their leases; answers and drafts as they were written."""
        for item in self._table.query("", f"JOB#{job}#{identity}"):
            lease = items.lease_of(item)
            yield items.text(item, "Worker"), replace(lease, answer=self._contents.read(lease.answer))

    def read(self, job: Job, identity: str, worker: str) -> TaskPlace:
        """Return a task as it stands in the table now. Raises RefusedError."""
        keys = [items.key_of_object(job.name, identity), items.key_of_job(job.name)]
        if worker:
            keys += [items.key_of_lease(job.name, identity, worker), items.key_of_worker(worker)]
        thing, of_job, lease, person = (*self._table.batch(keys), None, None)[:4]
        if thing is None:
            raise RefusedError(Why.NOT_YOURS, "There is no such task.")
        barred = items.text(of_job or {}, "Barred") or items.text(person or {}, "Barred")
        held = items.lease_of(lease) if lease else None
        return TaskPlace(Task(items.object_of(thing), held, barred), thing, items.number(lease or {}, "Version"))

    def _small(self, job: Job, identity: str, worker: str, action: Action) -> Action:
        """Write down in S3 what is too large for an item."""
        match action:
            case task.Answer(token, content, draft=draft):
                name = f"{job.name}/{identity}/{worker}/{token}"
                return replace(
                    action,
                    content=self._contents.keep(content, f"{name}.json"),
                    draft=self._contents.keep(draft, f"{name}-draft.json"),
                )
            case task.Draft(content):
                return replace(
                    action, content=self._contents.keep(content, f"{job.name}/{identity}/{worker}/draft.json")
                )
        return action

    def _checks(self, job: Job, worker: str, recent: Sequence[str]) -> Iterator[str]:
        """Yield objects of known label that a person is checked by now, if one is due, and can still take up."""
        if not job.known:
            return
        leases = self._table.batch([items.key_of_lease(job.name, each, worker) for each in job.known])
        seen = {identity for identity, lease in zip(job.known, leases, strict=True) if lease}
        due = checks_for(worker, recent, seen, job.known)
        there = self.now(job, due)
        yield from [each for each in due if each in there and there[each].left][:1]

    def now(self, job: Job, identities: Sequence[str]) -> Mapping[str, Object]:
        """Return objects as the table has them, by their ids; those that are not there are left out."""
        found: dict[str, Object] = {}
        for some in (identities[first : first + AT_ONCE] for first in range(0, len(identities), AT_ONCE)):
            read = self._table.batch([items.key_of_object(job.name, each) for each in some])
            found |= {identity: items.object_of(item) for identity, item in zip(some, read, strict=True) if item}
        return found

    def _candidates(self, job: Job, worker: str, after: str) -> Iterator[str]:
        """Yield the ids of objects that are open, those behind `after` first; people begin at different ones."""
        since = items.text(self._table.get(items.key_of_object(job.name, after)) or {}, "Queue") if after else ""
        ranges = [("<=", {"S": since}), (">", {"S": since})] if since else [None]
        turn = int(sha256(worker.encode()).hexdigest(), 16)
        while ranges:
            limit = ranges.pop()
            page: list[str] = []
            for item in self._table.query(OPEN, job.name, {"Rank": limit} if limit else {}, CANDIDATES):
                page.append(items.text(item, "Id"))
                if len(page) == CANDIDATES:
                    yield from page[turn % len(page) :] + page[: turn % len(page)]
                    page = []
            yield from page

    def _take(self, job: Job, identity: str, worker: str) -> bool:
        """Take an object up, if it can be: false where the person had it, or others were faster."""
        place = self.read(job, identity, worker)
        try:
            after = step(place.task, Claim(), job.terms, self._clock())
        except RefusedError as error:
            if error.why is Why.PAUSED:
                raise
            return False
        return self._write(job, identity, worker, place, after)

    def _write(  # noqa: PLR0913 - what is written, and what it was
        self, job: Job, identity: str, worker: str, place: TaskPlace, after: Task, *, label: object = None
    ) -> bool:
        """Write what changed; false where somebody else has changed it meanwhile."""
        before, version = place.task, items.number(place.item, "Version")
        writes: list[TransactWriteItemTypeDef] = []
        if after.object != before.object:
            kept = {
                name: place.item[name]
                for name in ("Line", "Input", "Queue", "Id", "Label", "Came")
                if name in place.item
            }
            if label is not None:
                text = json.dumps(label, ensure_ascii=False)
                kept["Label"] = {"S": self._contents.keep(text, f"{job.name}/{identity}/label-{version}.json")}
                kept |= {"Due": {"S": Due.LABEL.value}} if job.publishes else {}
            item = items.of_object(after.object, job.name, items.text(place.item, "Queue")) | kept
            writes.append(self._table.change(items.key_of_object(job.name, identity) | item, version))
        if after.lease is not None and after.lease != before.lease:
            item = items.of_lease(after.lease, job.name, identity, worker)
            writes.append(self._table.change(items.key_of_lease(job.name, identity, worker) | item, place.lease))
        return not writes or self._table.transact(writes)
