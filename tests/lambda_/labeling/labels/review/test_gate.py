"""Which predictions are reviewed: .89 and not .91, some at random, each once, and so many a day."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.review import loop
from labels.review.gate import GateError, Prediction, Rule, confidence_of, decide, of_classifier, start
from tests.lambda_.labeling.labels.review.flows import FLOW

NEVER = Rule(share=0)


def opened(confidence: float, rule: Rule = NEVER) -> bool:
    return decide([Prediction("i", "carp", confidence)], rule)[0].opens


def test_a_prediction_of_little_confidence_is_reviewed_and_a_sure_one_is_not() -> None:
    """Card D: .89 opens, .91 does not."""
    assert opened(0.89)
    assert not opened(0.91)
    assert not opened(0.90)
    [decision] = decide([Prediction("i", "carp", 0.89)], NEVER)
    assert decision.why == "0.89 is below 0.9."


def test_some_are_taken_at_random_and_always_the_same() -> None:
    predictions = [Prediction(f"id-{number}", "carp", 0.99) for number in range(10_000)]
    rule = Rule(share=0.02, most=10_000)
    taken = [each.prediction.inference for each in decide(predictions, rule) if each.opens]
    assert 140 < len(taken) < 260  # 200 of 10,000; four deviations of 14 on either side
    again = decide(reversed(predictions), rule)
    assert {each.prediction.inference for each in again if each.opens} == {*taken}
    more = decide(predictions, Rule(share=0.04, most=10_000))
    assert {*taken} < {each.prediction.inference for each in more if each.opens}, (
        "a greater share takes more, not others"
    )


def test_the_same_prediction_is_reviewed_once() -> None:
    same = [Prediction("a", "carp", 0.5), Prediction("a", "carp", 0.5), Prediction("b", "carp", 0.5, digest="d")]
    assert [each.opens for each in decide(same, NEVER)] == [True, False, True]
    found = decide([*same, Prediction("c", "carp", 0.5, digest="d")], NEVER, reviewed={"a"})
    assert [each.opens for each in found] == [False, False, True, False]
    assert found[0].why == "It was sent to review before."


def test_so_many_a_day_and_the_least_confident_first() -> None:
    predictions = [Prediction(str(number), "carp", number / 100) for number in range(10, 0, -1)]
    found = decide(predictions, Rule(share=0, most=5), today=2)
    assert [each.prediction.confidence for each in found if each.opens] == [0.03, 0.02, 0.01]
    assert found[0].why == "5 reviews a day are the cap."
    assert not any(each.opens for each in decide(predictions, Rule(most=5), today=7))


@given(
    st.lists(st.tuples(st.integers(0, 20), st.floats(0, 1))),
    st.integers(0, 10),
    st.integers(0, 10),
    st.sets(st.integers(0, 20).map(str)),
)
def test_whatever_comes_the_cap_holds_and_nothing_is_reviewed_twice(
    given_: list[tuple[int, float]], most: int, today: int, reviewed: set[str]
) -> None:
    predictions = [Prediction(str(identity), "carp", confidence) for identity, confidence in given_]
    found = decide(predictions, Rule(share=0.5, most=most), reviewed=reviewed, today=today)
    assert [each.prediction for each in found] == predictions
    opened_ = [each.prediction.identity for each in found if each.opens]
    assert len(opened_) == len({*opened_} - reviewed) <= max(most - today, 0)
    assert all(each.why for each in found)


def test_the_answer_of_the_image_classifier() -> None:
    picture = {"predicted_label": "carp", "probabilities": {"bream": 0.11, "carp": 0.89}}
    assert list(of_classifier(json.dumps({"predictions": [picture]}), "i")) == [Prediction("i", "carp", 0.89)]
    two = list(of_classifier(json.dumps({"predictions": [picture, picture]}), "i"))
    assert [each.inference for each in two] == ["i-0", "i-1"]
    for answer, sentence in {
        "{": "The answer i is no JSON",
        "[]": "The answer i has no predictions",
        '{"predictions": [{}]}': "Prediction 1 of i has no predicted_label with a probability",
        '{"predictions": [{"predicted_label": "a", "probabilities": {"a": "b"}}]}': "Prediction 1 of i has no",
    }.items():
        with pytest.raises(GateError, match=sentence):
            list(of_classifier(answer, "i"))


def test_a_model_that_marks_several_things_is_as_sure_as_of_the_least_sure_one() -> None:
    assert confidence_of([0.99, 0.4]) == 0.4
    assert confidence_of([]) == 1


def test_the_loop_of_a_prediction_offers_all_classes() -> None:
    body = start(Prediction("i", "carp", 0.89), FLOW, "s3://b/1.jpg", ["bream", "carp", "pike"], "carp")
    read = loop.read(body)
    assert read.content == {
        "taskObject": "s3://b/1.jpg",
        "labels": ["bream", "carp", "pike"],
        "initialValue": "carp",
        "inferenceId": "i",
        "confidence": 0.89,
    }
    assert body == start(Prediction("i", "carp", 0.89), FLOW, "s3://b/1.jpg", ["bream", "carp", "pike"], "carp")
    other = start(Prediction("j", "carp", 0.89), FLOW, "s3://b/1.jpg", ["bream", "carp", "pike"], "carp")
    assert other["HumanLoopName"] != body["HumanLoopName"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rule(below=1.1),
        lambda: Rule(share=-0.1),
        lambda: Rule(most=-1),
        lambda: Prediction("", "carp", 0.5),
        lambda: Prediction("i", "carp", float("nan")),
        lambda: Prediction("i", "carp", 1.2),
    ],
)
def test_what_is_no_rule_and_no_prediction_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(GateError, match=r"give|between 0 and 1"):
        make()
