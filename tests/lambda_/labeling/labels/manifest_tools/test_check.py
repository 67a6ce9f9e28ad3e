"""Faults of manifests, each with its line and its remedy; the documented lines have none."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.manifest_tools.check import check
from tests.lambda_.labeling.labels.documented import BOXES, FAILED, IMAGE_CLASS, SEVERAL_CLASSES, SPANS, VERDICT
from tests.lambda_.labeling.labels.manifest_tools.crowded import Line, manifests

BOX, CLASSES, NER = "bounding-box-attribute-name", "image-label-attribute-name", "ner-labeling-job-attribute-name"


def text(*lines: object) -> str:
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def changed(line: Line, *path: str | int, to: object) -> Line:
    new = deepcopy(line)
    inner: Any = new
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return new


def test_documented_lines_have_no_fault() -> None:
    found = check(text(IMAGE_CLASS, SEVERAL_CLASSES, BOXES, SPANS, VERDICT, FAILED))
    assert found.faults == []
    assert found.objects == 6
    assert found.labels == {"species": 1, CLASSES: 1, BOX: 1, NER: 1, "verify-bounding-box": 1}
    assert found.classes[BOX] == ["dog", "bone"]


@given(manifests())
def test_what_a_job_writes_has_no_fault_of_its_own(lines: list[Line]) -> None:
    assert [each for each in check(text(*lines)).faults if "in line" not in each and "and line" not in each] == (
        [] if lines else ["Line 1 is no JSON (Expecting value: line 1 column 1 (char 0)): write one object a line."]
    )


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (changed(BOXES, f"{BOX}-metadata", "objects", to=[]), "3 marks, and 0 objects in its metadata: write one for"),
        (changed(BOXES, f"{BOX}-metadata", "class-map", to={"0": "dog"}), 'the class 5 is not in the "class-map"'),
        (changed(BOXES, f"{BOX}-metadata", "class-map", to={"x": "dog"}), "write a number for a name"),
        (changed(BOXES, f"{BOX}-metadata", "class-map", to=[]), 'the "class-map" is no object'),
        (changed(BOXES, BOX, "annotations", 1, "width", to=0), "no area in shape 2"),
        (changed(BOXES, BOX, "annotations", 1, "left", to=480), "a place outside of the picture in shape 2"),
        (changed(BOXES, BOX, "annotations", 0, "top", to=-1), "a place outside of the picture in shape 1"),
        (changed(BOXES, BOX, "annotations", 0, "top", to="1"), "no left, top, width, height that are numbers"),
        (changed(BOXES, BOX, "annotations", 0, to={"class_id": 0, "vertices": []}), "no vertices with x and y"),
        (changed(BOXES, BOX, "annotations", 0, to={"class_id": 0, "x": 501, "y": 1}), "outside of the picture"),
        (changed(BOXES, f"{BOX}-metadata", "objects", 0, to={"confidence": 1.1}), "the confidence 1.1: it is between"),
        (changed(SEVERAL_CLASSES, CLASSES, to=[1, 1]), "a class twice"),
        (changed(SEVERAL_CLASSES, f"{CLASSES}-metadata", "confidence-map", to={"1": 0.5}), 'not in its "conf'),
        (changed(SEVERAL_CLASSES, CLASSES, to=[7]), 'the class 7 is not in the "class-map", which has 1, 0, 8.'),
        (changed(SPANS, NER, "annotations", "entities", 0, "endOffset", to=22), "no startOffset before an"),
        (changed(SPANS, NER, "annotations", "entities", 0, "endOffset", to=999), "after the 281 characters"),
        (changed(SPANS, NER, "annotations", "labels", to=[]), 'which its "labels" have not'),
        (changed(IMAGE_CLASS, "species-metadata", "class-name", to="d" * 257), "257 characters: 256 are the most"),
        (changed(IMAGE_CLASS, "species-metadata", "confidence", to="high"), "the confidence 'high'"),
        ({"source": "a", "b-metadata": {}}, "'b-metadata' stands beside no label: add 'b', or the failure-reason"),
        ({"source": "a", "b-metadata": 1}, "'b-metadata' is no object"),
        ({"source": "a", "$b": 1}, "no name may begin with $"),
        ([], "is no JSON object"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(line: object, fault: str) -> None:
    found = check(text({"source": "before"}, line, {"source": "after"}))
    assert any(each.startswith("Line 2") and fault in each for each in found.faults), found.faults
    assert not any(each.startswith(("Line 1", "Line 3")) for each in found.faults)


def test_a_number_that_stands_for_two_classes_is_named_with_both_lines() -> None:
    other = changed({**IMAGE_CLASS, "source-ref": "s3://b/2"}, "species-metadata", "class-name", to="cat")
    assert check(text(IMAGE_CLASS, other)).faults == [
        "Line 2: 'species' has 0 for 'cat', and line 1 for 'dog': mdlc manifest merge gives each class one number."
    ]


def test_a_job_takes_a_hundred_thousand_objects() -> None:
    """ "For all other labeling job types, the dataset size quota is 100,000 items" (input-data-limits)."""
    lines = "".join(f'{{"source":"{number}"}}\n' for number in range(100_001))
    assert check(lines).faults == ["The manifest has 100,001 objects, and 100,000 are the most of a job: split it."]


def test_a_job_of_boxes_takes_fifty_classes() -> None:
    """ "Bounding box: 50", "Image classification (Single label): Unlimited" (input-data-limits)."""
    many = {str(number): f"class-{number}" for number in range(51)}
    line = changed(changed(BOXES, BOX, "annotations", to=[]), f"{BOX}-metadata", "objects", to=[])
    assert check(text(changed(line, f"{BOX}-metadata", "class-map", to=many))).faults == [
        f"'{BOX}' has 51 classes, and 50 are the most of a job: make two jobs of it."
    ]
    del many["50"]
    assert check(text(changed(line, f"{BOX}-metadata", "class-map", to=many))).faults == []
    single = [
        {"source": name, "a": number, "a-metadata": {"class-name": name}}
        for number, name in enumerate([*many.values(), "another"])
    ]
    assert check(text(*single)).faults == []


def test_every_bad_line_is_named() -> None:
    found = check(text({"source": "a"}, {}, {"source": "a"}) + "{\n")
    assert [each[:6] for each in found.faults] == ["Line 2", "Line 3", "Line 4"]
    assert check(text({"source": "a"}), "source-ref").faults[0].endswith('this type of task needs "source-ref".')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["annotations", "entities", "labels", "label", "class_id", "left", "top", "width", "height", "vertices", "x",
         "y", "image_size", "objects", "class-map", "confidence-map", "internal-color-map", "class-name", "0", "1"]
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON, JSON)
def test_whatever_stands_there_is_judged(label: object, metadata: object) -> None:
    check(text({"source": "a", "b": label, "b-metadata": metadata}))
