"""Generated votes, the same in every process: people right in .6 to .95 of the cases, and .15 of them who guess."""

import numpy as np

KINDS = tuple(f"class-{number}" for number in range(5))
PEOPLE, EACH, GUESS = 1_000, 5, 0.15
Columns = tuple[list[str], list[str], list[str]]


def votes(count: int) -> tuple[Columns, dict[str, str]]:
    """Return objects, people and classes, vote by vote, and the truth by object."""
    dice = np.random.default_rng(0)
    objects = np.repeat(np.arange(count // EACH), EACH)
    truth = dice.integers(0, len(KINDS), count // EACH)
    people = dice.integers(0, PEOPLE, len(objects))
    right = np.where(dice.random(PEOPLE) < GUESS, 0.0, dice.uniform(0.6, 0.95, PEOPLE))
    looks = dice.random(len(objects)) < right[people]
    said = np.where(looks, truth[objects], dice.integers(0, len(KINDS), len(objects)))
    columns = (
        [f"object-{number}" for number in objects.tolist()],
        [f"person-{number}" for number in people.tolist()],
        [KINDS[number] for number in said.tolist()],
    )
    return columns, {f"object-{number}": KINDS[kind] for number, kind in enumerate(truth.tolist())}
