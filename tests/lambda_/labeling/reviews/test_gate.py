"""From what the API's function wrote down to human loops: .89 opens, .91 does not."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.review.capture import read
from labels.review.gate import Prediction, Rule, decide, of_classifier
from predictions.request import PredictionRequest
from predictions.reviews import capture_line, may_be_reviewed
from review_gate.gate import Gate
from tests.lambda_.labeling.reviews.conftest import Reviews

JPEG = b"\xff\xd8\xff\xe0"
NEVER = Rule(share=0)


def says(*confidences: float) -> str:
    """Return what the image classifier answers about so many pictures."""
    each = [{"predicted_label": "carp", "probabilities": {"bream": 1 - one, "carp": one}} for one in confidences]
    return json.dumps({"predictions": each})


def asked(*pictures: bytes) -> PredictionRequest:
    """Return a request about a picture as it is, or about several."""
    if len(pictures) == 1:
        return PredictionRequest(pictures[0], "image/jpeg", "application/json")
    body = json.dumps({"instances": [{"b64": base64.b64encode(each).decode()} for each in pictures]})
    return PredictionRequest(body.encode(), "application/json", "application/json")


def write(reviews: Reviews, inference: str, confidence: float, picture: bytes = b"") -> None:
    """Write a prediction down, as the API's function does."""
    line = capture_line(asked(JPEG + (picture or inference.encode())), says(confidence), inference)
    key = f"labeling-predictions/images/{inference}.json"
    reviews.workshop.client("s3").put_object(Bucket=reviews.workshop.name, Key=key, Body=line.encode())


def gate(reviews: Reviews, rule: Rule = NEVER, before: Callable[[], None] | None = None, **members: Any) -> Gate:
    role = "arn:aws:iam::111122223333:role/gate"
    return Gate(reviews.operations(before), reviews.client("s3", before), rule, "birders", role, **members)


def loops(reviews: Reviews) -> dict[str, Any]:
    """Return the inputs of the loops of the images' predictions, by their inference ids."""
    store = reviews.store()
    contents = [store.begun(each).content for each in store.loops("images-reviews")]
    return {each["inferenceId"]: each for each in contents}


@pytest.mark.slow
def test_89_opens_and_91_does_not(empty: Reviews) -> None:
    write(empty, "unsure", 0.89)
    write(empty, "sure", 0.91)
    assert gate(empty, classes=("none of these",)).look("images", empty.now) == {"opened": 1, "left": 1}
    found = loops(empty)
    assert list(found) == ["unsure"]
    shown = found["unsure"]
    assert shown["labels"] == ["bream", "carp", "none of these"], "also what the model never said"
    bucket, _, key = shown["taskObject"].removeprefix("s3://").partition("/")
    assert key.startswith("labeling/reviews/images/pictures/")
    assert empty.workshop.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == JPEG + b"unsure"
    assert empty.keys("labeling-predictions/") == [], "what nobody reviews is not kept"
    flow = empty.do("DescribeFlowDefinition", FlowDefinitionName="images-reviews")
    assert flow["HumanLoopConfig"]["WorkteamArn"].endswith("workteam/private-crowd/birders")


@pytest.mark.slow
def test_a_picture_is_reviewed_once_whoever_asks_about_it(empty: Reviews) -> None:
    write(empty, "first", 0.5, b"same")
    gate(empty).look("images", empty.now)
    write(empty, "second", 0.5, b"same")
    assert gate(empty).look("images", empty.now) == {"left": 1}
    assert list(loops(empty)) == ["first"]


@pytest.mark.slow
def test_so_many_a_day_the_least_sure_first_and_more_the_next_day(empty: Reviews) -> None:
    for number in range(4):
        write(empty, f"on-the-first-day-{number}", 0.5 + number / 10)
    gate(empty, Rule(share=0, most=2)).look("images", empty.now)
    assert sorted(loops(empty)) == ["on-the-first-day-0", "on-the-first-day-1"]
    write(empty, "too-late", 0.1)
    gate(empty, Rule(share=0, most=2)).look("images", empty.now)
    assert "too-late" not in loops(empty)
    empty.workshop.now += 24 * 3600
    write(empty, "the-next-day", 0.1)
    gate(empty, Rule(share=0, most=2)).look("images", empty.now)
    assert "the-next-day" in loops(empty)


@pytest.mark.slow
def test_a_flow_definition_of_the_name_is_used_as_people_made_it(empty: Reviews) -> None:
    empty.do("CreateFlowDefinition", **empty.flow(TaskTitle="Ours") | {"FlowDefinitionName": "images-reviews"})
    write(empty, "unsure", 0.89)
    gate(empty).look("images", empty.now)
    assert [job.title for job in empty.store().jobs_of_team("birders")] == ["Ours"]
    assert list(loops(empty)) == ["unsure"]


@pytest.mark.slow
def test_what_is_no_prediction_is_left_and_the_others_are_reviewed(empty: Reviews) -> None:
    empty.workshop.client("s3").put_object(
        Bucket=empty.workshop.name, Key="labeling-predictions/images/bad.json", Body=b"{"
    )
    write(empty, "unsure", 0.89)
    assert gate(empty).look("images", empty.now) == {"unread": 1, "opened": 1}
    assert gate(empty).look("images", empty.now) == {}


@pytest.mark.slow
def test_a_gate_that_is_killed_anywhere_opens_each_loop_once_and_keeps_the_cap(empty: Reviews) -> None:
    class Killed(BaseException):
        pass

    for number in range(3):
        write(empty, f"unsure-{number}", 0.5 + number / 10)
    for after in range(300):
        left = iter(range(after))

        def before(left: Any = left) -> None:
            if next(left, None) is None:
                raise Killed

        try:
            gate(empty, Rule(share=0, most=2), before).look("images", empty.now)
            break
        except Killed:
            continue
    assert sorted(loops(empty)) == ["unsure-0", "unsure-1"]
    assert empty.keys("labeling-predictions/") == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=4), st.integers(0, 10**6), st.floats(0, 1), st.floats(0, 1))
def test_what_the_gate_would_review_is_written_down(
    confidences: list[float], number: int, below: float, share: float
) -> None:
    """The function of the API and the gate are packages of their own, and tell the same rule."""
    answer, inference = says(*confidences), f"id-{number}"
    predictions = list(of_classifier(answer, inference))
    opens = any(each.opens for each in decide(predictions, Rule(below, share)))
    assert may_be_reviewed(answer, inference, below, share) == opens


def test_what_is_written_down_is_read_as_captured_data() -> None:
    (one,) = read(capture_line(asked(JPEG), says(0.89), "id"))
    assert one.picture == JPEG
    assert (one.prediction.inference, one.prediction.label, one.prediction.confidence) == ("id", "carp", 0.89)
    assert one.prediction.classes == ("bream", "carp")
    two = list(read(capture_line(asked(JPEG, b"\x89PNG"), says(0.89, 0.91), "id")))
    assert [each.picture for each in two] == [JPEG, b"\x89PNG"]
    assert [each.prediction for each in two] == [
        Prediction("id-0", "carp", 0.89, two[0].prediction.digest),
        Prediction("id-1", "carp", 0.91, two[1].prediction.digest),
    ]


@pytest.mark.parametrize("answer", ["{", "[]", '{"predictions": 1}', '{"predictions": [{}]}', '{"predictions": ["a"]}'])
def test_an_answer_without_classes_is_nobodys_to_review(answer: str) -> None:
    assert not may_be_reviewed(answer, "id", 1, 1)
