"""How far a job is, and when it will end at the pace of the last day.

All times are whole seconds since 1970, as in `labels.task`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

from labels.task import Hold, Lease, Object, Stage

WINDOW: Final = 24 * 3600
"""What the pace is taken from: a whole day has its night and its breaks."""
DEVIATIONS: Final = 2
"""How many standard deviations of the number of answers the earliest and the latest end lie apart from it."""


@dataclass(frozen=True)
class Forecast:
    """When the last answer is given: None where nobody can know, with the reason."""

    ends: int | None
    earliest: int | None
    latest: int | None
    why: str
    """One sentence."""


@dataclass(frozen=True)
class Progress:
    """The objects of a job by where they are, and the answers given, being given, and still wanted."""

    stages: Mapping[Stage, int]
    answers: int
    held: int
    missing: int
    forecast: Forecast
    closing: int
    """How many open objects close before that: more people, or a longer TaskAvailabilityLifetimeInSeconds, would do."""

    @property
    def objects(self) -> int:
        """How many objects there are."""
        return sum(self.stages.values())

    @property
    def share(self) -> float:
        """Which share of the answers that are wanted is given."""
        return self.answers / (self.answers + self.missing) if self.answers + self.missing else 1.0


def progress_of(objects: Iterable[Object], leases: Iterable[Lease], now: int) -> Progress:
    """Return how far a job is. What adaptive rules will still ask for is not in it."""
    things, held, submitted, begun = list(objects), 0, list[int](), now
    for lease in leases:
        held += lease.state is Hold.HELD
        begun = min(begun, lease.started)
        if lease.state is Hold.SUBMITTED:
            submitted.append(lease.submitted)
    asked = [each for each in things if each.stage in {Stage.WAITING, Stage.OPEN}]
    missing = sum(each.wanted - each.answers for each in asked)
    forecast = _forecast(missing, submitted, begun, now)
    return Progress(
        Counter(each.stage for each in things),
        sum(each.answers for each in things),
        held,
        missing,
        forecast,
        sum(each.stage is Stage.OPEN and each.until < (forecast.ends or now) for each in asked),
    )


def _forecast(missing: int, submitted: Iterable[int], begun: int, now: int) -> Forecast:
    if not missing:
        return Forecast(now, now, now, "All answers that are wanted are given.")
    span = min(WINDOW, now - begun)
    given = sum(now - span <= moment for moment in submitted) if span else 0
    if not given:
        hours = f"in the last {span / 3600:.1f} hours" if span else "yet"
        return Forecast(None, None, None, f"Nobody has answered {hours}, and {missing} answers are wanted.")

    def end(answers: float) -> int | None:
        return now + ceil(missing * span / answers) if answers > 0 else None

    deviation = DEVIATIONS * sqrt(given)
    return Forecast(
        end(given),
        end(given + deviation),
        end(given - deviation),
        f"{missing} answers are wanted, and people give {given * 3600 / span:.1f} an hour.",
    )
