"""Captured predictions of the image classifier: from the line of a file to the review of one picture."""

import base64
import json
from typing import Any

import pytest

from labels.review import capture, loop
from labels.review.gate import GateError, Rule, decide, start
from tests.lambda_.labeling.labels.review.flows import FLOW

EVENT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
JPEG, PNG = b"\xff\xd8\xff\xe0picture", b"\x89PNG\r\n\x1a\npicture"


def coded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def side(kind: str, mode: str, data: str, encoding: str) -> dict[str, str]:
    return {"observedContentType": kind, "mode": mode, "data": data, "encoding": encoding}


def record(asked: dict[str, str], *confidences: float, **metadata: str) -> str:
    """A line of the guide's form, with the endpoint's own input and output."""
    predictions = [
        {"predicted_label": "carp", "probabilities": {"bream": 1 - each, "carp": each}} for each in confidences
    ]
    answer = side("application/json", "OUTPUT", json.dumps({"predictions": predictions}), "JSON")
    return json.dumps(
        {
            "captureData": {"endpointInput": asked, "endpointOutput": answer},
            "eventMetadata": {"eventId": EVENT, "inferenceTime": "2022-02-14T17:25:06Z", **metadata},
            "eventVersion": "0",
        }
    )


ONE = side("image/jpeg", "INPUT", coded(JPEG), "BASE64")
TWO = side("application/json", "INPUT", json.dumps({"instances": [{"b64": coded(JPEG)}, {"b64": coded(PNG)}]}), "JSON")


def test_a_picture_as_it_is() -> None:
    [found] = capture.read(record(ONE, 0.89, inferenceId="mine"))
    assert found.picture == JPEG
    assert (found.prediction.inference, found.prediction.label, found.prediction.confidence) == ("mine", "carp", 0.89)
    assert found.name == f"{found.prediction.digest}.jpg"
    [other] = capture.read(record(ONE, 0.89))
    assert other.prediction.inference == EVENT


def test_pictures_in_json_each_with_its_prediction() -> None:
    first, second = capture.read(record(TWO, 0.89, 0.5))
    assert (first.picture, second.picture) == (JPEG, PNG)
    assert [each.prediction.confidence for each in (first, second)] == [0.89, 0.5]
    assert second.name.endswith(".png")


def test_from_a_captured_line_to_one_loop_for_one_picture() -> None:
    """The same picture twice, asked about under two ids, and one of which the model is sure."""
    lines = [record(ONE, 0.89, inferenceId="a"), record(ONE, 0.89, inferenceId="b"), record(TWO, 0.91, 0.91)]
    captured = [each for line in lines for each in capture.read(line)]
    decided = decide([each.prediction for each in captured], Rule(share=0))
    assert [each.opens for each in decided] == [True, False, False, False]
    body = start(captured[0].prediction, FLOW, f"s3://b/reviews/{captured[0].name}", ["bream", "carp"], "carp")
    assert loop.read(body).content["labels"] == ["bream", "carp"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "The captured line is no JSON"),
        ("{}", "has no input, no output or no eventId"),
        (record(side("text/csv", "INPUT", "1,2", "CSV"), 0.5), "was asked about no pictures, but about text/csv"),
        (record(side("image/jpeg", "INPUT", "?", "BASE64"), 0.5), "are no base64"),
        (record(ONE, 0.5, 0.5), "has 1 pictures and 2 predictions"),
        (record({"observedContentType": "image/jpeg"}, 0.5), "was captured without its data"),
    ],
)
def test_what_is_no_captured_prediction_is_refused(line: str, sentence: str) -> None:
    with pytest.raises(GateError, match=sentence):
        list(capture.read(line))


def test_a_line_of_the_guide_is_of_another_endpoint() -> None:
    """That of model-monitor-data-capture-endpoint: an answer that is no class."""
    guide: dict[str, Any] = json.loads(record(side("text/csv", "INPUT", "69,0\n", "CSV")))
    guide["captureData"]["endpointOutput"] = side("text/csv; charset=utf-8", "OUTPUT", "0.0254181120544672", "CSV")
    with pytest.raises(GateError, match=EVENT):
        list(capture.read(json.dumps(guide)))
