"""Orders that several people gave become one: Borda's count, in which who orders as others do counts for more."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

ROUNDS: Final = 5
USUAL: Final = (0.6, 10.0)
"""Which share of pairs a person is expected to order as all do, and how many pairs that weighs."""

Ranks = Sequence[int]
"""The rank of each response, 1 for the best; equal ones share theirs."""


@dataclass(frozen=True)
class ConsolidatedRanks:
    """The ranks that people agree on, and which share of what they said about pairs, by its weight, says the same."""

    ranks: Ranks
    confidence: float


def consolidate(answers: Mapping[str, Mapping[str, Ranks]]) -> dict[str, ConsolidatedRanks]:
    """Return the ranks of every object, whose answers are given by worker.

    Where one person alone was asked their order is kept, with confidence 0. Raises ValueError where two people ranked
    another number of responses of one object.
    """
    for name, by_worker in answers.items():
        if len({len(ranks) for ranks in by_worker.values()}) > 1:
            raise ValueError(f"people ranked another number of responses of {name}: they saw different tasks")
    weights: Mapping[str, float] = defaultdict(lambda: 1.0)
    found = {name: _borda(by_worker, weights) for name, by_worker in answers.items()}
    for _ in range(ROUNDS):
        same: dict[str, float] = defaultdict(lambda: USUAL[0] * USUAL[1])
        pairs: dict[str, float] = defaultdict(lambda: USUAL[1])
        for name, by_worker in answers.items():
            for worker, ranks in by_worker.items() if len(by_worker) > 1 else ():
                agreed, said = _agreement(ranks, found[name])
                same[worker] += agreed
                pairs[worker] += said
        weights = defaultdict(lambda: 1.0, {worker: _weight(same[worker] / pairs[worker]) for worker in pairs})
        found = {name: _borda(by_worker, weights) for name, by_worker in answers.items()}
    return {
        name: ConsolidatedRanks(found[name], _confidence(by_worker, found[name], weights))
        for name, by_worker in answers.items()
    }


def _borda(by_worker: Mapping[str, Ranks], weights: Mapping[str, float]) -> list[int]:
    """Return the ranks by how many others each response was put before, half a place for an equal one."""
    responses = range(len(next(iter(by_worker.values()))))
    places = [
        round(
            sum(
                weights[worker] * sum((ranks[one] < other) + 0.5 * (ranks[one] == other) for other in ranks)
                for worker, ranks in by_worker.items()
            ),
            9,  # equal sums in another order are equal
        )
        for one in responses
    ]
    return [1 + sum(other > place for other in places) for place in places]


def _agreement(ranks: Ranks, others: Ranks) -> tuple[float, int]:
    """Return how many pairs both orders have alike, half of one for a tie in one of them, and how many there are."""
    alike = [
        1.0
        if _order(ranks[one], ranks[two]) == _order(others[one], others[two])
        else 0.5 * (0 in (_order(ranks[one], ranks[two]), _order(others[one], others[two])))
        for one, two in combinations(range(len(ranks)), 2)
    ]
    return sum(alike), len(alike)


def _order(one: int, two: int) -> int:
    return (one > two) - (one < two)


def _weight(share: float) -> float:
    """Return what a person counts who orders this share of pairs as all do: nothing at half, which is chance."""
    return max(2 * share - 1, 0.01)


def _confidence(by_worker: Mapping[str, Ranks], found: Ranks, weights: Mapping[str, float]) -> float:
    if len(by_worker) == 1:
        return 0.0
    agreed = said = 0.0
    for worker, ranks in by_worker.items():
        alike, pairs = _agreement(ranks, found)
        agreed += weights[worker] * alike
        said += weights[worker] * pairs
    return agreed / said if said else 1.0
