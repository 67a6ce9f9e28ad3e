"""The jobs of the table."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from labels.task import RefusedError, Why
from task_store import items
from task_store.contents import Contents
from task_store.items import DUE, TEAM, Due
from task_store.jobs import Job, State, attributes, job_of, of_job, standing
from task_store.questions import Questions
from task_store.table import TaskTable
from task_store.turns import Turns

LOOK: Final = 300
"""After how many seconds a job is looked at again in which nothing changed."""


class JobStore:
    """The jobs of one table. `clock` gives the time in seconds since 1970."""

    def __init__(self, table: TaskTable, contents: Contents, clock: Callable[[], int]) -> None:
        self._table, self._contents, self._clock = table, contents, clock
        self.turns, self.questions = Turns(table), Questions(table)

    def time(self) -> int:
        """Return the time, in seconds since 1970."""
        return self._clock()

    def create(self, job: Job) -> bool:
        """Write a job down; false where there is one of its name."""
        now = self._clock()
        request = self._contents.keep(job.request, f"{job.name}/request.json")
        categories = self._contents.keep(json.dumps(job.categories, ensure_ascii=False), f"{job.name}/categories.json")
        made = replace(job, created=now, modified=now)
        return self._table.put_new(of_job(made, request, categories) | standing(made.state, now + LOOK))

    def job(self, name: str) -> Job:
        """Return a job. Raises RefusedError."""
        item = self._table.get(items.key_of_job(name))
        if item is None:
            raise RefusedError(Why.NOT_YOURS, f"There is no job {name}.")
        request, categories = (self._contents.read(items.text(item, each)) for each in ("Request", "Categories"))
        return job_of(item, request, categories)

    def jobs(self) -> Iterator[Job]:
        """Yield every job, by name; without requests and classes."""
        for item in self._table.query("", items.JOBS):
            yield job_of(item, "", "")

    def jobs_of_team(self, team: str) -> list[Job]:
        """Return the jobs in progress whose people are the members of a team, in the order of their names."""
        found = self._table.query(TEAM, team)
        return [self.job(items.text(item, "Name")) for item in found if items.text(item, "State") == State.IN_PROGRESS]

    def template(self, job: Job) -> str:
        """Return the worker template of a job, as it was when the job was made."""
        return self._contents.read(job.template)

    def manifest(self, job: Job) -> str:
        """Return the input manifest of a job, as it was when the job was made."""
        return self._contents.read(job.manifest)

    def keep(self, text: str, name: str) -> str:
        """Write down a text that a job is made of, and return its URI."""
        return self._contents.write(text, name)

    def find(self, name: str) -> str | None:
        """Return a text that was kept under a name; None where there is none."""
        return self._contents.find(name)

    def text(self, kept: str) -> str:
        """Return a text that stands in an item, or for which a URI stands there."""
        return self._contents.read(kept)

    def bar_job(self, job: str, reason: str) -> None:
        """Give nobody anything new of a job, for a reason; an empty one ends it."""
        self._table.set(items.key_of_job(job), "Barred", reason)

    def update(self, job: Job, **changes: Any) -> bool:  # noqa: ANN401 - members of a job
        """Change members of a job; false where somebody else has changed it meanwhile.

        Whoever changes a job has done something for it: it is looked at again only if nothing more comes of that.
        """
        now = self._clock()
        after = replace(job, **changes, modified=now)
        values = attributes(after, [*changes, "modified"]) | standing(after.state, now + LOOK)
        removed = ("Due", "Until") if after.ended else ()
        return self._table.update(items.key_of_job(job.name), values, job.version, removed)

    def look_again(self) -> list[str]:
        """Touch the jobs in which nothing has changed for long, so that the table tells of them; return their names."""
        now = {"N": str(self._clock())}
        names = [
            items.text(item, "SK").removeprefix("JOB#")
            for item in self._table.query(DUE, Due.JOB.value, {"Until": ("<=", now)})
        ]
        return [name for name in names if self.update(self.job(name))]
