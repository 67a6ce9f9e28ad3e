"""What who leads a job sends: read, and refused with one sentence where it cannot be meant so."""

import re
from typing import Final

from portal.body import read, text
from portal.problem import bad

SMALL: Final = 16_384
LONGEST: Final = 2_000
MOST_MORE: Final = 9
"""The most people who are asked about an object: NumberOfHumanWorkersPerDataObject."""
MOST_RATE: Final = 10_000.0
_RATE: Final = re.compile(r"\d{1,5}(\.\d{1,4})?")


def worker(body: str | None) -> str:
    """Return whom something is about. Raises ProblemError."""
    return text(read(body, "worker", most=SMALL), "worker", most=128)


def sent_back(body: str | None) -> tuple[str, str]:
    """Return whose answer is sent back, and the note to them. Raises ProblemError."""
    given = read(body, "worker", "note", most=SMALL)
    return text(given, "worker", most=128), text(given, "note", most=LONGEST)


def more(body: str | None) -> int:
    """Return how many more people are asked. Raises ProblemError."""
    given = read(body, "more", most=SMALL).get("more")
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= MOST_MORE:
        raise bad(f'"more" must be a number from 1 to {MOST_MORE}.')
    return given


def reason(body: str | None) -> str:
    """Return why somebody is paused, which they are told. Raises ProblemError."""
    return text(read(body, "reason", most=SMALL), "reason", most=LONGEST)


def answer(body: str | None) -> str:
    """Return the answer to a question. Raises ProblemError."""
    return text(read(body, "text", most=SMALL), "text", most=LONGEST)


def rate(given: str | None) -> float | None:
    """Return what an hour of work costs in USD, if it is said. Raises ProblemError."""
    if not given:
        return None
    if not _RATE.fullmatch(given):
        raise bad('"rate" must be USD an hour, such as 12.50.')
    return min(float(given), MOST_RATE)
