"""A gate of the checks, and its findings."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, order=True)
class Found:
    """One finding: the rule, where, and what it says; `explained` holds the reason why it may stay."""

    rule: str
    where: str
    message: str
    explained: str = ""


@dataclass(frozen=True)
class Gate:
    """What one gate found, and how long it took."""

    name: str
    seconds: float
    found: Sequence[Found] = field(default=())
    failure: str = ""

    @property
    def open(self) -> list[Found]:
        """Findings that nothing explains."""
        return [found for found in self.found if not found.explained]

    @property
    def status(self) -> str:
        """`passed`, `failed`, or `error` where the gate could not judge."""
        if self.failure:
            return "error"
        return "failed" if self.open else "passed"

    def as_json(self) -> dict[str, Any]:
        """Return the gate as summary.json shows it."""
        summary: dict[str, Any] = {
            "name": self.name,
            "status": self.status,
            "findings": len(self.open),
            "explained": len(self.found) - len(self.open),
            "seconds": round(self.seconds, 1),
        }
        return summary | ({"error": self.failure} if self.failure else {})


Judge = Callable[[], Iterator[Found]]
