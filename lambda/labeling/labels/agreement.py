"""How far people agree beyond chance: 1 is agreement in everything, 0 is what chance gives, less is worse than that."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence


def krippendorff(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Return Krippendorff's alpha of nominal values: `units` has what was said about each object.

    People may have answered different objects; nothing is returned where no object has two answers. Source:
    K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).
    """
    values: Counter[Hashable] = Counter()
    disagreed = 0.0
    for said in units:
        if len(said) > 1:
            counts = Counter(said)
            values.update(counts)
            disagreed += (len(said) ** 2 - sum(times**2 for times in counts.values())) / (len(said) - 1)
    total = values.total()
    if not total:
        return None
    expected = (total**2 - sum(times**2 for times in values.values())) / (total - 1)
    return 1 - disagreed / expected if expected else 1.0


def fleiss(counts: Sequence[Sequence[int]]) -> float | None:
    """Return Fleiss' kappa: `counts` has by object how many gave each class, as many people for each object.

    Raises ValueError where they are not. Source: J. L. Fleiss, Psychological Bulletin 76 (1971).
    """
    people = {sum(row) for row in counts}
    if len(people) != 1 or people <= {0, 1}:
        raise ValueError("Fleiss' kappa needs the same number of answers about each object, two at least: take alpha.")
    [each] = people
    observed = sum((sum(times**2 for times in row) - each) / (each * (each - 1)) for row in counts) / len(counts)
    chance = sum((sum(column) / each / len(counts)) ** 2 for column in zip(*counts, strict=True))
    return (observed - chance) / (1 - chance) if chance < 1 else None


def cohen(one: Sequence[Hashable], other: Sequence[Hashable]) -> float | None:
    """Return Cohen's kappa of two people who answered the same objects, or nothing where both gave one class alone.

    Source: J. Cohen, Educational and Psychological Measurement 20 (1960).
    """
    if not one or len(one) != len(other):
        raise ValueError("Cohen's kappa needs two people's answers about the same objects.")
    observed = sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
    theirs = Counter(other)
    chance = sum(times * theirs[value] for value, times in Counter(one).items()) / len(one) ** 2
    return (observed - chance) / (1 - chance) if chance < 1 else None
