"""Spans of text of several people become one each."""

import pytest

from labels.consolidation.marks import Mark
from labels.consolidation.spans import Span, consolidate, overlap

KINDS = ("person", "place")


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [((0, 4), (0, 4), 1), ((0, 4), (2, 6), 2 / 6), ((0, 4), (4, 8), 0), ((0, 10), (2, 4), 0.2)],
)
def test_overlap_is_the_share_of_characters_in_common(
    one: tuple[int, int], other: tuple[int, int], shared: float
) -> None:
    assert overlap(Span(*one), Span(*other)) == pytest.approx(shared)
    assert overlap(Span(*other), Span(*one)) == pytest.approx(shared)


def test_a_span_has_the_boundaries_that_most_chose() -> None:
    said = {"x": [Mark("person", Span(4, 9))], "y": [Mark("person", Span(4, 9))], "z": [Mark("place", Span(0, 9))]}
    [found] = consolidate({"1": said}, KINDS)["1"]
    assert found.span == (4, 9)
    assert found.label == "person"
    assert 0 < found.confidence < 1


def test_spans_stand_in_the_order_of_the_text() -> None:
    marks = [Mark("place", Span(20, 25)), Mark("person", Span(0, 3))]
    found = consolidate({"1": {"x": marks, "y": list(reversed(marks))}}, KINDS)["1"]
    assert [each.span for each in found] == [(0, 3), (20, 25)]


def test_who_is_exact_elsewhere_decides_between_two() -> None:
    said = {
        str(number): {
            "exact": [Mark("person", Span(5, 9))],
            "too": [Mark("person", Span(5, 9))],
            "wide": [Mark("person", Span(4, 10))],
        }
        for number in range(6)
    }
    said["new"] = {"exact": [Mark("person", Span(7, 9))], "wide": [Mark("person", Span(6, 10))]}
    [found] = consolidate(said, KINDS)["new"]
    assert found.span == (7, 9)


def test_nobody_is_sure_of_what_one_person_marked() -> None:
    [found] = consolidate({"1": {"x": [Mark("person", Span(0, 3))]}}, KINDS)["1"]
    assert found.confidence == 0
