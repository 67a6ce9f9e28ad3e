"""How good the answers of a job are in which people mark things: shapes, spans of text, or several classes.

Two marks are the same thing where they are alike by half: intersection over union of areas, nearness of lines and
points, characters in common. Of several classes each is a mark that is like itself alone.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import mean, median
from typing import Final, Generic

from labels.consolidation.classes import Label
from labels.consolidation.marks import Answers, Mark, Shape
from labels.guessing import Pace, hasty
from labels.quality import NO_SKIPS, ClassQuality, Pair, Person, Quality, Share

ALIKE: Final = 0.5
"""From which likeness on two marks are the same thing."""
NOTHING: Final = "nothing"
"""What is said where a thing is not marked, and what is there where one is marked that is none."""
Marks = Sequence[Mark[Shape]]
Alike = Callable[[Shape, Shape], float]


@dataclass(frozen=True)
class Consensus(Generic[Shape]):
    """What the labels of an object say: its things, and how probable they are on average."""

    marks: Marks[Shape]
    confidence: float = 1.0


def of(  # noqa: PLR0913 - what there is to compare
    answers: Answers[Shape],
    labels: Mapping[str, Consensus[Shape]],
    classes: Sequence[str],
    alike: Alike[Shape],
    *,
    gold: Mapping[str, Marks[Shape]],
    paces: Iterable[Pace] = (),
    skips: Mapping[str, int] = NO_SKIPS,
) -> Quality:
    """Return the figures of marks. What one person alone said about an object is compared with nothing but `gold`.

    A person is right by how many marks are those of the labels: twice the common ones by all (F1). Who had nobody to be
    compared with counts as right.
    """
    times = list(paces)
    shared = {name: by_worker for name, by_worker in answers.items() if len(by_worker) > 1}
    everything = _Tally()
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    for name, by_worker in shared.items():
        for worker, marks in by_worker.items():
            found = _compare(labels[name].marks, marks, alike)
            for tally in (everything, tallies[worker]):
                tally.add(name, found)
    agreement, likeness = _agreement(shared, alike)
    paused, seconds = hasty(times), _seconds(times)
    given = Counter(worker for by_worker in answers.values() for worker in by_worker)
    people = [
        Person(
            worker,
            count,
            skips.get(worker, 0),
            seconds.get(worker),
            tallies[worker].f1,
            _gold(worker, answers, gold, alike),
            agreement[worker],
            tallies[worker].pairs,
            paused.get(worker, ""),
        )
        for worker, count in given.items()
    ]
    people.sort(key=lambda each: (not each.paused, each.accuracy, each.worker))
    return Quality(
        len(answers),
        given.total(),
        None,
        mean(labels[name].confidence for name in shared) if shared else 0.0,
        people,
        [everything.of_class(name, labels.values()) for name in classes],
        everything.pairs,
        [
            (name, _summary(labels[name].marks, likeness[name]), Counter(map(_say, shared[name].values())))
            for name in sorted(likeness, key=lambda each: (likeness[each], each))
            if likeness[name] < 1
        ],
        mean(likeness.values()) if likeness else None,
    )


@dataclass(frozen=True)
class _Compared(Generic[Shape]):
    """Which classes stand against which: of two marks of one thing both, of a mark alone its own and NOTHING."""

    pairs: Sequence[tuple[str, str]]
    likeness: float
    """Summed over things that both name alike."""

    @property
    def same(self) -> int:
        return sum(one == other for one, other in self.pairs)

    @property
    def share(self) -> float:
        """Return how alike two answers are, from 0 to 1: two that say nothing are the same."""
        return self.likeness / len(self.pairs) if self.pairs else 1.0


def _compare(actual: Marks[Shape], said: Marks[Shape], alike: Alike[Shape]) -> _Compared[Shape]:
    """Return what stands against what: the most alike marks are paired first, of equal ones those of one class."""
    near = sorted(
        (
            (-value, one.label != other.label, first, second)
            for first, one in enumerate(actual)
            for second, other in enumerate(said)
            if (value := alike(one.shape, other.shape)) >= ALIKE
        ),
    )
    left, right = dict(enumerate(actual)), dict(enumerate(said))
    pairs, likeness = [], 0.0
    for value, other_class, first, second in near:
        if first in left and second in right:
            pairs.append((left.pop(first).label, right.pop(second).label))
            likeness -= 0 if other_class else value
    pairs += [(mark.label, NOTHING) for mark in left.values()] + [(NOTHING, mark.label) for mark in right.values()]
    return _Compared(pairs, likeness)


@dataclass
class _Tally:
    """How often which class was taken for which, and where."""

    where: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, found: _Compared[Shape]) -> None:
        for pair in found.pairs:
            self.where[pair].append(name)

    def _count(self, keep: Callable[[str, str], bool]) -> int:
        return sum(len(names) for (actual, said), names in self.where.items() if keep(actual, said))

    @property
    def f1(self) -> float:
        right = self._count(lambda actual, said: actual == said)
        both = self._count(lambda actual, _: actual != NOTHING) + self._count(lambda _, said: said != NOTHING)
        return 2 * right / both if both else 1.0

    @property
    def pairs(self) -> list[Pair]:
        found = [
            Pair(actual, said, float(len(names)), list(dict.fromkeys(names)))
            for (actual, said), names in self.where.items()
            if actual != said
        ]
        return sorted(found, key=lambda pair: (-pair.times, pair.actual, pair.said))

    def of_class(self, name: str, labels: Iterable[Consensus[Shape]]) -> ClassQuality:
        right = len(self.where.get((name, name), ()))
        about = self._count(lambda actual, _: actual == name)
        said = self._count(lambda _, said: said == name)
        return ClassQuality(
            name,
            sum(mark.label == name for each in labels for mark in each.marks),
            right / about if about else 0.0,
            right / said if said else 0.0,
        )


def _agreement(answers: Answers[Shape], alike: Alike[Shape]) -> tuple[dict[str, Share], dict[str, float]]:
    """Return by person how many marks are the same as others', and by object how alike people's answers are."""
    same, all_ = Counter[str](), Counter[str]()
    likeness = {}
    for name, by_worker in answers.items():
        shares = []
        for (one, ours), (other, theirs) in combinations(by_worker.items(), 2):
            found = _compare(ours, theirs, alike)
            shares.append(found.share)
            for worker in (one, other):
                same[worker] += found.same
                all_[worker] += len(found.pairs)
        likeness[name] = mean(shares)
    return defaultdict(lambda: Share(0, 0), {each: Share(same[each], all_[each]) for each in all_}), likeness


def _gold(worker: str, answers: Answers[Shape], gold: Mapping[str, Marks[Shape]], alike: Alike[Shape]) -> Share:
    found = [
        _compare(marks, answers[name][worker], alike) for name, marks in gold.items() if worker in answers.get(name, ())
    ]
    return Share(sum(each.same for each in found), sum(len(each.pairs) for each in found))


def _seconds(paces: Iterable[Pace]) -> dict[str, float]:
    taken: dict[str, list[float]] = defaultdict(list)
    for pace in paces:
        taken[pace.worker].append(pace.seconds)
    return {worker: median(each) for worker, each in taken.items()}


def _summary(marks: Marks[Shape], likeness: float) -> Label:
    return Label(_say(marks), likeness, (likeness,))


def _say(marks: Marks[Shape]) -> str:
    """Return what an answer has: its classes, with how often where that is more than once."""
    return ", ".join(_words(Counter(mark.label for mark in marks))) or NOTHING


def _words(counts: Mapping[str, int]) -> Iterator[str]:
    for name, times in sorted(counts.items()):
        yield name if times == 1 else f"{times} {name}"
