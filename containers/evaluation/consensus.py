"""One class an object out of millions of votes: the model of labels.consolidation.classes, on whole arrays.

Functions run that model without a package, object by object; a processing job has numpy, and jobs of another size. Both
give the same labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import ne
from typing import Final

import numpy as np
import numpy.typing as npt

EXPECTED_ACCURACY: Final = 0.7
WEIGHT_OF_EXPECTATION: Final = 20.0
WEIGHT_OF_EVERYBODY: Final = 8.0
WEIGHT_OF_ROWS: Final = 10.0
SHARED: Final = 0.1
WEIGHT_OF_CLASSES: Final = 8.0
FEWEST_ROUNDS: Final = 4
MOST_ROUNDS: Final = 15
OBJECTS_A_ROUND: Final = 500
SETTLED: Final = 1e-4

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Consensus:
    """The objects in the order in which they were first named, and how probable each class of each is."""

    objects: Sequence[str]
    classes: Sequence[str]
    probabilities: Floats
    """A row for each object, a column for each class."""

    def labels(self) -> dict[str, str]:
        """Return the most probable class of every object."""
        best = np.argmax(self.probabilities, axis=1).tolist()
        return {name: self.classes[number] for name, number in zip(self.objects, best, strict=True)}


def consolidate(
    objects: Sequence[str], workers: Sequence[str], labels: Sequence[str], classes: Sequence[str]
) -> Consensus:
    """Return the classes of all objects: vote by vote its object, who gave it and the class.

    Each person votes once about an object. Raises ValueError for a class that is none of `classes`.
    """
    object_names, object_of = _number_runs(objects)
    worker_names, worker_of = _number(workers)
    position = {name: number for number, name in enumerate(classes)}
    try:
        label_of = np.fromiter(map(position.__getitem__, labels), np.int64, len(labels))
    except KeyError as error:
        raise ValueError(f"The class {error} is none of {', '.join(classes)}.") from error
    if not object_names:
        return Consensus((), classes, np.empty((0, len(classes))))
    votes = _Votes(object_of, worker_of * len(classes) + label_of, len(object_names), len(classes))
    beliefs = votes.count(label_of)
    for _ in range(min(MOST_ROUNDS, FEWEST_ROUNDS + len(object_names) // OBJECTS_A_ROUND)):
        before = beliefs
        beliefs = votes.believe(*_people(votes.confusions(before, len(worker_names)), before))
        if np.abs(beliefs - before).max(initial=0.0) < SETTLED:
            break
    return Consensus(object_names, classes, beliefs.T)


def _number(names: Sequence[str]) -> tuple[list[str], Numbers]:
    known = dict.fromkeys(names)
    order = dict(zip(known, range(len(known)), strict=True))
    return list(known), np.fromiter(map(order.__getitem__, names), np.int64, len(names))


def _number_runs(names: Sequence[str]) -> tuple[list[str], Numbers]:
    """Return what `_number` does of names of which equal ones mostly follow each other, as the votes of a job do."""
    begins = np.fromiter(map(ne, names, islice(chain((None,), names), len(names))), np.bool_, len(names))
    known, numbers = _number([names[position] for position in np.flatnonzero(begins).tolist()])
    return known, numbers[np.cumsum(begins) - 1] if len(names) else numbers


class _Votes:
    """Votes as numbers: what each object was given, in blocks of objects with equally many votes.

    Beliefs have a row for each class and a column for each object: each class's lie together in memory.
    """

    def __init__(self, objects: Numbers, given: Numbers, count: int, classes: int) -> None:
        self._objects, self._count, self._classes = objects, count, classes
        times = np.bincount(objects, minlength=count)
        by_object = given[np.argsort(objects, kind="stable")]
        first = np.cumsum(times) - times
        self._blocks = []
        for each in np.unique(times):
            block = np.flatnonzero(times == each)
            self._blocks.append((block, by_object[first[block][:, None] + np.arange(each)].T.copy()))

    def count(self, labels: Numbers) -> Floats:
        """Return the share of each class among the votes about each object."""
        shares = np.stack(
            [np.bincount(self._objects[labels == number], minlength=self._count) for number in range(self._classes)]
        )
        return np.asarray(shares / shares.sum(axis=0))

    def confusions(self, beliefs: Floats, workers: int) -> Floats:
        """Return how often each person gave each class about each: by true class, person and class given."""
        size = workers * self._classes
        counts = np.zeros((self._classes, size))
        for block, given in self._blocks:
            of_block = beliefs if len(block) == self._count else beliefs[:, block]
            for votes in given:
                for number, weights in enumerate(of_block):
                    counts[number] += np.bincount(votes, weights, size)
        return counts.reshape(self._classes, workers, self._classes)

    def believe(self, frequent: Floats, matrices: Floats) -> Floats:
        """Return how probable each class of each object is, by the logarithms of its parts."""
        flat = matrices.reshape(self._classes, -1)
        beliefs = np.empty((self._classes, self._count))
        for block, given in self._blocks:
            sums = np.repeat(frequent[:, None], len(block), axis=1)
            taken = np.empty(len(block))
            for votes in given:
                for number, logs in enumerate(flat):
                    np.take(logs, votes, out=taken, mode="clip")  # without a buffer; no vote is out of bounds
                    sums[number] += taken
            sums -= sums.max(axis=0)
            np.exp(sums, out=sums)
            sums /= sums.sum(axis=0)
            if len(block) == self._count:
                return sums
            beliefs[:, block] = sums
        return beliefs


def _people(seen: Floats, beliefs: Floats) -> tuple[Floats, Floats]:
    """Return the logarithms of how frequent classes are, and of what each person makes of each class."""
    classes = len(beliefs)
    same = np.eye(classes, dtype=bool)
    right = np.einsum("twt->w", seen)
    voted = seen.sum(axis=(0, 2))
    everybody = (right.sum() + EXPECTED_ACCURACY * WEIGHT_OF_EXPECTATION) / (voted.sum() + WEIGHT_OF_EXPECTATION)
    pooled = seen.sum(axis=1)
    usual = (pooled + classes * _alike(everybody, same)) / (pooled.sum(axis=1, keepdims=True) + classes)
    accuracy = (right + everybody * WEIGHT_OF_EVERYBODY) / (voted + WEIGHT_OF_EVERYBODY)
    expected = SHARED * usual[:, None, :] + (1 - SHARED) * np.stack([_alike(each, same) for each in accuracy], axis=1)
    matrices = (seen + WEIGHT_OF_ROWS * expected) / (seen.sum(axis=2, keepdims=True) + WEIGHT_OF_ROWS)
    frequent = beliefs.sum(axis=1) + WEIGHT_OF_CLASSES
    return np.log(frequent / frequent.sum()), np.log(matrices)


def _alike(accuracy: float, same: npt.NDArray[np.bool_]) -> Floats:
    """Return how often each class is given about each by one who errs in all directions alike."""
    return np.where(same, accuracy, (1 - accuracy) / max(len(same) - 1, 1))
