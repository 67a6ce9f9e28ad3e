"""What the table knows of people beside their tasks: what they did last, the keys they like, what they are told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labels.task import Hold
from task_store import items
from task_store.table import TaskTable

Keys = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Recent:
    """A task that a person had lately."""

    job: str
    object: str
    state: Hold
    seen: int


class People:
    """The people of one table."""

    def __init__(self, table: TaskTable) -> None:
        self._table = table

    def recent(self, worker: str) -> list[Recent]:
        """Return the last tasks of a person, the last first."""
        return [
            Recent(
                items.text(item, "Job"),
                items.text(item, "Object"),
                Hold(items.text(item, "State")),
                items.number(item, "Seen"),
            )
            for item in self._table.recent(worker)
        ]

    def keys(self, worker: str) -> Keys:
        """Return the keys that a person has changed, by command."""
        kept: Keys = json.loads(items.text(self._table.get(items.key_of_worker(worker)) or {}, "Keys") or "{}")
        return kept

    def set_keys(self, worker: str, keys: Keys) -> None:
        """Keep the keys that a person has changed."""
        self._table.set(items.key_of_worker(worker), "Keys", json.dumps(keys, ensure_ascii=False))

    def note(self, worker: str, job: str, identity: str) -> str:
        """Return what a person was told about their answer when it was sent back; empty where it was not."""
        return items.text(self._table.get(items.key_of_note(job, identity, worker)) or {}, "Text")

    def set_note(self, worker: str, job: str, identity: str, text: str) -> None:
        """Tell a person something about their answer."""
        self._table.set(items.key_of_note(job, identity, worker), "Text", text)

    def why_barred(self, worker: str) -> str:
        """Return why a person is given nothing new; empty where they are."""
        return items.text(self._table.get(items.key_of_worker(worker)) or {}, "Barred")
