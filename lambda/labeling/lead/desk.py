"""What who leads jobs sees of them, and changes in them.

Every member of the group `leads` leads all jobs of the environment; to everybody else nothing of this is there.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from itertools import dropwhile, islice
from typing import TYPE_CHECKING, Any, Final

from labels.lead.why import why
from labels.task import Action, Expire, Hold, RefusedError, Stage, Undo, Why
from lead import figures
from lead.people import Names
from portal.problem import ProblemError, bad, not_found
from task_store.contents import PREFIX, Contents
from task_store.jobs import Job
from task_store.lookout import Lookout
from task_store.people import People
from task_store.reopening import reopen
from task_store.store import ConflictError, Store
from task_store.table import TaskTable
from worker import media

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PAGE: Final = 50
MOST_JOBS: Final = 200
AT_ONCE: Final = 16
LOOKS: Final = 12
"""Seconds for reading what has changed; what is left is read by the next request."""
View = Mapping[str, Any]


class LeadDesk:
    """What the leads of one environment are served from: one table, one bucket, and one pool of people."""

    def __init__(self, table: TaskTable, s3: "S3Client", bucket: str, names: Names, clock: Callable[[], int]) -> None:
        self._contents = Contents(s3, bucket)
        self._store, self._people = Store(table, self._contents, clock), People(table)
        self._names, self._s3, self._bucket, self._clock = names, s3, bucket, clock

    def jobs(self) -> View:
        """Return the jobs, the newest first, with how many questions wait for an answer."""
        found = sorted(self._store.jobs(), key=lambda job: (job.created, job.name), reverse=True)[:MOST_JOBS]
        return {
            "jobs": [
                {
                    **_facts(job),
                    "labeled": job.labeled,
                    "questions": 0
                    if job.ended
                    else sum(not each.answer for each in self._store.questions.of_job(job.name)),
                }
                for job in found
            ]
        }

    def job(self, name: str, rate: float | None) -> View:
        """Return how a job goes; `rate` is what an hour of a person's work costs, in USD."""
        job, end = self._job(name), time.monotonic() + LOOKS
        sight = Lookout(self._store).look(name, lambda: time.monotonic() < end)
        found = figures.figures(job, sight, self._clock(), rate)
        found |= {"sources": figures.sources(sight, found)}
        return _facts(job) | figures.with_names(found, self._names.of, self._people.why_barred)

    def objects(self, name: str, stage: str, after: str) -> View:
        """Return a page of the objects that are in a stage, those behind `after`, each with its sentence."""
        if stage not in {each.value for each in Stage}:
            raise bad(f'"stage" must be one of {", ".join(Stage)}.')
        job = self._job(name)
        ids = self._store.at(name, Stage(stage))
        page = list(islice(islice(dropwhile(lambda each: each != after, ids), 1, None) if after else ids, PAGE + 1))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            shown = list(pool.map(lambda each: self._entry(job, each), page[:PAGE]))
        return {"objects": shown, "more": page[PAGE - 1] if len(page) > PAGE else ""}

    def one(self, name: str, identity: str) -> View:
        """Return an object with what people answered about it."""
        job = self._job(name)
        answers = [
            {
                "worker": worker,
                "name": self._names.of(worker),
                "state": lease.state.value,
                "round": lease.round,
                "seconds": lease.active,
                "reason": lease.reason,
                "answer": json.loads(lease.answer) if lease.answer else None,
            }
            for worker, lease in self._store.leases(name, identity)
        ]
        return self._entry(job, identity) | {"answers": answers, "media": len(self._media(job, identity))}

    def medium(self, name: str, identity: str, number: int, asked: str) -> media.Piece:
        """Return a part of a file that an object names."""
        there = self._media(self._job(name), identity)
        if not 0 <= number < len(there):
            raise not_found()
        return media.read(self._s3, there[number], asked)

    def release(self, name: str, identity: str, worker: str) -> View:
        """Take an object from who works on it; what they have so far is kept, and they may take it up again."""
        return self._act(name, identity, worker, Expire(at_once=True))

    def send_back(self, name: str, identity: str, worker: str, note: str) -> View:
        """Have a person look at their answer again, with a note."""
        self._people.set_note(worker, name, identity, note)
        try:
            return self._act(name, identity, worker, Undo())
        except ProblemError:
            self._people.set_note(worker, name, identity, "")
            raise

    def reopen(self, name: str, identity: str, more: int) -> View:
        """Ask more people about an object."""
        job = self._job(name)
        self._try(lambda: reopen(self._store, job, identity, more))
        return self._entry(job, identity)

    def pause(self, worker: str, reason: str) -> View:
        """Give a person nothing new, for a reason that they are told; an empty one ends that."""
        if not self._names.knows(worker):
            raise not_found()
        self._store.bar(worker, reason)
        return {"worker": worker, "name": self._names.of(worker), "barred": reason}

    def questions(self, name: str) -> View:
        """Return what people asked about a job's objects, without an answer first."""
        self._job(name)
        found = [
            {
                "id": each.id,
                "object": each.object,
                "name": self._names.of(each.asker),
                "text": each.text,
                "asked": each.asked,
                "answer": each.answer,
                "answered": each.answered,
            }
            for each in self._store.questions.of_job(name)
        ]
        return {"questions": sorted(found, key=lambda each: (bool(each["answer"]), -int(str(each["asked"]))))}

    def answer(self, name: str, question: str, text: str, by: str) -> View:
        """Answer a question: who asked sees it where they asked."""
        self._job(name)
        self._try(lambda: self._store.questions.answer(name, question, text, by, self._clock()))
        return {}

    def _job(self, name: str) -> Job:
        try:
            return self._store.job(name)
        except RefusedError as error:
            raise not_found() from error

    def _entry(self, job: Job, identity: str) -> dict[str, Any]:
        """Return where an object is, and who has it."""
        try:
            place = self._store.read(job, identity, "")
        except RefusedError as error:
            raise not_found() from error
        thing = place.task.object
        line = json.loads(self._contents.read(place.item["Line"]["S"]))
        leases = dict(self._store.leases(job.name, identity)) if thing.stage is Stage.OPEN else {}
        holders = [
            {"worker": worker, "name": self._names.of(worker), "until": lease.until}
            for worker, lease in leases.items()
            if lease.state is Hold.HELD and lease.round == thing.round
        ]
        named = {self._names.of(worker): lease for worker, lease in leases.items()}
        return {
            "object": identity,
            "source": str(line.get("source", line.get("source-ref"))),
            "stage": thing.stage.value,
            "why": why(thing, named, self._clock(), paused=job.barred, ended=job.ended),
            "holders": holders,
        }

    def _media(self, job: Job, identity: str) -> Sequence[str]:
        try:
            item = self._store.read(job, identity, "").item
        except RefusedError as error:
            raise not_found() from error
        own = f"s3://{self._bucket}/{PREFIX}"
        shown = [json.loads(self._contents.read(item[name]["S"])) for name in ("Input", "Line")]
        return [uri for uri in media.find(shown, self._bucket) if not uri.startswith(own)]

    def _act(self, name: str, identity: str, worker: str, action: Action) -> View:
        job = self._job(name)
        self._try(lambda: self._store.act(job, identity, worker, action))
        return self._entry(job, identity)

    @staticmethod
    def _try(what: Callable[[], object]) -> None:
        try:
            what()
        except RefusedError as error:
            if error.why is Why.NOT_YOURS:
                raise not_found() from error
            raise _conflict(str(error)) from error
        except ConflictError as error:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "busy", str(error)) from error


def _facts(job: Job) -> dict[str, Any]:
    return {
        "name": job.name,
        "title": job.title,
        "team": job.team,
        "state": job.state.value,
        "total": job.objects,
        "stopping": job.barred or job.reason,
        "ended": job.ended,
    }


def _conflict(sentence: str) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, "not_now", sentence)
