"""The model on whole arrays gives the labels of the one that functions run."""

import pytest

from evaluation.consensus import consolidate
from labels.consolidation import classes
from labels.consolidation.classes import Vote
from tests.lambda_.labeling.labels.crowds import votes_of

ABC = ("a", "b", "c")


@pytest.mark.parametrize(
    ("objects", "each", "kinds", "spammers"), [(30, 3, 2, 0.3), (300, 5, 5, 0.3), (700, 3, 10, 0.0)]
)
@pytest.mark.parametrize("seed", [0, 1])
def test_both_models_give_the_same(seed: int, objects: int, each: int, kinds: int, spammers: float) -> None:
    said, _ = votes_of(seed, objects, each, kinds, spammers)
    said = said[: -objects // 7]  # some objects have fewer votes than others
    names = [str(number) for number in range(kinds)]
    expected = classes.consolidate(said, names).labels
    found = consolidate([v.object for v in said], [v.worker for v in said], [v.label for v in said], names)
    assert found.labels() == {name: label.name for name, label in expected.items()}
    for name, row in zip(found.objects, found.probabilities.tolist(), strict=True):
        assert row == pytest.approx(list(expected[name].probabilities), abs=1e-6)


def test_a_class_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="'d' is none of a, b, c"):
        consolidate(["1"], ["x"], ["d"], ABC)


def test_no_votes_are_no_labels() -> None:
    assert consolidate([], [], [], ABC).labels() == {}


def test_one_vote_is_its_object_s_class() -> None:
    assert consolidate(["1"], ["x"], ["b"], ABC).labels() == {"1": "b"}
    assert classes.consolidate([Vote("1", "x", "b")], ABC).labels["1"].name == "b"
