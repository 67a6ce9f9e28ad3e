"""Generated drawings of people of known skill: polygons, lines and key points in pictures of 800 by 600 pixels."""

import random
from collections.abc import Callable, Mapping, Sequence
from math import cos, pi, sin

from labels.consolidation.geometry import Shape
from labels.consolidation.marks import Mark

PARTS = ("head", "tail", "fin")
Truth = Mapping[str, Sequence[tuple[str, Shape]]]
Drawn = Mapping[str, Mapping[str, Sequence[Mark[Shape]]]]


def polygon(dice: random.Random) -> Shape:
    """A star-shaped area of 5 to 9 corners."""
    x, y, size, corners = dice.uniform(100, 700), dice.uniform(100, 500), dice.uniform(30, 80), dice.randint(5, 9)
    angles = sorted(2 * pi * (each + dice.uniform(0, 0.6)) / corners for each in range(corners))
    reaches = [size * dice.uniform(0.6, 1) for _ in angles]
    return tuple((x + reach * cos(angle), y + reach * sin(angle)) for angle, reach in zip(angles, reaches, strict=True))


def line(dice: random.Random) -> Shape:
    """A line of 2 to 5 points that runs on in about one direction."""
    x, y, angle = dice.uniform(50, 550), dice.uniform(50, 450), dice.uniform(0, pi / 2)
    points = [(x, y)]
    for _ in range(dice.randint(1, 4)):
        angle += dice.gauss(0, 0.4)
        reach = dice.uniform(30, 80)
        points.append((points[-1][0] + reach * cos(angle), points[-1][1] + reach * sin(angle)))
    return tuple(points)


def point(dice: random.Random) -> Shape:
    """One point."""
    return ((dice.uniform(0, 800), dice.uniform(0, 600)),)


def drawings_of(
    make: Callable[[random.Random], Shape], seed: int, pictures: int, each: int, people: int = 12
) -> tuple[Truth, Drawn]:
    """Shapes, and what `each` people of a crowd drew.

    Careful people set points 1 to 4 pixels beside the right place, the careless, one in six, 9 to 16. People find .88
    to .99 (.5 to .8) of the things, imagine one in .02 to .12 (.3 to .8) of the pictures, and name .93 to .99 (.5 to
    .8) of them rightly, as in the crowds of boxes.
    """
    dice = random.Random(seed)
    crowd = [
        (dice.uniform(9, 16), dice.uniform(0.5, 0.8), dice.uniform(0.3, 0.8), dice.uniform(0.5, 0.8))
        if dice.random() < 1 / 6
        else (dice.uniform(1, 4), dice.uniform(0.88, 0.99), dice.uniform(0.02, 0.12), dice.uniform(0.93, 0.99))
        for _ in range(people)
    ]
    truth: dict[str, list[tuple[str, Shape]]] = {}
    drawn: dict[str, dict[str, list[Mark[Shape]]]] = {}
    for picture in map(str, range(pictures)):
        truth[picture] = [(dice.choice(PARTS), make(dice)) for _ in range(dice.randint(1, 5))]
        drawn[picture] = {}
        for who in dice.sample(range(people), each):
            apart, finds, imagines, right = crowd[who]
            marks = [
                Mark(part if dice.random() < right else dice.choice(PARTS), _redrawn(dice, shape, apart))
                for part, shape in truth[picture]
                if dice.random() < finds
            ]
            if dice.random() < imagines:
                marks.append(Mark(dice.choice(PARTS), make(dice)))
            drawn[picture][f"person-{who}"] = marks
    return truth, drawn


def _redrawn(dice: random.Random, shape: Shape, apart: float) -> Shape:
    """The shape with every point set anew; a line may begin at either end."""
    points = tuple((x + dice.gauss(0, apart), y + dice.gauss(0, apart)) for x, y in shape)
    return points[::-1] if dice.random() < 0.5 else points


def score(found: Truth, truth: Truth, alike: Callable[[Shape, Shape], float]) -> tuple[float, float]:
    """F1 of the shapes that have the right class and are alike by half, and how alike those are on average."""
    likeness, guesses, things = [], 0, 0
    for picture, real in truth.items():
        left = list(real)
        for part, shape in found[picture]:
            best = max((each for each in left if each[0] == part), key=lambda each: alike(each[1], shape), default=None)
            if best and alike(best[1], shape) >= 0.5:
                likeness.append(alike(best[1], shape))
                left.remove(best)
        guesses += len(found[picture])
        things += len(real)
    return 2 * len(likeness) / (guesses + things), sum(likeness) / len(likeness)
