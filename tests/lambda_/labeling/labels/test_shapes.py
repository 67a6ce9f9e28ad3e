"""Polygons, lines and key points of several people: geometry by hand, and what skill is worth on generated drawings."""

from collections.abc import Callable
from math import hypot
from random import Random

import pytest

from labels.consolidation.geometry import Shape, area_overlap, line_nearness
from labels.consolidation.marks import Mark
from labels.consolidation.shapes import ConsolidatedShape, lines, points, polygons
from tests.lambda_.labeling.labels import drawings
from tests.lambda_.labeling.labels.drawings import PARTS, Drawn

DIAGONAL = hypot(800, 600)
SQUARE: Shape = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))


def moved(shape: Shape, right: float, down: float) -> Shape:
    return tuple((x + right, y + down) for x, y in shape)


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (SQUARE, 1),
        (SQUARE[::-1], 1),
        (moved(SQUARE, 5, 0), 50 / 150),
        (moved(SQUARE, 5, 5), 25 / 175),
        (moved(SQUARE, 10, 0), 0),
        (((0, 0), (10, 0), (0, 10)), 0.5),  # a triangle is half of its square
        (((0, 0), (10, 0), (5, 5), (10, 10), (0, 10)), 0.75),  # the square without the triangle at its right side
        (((0, 0), (10, 10), (10, 0), (0, 10)), 0.5),  # edges that cross: two triangles of a quarter each
        (((2, 2), (7, 2), (7, 7), (2, 7)), 0.25),
    ],
)
def test_areas_overlap_by_intersection_over_union(other: Shape, shared: float) -> None:
    assert area_overlap(SQUARE, other) == pytest.approx(shared, abs=0.01)
    assert area_overlap(other, SQUARE) == pytest.approx(shared, abs=0.01)


@pytest.mark.parametrize(
    ("other", "near"),
    [
        (((0, 0), (100, 0)), 1),
        (((100, 0), (0, 0)), 1),
        (((0, 0), (50, 0), (100, 0)), 1),  # one point more on the same line
        (((0, 5), (100, 5)), 1 - 5 / 25),  # 5 pixels apart everywhere, and nothing in common from a quarter of 100 on
        (((0, 25), (100, 25)), 0),
        (((300, 300), (400, 300)), 0),
    ],
)
def test_lines_are_near_by_their_mean_distance(other: Shape, near: float) -> None:
    assert line_nearness(((0, 0), (100, 0)), other) == pytest.approx(near)
    assert line_nearness(other, ((0, 0), (100, 0))) == pytest.approx(near)


def test_a_line_without_length_is_near_itself_alone() -> None:
    assert line_nearness(((3, 3), (3, 3)), ((3, 3), (3, 3))) == 1
    assert line_nearness(((3, 3), (3, 3)), ((4, 3), (4, 3))) == 0


@pytest.mark.parametrize("consolidate", [polygons, lines])
def test_of_several_shapes_one_that_somebody_drew_is_taken(
    consolidate: Callable[[Drawn, tuple[str, ...]], dict[str, list[ConsolidatedShape]]],
) -> None:
    drawn = {
        str(number): {
            "exact": [Mark("fin", moved(SQUARE, 50, 50))],
            "near": [Mark("fin", moved(SQUARE, 50.2, 50))],
            "careless": [Mark("fin", moved(SQUARE, 51.5 if number % 2 else 48.5, 51))],
        }
        for number in range(9)
    }
    for [found] in consolidate(drawn, PARTS).values():
        assert found.label == "fin"
        assert found.shape in {moved(SQUARE, 50, 50), moved(SQUARE, 50.2, 50)}
        assert found.confidence > 0.9


def test_a_point_is_a_mean_in_which_who_is_exact_counts_for_more() -> None:
    drawn: dict[str, dict[str, list[Mark[Shape]]]] = {
        str(number): {
            "exact": [Mark("fin", ((100, 100),))],
            "also": [Mark("fin", ((100, 100),))],
            "careless": [Mark("fin", ((112 if number % 2 else 88, 100),))],
        }
        for number in range(20)
    }
    for [found] in points(drawn, PARTS, dict.fromkeys(drawn, DIAGONAL)).values():
        [(x, y)] = found.shape
        assert x == pytest.approx(100, abs=1)  # the plain mean lies 4 pixels apart
        assert y == pytest.approx(100)


def test_points_of_two_parts_beside_each_other_stay_two() -> None:
    drawn: dict[str, dict[str, list[Mark[Shape]]]] = {
        str(number): {worker: [Mark("fin", ((100, 100),)), Mark("tail", ((112, 100),))] for worker in "xyz"}
        for number in range(5)
    }
    for found in points(drawn, PARTS, dict.fromkeys(drawn, DIAGONAL)).values():
        assert sorted((each.label, each.shape) for each in found) == [("fin", ((100, 100),)), ("tail", ((112, 100),))]


def test_nobody_is_sure_of_what_one_person_drew() -> None:
    drawn = {"1": {"x": [Mark("fin", SQUARE)]}}
    assert [each.confidence for each in polygons(drawn, PARTS)["1"]] == [0]
    assert [each.confidence for each in lines(drawn, PARTS)["1"]] == [0]
    assert [each.confidence for each in points({"1": {"x": [Mark("fin", ((1, 1),))]}}, PARTS, {"1": 9})["1"]] == [0]


def near(one: Shape, other: Shape) -> float:
    return max(0.0, 1 - hypot(one[0][0] - other[0][0], one[0][1] - other[0][1]) / (0.05 * DIAGONAL))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "alike", "consolidate"),
    [
        (drawings.polygon, area_overlap, polygons),
        (drawings.line, line_nearness, lines),
        (drawings.point, near, lambda drawn, classes: points(drawn, classes, dict.fromkeys(drawn, DIAGONAL))),
    ],
)
def test_three_people_s_shapes_are_more_exact_than_one_s_and_than_those_of_any_of_them(
    make: Callable[[Random], Shape],
    alike: Callable[[Shape, Shape], float],
    consolidate: Callable[[Drawn, tuple[str, ...]], dict[str, list[ConsolidatedShape]]],
) -> None:
    """Limits: F1 of boxes of three people, and beyond the one person's answer that a job without overlap would have."""
    alone: list[tuple[float, float]] = []
    together: list[tuple[float, float]] = []
    for seed in range(20):
        for each, scores in ((1, alone), (3, together)):
            truth, drawn = drawings.drawings_of(make, seed, 60, each)
            found = consolidate(drawn, PARTS)
            named = {name: [(shape.label, shape.shape) for shape in shapes] for name, shapes in found.items()}
            scores.append(drawings.score(named, truth, alike))
    assert sum(f1 for f1, _ in together) / 20 >= 0.96
    assert all(more[0] > less[0] + 0.03 for less, more in zip(alone, together, strict=True))
    assert all(more[1] > less[1] for less, more in zip(alone, together, strict=True))
