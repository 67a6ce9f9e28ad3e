"""One class an object out of several people's votes: Dawid and Skene's model with priors (MAP).

Each person has a confusion matrix, learned from all of their votes and drawn towards one that errs partly as
everybody does, partly in all directions alike. Without such priors the model loses to a majority vote on
jobs of less than some thousand objects. Source of the model: Dawid & Skene, Applied Statistics 28 (1979); of the
priors: Paun et al., "Comparing Bayesian Models of Annotation", TACL 6 (2018).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from types import MappingProxyType
from typing import Final

EXPECTED_ACCURACY: Final = 0.7
"""How often people are right before anything is known; Ground Truth's own model begins with the same."""
WEIGHT_OF_EXPECTATION: Final = 20.0
"""How many votes that weighs."""
WEIGHT_OF_EVERYBODY: Final = 8.0
"""How many votes of a person the accuracy of everybody weighs."""
WEIGHT_OF_ROWS: Final = 10.0
"""How many votes about one class the expected row of a person's matrix weighs, where nobody says otherwise."""
SHARED: Final = 0.1
"""The part of such a row that is as everybody errs; the rest is as if a person erred alike in all directions."""
WEIGHT_OF_CLASSES: Final = 8.0
"""How many objects of each class there are before any is seen."""
FEWEST_ROUNDS: Final = 4
MOST_ROUNDS: Final = 15
OBJECTS_A_ROUND: Final = 500
"""How many objects allow one round more: in a small job the model soon believes itself more than the votes."""
SETTLED: Final = 1e-4
"""The largest change of a probability at which the rounds end before."""

NO_GOLD: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Vote:
    """What a person said about an object."""

    object: str
    worker: str
    label: str


@dataclass(frozen=True)
class Label:
    """The class of an object, how probable it is (0 to 1), and how probable each class is, in the order of the classes.

    Nobody can confirm a single vote: its `confidence` is 0, as it is with Ground Truth.
    """

    name: str
    confidence: float
    probabilities: Sequence[float]


@dataclass(frozen=True)
class Worker:
    """How often a person is right (0 to 1), as it is estimated from `votes` votes."""

    accuracy: float
    votes: int


@dataclass(frozen=True)
class Classes:
    """The labels by object, and the people who gave the votes."""

    labels: Mapping[str, Label]
    workers: Mapping[str, Worker]


class UnknownClassError(ValueError):
    """A vote, or an answer that is known to be right, names a class that the job does not have."""


def consolidate(
    votes: Iterable[Vote],
    classes: Sequence[str],
    gold: Mapping[str, str] = NO_GOLD,
    weights: Mapping[str, float] = MappingProxyType({}),
    rows: float = WEIGHT_OF_ROWS,
) -> Classes:
    """Return the most probable class of every object that has a vote.

    Of several votes of one person about one object the last counts. `gold` has the classes that are known, by object:
    they teach who is right. `weights` (0 to 1, by object) says how far an object counts where it may be none at all.
    `rows` is how many votes about one class the expected row of a person's matrix weighs. Raises UnknownClassError.
    """
    number = {name: index for index, name in enumerate(classes)}
    by_object: dict[str, dict[str, int]] = {}
    for vote in votes:
        if vote.label not in number:
            message = (
                f"{vote.worker} gave {vote.object} the class {vote.label!r}, which is none of {', '.join(classes)}."
            )
            raise UnknownClassError(message)
        by_object.setdefault(vote.object, {})[vote.worker] = number[vote.label]
    if unknown := {name for name in gold.values() if name not in number}:
        raise UnknownClassError(f"The known answers name {sorted(unknown)}, which are none of {', '.join(classes)}.")
    pinned = {name: _certain(number[known], len(classes)) for name, known in gold.items() if name in by_object}
    model = _Model(by_object, len(classes), pinned, weights, rows)
    model.learn()
    labels = {}
    for name, given in by_object.items():
        probabilities = model.beliefs[name]
        best = max(probabilities)
        labels[name] = Label(
            classes[probabilities.index(best)], best if len(given) > 1 or name in pinned else 0.0, probabilities
        )
    return Classes(labels, model.workers())


class _Model:
    def __init__(
        self,
        by_object: Mapping[str, Mapping[str, int]],
        classes: int,
        pinned: Mapping[str, list[float]],
        weights: Mapping[str, float],
        rows: float,
    ) -> None:
        self._by_object, self._classes, self._pinned, self._weights = by_object, classes, pinned, weights
        self._weight_of_rows = rows
        self._said: dict[tuple[str, int], list[str]] = defaultdict(list)
        for name, given in by_object.items():
            for worker, label in given.items():
                self._said[worker, label].append(name)
        self._votes: dict[str, int] = defaultdict(int)
        for (worker, _), names in self._said.items():
            self._votes[worker] += len(names)
        self.beliefs: dict[str, list[float]] = {
            name: pinned.get(name) or _shares(given.values(), classes) for name, given in by_object.items()
        }
        self._accuracy: dict[str, float] = {}

    def learn(self) -> None:
        """Estimate people and objects in turn, until nothing changes."""
        open_objects = [
            (name, tuple(given.items())) for name, given in self._by_object.items() if name not in self._pinned
        ]
        for _ in range(min(MOST_ROUNDS, FEWEST_ROUNDS + len(self._by_object) // OBJECTS_A_ROUND)):
            prior, matrices = self._people()
            changed = 0.0
            for name, given in open_objects:
                sums = [sum(column) for column in zip(prior, *(matrices[each] for each in given), strict=True)]
                top = max(sums)
                odds = [exp(each - top) for each in sums]
                total = sum(odds)
                believed = [each / total for each in odds]
                changed = max(changed, *map(abs, map(float.__sub__, believed, self.beliefs[name])))
                self.beliefs[name] = believed
            if changed < SETTLED:
                break

    def workers(self) -> dict[str, Worker]:
        return {worker: Worker(self._accuracy[worker], votes) for worker, votes in self._votes.items()}

    def _people(self) -> tuple[list[float], dict[tuple[str, int], list[float]]]:
        """Return the logarithms of how frequent classes are, and by person and vote of what each class makes of it."""
        size = range(self._classes)
        counts = {said: self._count(names) for said, names in self._said.items()}
        pooled = [[0.0] * self._classes for _ in size]  # by vote, then by class
        right: dict[str, float] = defaultdict(float)
        seen: dict[str, list[float]] = {worker: [0.0] * self._classes for worker in self._votes}
        voted: dict[str, float] = defaultdict(float)
        for (worker, label), column in counts.items():
            pooled[label] = list(map(float.__add__, pooled[label], column))
            seen[worker] = list(map(float.__add__, seen[worker], column))
            right[worker] += column[label]
            voted[worker] += sum(column)
        everybody = (sum(right.values()) + EXPECTED_ACCURACY * WEIGHT_OF_EXPECTATION) / (
            sum(voted.values()) + WEIGHT_OF_EXPECTATION
        )
        usual = _rows(pooled, everybody)
        self._accuracy = {
            worker: (right[worker] + everybody * WEIGHT_OF_EVERYBODY) / (voted[worker] + WEIGHT_OF_EVERYBODY)
            for worker in seen
        }
        matrices, weight = {}, self._weight_of_rows
        for (worker, label), column in counts.items():
            hit = self._accuracy[worker]
            miss = (1 - hit) / max(self._classes - 1, 1)
            matrices[worker, label] = [
                log(
                    (
                        column[true]
                        + weight * (SHARED * usual[label][true] + (1 - SHARED) * (hit if true == label else miss))
                    )
                    / (seen[worker][true] + weight)
                )
                for true in size
            ]
        frequent = self._count(self._by_object)
        total = sum(frequent) + WEIGHT_OF_CLASSES * self._classes
        return [log((each + WEIGHT_OF_CLASSES) / total) for each in frequent], matrices

    def _count(self, names: Iterable[str]) -> list[float]:
        if self._weights:
            weighed = ([each * self._weights.get(name, 1.0) for each in self.beliefs[name]] for name in names)
            return [float(sum(column)) for column in zip(*weighed, strict=True)]
        return [sum(column) for column in zip(*map(self.beliefs.__getitem__, names), strict=True)]


def _rows(pooled: Sequence[Sequence[float]], accuracy: float) -> list[list[float]]:
    """Return how often each vote is given about each class by all people together, by vote and class."""
    classes = len(pooled)
    miss = (1 - accuracy) / max(classes - 1, 1)
    totals = [sum(column) + classes for column in zip(*pooled, strict=True)]
    return [
        [
            (pooled[label][true] + classes * (accuracy if true == label else miss)) / totals[true]
            for true in range(classes)
        ]
        for label in range(classes)
    ]


def _shares(given: Iterable[int], classes: int) -> list[float]:
    shares = [0.0] * classes
    for label in given:
        shares[label] += 1.0
    total = sum(shares)
    return [each / total for each in shares]


def _certain(label: int, classes: int) -> list[float]:
    return [float(each == label) for each in range(classes)]
