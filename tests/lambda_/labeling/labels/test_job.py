"""The output of a Ground Truth job becomes a manifest; forms are those of the developer guide, "Output data"."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from labels.answers import AnswerError, read
from labels.job import JobError, Labels, consolidate
from labels.tree import TreeError, load

WHEN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ORIGIN = {"job-name": "labeling-job/fish", "human-annotated": "yes", "creation-date": "2026-01-02T03:04:05.678901"}
DOG = {"left": 243, "top": 117, "width": 187, "height": 401, "label": "Dog"}
PICTURE = {"inputImageProperties": {"height": 533, "width": 800}}


def tree_of(folder: Path, lines: list[dict[str, Any]], answers: Mapping[int, Mapping[str, Any]]) -> Path:
    """A job's folder whose objects were answered by people: content by name of the person."""
    job = folder / "fish"
    (job / "manifests" / "output").mkdir(parents=True)
    (job / "manifests" / "output" / "output.manifest").write_text(
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8"
    )
    (job / "annotations" / "worker-response").mkdir(parents=True)
    for number, by_person in answers.items():
        place = job / "annotations" / "worker-response" / "iteration-1" / str(number)
        place.mkdir(parents=True)
        response = {
            "answers": [
                {
                    "acceptanceTime": "2026-01-01T00:00:00.000Z",
                    "answerContent": content,
                    "submissionTime": "2026-01-01T00:00:09.000Z",
                    "timeSpentInSeconds": 9.0,
                    "workerId": person,
                }
                for person, content in by_person.items()
            ]
        }
        (place / "2026-01-01_00:00:09.json").write_text(json.dumps(response), encoding="utf-8")
    return job


def labels_of(
    folder: Path, lines: list[dict[str, Any]], answers: Mapping[int, Mapping[str, Any]], *classes: str
) -> Labels:
    return consolidate(load(tree_of(folder, lines, answers)), "kind", classes, when=WHEN)


def test_a_class_is_a_number_with_its_name(tmp_path: Path) -> None:
    said = {"crowd-image-classifier": {"label": "carp"}}
    lines = [{"source-ref": "s3://b/1.jpg", "note": "stays", "kind": 7, "kind-metadata": {"class-name": "old"}}]
    labels = labels_of(tmp_path, lines, {0: dict.fromkeys("xyz", said)}, "bream", "carp")
    [line] = labels.lines
    assert line["source-ref"] == "s3://b/1.jpg"
    assert line["note"] == "stays"
    assert line["kind"] == 1
    metadata = line["kind-metadata"]
    assert 0.5 < metadata.pop("confidence") <= 1
    assert metadata == {"class-name": "carp", "type": "groundtruth/image-classification", **ORIGIN}


def test_a_text_has_the_type_of_a_text_and_one_person_no_confidence(tmp_path: Path) -> None:
    [line] = labels_of(tmp_path, [{"source": "a\u2028b"}], {0: {"x": {"c": {"label": "good"}}}}).lines
    assert line["source"] == "a\u2028b"
    assert line["kind-metadata"]["type"] == "groundtruth/text-classification"
    assert line["kind-metadata"]["confidence"] == 0.0


def test_several_classes_have_maps_of_names_and_confidences(tmp_path: Path) -> None:
    answers: dict[int, dict[str, Any]] = {
        0: {key: {"c": {"labels": ["wet", "red"]}} for key in "xyz"},
        1: {key: {"c": {"labels": []}} for key in "xyz"},
    }
    first, second = labels_of(tmp_path, [{"source": "1"}, {"source": "2"}], answers, "blue", "red", "wet").lines
    assert first["kind"] == [1, 2]
    assert first["kind-metadata"]["class-map"] == {"1": "red", "2": "wet"}
    assert first["kind-metadata"]["confidence-map"].keys() == {"1", "2"}
    assert first["kind-metadata"]["type"] == "groundtruth/text-classification-multilabel"
    assert second["kind"] == []


def test_boxes_are_whole_pixels_inside_the_picture(tmp_path: Path) -> None:
    outside = {**DOG, "left": 700, "width": 187.4}
    answers = {0: {key: {"annotatedResult": {"boundingBoxes": [DOG, outside], **PICTURE}} for key in "xyz"}}
    [line] = labels_of(tmp_path, [{"source-ref": "s3://b/1.jpg"}], answers, "Cat", "Dog").lines
    assert line["kind"]["image_size"] == [{"width": 800, "height": 533, "depth": 3}]
    assert sorted(line["kind"]["annotations"], key=lambda box: box["left"]) == [
        {"class_id": 1, "left": 243, "top": 117, "width": 187, "height": 401},
        {"class_id": 1, "left": 700, "top": 117, "width": 100, "height": 401},
    ]
    metadata = line["kind-metadata"]
    assert len(metadata["objects"]) == 2
    assert metadata["class-map"] == {"1": "Dog"}
    assert metadata["type"] == "groundtruth/object-detection"


def test_a_picture_without_a_thing_has_no_boxes(tmp_path: Path) -> None:
    answers = {0: {key: {"a": {"boundingBoxes": [], **PICTURE}} for key in "xyz"}}
    [line] = labels_of(tmp_path, [{"source-ref": "s3://b/1.jpg"}], answers, "Dog").lines
    assert line["kind"]["annotations"] == []
    assert line["kind-metadata"]["objects"] == []


def test_spans_of_text_have_all_classes(tmp_path: Path) -> None:
    entity = {"endOffset": 54, "label": "person", "startOffset": 47}
    answers = {0: {key: {"crowd-entity-annotation": {"entities": [entity]}} for key in "xyz"}}
    [line] = labels_of(tmp_path, [{"source": "x" * 60}], answers, "person", "place").lines
    assert line["kind"] == {"annotations": {"labels": [{"label": "person"}, {"label": "place"}], "entities": [entity]}}
    assert line["kind-metadata"]["type"] == "groundtruth/text-span"
    assert len(line["kind-metadata"]["entities"]) == 1


def test_a_malformed_answer_spoils_its_own_object_alone(tmp_path: Path) -> None:
    good = {"c": {"label": "carp"}}
    lines = [{"source": str(number)} for number in range(4)]
    job = tree_of(tmp_path, lines, {0: {"x": good}, 1: {"x": good, "y": {"c": {"label": 7}}}, 2: {"x": good}})
    (job / "annotations/worker-response/iteration-1/2/2026-01-01_00:00:09.json").write_text("{", encoding="utf-8")
    labels = consolidate(load(job), "kind", when=WHEN)
    assert labels.failed.keys() == {1, 2, 3}
    assert [("kind" in line, "failure-reason" in line["kind-metadata"]) for line in labels.lines] == [
        (True, False),
        (False, True),
        (False, True),
        (False, True),
    ]
    assert "y" in labels.failed[1]
    assert labels.failed[3] == "Nobody answered."


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ({}, "nothing"),
        ({0: {"x": {"c": {"label": "a"}}, "y": {"c": {"labels": ["a"]}}}}, "class and classes"),
    ],
)
def test_a_job_without_one_kind_of_answer_is_refused(
    tmp_path: Path, answers: dict[int, dict[str, Any]], word: str
) -> None:
    with pytest.raises(JobError, match=word):
        labels_of(tmp_path, [{"source": "a"}], answers)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({}, "empty"),
        ("carp", "answerContent"),
        ({"c": {"label": ["carp"]}}, "another form"),
        ({"c": {"labels": [1]}}, "another form"),
        ({"c": {"labeledImage": {"pngImageData": ""}, "labelMappings": {}, **PICTURE}}, "labeledImage are not"),
        ({"c": {"polygons": {}, **PICTURE}}, "another form"),
        ({"c": {"polygons": [{"label": "d", "vertices": [{"x": 1, "y": 1}] * 2}], **PICTURE}}, "2 vertices"),
        ({"c": {"lines": [{"label": "d", "vertices": [{"x": 1, "y": 1}]}], **PICTURE}}, "1 vertices"),
        ({"c": {"keypoints": [{"label": "d", "x": 1}], **PICTURE}}, "mark that is none"),
        ({"c": {"keypoints": [{"label": "d", "x": 1, "y": float("inf")}], **PICTURE}}, "point at 1, inf"),
        ({"c": {"keypoints": [], "inputImageProperties": {"height": 0, "width": 800}}}, "another form"),
        ({"ordinalRankingDimensions": [{"name": "Clarity", "responseRankings": [1, 0]}]}, "ranks"),
        ({"c": {"ordinalRankingDimensions": [{"name": "Clarity"}]}}, "mark that is none"),
        ({"c": {"boundingBoxes": [DOG]}}, "another form"),
        ({"c": {"boundingBoxes": [{**DOG, "width": 0}], **PICTURE}}, "width 0"),
        ({"c": {"boundingBoxes": [{**DOG, "left": float("nan")}], **PICTURE}}, "mark that is none"),
        ({"c": {"boundingBoxes": [{"left": 1}], **PICTURE}}, "mark that is none"),
        ({"c": {"boundingBoxes": ["dog"], **PICTURE}}, "mark that is none"),
        ({"c": {"entities": [{"startOffset": 5, "endOffset": 5, "label": "p"}]}}, "from 5 to 5"),
        ({"c": {"entities": [{"startOffset": -1, "endOffset": 5, "label": "p"}]}}, "from -1 to 5"),
    ],
)
def test_an_answer_of_another_form_is_refused_with_the_reason(content: object, word: str) -> None:
    with pytest.raises(AnswerError, match=word):
        read({"answers": [{"answerContent": content, "workerId": "x"}]})


@pytest.mark.parametrize("response", [None, [], {}, {"answers": {}}, {"answers": [{"answerContent": {"c": {}}}]}])
def test_a_file_without_answers_is_refused(response: object) -> None:
    with pytest.raises(AnswerError):
        read(response)


def test_a_folder_that_is_no_job_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TreeError, match="worker-response"):
        load(tmp_path)
    job = tree_of(tmp_path, [{"source": "a"}], {0: {}})
    (job / "annotations/worker-response/iteration-1/5").mkdir()
    (job / "annotations/worker-response/iteration-1/5/a.json").write_text("{}", encoding="utf-8")
    with pytest.raises(TreeError, match="1 lines"):
        load(job)


@pytest.mark.parametrize("line", ["", "{", "[]", "{}", '{"source": "a", "source-ref": "b"}'])
def test_a_manifest_names_its_wrong_line(tmp_path: Path, line: str) -> None:
    job = tree_of(tmp_path, [{"source": "a"}], {})
    file = tmp_path / "input.manifest"
    file.write_text('{"source": "a"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(TreeError, match="line 2"):
        load(job, file)
