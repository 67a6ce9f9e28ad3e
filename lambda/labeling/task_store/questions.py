"""What people ask about objects, and what who leads the job answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from labels.task import RefusedError, Why
from task_store import items
from task_store.table import TaskTable


@dataclass(frozen=True)
class Inquiry:
    """What a person asked about an object; the answer is empty until there is one. Times are seconds since 1970."""

    id: str
    job: str
    object: str
    asker: str
    text: str
    asked: int
    answer: str = ""
    answered: int = 0
    by: str = ""
    """Who answered, as they are called where they did."""


class Questions:
    """The questions of one table."""

    def __init__(self, table: TaskTable) -> None:
        self._table = table

    def ask(self, job: str, identity: str, worker: str, text: str, when: int) -> None:
        """Keep a question about an object for who leads the job; the same one again is one."""
        self._table.put_new(
            items.key_of_question(job, identity, worker, when)
            | {"Object": {"S": identity}, "Asker": {"S": worker}, "Text": {"S": text}, "Asked": {"N": str(when)}}
        )

    def of_job(self, job: str) -> Iterator[Inquiry]:
        """Yield the questions about a job's objects, the oldest first."""
        for item in self._table.query("", items.questions_of(job)):
            yield _question(job, item)

    def answer(self, job: str, question: str, text: str, by: str, when: int) -> Inquiry:
        """Answer a question; who asked sees the last answer. Raises RefusedError where there is no such question."""
        while True:
            item = next(
                (each for each in self._table.query("", items.questions_of(job)) if _id(each) == question), None
            )
            if item is None:
                raise RefusedError(Why.NOT_YOURS, f"{job} has no question {question}.")
            values = {"Answer": {"S": text}, "Answered": {"N": str(when)}, "By": {"S": by}}
            key = {name: item[name] for name in ("PK", "SK")}
            if self._table.update(key, values, items.number(item, "Version")):
                return _question(job, item | values)


def _question(job: str, item: Mapping[str, Any]) -> Inquiry:
    texts = {name: items.text(item, name.capitalize()) for name in ("object", "asker", "text", "answer", "by")}
    return Inquiry(
        id=_id(item),
        job=job,
        asked=items.number(item, "Asked"),
        answered=items.number(item, "Answered"),
        **texts,
    )


def _id(item: Mapping[str, Any]) -> str:
    """Return the name of a question, which says nothing of who asked."""
    return sha256(items.text(item, "SK").encode()).hexdigest()[:16]
