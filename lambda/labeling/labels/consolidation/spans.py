"""Spans of text that several people marked become one each."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from labels.consolidation.marks import Answers, Thing
from labels.consolidation.marks import consolidate as things_in

LEAST_OVERLAP: Final = 0.3
"""Share of characters in common from which two people's spans may be the same thing."""
ROUNDS: Final = 3


class Span(NamedTuple):
    """Characters of a text, counted in Unicode code points from 0; `end` is the first that is not in it."""

    start: int
    end: int


@dataclass(frozen=True)
class ConsolidatedSpan:
    """A span that people agree on, its class, and how probable it is that both are right (0 to 1)."""

    label: str
    span: Span
    confidence: float


def overlap(one: Span, other: Span) -> float:
    """Return Jaccard's index of the characters: 1 for the same span, 0 for spans that do not meet."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared / (max(one.end, other.end) - min(one.start, other.start)) if shared > 0 else 0.0


def consolidate(answers: Answers[Span], classes: Sequence[str]) -> dict[str, list[ConsolidatedSpan]]:
    """Return the spans of every text in its order. Raises UnknownClassError."""
    found = things_in(answers, classes, overlap, LEAST_OVERLAP)
    exact: Mapping[str, float] = {}
    for _ in range(ROUNDS):
        exact = _exactness([thing for things in found.values() for thing in things], exact)
    return {
        name: sorted(
            (ConsolidatedSpan(thing.label, _mode(thing, exact), thing.confidence) for thing in things),
            key=lambda each: each.span,
        )
        for name, things in found.items()
    }


def _mode(thing: Thing[Span], exact: Mapping[str, float]) -> Span:
    """Return the span that most people chose; who mostly chooses as others do counts for more."""
    chosen: dict[Span, float] = defaultdict(float)
    for worker, span in thing.shapes.items():
        chosen[span] += exact.get(worker, 1.0)
    return max(
        chosen, key=lambda span: (chosen[span], sum(overlap(span, other) for other in thing.shapes.values()), span)
    )


def _exactness(things: Sequence[Thing[Span]], exact: Mapping[str, float]) -> dict[str, float]:
    """Return how often each person chose the very span that a thing has."""
    right, drawn = Counter[str](), Counter[str]()
    for thing in things:
        if len(thing.shapes) > 1:
            best = _mode(thing, exact)
            drawn.update(list(thing.shapes))
            right.update([worker for worker, span in thing.shapes.items() if span == best])
    return {worker: (right[worker] + 1) / (count + 2) for worker, count in drawn.items()}
