"""Classes out of votes: what must hold for any crowd, and how it compares with what AWS publishes."""

from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.consolidation.classes import UnknownClassError, Vote, consolidate
from tests.lambda_.labeling.labels.crowds import modified_dawid_skene, votes_of

ABC = ("a", "b", "c")
crowds = st.dictionaries(
    st.tuples(st.sampled_from("123456"), st.sampled_from("uvwxyz")), st.sampled_from(ABC), min_size=1, max_size=36
)


def votes(said: dict[tuple[str, str], str]) -> list[Vote]:
    return [Vote(name, worker, label) for (name, worker), label in said.items()]


@given(crowds)
def test_each_object_with_a_vote_has_a_class_with_its_probability(said: dict[tuple[str, str], str]) -> None:
    found = consolidate(votes(said), ABC)
    assert found.labels.keys() == {name for name, _ in said}
    for name, label in found.labels.items():
        assert sum(label.probabilities) == pytest.approx(1)
        assert label.probabilities[ABC.index(label.name)] == max(label.probabilities)
        alone = sum(each == name for each, _ in said) == 1
        assert label.confidence == (0 if alone else max(label.probabilities))
    assert {worker: each.votes for worker, each in found.workers.items()} == {
        worker: sum(each == worker for _, each in said) for _, worker in said
    }
    assert all(0 < each.accuracy < 1 for each in found.workers.values())


@given(crowds, st.permutations(range(36)), st.permutations(ABC))
def test_neither_order_nor_names_matter(said: dict[tuple[str, str], str], order: list[int], names: list[str]) -> None:
    other = dict(zip(ABC, names, strict=True))
    found = consolidate(votes(said), ABC)
    given_votes = votes(said)
    shuffled = [
        Vote(each.object, each.worker, other[each.label])
        for each in (given_votes[position] for position in order if position < len(given_votes))
    ]
    renamed = consolidate(shuffled, [other[name] for name in ABC])
    for name, label in found.labels.items():
        assert renamed.labels[name].probabilities == pytest.approx(label.probabilities, abs=1e-9)


def test_what_all_say_is_the_class() -> None:
    found = consolidate([Vote(str(number), worker, "ab"[number % 2]) for number in range(9) for worker in "xyz"], ABC)
    assert [found.labels[str(number)].name for number in range(9)] == ["ab"[number % 2] for number in range(9)]
    assert all(each.confidence > 0.9 for each in found.labels.values())


def test_who_is_right_elsewhere_outvotes_two_who_guess() -> None:
    said = [Vote(f"{number}", worker, "abc"[number % 3]) for number in range(30) for worker in ("good", "better")]
    said += [Vote(f"{number}", "dull", "a") for number in range(30)] + [
        Vote(f"{number}", "numb", "a") for number in range(30)
    ]
    asked = [Vote("new", "good", "b"), Vote("new", "dull", "a"), Vote("new", "numb", "a")]
    found = consolidate([*said, *asked], ABC)
    assert found.labels["new"].name == "b"
    assert found.workers["good"].accuracy > 0.8
    assert found.workers["dull"].accuracy < 0.5


def test_a_known_answer_counts_and_teaches() -> None:
    said = [Vote(f"{number}", worker, "a") for number in range(8) for worker in ("x", "y")]
    found = consolidate(said, ABC, {f"{number}": "b" for number in range(6)} | {"unasked": "a"})
    assert found.labels["0"].name == "b"
    assert found.labels["0"].confidence == 1
    assert found.workers["x"].accuracy < 0.5
    assert "unasked" not in found.labels


def test_the_last_vote_of_a_person_counts() -> None:
    assert consolidate([Vote("1", "x", "a"), Vote("1", "y", "b"), Vote("1", "x", "b")], ABC).labels["1"].name == "b"


@pytest.mark.parametrize("gold", [{}, {"1": "d"}])
def test_a_class_that_the_job_does_not_have_is_named(gold: dict[str, str]) -> None:
    with pytest.raises(UnknownClassError, match="'d'"):
        consolidate([Vote("1", "x", "a" if gold else "d")], ABC, gold)


def test_no_votes_are_no_labels() -> None:
    assert consolidate([], ABC).labels == {}


@pytest.mark.slow
def test_errors_are_at_most_92_hundredths_of_those_of_amazons_model() -> None:
    """Limit: the goal of the project. Geometric mean over sizes, classes and crowds, one thousandth added to each."""
    ratios = []
    for objects, seeds in ((30, 20), (100, 20), (1_000, 3), (10_000, 1)):
        for each in (3, 5):
            for classes in (2, 5, 10):
                for spammers in (0.0, 0.3):
                    ours = theirs = 0.0
                    for seed in range(seeds):
                        said, truth = votes_of(seed, objects, each, classes, spammers)
                        found = consolidate(said, [str(number) for number in range(classes)]).labels
                        amazon = modified_dawid_skene(said, classes)
                        ours += sum(found[name].name != true for name, true in truth.items()) / objects / seeds
                        theirs += sum(amazon[name] != true for name, true in truth.items()) / objects / seeds
                    ratios.append(log((ours + 1e-3) / (theirs + 1e-3)))
    assert exp(sum(ratios) / len(ratios)) <= 0.92
