"""Streaming jobs in the table: who listens to a topic, objects that come while a job runs, labels that leave it.

A job takes an object only while it is open, in one transaction with a look at its state: what it has taken is labeled,
or failed, when it ends. A label that is to be published is due from the moment at which it is written down.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from labels.objects import DataObject
from labels.task import Object, Stage
from task_store import items
from task_store.items import DUE, STAGE, Due
from task_store.jobs import Job, State
from task_store.store import TRIES, ConflictError, Store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


class Taken(Enum):
    """What became of an object that came."""

    NEW = "new"
    KNOWN = "known"
    """The job has it already."""
    CLOSED = "closed"
    """The job takes no objects any more."""


@dataclass(frozen=True)
class Moments:
    """When something happened last in a streaming job, in seconds since 1970; 0 for never."""

    came: int
    labeled: int
    written: int
    """When its manifest was written."""


@dataclass(frozen=True)
class Kept:
    """An object with its line, and the members of its label; none where it has no label."""

    identity: str
    thing: Object
    line: Mapping[str, Any]
    label: Mapping[str, Any]
    came: int


class StreamStore(Store):
    """The store, with what streaming jobs need of it besides."""

    def listen(self, job: Job) -> bool:
        """Have a job get what comes by its topic; false where it does already."""
        return self._table.put_new(items.key_of_listener(job.stream, job.name) | {"Name": {"S": job.name}})

    def listeners(self, topic: str) -> Iterator[str]:
        """Yield the names of the jobs that listen to a topic, but for those of which it is known that they ended."""
        for item in self._table.query("", f"TOPIC#{topic}"):
            if not items.text(item, "Ended"):
                yield items.text(item, "Name")

    def moments(self, job: Job) -> Moments:
        """Return when something happened last in a job."""
        item = self._table.get(items.key_of_listener(job.stream, job.name)) or {}
        return Moments(*(int(items.text(item, name) or 0) for name in ("Came", "Labeled", "Written")))

    def note_came(self, job: Job) -> None:
        """Write down that something came."""
        self._note(job, "Came")

    def note_labeled(self, job: Job) -> None:
        """Write down that an object was labeled, or failed."""
        self._note(job, "Labeled")

    def note_written(self, job: Job, when: int) -> None:
        """Write down of when the manifest is."""
        self._note(job, "Written", when)

    def note_ended(self, job: Job) -> None:
        """Write down that nothing that comes is for the job any more."""
        self._note(job, "Ended")

    def _note(self, job: Job, what: str, when: int = 0) -> None:
        self._table.set(items.key_of_listener(job.stream, job.name), what, str(when or self._clock()))

    def has(self, job: Job, identity: str) -> bool:
        """Return whether a job has an object of this id."""
        return self._table.get(items.key_of_object(job.name, identity)) is not None

    def take(self, job: Job, line: DataObject, task_input: object, reason: str = "") -> Taken:
        """Write an object down that came, if the job is open: it waits, or has failed for a `reason`."""
        thing = Object(job.wanted, Stage.FAILED, reason=reason) if reason else Object(job.wanted)
        item = self._new(job, line, task_input, thing) | {"Came": {"N": str(self._clock())}}
        open_: list[TransactWriteItemTypeDef] = [
            self._table.change(item, 0),
            self._table.check(items.key_of_job(job.name), "State", (State.INITIALIZING.value, State.IN_PROGRESS.value)),
        ]
        for _ in range(TRIES):
            if self._table.transact(open_):
                return Taken.NEW
            if self.has(job, line.id):
                return Taken.KNOWN
            now = self.job(job.name)
            if now.state not in {State.INITIALIZING, State.IN_PROGRESS}:
                return Taken.CLOSED
        raise ConflictError(f"The job {job.name} changes too fast: try again.")

    def count(self, job: str, stage: Stage) -> int:
        """Return how many objects of a job are in a stage, as `at` has it."""
        return self._table.count(STAGE, items.stage_key(job, stage))

    def what_is_answered(self, job: Job) -> Iterator[tuple[str, Object, Mapping[str, Any], int]]:
        """Yield the id of every object that is answered and has no label, the object, its line, and its version."""
        for identity in list(self.at(job.name, Stage.ANSWERED)):
            place = self.read(job, identity, "")
            if place.task.object.stage is Stage.ANSWERED:
                line = json.loads(self._contents.read(items.text(place.item, "Line")))
                yield identity, place.task.object, line, items.number(place.item, "Version")

    def what_is_unpublished(self, job: Job) -> Iterator[tuple[Kept, int]]:
        """Yield the objects whose labels are still to be published, and their versions."""
        for found in self._table.query(DUE, Due.LABEL.value):
            if items.text(found, "PK") == f"JOB#{job.name}":
                item = self._table.get(items.key_of_object(job.name, items.text(found, "Id"))) or {}
                if items.text(item, "Due") == Due.LABEL.value:
                    yield self._as_kept(item), items.number(item, "Version")

    def note_published(self, job: Job, identity: str, version: int) -> bool:
        """Write down that a label has been published; false where the object has changed since."""
        return self._table.update(items.key_of_object(job.name, identity), {}, version, ("Due",))

    def what_is_kept(self, job: Job) -> Iterator[Kept]:
        """Yield every object of a job, with its label."""
        for item in self._table.query("", f"JOB#{job.name}"):
            yield self._as_kept(item)

    def _as_kept(self, item: Mapping[str, Any]) -> Kept:
        label = items.text(item, "Label")
        return Kept(
            items.text(item, "Id"),
            items.object_of(item),
            json.loads(self._contents.read(items.text(item, "Line"))),
            json.loads(self._contents.read(label)) if label else {},
            items.number(item, "Came"),
        )
