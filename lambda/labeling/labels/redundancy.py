"""How many people are asked about an object: as many as it takes to be sure.

Two agree on an easy object and need no third; about a hard one more are asked, until the class is probable enough or
all have been asked who may be. Objects whose class is known are mixed in, to tell who is right.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from labels.consolidation.classes import NO_GOLD, Label, Vote, consolidate


class RuleError(ValueError):
    """A rule that nobody can follow."""


@dataclass(frozen=True)
class Rule:
    """From which probability on a class is sure enough, and how many people are asked at least and at most."""

    sure: float = 0.95
    fewest: int = 2
    most: int = 7

    def __post_init__(self) -> None:
        """Raise RuleError for a rule that asks for the impossible."""
        if not 0 < self.sure < 1:
            raise RuleError(f"{self.sure} is no probability to stop at: give one between 0 and 1, such as 0.95.")
        if not 1 <= self.fewest <= self.most <= MOST_PEOPLE:
            raise RuleError(
                f"Asking {self.fewest} to {self.most} people is impossible: give 1 to {MOST_PEOPLE}, the lesser first."
            )


MOST_PEOPLE: Final = 9
"""The largest NumberOfHumanWorkersPerDataObject of CreateLabelingJob."""
USUAL: Final = Rule()
FIRST: Final = 20
"""So many tasks of a person are their first, of which every second shows an object whose class is known."""
LATER: Final = 20
"""Of so many later tasks one does."""


def objects_to_ask(
    votes: Iterable[Vote],
    classes: Sequence[str],
    objects: Collection[str],
    rule: Rule = USUAL,
    gold: Mapping[str, str] = NO_GOLD,
) -> dict[str, str]:
    """Return which of the objects need one more person, each with the reason in a sentence.

    Those that most have answered come first: what is nearly done says soonest who can be trusted.
    Objects whose class is known, `gold`, need nobody. Raises UnknownClassError.
    """
    given = list(votes)
    people = Counter(name for name, _ in {(each.object, each.worker) for each in given})
    labels = consolidate(given, classes, gold).labels
    reasons = {
        name: _reason(people[name], labels.get(name), rule)
        for name in sorted(objects, key=lambda name: -people[name])
        if name not in gold
    }
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(people: int, label: Label | None, rule: Rule) -> str:
    """Return why another person is needed, or nothing."""
    if not label:
        return "Nobody has answered yet."
    if people >= rule.most:
        return ""
    if people < rule.fewest:
        return f"{people} of at least {rule.fewest} people {'has' if people == 1 else 'have'} answered."
    probability = max(label.probabilities)
    if probability >= rule.sure:
        return ""
    return (
        f"{people} people have answered, and {label.name} is only {probability:.0%} probable: {rule.sure:.0%} is asked."
    )


def check_for(worker: str, tasks: int, seen: Collection[str], gold: Collection[str]) -> str | None:
    """Return the object of known class that a person gets next, or nothing where another task is due.

    `tasks` is how many they have done, `seen` which of `gold` were among these. The order of each person is their own,
    and always the same.
    """
    due = (tasks + 2) // 2 if tasks < FIRST else FIRST // 2 + (tasks - FIRST) // LATER
    if len(seen) >= due:
        return None
    return next(iter(_in_order(worker, seen, gold)), None)


def checks_for(worker: str, recent: Sequence[str], seen: Collection[str], gold: Collection[str]) -> list[str]:
    """Return the objects of known class of which a person gets the first that is free, or none where none is due.

    As `check_for`, where only a person's last tasks are known: `recent` are their objects, the last first, and more
    than `LATER` of them where they had as many.
    """
    if len(recent) < FIRST:
        due = check_for(worker, len(recent), seen, gold) is not None
    else:
        due = not any(each in gold for each in recent[: LATER - 1])
    return _in_order(worker, seen, gold) if due else []


def _in_order(worker: str, seen: Collection[str], gold: Collection[str]) -> list[str]:
    left = [name for name in gold if name not in seen]
    return sorted(left, key=lambda name: sha256(f"{worker}\n{name}".encode()).digest())
