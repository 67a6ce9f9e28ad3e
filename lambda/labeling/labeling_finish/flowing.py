"""What is next in a streaming job: labels of what is answered, at once; more objects; its end. Done twice, it is once.

A label is written down with the object, then published, then said to be published: who is killed between has it
published again, with the same id in its line, so that a job which listens takes it once.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

from labeling_finish.ending import BATCH, Ending
from labels import output, request
from labels.manifest import Origin
from labels.objects import order
from labels.output import ObjectResult
from labels.request import Request
from labels.streaming import output as leaving
from labels.streaming.envelope import MessageError
from labels.streaming.terms import idle_end
from labels.task import Close, Fail, Label, Open, RefusedError, Stage
from reach.topics import Topics
from task_store.jobs import Job, State
from task_store.results import Pool, result
from task_store.store import ConflictError
from task_store.stream_store import Kept, StreamStore

IDLE: Final = "Nothing came for {days} days after the last object was labeled."
WRITE: Final = 900
"""After how many seconds the manifest is written anew where labels have been made meanwhile."""
Line = Mapping[str, Any]
_ABSENT: Final = object()


class StreamLabels(Ending):
    """The labels of a streaming job: each object's of its own answers; users' functions get a batch of objects."""

    def lines_of(self, found: Sequence[ObjectResult], when: datetime) -> Sequence[Line]:
        """Return the lines of objects, with labels or with the reasons why they have none."""
        if self.request.after or self.request.kind(self.store.template(self.job)).custom:
            return self._custom(found, when)
        return [line for each in found for line in self._built_in([each], when)]

    def write_answers(self, found: Sequence[ObjectResult]) -> None:
        """Write what people answered about objects."""
        for each in found:
            for name, text in each.files():
                self.files.write(f"{self.request.folder}/{name}", text)

    def write_manifest(self, lines: Sequence[Line]) -> None:
        """Write the manifest as it is now."""
        self.files.write(f"{self.request.folder}/{output.MANIFEST}", output.manifest(lines))

    def _consolidate(self, name: str, payload: Sequence[Mapping[str, Any]]) -> object:
        """Have the user's function make labels; batches of one second have names of their own."""
        first = payload[0]["datasetObjectId"][:16]
        return super()._consolidate(f"{name.removesuffix('.json')}-{first}.json", payload)


MakeLabels = Callable[[Job, Request], StreamLabels]


@dataclass(frozen=True)
class Flow:
    """A streaming job at one moment."""

    store: StreamStore
    job: Job
    labels: StreamLabels
    topics: Topics
    idle: timedelta
    when: datetime

    def carry_on(self) -> State:
        """Do what is next, and return the job's state."""
        job, store = self.job, self.store
        self._publish_left()
        stopping = job.state is State.STOPPING
        if stopping:
            asked = [each for each, thing, _ in store.objects(job.name) if thing.stage in {Stage.WAITING, Stage.OPEN}]
            self._change(asked, Close(job.reason))
        self._label()
        if stopping:
            return self._end()
        free = max(0, job.concurrent - store.count(job.name, Stage.OPEN))
        self._change(list(islice(store.at(job.name, Stage.WAITING), free)), Open())
        self._write_sometimes()
        return State.STOPPING if self._stop_if_idle() else job.state

    def _change(self, objects: Sequence[str], action: Open | Close) -> None:
        for identity in objects:
            try:
                self.store.change(self.job, identity, action)
            except (RefusedError, ConflictError):  # somebody was faster: what it is then is seen the next time
                continue

    def _label(self) -> None:
        """Label, or fail, all objects that are answered."""
        settings = self.labels.settings
        pool = Pool(settings.region, settings.issuer)
        answered = self.store.what_is_answered(self.job)
        while batch := list(islice(answered, BATCH)):
            found = [
                result(self.store, self.job.name, pool, identity, thing, line) for identity, thing, line, _ in batch
            ]
            self.labels.write_answers(found)
            made = self.labels.lines_of(found, self.when)
            for each, line, (*_, version) in zip(found, made, batch, strict=True):
                self._keep(each, line, version)
            self.store.note_labeled(self.job)

    def _keep(self, found: ObjectResult, line: Line, version: int) -> None:
        """Write down what an object became, unless an answer has been taken back meanwhile, and publish it."""
        attribute = self.labels.request.attribute
        reason = line.get(f"{attribute}-metadata", {}).get("failure-reason")
        try:
            if reason:
                self.store.change(self.job, found.id, Fail(str(reason)), seen=version)
                return
            label = {name: value for name, value in line.items() if found.line.get(name, _ABSENT) != value}
            self.store.change(self.job, found.id, Label(), seen=version, label=label)
        except (RefusedError, ConflictError):  # whoever took an answer back gives another, and it is labeled then
            return
        if self.job.publishes:
            self._publish(Kept(found.id, self.store.read(self.job, found.id, "").task.object, found.line, label, 0))
            self.store.note_published(self.job, found.id, version + 1)

    def _publish_left(self) -> None:
        """Publish labels that somebody has made, and did not come to publish."""
        if self.job.publishes:
            for kept, version in self.store.what_is_unpublished(self.job):
                self._publish(kept)
                self.store.note_published(self.job, kept.identity, version)

    def _publish(self, kept: Kept) -> None:
        try:
            text = leaving.message(self._line(kept), self.labels.request.attribute)
        except MessageError:  # it is in the manifest
            return
        if text:
            self.topics.publish(self.job.publishes, text)

    def _line(self, kept: Kept) -> Line:
        """Return the line of an object in the output."""
        attribute = self.labels.request.attribute
        line = leaving.with_ids(kept.line, attribute, f"{self.job.name}/{kept.identity}")
        if kept.thing.stage is not Stage.FAILED:
            return leaving.line(line, kept.label)
        origin = Origin(self.job.name, attribute, self.job.categories, self.when)
        plain = {name: value for name, value in line.items() if name not in {attribute, origin.metadata}}
        return {**plain, **origin.failure(kept.thing.reason)}

    def _write_sometimes(self) -> None:
        """Write the manifest anew from time to time, of what has a label by now."""
        moments, now = self.store.moments(self.job), int(self.when.timestamp())
        if moments.labeled > moments.written and now - moments.written >= WRITE:
            self._write(now)

    def _write(self, now: int) -> list[Kept]:
        done = {Stage.LABELED, Stage.FAILED}
        found = [each for each in self.store.what_is_kept(self.job) if each.thing.stage in done]
        found.sort(key=lambda each: (each.came, order(each.identity)))
        self.labels.write_manifest([self._line(each) for each in found])
        self.store.note_written(self.job, now)
        return found

    def _stop_if_idle(self) -> bool:
        job, moments = self.job, self.store.moments(self.job)
        unlabeled = sum(self.store.count(job.name, each) for each in (Stage.WAITING, Stage.OPEN, Stage.ANSWERED))
        ends = idle_end(
            started=_moment(job.created) or self.when,
            unlabeled=unlabeled,
            last_arrival=_moment(moments.came),
            last_label=_moment(moments.labeled),
            idle=self.idle,
        )
        if ends is None or self.when < ends:
            return False
        return self.store.update(job, state=State.STOPPING, reason=IDLE.format(days=self.idle.days))

    def _end(self) -> State:
        """End the job when every object has a label or a reason, which is when none is left to ask about."""
        every = [thing.stage for _, thing, _ in self.store.objects(self.job.name)]
        failed = every.count(Stage.FAILED)
        if failed + every.count(Stage.LABELED) < len(every):
            return self.job.state
        self._publish_left()
        self._write(int(self.when.timestamp()))
        counts = {"objects": len(every), "prepared": len(every), "labeled": len(every) - failed, "failed": failed}
        if not self.store.update(self.job, state=State.STOPPED, **counts):
            return self.job.state
        self.store.note_ended(self.job)
        return State.STOPPED


def flow_on(  # noqa: PLR0913, PLR0917 - what a job is carried on with
    store: StreamStore, job: Job, labels: MakeLabels, topics: Topics, idle: timedelta, when: datetime
) -> State:
    """Do what is next in a streaming job, and return its state."""
    if job.state not in {State.IN_PROGRESS, State.STOPPING}:
        return job.state
    made = labels(job, request.read(json.loads(job.request)))
    return Flow(store, job, made, topics, idle, when).carry_on()


def _moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
