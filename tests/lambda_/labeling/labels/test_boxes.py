"""Boxes of several people: geometry by hand, properties, and how exact they are beside Ground Truth's rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.consolidation.boxes import Box, consolidate, overlap
from labels.consolidation.clusters import clusters
from labels.consolidation.marks import Mark
from tests.lambda_.labeling.labels.crowds import KINDS, boxes_of, ground_truth_boxes, score

SQUARE = Box(0, 0, 10, 10)


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (SQUARE, 1),
        (Box(5, 0, 10, 10), 50 / 150),
        (Box(5, 5, 10, 10), 25 / 175),
        (Box(10, 0, 10, 10), 0),
        (Box(2, 2, 5, 5), 25 / 100),
    ],
)
def test_overlap_is_intersection_over_union(other: Box, shared: float) -> None:
    assert overlap(SQUARE, other) == pytest.approx(shared)
    assert overlap(other, SQUARE) == pytest.approx(shared)


@given(
    st.lists(st.sampled_from("uvw"), max_size=8).flatmap(
        lambda owners: st.tuples(
            st.just(owners),
            st.dictionaries(
                st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(
                    lambda pair: pair[0] < pair[1] < len(owners) if owners else False
                ),
                st.floats(0.01, 1),
            )
            if len(owners) > 1
            else st.just({}),
        )
    )
)
def test_a_group_has_one_mark_of_a_person_and_every_mark_is_in_one(
    drawn: tuple[list[str], dict[tuple[int, int], float]],
) -> None:
    owners, alike = drawn
    groups = clusters(owners, alike, 0.4)
    assert sorted(position for group in groups for position in group) == list(range(len(owners)))
    assert all(len({owners[position] for position in group}) == len(group) for group in groups)


def test_marks_that_are_most_alike_come_together() -> None:
    assert clusters(["x", "y", "y"], {(0, 1): 0.5, (0, 2): 0.9}, 0.4) == [[0, 2], [1]]
    assert clusters(["x", "y"], {(0, 1): 0.39}, 0.4) == [[0], [1]]
    assert clusters(["x", "y"], {(0, 1): 0.4}, 0.4) == [[0, 1]]
    # average linkage: .8 and .1 make .45 between the pair and the third
    assert clusters(["x", "y", "z"], {(0, 1): 0.9, (0, 2): 0.8, (1, 2): 0.1}, 0.4) == [[0, 1, 2]]
    assert clusters(["x", "y", "z"], {(0, 1): 0.9, (0, 2): 0.7}, 0.4) == [[0, 1], [2]]


def test_people_who_agree_make_one_box_with_their_class() -> None:
    drawn = {
        str(number): {worker: [Mark("carp", Box(10 + number, 10, 20, 20))] for worker in ("x", "y", "z")}
        for number in range(5)
    }
    found = consolidate(drawn, KINDS)
    for number in range(5):
        [box] = found[str(number)]
        assert box.label == "carp"
        assert box.box == pytest.approx((10 + number, 10, 20, 20))
        assert box.confidence > 0.9


def test_what_one_of_three_saw_is_no_thing() -> None:
    agreed = {str(number): {worker: [Mark("carp", Box(10, 10, 20, 20))] for worker in "xyz"} for number in range(9)}
    agreed["new"] = {"x": [Mark("carp", Box(10, 10, 20, 20)), Mark("perch", Box(300, 300, 40, 40))], "y": [], "z": []}
    agreed["new"]["y"] = agreed["new"]["z"] = [Mark("carp", Box(10, 10, 20, 20))]
    assert [box.label for box in consolidate(agreed, KINDS)["new"]] == ["carp"]


def test_one_person_s_boxes_are_kept_and_nobody_is_sure_of_them() -> None:
    found = consolidate({"1": {"x": [Mark("carp", SQUARE), Mark("perch", Box(50, 50, 9, 9))]}, "2": {"x": []}}, KINDS)
    assert sorted((box.label, box.confidence) for box in found["1"]) == [("carp", 0), ("perch", 0)]
    assert found["2"] == []


def test_who_draws_exactly_counts_for_more() -> None:
    drawn = {}
    for number in range(20):
        shift = 6 if number % 2 else -6
        exact = Mark("carp", Box(100, 100, 50, 50))
        drawn[str(number)] = {
            "exact": [exact],
            "also": [exact],
            "careless": [Mark("carp", Box(100 + shift, 100 - shift, 50, 50))],
        }
    for [box] in consolidate(drawn, KINDS).values():
        assert box.box.left == pytest.approx(100, abs=1)  # the plain mean lies 2 pixels apart


@pytest.mark.slow
@pytest.mark.parametrize(("each", "f1", "mean_overlap"), [(3, 0.975, 0.935), (5, 0.99, 0.95)])
def test_boxes_are_more_exact_than_by_ground_truths_rule(each: int, f1: float, mean_overlap: float) -> None:
    """Limits: the goals of the project."""
    ours, theirs = [], []
    for seed in range(20):
        truth, drawn = boxes_of(seed, 200, each)
        found = consolidate(drawn, KINDS)
        ours.append(score({name: [(box.label, box.box) for box in boxes] for name, boxes in found.items()}, truth))
        theirs.append(score(ground_truth_boxes(drawn), truth))
    assert sum(figure for figure, _ in ours) / 20 >= f1
    assert sum(figure for _, figure in ours) / 20 >= mean_overlap
    assert min(mine[0] - other[0] for mine, other in zip(ours, theirs, strict=True)) >= -0.005
    assert min(mine[1] - other[1] for mine, other in zip(ours, theirs, strict=True)) > 0
