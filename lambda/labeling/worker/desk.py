"""What a person does with the tasks of their teams' jobs, and what they are shown of these.

Whoever asks for what is not theirs is told that it is not there: jobs of other teams, and tasks they never took up.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from labels.task import Action, Decline, Hold, RefusedError, Undo, Why
from portal.problem import ProblemError, not_found
from task_store.contents import PREFIX, Contents
from task_store.jobs import Job, State
from task_store.people import People
from task_store.store import ConflictError, Store, TaskPlace
from task_store.table import TaskTable
from worker import media
from worker.member import LEADS, Member
from worker.task_id import parts, task_id

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MOST_AT_ONCE: Final = 5
"""Tasks that a person can hold at once: the one in hand, and those that are prepared behind it."""
LAST: Final = 10
"""How many submitted tasks can be gone back to."""
_BETWEEN: Final = (5, 30)
"""The least and the most seconds between two signs of life."""
View = Mapping[str, Any]


@dataclass(frozen=True)
class Theirs:
    """A task of somebody who may see it."""

    worker: str
    job: Job
    identity: str
    place: TaskPlace


class Desk:
    """What one environment's people are served from: one table, and one bucket."""

    def __init__(self, table: TaskTable, s3: "S3Client", bucket: str, clock: Callable[[], int]) -> None:
        self._contents = Contents(s3, bucket)
        self._store, self._people = Store(table, self._contents, clock), People(table)
        self._s3, self._bucket, self._clock = s3, bucket, clock

    def jobs(self, person: Member) -> View:
        """Return the jobs of somebody's teams, or why there is none."""
        found = sorted(
            (job for team in sorted(person.teams) for job in self._store.jobs_of_team(team)), key=lambda job: job.name
        )
        shown = [
            {
                "name": job.name,
                "title": job.title,
                "description": job.description,
                "team": job.team,
                "barred": job.barred,
            }
            for job in found
        ]
        leads = {"leads": True} if LEADS in person.teams else {}
        return {"jobs": shown, "why": "" if shown else _why_none(person), **leads}

    def next(self, person: Member, name: str, count: int, after: str) -> View:
        """Return what somebody is to do now: what they hold, then what they take up; or why there is nothing."""
        job = self._job(person, name)
        since = parts(after)[1] if after else ""
        try:
            found = self._store.next(job, person.sub, min(count, MOST_AT_ONCE), since)
        except RefusedError as error:
            return {"tasks": [], "why": str(error)}
        tasks = [self._view(Theirs(person.sub, job, each, self._store.read(job, each, person.sub))) for each in found]
        why = job.barred or "Every task is done, or with somebody else: look again later."
        return {"tasks": tasks, "why": "" if tasks else why}

    def task(self, person: Member, name: str) -> View:
        """Return a task with its template, its input, and what the person has entered so far."""
        return self._view(self._theirs(person, name))

    def medium(self, person: Member, name: str, number: int, asked: str) -> media.Piece:
        """Return a part of a file that a task names."""
        there = self._media(self._input(self._theirs(person, name)))
        if not 0 <= number < len(there):
            raise not_found()
        return media.read(self._s3, there[number], asked)

    def act(self, person: Member, name: str, action: Action) -> None:
        """Do what somebody does with a task."""
        theirs = self._theirs(person, name)
        try:
            self._store.act(theirs.job, theirs.identity, person.sub, action)
        except RefusedError as error:
            raise _conflict(error) from error
        except ConflictError as error:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "busy", str(error)) from error

    def decline(self, person: Member, name: str, reason: str) -> None:
        """Give a task back; the same reason again is the same."""
        lease = self._theirs(person, name).place.task.lease
        if lease is None or lease.state is not Hold.DECLINED:
            self.act(person, name, Decline(reason))

    def ask(self, person: Member, name: str, text: str) -> None:
        """Keep a question about a task for who leads the job."""
        theirs = self._theirs(person, name)
        self._store.questions.ask(theirs.job.name, theirs.identity, person.sub, text, self._clock())

    def questions(self, person: Member) -> View:
        """Return what somebody asked about tasks of their teams' jobs, and the answers, the last first."""
        jobs = [job for team in person.teams for job in self._store.jobs_of_team(team)]
        found = [
            {
                "id": each.id,
                "task": task_id(job.name, each.object),
                "title": job.title,
                "text": each.text,
                "asked": each.asked,
                "answer": each.answer,
                "answered": each.answered,
            }
            for job in jobs
            for each in self._store.questions.of_job(job.name)
            if each.asker == person.sub
        ]
        return {"questions": sorted(found, key=lambda each: each["asked"], reverse=True)}

    def history(self, person: Member) -> View:
        """Return the last tasks that somebody submitted, the last first."""
        jobs = {job.name: job for team in person.teams for job in self._store.jobs_of_team(team)}
        done = [each for each in self._people.recent(person.sub) if each.state is Hold.SUBMITTED and each.job in jobs]
        return {
            "tasks": [
                {
                    "id": task_id(each.job, each.object),
                    "job": each.job,
                    "title": jobs[each.job].title,
                    "submitted": each.seen,
                }
                for each in done[:LAST]
            ]
        }

    def reopen(self, person: Member, name: str) -> View:
        """Take a submitted answer back, and return its task; one that is open already is returned as it is."""
        lease = self._theirs(person, name).place.task.lease
        if lease is None or lease.state is not Hold.HELD:
            self.act(person, name, Undo())
        return self.task(person, name)

    def keys(self, person: Member) -> View:
        """Return the keys that somebody has changed."""
        return {"keys": self._people.keys(person.sub)}

    def set_keys(self, person: Member, keys: Mapping[str, Sequence[str]]) -> None:
        """Keep the keys that somebody has changed."""
        self._people.set_keys(person.sub, keys)

    def _job(self, person: Member, name: str) -> Job:
        try:
            job = self._store.job(name)
        except RefusedError as error:
            raise not_found() from error
        if job.team not in person.teams or job.state is State.INITIALIZING:
            raise not_found()
        return job

    def _theirs(self, person: Member, name: str) -> Theirs:
        of_job, identity = parts(name)
        job = self._job(person, of_job)
        try:
            place = self._store.read(job, identity, person.sub)
        except RefusedError as error:
            raise not_found() from error
        if place.task.lease is None:
            raise not_found()
        return Theirs(person.sub, job, identity, place)

    def _input(self, theirs: Theirs) -> Any:  # noqa: ANN401 - any JSON
        return json.loads(self._contents.read(theirs.place.item["Input"]["S"]))

    def _media(self, task_input: object) -> list[str]:
        """Return the files that a task names, but for those that the engine keeps people's answers in."""
        own = f"s3://{self._bucket}/{PREFIX}"
        return [uri for uri in media.find(task_input, self._bucket) if not uri.startswith(own)]

    def _view(self, theirs: Theirs) -> View:
        job, lease = theirs.job, theirs.place.task.lease
        task_input = self._input(theirs)
        draft = self._contents.read(lease.draft) if lease and lease.draft else "null"
        least, most = _BETWEEN
        return {
            "id": task_id(job.name, theirs.identity),
            "job": job.name,
            "title": job.title,
            "description": job.description,
            "template": self._store.template(job),
            "input": task_input,
            "categories": list(job.categories),
            "media": [{"n": number, "uri": uri} for number, uri in enumerate(self._media(task_input))],
            "draft": json.loads(draft),
            "note": self._people.note(theirs.worker, job.name, theirs.identity),
            "ends": lease.ends if lease else 0,
            "heartbeat": min(most, max(least, job.terms.patience // 3)),
        }


def _why_none(person: Member) -> str:
    teams = sorted(person.teams - {LEADS})
    if not teams:
        return "You are in no team yet: ask who invited you."
    return f"No job waits for {' or '.join(teams)} now: look again later."


def _conflict(error: RefusedError) -> ProblemError:
    if error.why is Why.NOT_YOURS:
        return not_found()
    return ProblemError(HTTPStatus.CONFLICT, error.why.value.replace(" ", "_"), str(error))
