"""Labels of shapes, ranks and forms, and of jobs that verify or adjust, in the manifest.

Sources: SageMaker developer guide, "Output data" and "Label verification and adjustment data in the output manifest".
"""

import json
from pathlib import Path
from typing import Any

import pytest

from labels.job import JobError, Labels, Purpose, consolidate
from labels.tree import load
from tests.lambda_.labeling.labels.test_job import DOG, ORIGIN, PICTURE, WHEN, labels_of, tree_of

LINES: list[dict[str, Any]] = [{"source-ref": "s3://b/1.jpg"}]
TRIANGLE = [{"x": 10, "y": 10}, {"x": 200.4, "y": 10}, {"x": 10, "y": 600}]


def label_of(folder: Path, element: dict[str, Any], *classes: str, people: str = "xyz") -> dict[str, Any]:
    answers = {0: {person: {"annotatedResult": element} for person in people}}
    return dict(labels_of(folder, LINES, answers, *classes).lines[0])


@pytest.mark.parametrize("member", ["polygons", "polylines"])
def test_polygons_and_polylines_have_vertices_in_whole_pixels(tmp_path: Path, member: str) -> None:
    line = label_of(tmp_path, {member: [{"label": "dog", "vertices": TRIANGLE}], **PICTURE}, "cat", "dog")
    assert line["kind"] == {
        "image_size": [{"width": 800, "height": 533, "depth": 3}],
        "annotations": [{"class_id": 1, "vertices": [{"x": 10, "y": 10}, {"x": 200, "y": 10}, {"x": 10, "y": 533}]}],
    }
    metadata = line["kind-metadata"]
    assert metadata.pop("objects")[0]["confidence"] > 0.5
    assert metadata == {"class-map": {"1": "dog"}, "type": "groundtruth/custom", **ORIGIN}


def test_lines_have_two_vertices_and_key_points_their_place(tmp_path: Path) -> None:
    straight = label_of(tmp_path / "l", {"lines": [{"label": "dog", "vertices": TRIANGLE[:2]}], **PICTURE}, "dog")
    assert straight["kind"]["annotations"] == [{"class_id": 0, "vertices": [{"x": 10, "y": 10}, {"x": 200, "y": 10}]}]
    point = label_of(tmp_path / "p", {"keypoints": [{"label": "dog", "x": 155, "y": 275}], **PICTURE}, "dog")
    assert point["kind"]["annotations"] == [{"class_id": 0, "x": 155, "y": 275}]


def test_one_person_s_shapes_have_no_confidence(tmp_path: Path) -> None:
    for member, mark in (("polygons", {"vertices": TRIANGLE}), ("keypoints", {"x": 1, "y": 1})):
        line = label_of(tmp_path / member, {member: [{"label": "dog", **mark}], **PICTURE}, people="x")
        assert line["kind-metadata"]["objects"] == [{"confidence": 0.0}]


@pytest.mark.parametrize("named", [True, False])
def test_ranks_are_those_of_each_dimension(tmp_path: Path, named: bool) -> None:  # noqa: FBT001 - a case
    said = {
        "ordinalRankingDimensions": [
            {"name": "Clarity", "allowTie": True, "responseRankings": [2, 1, 3]},
            {"name": "Bias", "allowTie": False, "responseRankings": [1, 2, 3]},
        ]
    }
    content = {"textRanking": said} if named else said
    [line] = labels_of(tmp_path, [{"source": "a"}], {0: dict.fromkeys("xy", content)}).lines
    assert line["kind"]["ordinalRankingDimensions"] == [
        {"name": "Clarity", "responseRankings": [2, 1, 3]},
        {"name": "Bias", "responseRankings": [1, 2, 3]},
    ]
    assert line["kind-metadata"]["confidence-map"] == {"Clarity": 1, "Bias": 1}


def test_people_who_ranked_different_tasks_spoil_their_object_alone(tmp_path: Path) -> None:
    def ranks(*places: int) -> dict[str, Any]:
        return {"ordinalRankingDimensions": [{"name": "Clarity", "responseRankings": list(places)}]}

    answers = {0: {"x": ranks(1, 2), "y": ranks(1, 2, 3)}, 1: {"x": ranks(1, 2), "y": ranks(1, 2)}}
    labels = labels_of(tmp_path, [{"source": "a"}, {"source": "b"}], answers)
    assert labels.failed.keys() == {0}
    assert "kind" in labels.lines[1]


def test_forms_are_handed_on_as_people_gave_them(tmp_path: Path) -> None:
    answers: dict[int, dict[str, Any]] = {0: {"x": {"title": "größer", "ok": {"on": True}}, "y": {"title": "b"}}}
    [line] = labels_of(tmp_path, [{"source": "a"}], answers).lines
    said = line["kind"]["annotationsFromAllWorkers"]
    assert [(each["workerId"], json.loads(each["annotationData"]["content"])) for each in said] == [
        ("x", {"title": "größer", "ok": {"on": True}}),
        ("y", {"title": "b"}),
    ]
    assert line["kind-metadata"] == {"type": "groundtruth/custom", **ORIGIN}


def test_a_class_that_the_job_does_not_have_spoils_its_object_alone(tmp_path: Path) -> None:
    answers: dict[int, dict[str, Any]] = {
        0: {"x": {"c": {"label": "carp"}}, "y": {"c": {"label": "shark"}}},
        1: {"x": {"c": {"label": "carp"}}},
    }
    labels = labels_of(tmp_path, [{"source": "a"}, {"source": "b"}], answers, "bream", "carp")
    assert labels.failed == {0: "y gave the class 'shark', which is none of bream, carp."}
    assert labels.lines[1]["kind"] == 1


def chained(folder: Path, purpose: Purpose, line: dict[str, Any], answers: dict[str, Any], *classes: str) -> Labels:
    return consolidate(load(tree_of(folder, [line], {0: answers})), "new", classes, purpose, when=WHEN)


def test_a_verdict_is_that_of_the_guide_with_what_people_wrote(tmp_path: Path) -> None:
    bad = {"label": "bad", "workerComment": "The box is too wide."}
    answers = {"x": {"c": bad}, "y": {"c": {"label": "bad"}}, "z": {"c": {"label": "bad"}}}
    line = {"source-ref": "s3://b/1.jpg", "box": {"annotations": []}}
    [found] = chained(tmp_path, Purpose(verifies="box"), line, answers, "good", "bad").lines
    assert found["box"] == {"annotations": []}
    assert found["new"] == "1"
    metadata = found["new-metadata"]
    assert metadata.pop("confidence") > 0.5
    assert metadata == {
        "class-name": "bad",
        "type": "groundtruth/label-verification",
        "worker-feedback": [{"comment": "The box is too wide."}],
        **ORIGIN,
    }


@pytest.mark.parametrize(("left", "status"), [(243, "unadjusted"), (250, "adjusted")])
def test_an_adjustment_says_whether_anything_was_changed(tmp_path: Path, left: int, status: str) -> None:
    line = {
        "source-ref": "s3://b/1.jpg",
        "box": {"annotations": [{"class_id": 3, "left": 243, "top": 117, "width": 187, "height": 401}]},
        "box-metadata": {"class-map": {"3": "Dog"}},
    }
    answers = {key: {"r": {"boundingBoxes": [{**DOG, "left": left}], **PICTURE}} for key in "xyz"}
    [found] = chained(tmp_path, Purpose(adjusts="box"), line, answers, "Cat", "Dog").lines
    assert found["new-metadata"]["adjustment-status"] == status
    assert found["new-metadata"]["type"] == "groundtruth/object-detection"


def test_spans_and_classes_are_compared_by_their_meaning(tmp_path: Path) -> None:
    entity = {"endOffset": 4, "label": "person", "startOffset": 0}
    text = {"source": "x" * 9, "old": {"annotations": {"labels": [], "entities": [entity]}}}
    answers = {key: {"c": {"entities": [entity]}} for key in "xyz"}
    [same] = chained(tmp_path / "s", Purpose(adjusts="old"), text, answers, "place", "person").lines
    assert same["new-metadata"]["adjustment-status"] == "unadjusted"
    named = {"source": "a", "old": 9, "old-metadata": {"class-name": "carp"}}
    votes: dict[str, Any] = {key: {"c": {"label": "carp"}} for key in "xyz"}
    [same] = chained(tmp_path / "c", Purpose(adjusts="old"), named, votes, "bream", "carp").lines
    assert same["new-metadata"]["adjustment-status"] == "unadjusted"
    several = {"source": "a", "old": [7], "old-metadata": {"class-map": {"7": "carp"}}}
    votes = {key: {"c": {"labels": ["carp", "bream"]}} for key in "xyz"}
    [more] = chained(tmp_path / "m", Purpose(adjusts="old"), several, votes, "bream", "carp").lines
    assert more["new-metadata"]["adjustment-status"] == "adjusted"


@pytest.mark.parametrize(
    ("purpose", "word"),
    [
        (Purpose(verifies="new"), "another attribute"),
        (Purpose(adjusts="gone"), "No line"),
        (Purpose(verifies="box", adjusts="box"), "not two"),
        (Purpose(verifies="box"), "boxes"),
    ],
)
def test_a_chain_that_is_none_is_refused(tmp_path: Path, purpose: Purpose, word: str) -> None:
    answers = {"x": {"r": {"boundingBoxes": [DOG], **PICTURE}}}
    with pytest.raises(JobError, match=word):
        chained(tmp_path, purpose, {"source-ref": "s3://b/1.jpg", "box": {}}, answers)
