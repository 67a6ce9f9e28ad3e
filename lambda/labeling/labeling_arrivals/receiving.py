"""From a message of the queue to an object of each job that listens to its topic, or to a dead letter that says why.

A message that is cut off comes again, and does nothing anew: an object that the job has is not taken twice, and jobs
are carried on for what was taken before.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from labeling_arrivals.letters import Letters
from labels import adjustment, request
from labels.objects import DataObject
from labels.streaming import arrivals
from labels.streaming.arrivals import Arrival, Listener, Probe
from labels.streaming.envelope import Envelope, MessageError, unwrap
from labels.task import RefusedError
from reach.files import FileError, Files
from reach.functions import Functions
from reach.settings import Settings
from reach.tasks import TaskMaker
from task_store.jobs import Job, State
from task_store.stream_store import StreamStore, Taken

TRIES: Final = 5
"""How often a message is taken up before it is given up; the queue's own limit is higher."""
OPEN: Final = frozenset({State.INITIALIZING, State.IN_PROGRESS})


@dataclass(frozen=True)
class Message:
    """A message of the queue, as it came."""

    id: str
    body: str
    tries: int = 1
    """How often it was taken up, this time included."""


@dataclass
class Receiver:
    """Takes messages in, for one invocation: jobs are read once."""

    store: StreamStore
    files: Files
    functions: Functions
    letters: Letters
    settings: Settings
    touched: dict[str, Job] = field(default_factory=dict)
    """The jobs that something came for."""
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read each topic's jobs once."""
        self._listening = cache(lambda topic: list(self._listeners(topic)))

    def receive(self, message: Message) -> None:
        """Make objects of a message, and dead letters of what of it is none."""
        try:
            envelope = unwrap(message.body)
            self._require_topic(envelope)
        except MessageError as error:
            self.give_up(message, str(error))
            return
        jobs = self._listening(envelope.topic)
        if not jobs and envelope.topic in self.settings.streams.inputs:
            name = envelope.topic.rpartition(":")[2]
            self.give_up(message, f"No job listens to {name}: create one, and put this back by mdlc redrive.")
        for maker, listener in jobs:
            for each in arrivals.read(envelope, listener):
                self._take(message, maker, each)

    def give_up(self, message: Message, reason: str) -> None:
        """Put a message among the dead letters."""
        self.letters.bury(message.body, reason)
        self._count("dead letter")

    def carry_on(self) -> None:
        """Have the table tell of each job that something came for, so that people are asked about it."""
        for job in self.touched.values():
            self.store.note_came(job)
            self.store.update(self.store.job(job.name))  # who changes it meanwhile has the table tell of it, too

    def _require_topic(self, envelope: Envelope) -> None:
        streams = self.settings.streams
        if envelope.topic not in {*streams.inputs, *streams.outputs}:
            known = ", ".join(each.rpartition(":")[2] for each in streams.inputs)
            raise MessageError(f"The topic {envelope.topic} is none of this environment's streams: {known}.")

    def _listeners(self, topic: str) -> Iterator[tuple[TaskMaker, Listener]]:
        for name in self.store.listeners(topic):
            try:
                job = self.store.job(name)
            except RefusedError:  # it was never made
                continue
            if job.stream != topic or job.state not in OPEN:
                continue
            asked, page = request.read(json.loads(job.request)), self.store.template(job)
            purpose = adjustment.purpose_of(asked, page)
            shown = purpose.adjusts or purpose.verifies
            listener = Listener(asked.attribute, asked.kind(page).source, asked.folder, shown)
            yield TaskMaker(job, asked, purpose, self.functions, self.settings), listener

    def _take(self, message: Message, maker: TaskMaker, found: Arrival | Probe | MessageError) -> None:
        match found:
            case Probe():
                self._count("test")
            case MessageError():
                self.give_up(message, f"{maker.job.name}: {found}")
            case Arrival():
                try:
                    self._take_object(maker, found)
                except (FileError, MessageError) as error:
                    self.give_up(message, f"{maker.job.name}: {error}")

    def _take_object(self, maker: TaskMaker, arrival: Arrival) -> None:
        job, line = maker.job, DataObject(arrival.digest, arrival.line)
        if self.store.has(job, line.id):
            taken = Taken.KNOWN
        else:
            if source := line.value.get("source-ref"):
                self.files.require(str(source), "The object")
            made = maker.make(line)
            taken = self.store.take(job, line, made.value, made.reason)
        if taken is Taken.CLOSED:
            raise MessageError("The job has ended, and takes no more objects: create another that listens.")
        self.touched[job.name] = job
        self._count(taken.value)

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1
