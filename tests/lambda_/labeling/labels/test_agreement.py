"""Agreement beyond chance: figures that were published with their data."""

import pytest

from labels.agreement import cohen, fleiss, krippendorff

FOUR_OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
"""K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C: nominal alpha .743."""
FOURTEEN_RATERS = (
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
)
"""Wikipedia, "Fleiss' kappa", worked example: kappa .210."""


def units(rows: tuple[str, ...]) -> list[list[str]]:
    return [[value for value in column if value != "."] for column in zip(*(row.split() for row in rows), strict=True)]


@pytest.mark.parametrize(
    ("rows", "alpha"),
    [
        (FOUR_OBSERVERS, 0.743),
        (("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"), 0.095),  # section A: two observers, two values
        (("a a b b d c c c e d d a", "b a b b b c c c e d d d"), 0.692),  # section B: two observers, five values
    ],
)
def test_alpha_is_that_of_its_author(rows: tuple[str, ...], alpha: float) -> None:
    assert krippendorff(units(rows)) == pytest.approx(alpha, abs=5e-4)


def test_alpha_at_its_ends() -> None:
    assert krippendorff([["a", "a"], ["b", "b"]]) == 1
    assert krippendorff([["a", "a"], ["a", "a"]]) == 1
    assert krippendorff([["a", "b"], ["b", "a"]]) == pytest.approx(-0.5)  # by hand: 1 - 4 / ((16 - 8) / 3)
    assert krippendorff([["a"], ["b"], []]) is None


def test_fleiss_kappa_is_that_of_the_worked_example() -> None:
    assert fleiss(FOURTEEN_RATERS) == pytest.approx(0.210, abs=5e-4)
    assert fleiss([(3, 0), (3, 0)]) is None


@pytest.mark.parametrize("counts", [[(2, 1), (1, 1)], [(1, 0), (0, 1)], []])
def test_fleiss_kappa_needs_as_many_answers_about_each(counts: list[tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="alpha"):
        fleiss(counts)


def test_cohens_kappa_is_that_of_the_worked_example() -> None:
    """Wikipedia, "Cohen's kappa": 50 proposals, both yes 20, both no 15, and 5 and 10 apart: kappa .40."""
    one = "y" * 20 + "y" * 5 + "n" * 10 + "n" * 15
    other = "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15
    assert cohen(one, other) == pytest.approx(0.4)
    assert cohen("yy", "yy") is None
    with pytest.raises(ValueError, match="same objects"):
        cohen("y", "yn")
