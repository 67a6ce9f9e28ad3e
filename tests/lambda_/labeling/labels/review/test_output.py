"""What a loop leaves, as the guide shows it, and the lines of a manifest that come of it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from labels.review.loop import read
from labels.review.output import OutputError, lines, write
from tests.lambda_.labeling.labels.review.flows import FLOW, response, start_loop

NOW = datetime(2026, 11, 30, tzinfo=UTC)
TRANSCRIBED = {
    "audioPath": "s3://DOC-EXAMPLE-BUCKET1/a2i_transcribe_demo/Fully-Managed Notebook Instances with Amazon SageMaker "
    "- a Deep Dive.mp4",
    "end_time": 950.27,
    "original_words": "but definitely use Lambda to turn your ",
    "start_time": 948.51,
    "video_title": "Fully-Managed Notebook Instances with Amazon SageMaker - a Deep Dive.mp4",
}


def test_the_output_of_the_guide() -> None:
    """ "Output Data From Custom Task Types" and "Track Worker Activity" (a2i-output-data), but for spaces."""
    start = read(start_loop(content=TRANSCRIBED))
    written = write(start, [response({"transcription": "use lambda to turn your notebook"})])
    assert written == json.dumps(
        {
            "flowDefinitionArn": "arn:aws:sagemaker:us-west-2:111122223333:flow-definition/flow-definition-name",
            "humanAnswers": [
                {
                    "acceptanceTime": "2020-12-28T18:59:15.191Z",
                    "answerContent": {"transcription": "use lambda to turn your notebook"},
                    "submissionTime": "2020-12-28T18:59:58.321Z",
                    "timeSpentInSeconds": 40.543,
                    "workerId": "ef7294f850a3d9d1",
                    "workerMetadata": {
                        "identityData": {
                            "identityProviderType": "Cognito",
                            "issuer": "https://cognito-idp.aws-region.amazonaws.com/aws-region_123456789",
                            "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
                        }
                    },
                }
            ],
            "humanLoopName": "human-loop-name",
            "inputContent": TRANSCRIBED,
        },
        separators=(",", ":"),
    )


def reviewed(content: dict[str, Any], *answers: dict[str, Any], name: str = "loop-1") -> Any:
    given = [response(each, f"worker-{number}") for number, each in enumerate(answers)]
    return json.loads(write(read(start_loop(name, content)), given))


def test_a_class_that_the_model_never_said_becomes_the_label() -> None:
    document = reviewed({"taskObject": "s3://b/1.jpg", "initialValue": "carp"}, {"c": {"label": "pike"}})
    [line] = lines([document], "kind", ["bream", "carp", "pike"], when=NOW)
    assert line == {
        "source-ref": "s3://b/1.jpg",
        "kind": 2,
        "kind-metadata": {
            "class-name": "pike",
            "confidence": 0.0,  # of one person
            "type": "groundtruth/image-classification",
            "job-name": "human-loop/loop-1",
            "human-annotated": "yes",
            "creation-date": "2026-11-30T00:00:00.000000",
        },
    }


def test_boxes_of_the_notebook_become_boxes() -> None:
    """That of card D: the member annotatedResult of crowd-bounding-box, named so."""
    boxes = {
        "annotatedResult": {
            "boundingBoxes": [{"height": 10, "label": "person", "left": 1, "top": 2, "width": 3}],
            "inputImageProperties": {"height": 100, "width": 50},
        }
    }
    [line] = lines([reviewed({"taskObject": "s3://b/1.jpg"}, boxes)], "boxes", when=NOW)
    assert line["boxes"]["annotations"] == [{"class_id": 0, "left": 1, "top": 2, "width": 3, "height": 10}]


def test_an_answer_that_cannot_be_right_and_a_loop_without_one_spoil_their_own_lines_alone() -> None:
    documents = [
        reviewed({"source": "good"}, {"c": {"label": "yes"}}, name="a"),
        reviewed({"source": "bad"}, {"c": {"label": 7}}, name="b"),
        reviewed({"taskObject": "a text"}, name="c"),
    ]
    found = lines(documents, "kind", ["no", "yes"], when=NOW)
    assert [line["source"] for line in found] == ["good", "bad", "a text"]
    assert [line.get("kind") for line in found] == [1, None, None]
    assert found[1]["kind-metadata"]["failure-reason"].startswith("the answer of worker-0 has another form")
    assert found[2]["kind-metadata"]["failure-reason"] == "Nobody answered."
    assert lines([], "kind", when=NOW) == []


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({}, "has not the members of A2I's output.json"),
        (
            {"flowDefinitionArn": FLOW, "humanLoopName": "a", "humanAnswers": [], "inputContent": {}},
            "The input of a has no",
        ),
    ],
)
def test_what_is_no_output_is_refused(document: dict[str, Any], sentence: str) -> None:
    with pytest.raises(OutputError, match=sentence):
        lines([document], "kind", when=NOW)
