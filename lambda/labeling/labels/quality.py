"""How good the answers of a job are: per person, per class, and what a correct label costs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from types import MappingProxyType
from typing import Final

from labels.agreement import krippendorff
from labels.consolidation.classes import NO_GOLD, Label, Vote, consolidate
from labels.guessing import Pace, guessers

NO_SKIPS: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True)
class Pair:
    """How often a class was taken for another."""

    actual: str
    said: str
    times: float
    """As expected by how probable the class of each object is."""
    objects: Sequence[str]
    """Where it happened, the most probable first."""


@dataclass(frozen=True)
class Share:
    """How many of how many."""

    right: int
    of: int


@dataclass(frozen=True)
class Person:
    """What one person did."""

    worker: str
    answers: int
    skips: int
    seconds: float | None
    """The median of a task."""
    accuracy: float
    """How often they are right, as it is estimated from all answers."""
    gold: Share
    """How many objects of known class they gave that class."""
    agreement: Share
    """How many of the others' answers about the same objects are theirs."""
    confusions: Sequence[Pair]
    paused: str
    """Why they are not to go on, or nothing."""


@dataclass(frozen=True)
class ClassQuality:
    """What people make of one class."""

    name: str
    objects: int
    """How many have it, by the labels."""
    found: float
    """Which share of the answers about them say so."""
    trusted: float
    """Which share of the answers that say so are right; 0 where nobody says it."""


@dataclass(frozen=True)
class Quality:
    """The figures of a job. `alpha` is Krippendorff's; `accuracy` of the labels is what their probabilities promise."""

    objects: int
    answers: int
    alpha: float | None
    accuracy: float
    people: Sequence[Person]
    classes: Sequence[ClassQuality]
    confusions: Sequence[Pair]
    disagreements: Sequence[tuple[str, Label, Mapping[str, int]]]
    """Objects whose class is least probable, with what was said about each."""
    overlap: float | None = None
    """Of a job in which people mark things: how alike two people's answers about an object are on average, 0 to 1."""

    @property
    def seconds(self) -> float | None:
        """The median of people's median times of a task."""
        known = [each.seconds for each in self.people if each.seconds is not None]
        return median(known) if known else None


def of(
    votes: Iterable[Vote],
    classes: Sequence[str],
    gold: Mapping[str, str] = NO_GOLD,
    paces: Iterable[Pace] = (),
    skips: Mapping[str, int] = NO_SKIPS,
) -> Quality:
    """Return the figures of answers of one class each. Raises UnknownClassError."""
    given = list({(each.object, each.worker): each for each in votes}.values())
    times = list(paces)
    found = consolidate(given, classes, gold)
    paused = guessers(given, classes, gold, times)
    by_object, by_worker = _by(given, "object"), _by(given, "worker")
    seconds = defaultdict(list)
    for pace in times:
        seconds[pace.worker].append(pace.seconds)
    agreement = _agreement(by_object)
    people = [
        Person(
            worker,
            len(said),
            skips.get(worker, 0),
            median(seconds[worker]) if worker in seconds else None,
            found.workers[worker].accuracy,
            Share(*_gold(said, gold)),
            agreement.get(worker, Share(0, 0)),
            _confusions(said, found.labels, classes),
            paused.get(worker, ""),
        )
        for worker, said in by_worker.items()
    ]
    people.sort(key=lambda each: (not each.paused, each.accuracy, each.worker))
    labels = found.labels
    unsure = sorted(labels, key=lambda name: (max(labels[name].probabilities), name))
    return Quality(
        len(labels),
        len(given),
        krippendorff([each.label for each in said] for said in by_object.values()),
        sum(max(each.probabilities) for each in labels.values()) / len(labels) if labels else 0.0,
        people,
        [_class(number, name, given, labels) for number, name in enumerate(classes)],
        _confusions(given, labels, classes),
        [
            (name, labels[name], Counter(each.label for each in by_object[name]))
            for name in unsure
            if len({each.label for each in by_object[name]}) > 1
        ],
    )


def cost_of_a_correct_label(quality: Quality, *, usd_an_hour: float, usd_for_aws: float = 0.0) -> float | None:
    """Return what a correct label costs in USD: people's time and AWS, by the labels that are right as estimated.

    Nothing is returned where nobody knows how long a task takes, or whether any label is right.
    """
    if quality.seconds is None or not quality.objects or not quality.accuracy:
        return None
    work = quality.answers * quality.seconds / SECONDS_OF_AN_HOUR * usd_an_hour
    return (work + usd_for_aws) / (quality.objects * quality.accuracy)


SECONDS_OF_AN_HOUR: Final = 3600


def _by(votes: Iterable[Vote], member: str) -> dict[str, list[Vote]]:
    grouped: dict[str, list[Vote]] = defaultdict(list)
    for vote in votes:
        grouped[getattr(vote, member)].append(vote)
    return grouped


def _gold(said: Sequence[Vote], gold: Mapping[str, str]) -> tuple[int, int]:
    asked = [vote for vote in said if vote.object in gold]
    return sum(vote.label == gold[vote.object] for vote in asked), len(asked)


def _agreement(by_object: Mapping[str, Sequence[Vote]]) -> dict[str, Share]:
    same, pairs = Counter[str](), Counter[str]()
    for said in by_object.values():
        for one, other in combinations(said, 2):
            for vote in (one, other):
                pairs[vote.worker] += 1
                same[vote.worker] += one.label == other.label
    return {worker: Share(same[worker], times) for worker, times in pairs.items()}


def _confusions(said: Sequence[Vote], labels: Mapping[str, Label], classes: Sequence[str]) -> list[Pair]:
    """Return which classes were taken for which, the most frequent first, with the objects."""
    times: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for vote in said:
        for name, probability in zip(classes, labels[vote.object].probabilities, strict=True):
            if name != vote.label and probability:
                times[name, vote.label][vote.object] += probability
    pairs = [
        Pair(
            actual,
            label,
            sum(where.values()),
            [name for name in sorted(where, key=lambda each: -where[each]) if where[name] >= LIKELY],
        )
        for (actual, label), where in times.items()
    ]
    return sorted((pair for pair in pairs if pair.objects), key=lambda pair: (-pair.times, pair.actual, pair.said))


LIKELY: Final = 0.5
"""From this probability on an object is shown as an example of a confusion."""


def _class(number: int, name: str, given: Sequence[Vote], labels: Mapping[str, Label]) -> ClassQuality:
    weights = [(vote.label == name, labels[vote.object].probabilities[number]) for vote in given]
    about, said = sum(weight for _, weight in weights), sum(says for says, _ in weights)
    right = sum(weight for says, weight in weights if says)
    return ClassQuality(
        name,
        sum(label.name == name for label in labels.values()),
        right / about if about else 0.0,
        right / said if said else 0.0,
    )
