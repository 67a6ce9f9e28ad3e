"""Marks of several people that mean the same thing, found by how alike they are."""

from collections.abc import Mapping, Sequence


def clusters(owners: Sequence[str], alike: Mapping[tuple[int, int], float], least: float) -> list[list[int]]:
    """Return groups of marks that are alike by at least `least` on average, with at most one mark of an owner in each.

    `owners` says by position who made a mark, `alike` (0 to 1) how similar two positions are, the smaller first; pairs
    that are not in it have nothing in common. Average linkage: the two groups that are most alike are joined first.
    """
    groups = {position: [position] for position in range(len(owners))}
    near: dict[int, dict[int, float]] = {position: {} for position in groups}
    for (first, second), value in alike.items():
        if owners[first] != owners[second]:
            near[first][second] = near[second][first] = value
    while joined := max(
        (
            (value, first, second)
            for first, others in near.items()
            for second, value in others.items()
            if first < second and value >= least
        ),
        default=None,
        key=lambda pair: (pair[0], -pair[1], -pair[2]),
    ):
        _, first, second = joined
        sizes = len(groups[first]), len(groups[second])
        taken = {owners[position] for position in groups[first] + groups[second]}
        groups[first] += groups.pop(second)
        before, other = near.pop(first), near.pop(second)
        near[first] = {}
        for third in (before.keys() | other.keys()) - {first, second}:
            near[third].pop(first, None)
            near[third].pop(second, None)
            if taken.isdisjoint(owners[position] for position in groups[third]):
                average = (sizes[0] * before.get(third, 0.0) + sizes[1] * other.get(third, 0.0)) / sum(sizes)
                near[first][third] = near[third][first] = average
    return [sorted(group) for group in groups.values()]
