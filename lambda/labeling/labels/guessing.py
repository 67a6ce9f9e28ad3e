"""Who guesses: people whose answers fit better to chance than to what others and known answers say.

Of each person two explanations are compared by Bayes' factor: they look, and are right with some accuracy; or they
answer with frequencies of their own whatever is shown, be it all classes alike or one class always. A person's own
votes have no part in what their objects are taken for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import median
from typing import Final

from labels.consolidation.classes import NO_GOLD, Classes, Vote, consolidate

ACCURACIES: Final = (0.7, 0.8, 0.9)
"""How often people who look are right: each is as probable as the others."""
OWN: Final = 0.1
"""The weight of each class among a guesser's earlier answers: they mostly stay with the first."""
EVIDENCE: Final = log(10)
"""From this Bayes' factor on it is decided: guessing explains the answers ten times better."""
FEWEST: Final = 8
"""Before so many answers that can be compared nobody is judged."""
FEWEST_PEOPLE: Final = 3
"""Of fewer nobody can say what is a usual time."""
QUICK: Final = 0.25
"""The share of the job's median time below which nobody can have looked."""
ALWAYS: Final = 0.85
"""The share of one answer from which it is said that a person always gives it."""


@dataclass(frozen=True)
class Pace:
    """How long a person worked on a task, in seconds."""

    worker: str
    seconds: float


def guessers(
    votes: Iterable[Vote],
    classes: Sequence[str],
    gold: Mapping[str, str] = NO_GOLD,
    paces: Iterable[Pace] = (),
) -> dict[str, str]:
    """Return who is to be paused, each with the reason in a sentence. Raises UnknownClassError."""
    given = list({(each.object, each.worker): each for each in votes}.values())
    found = consolidate(given, classes, gold)
    by_object: dict[str, list[Vote]] = defaultdict(list)
    by_worker: dict[str, list[Vote]] = defaultdict(list)
    for vote in given:
        by_object[vote.object].append(vote)
        by_worker[vote.worker].append(vote)
    reasons = hasty(paces)
    for worker, answers in by_worker.items():
        said = [vote for vote in answers if vote.object in gold or len(by_object[vote.object]) > 1]
        if len(said) >= FEWEST:
            others = [_others(vote, by_object[vote.object], found, classes, gold) for vote in said]
            if _guessing(said, classes) - _looking(said, others, classes) >= EVIDENCE:
                reasons[worker] = _sentence(said, others, classes)
    return reasons


def _others(
    vote: Vote, votes: Sequence[Vote], found: Classes, classes: Sequence[str], gold: Mapping[str, str]
) -> list[float]:
    """Return how probable each class of an object is by everything but this person's vote."""
    if known := gold.get(vote.object):
        return [float(name == known) for name in classes]
    odds = [0.0] * len(classes)
    for each in votes:
        if each.worker != vote.worker:
            right = found.workers[each.worker].accuracy
            wrong = (1 - right) / max(len(classes) - 1, 1)
            odds = [
                sum_ + log(right if name == each.label else wrong) for sum_, name in zip(odds, classes, strict=True)
            ]
    top = max(odds)
    likely = [exp(each - top) for each in odds]
    return [each / sum(likely) for each in likely]


def _looking(said: Sequence[Vote], others: Sequence[Sequence[float]], classes: Sequence[str]) -> float:
    """Return the logarithm of how probable the answers are of one who looks."""
    agreed = [belief[classes.index(vote.label)] for vote, belief in zip(said, others, strict=True)]
    logs = [
        sum(log(share * right + (1 - share) * (1 - right) / max(len(classes) - 1, 1)) for share in agreed)
        for right in ACCURACIES
    ]
    top = max(logs)
    return top + log(sum(exp(each - top) for each in logs) / len(logs))


def _guessing(said: Sequence[Vote], classes: Sequence[str]) -> float:
    """Return the logarithm of how probable the answers are of one who does not look.

    Such a person gives all classes alike, or mostly the ones that they gave before; each is as probable as the other.
    """
    seen, same = Counter[str](), 0.0
    for number, vote in enumerate(said):
        same += log((seen[vote.label] + OWN) / (number + OWN * len(classes)))
        seen[vote.label] += 1
    alike = -len(said) * log(len(classes))
    return max(alike, same) + log((1 + exp(-abs(alike - same))) / 2)


def _sentence(said: Sequence[Vote], others: Sequence[Sequence[float]], classes: Sequence[str]) -> str:
    [(usual, times)] = Counter(vote.label for vote in said).most_common(1)
    if times >= ALWAYS * len(said):
        return f"{times} of {len(said)} answers are {usual}, whatever was shown."
    right = sum(belief[classes.index(vote.label)] for vote, belief in zip(said, others, strict=True))
    return f"About {right:.0f} of {len(said)} answers are right by what others and known answers say, as if guessed."


def hasty(paces: Iterable[Pace]) -> dict[str, str]:
    """Return who is so much quicker than all that they cannot have looked."""
    taken: dict[str, list[float]] = defaultdict(list)
    for pace in paces:
        taken[pace.worker].append(pace.seconds)
    if len(taken) < FEWEST_PEOPLE:
        return {}
    usual = median(median(each) for each in taken.values())
    return {
        worker: f"Half of {len(each)} tasks took less than {median(each):.1f} seconds, where others need {usual:.1f}."
        for worker, each in taken.items()
        if len(each) >= FEWEST and median(each) < QUICK * usual
    }
