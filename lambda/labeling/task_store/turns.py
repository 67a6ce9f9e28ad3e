"""What the function that carries a job on did last, for the one that does it next, or at the same time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from task_store import items
from task_store.table import TaskTable


@dataclass(frozen=True)
class Turn:
    """What was done last in a job. Times are seconds since 1970."""

    opened: Mapping[str, int] = field(default_factory=dict)
    """The objects that were opened lately, and when: an index may not know of them yet."""
    looked: int = 0
    """When all answers were looked at."""
    answered: int = 0
    """How many objects were answered then."""
    told: int = 0
    """Whether the job's end was told."""
    version: int = 0


class Turns:
    """The last turns of the jobs of one table."""

    def __init__(self, table: TaskTable) -> None:
        self._table = table

    def last(self, job: str) -> Turn:
        """Return what was done last in a job."""
        item = self._table.get(items.key_of_turn(job)) or {}
        numbers = {name: items.number(item, name.capitalize()) for name in ("looked", "answered", "told", "version")}
        return Turn(json.loads(items.text(item, "Opened") or "{}"), **numbers)

    def take(self, job: str, last: Turn, **changes: Any) -> bool:  # noqa: ANN401 - members of a turn
        """Write down what is done now; false where somebody else has done something since `last`."""
        now = replace(last, **changes)
        values = {
            "Opened": {"S": json.dumps(now.opened)},
            **{name.capitalize(): {"N": str(getattr(now, name))} for name in ("looked", "answered", "told")},
        }
        key = items.key_of_turn(job)
        return self._table.update(key, values, last.version) if last.version else self._table.put_new(key | values)
