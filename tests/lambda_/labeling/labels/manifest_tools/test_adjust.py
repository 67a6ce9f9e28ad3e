"""Classes that are dropped from the lines of the developer guide, and from any other."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.manifest_tools.adjust import drop
from labels.objects import LineError
from tests.lambda_.labeling.labels.documented import BOXES, FAILED, IMAGE_CLASS, SEVERAL_CLASSES, SPANS, VERDICT
from tests.lambda_.labeling.labels.manifest_tools.crowded import NAMES, Line, manifests, named


def test_a_box_goes_with_what_stands_beside_it_and_with_its_name() -> None:
    new = drop([BOXES, FAILED], ["bone"])
    assert new.lines[0]["bounding-box-attribute-name"]["annotations"] == [
        {"class_id": 0, "left": 111, "top": 134, "width": 61, "height": 128}
    ]
    metadata = new.lines[0]["bounding-box-attribute-name-metadata"]
    assert (metadata["objects"], metadata["class-map"]) == ([{"confidence": 0.8}], {"0": "dog"})
    assert metadata["adjustment-status"] == "adjusted"
    assert new.lines[1] == FAILED, "an object that failed has nothing to lose"
    assert (new.removed, new.adjusted, new.emptied) == ({"bone": 2}, [1], [])


def test_four_labels_are_removed_as_in_the_notebook_that_does_this() -> None:
    """Its output: "In total we have removed 4 marked labels."."""
    lines = [BOXES, {**BOXES, "source-ref": "s3://b/2.png"}]
    assert drop(lines, ["bone"]).removed == {"bone": 4}  # two bones in each


def test_a_picture_without_a_box_keeps_its_label_and_is_named() -> None:
    new = drop([BOXES], ["bone", "dog"])
    assert new.lines[0]["bounding-box-attribute-name"]["annotations"] == []
    assert new.lines[0]["bounding-box-attribute-name-metadata"]["class-map"] == {}
    assert new.emptied == [1]
    assert drop([*new.lines, BOXES], ["bone"]).emptied == [], "it was so before"


def test_a_class_of_several_goes_with_its_confidence() -> None:
    [line] = drop([SEVERAL_CLASSES], ["bicycle"]).lines
    metadata = line["image-label-attribute-name-metadata"]
    assert line["image-label-attribute-name"] == [0, 8]
    assert metadata["class-map"] == {"0": "person", "8": "clothing"}
    assert metadata["confidence-map"] == {"0": 0.77, "8": 0.2}


def test_an_object_whose_only_class_goes_has_no_label_and_is_asked_about_again() -> None:
    """ "Labeling the unlabeled items from a prior job: use the label attribute name from the prior job"
    (sms-reusing-data).
    """
    new = drop([IMAGE_CLASS], ["dog"])
    assert new.lines == [{"source-ref": "s3://AWSDOC-EXAMPLE-BUCKET/example_image.jpg"}]
    assert (new.adjusted, new.emptied) == ([1], [1])


def test_a_span_goes_with_its_confidence_and_from_the_classes() -> None:
    [line] = drop([SPANS], ["People"]).lines
    annotations = line["ner-labeling-job-attribute-name"]["annotations"]
    assert [each["startOffset"] for each in annotations["entities"]] == [22, 269, 63, 228, 75]
    assert [each["label"] for each in annotations["labels"]] == ["Date", "Verb", "Thing"]
    assert len(line["ner-labeling-job-attribute-name-metadata"]["entities"]) == 5


def test_a_text_without_a_span_of_the_class_is_not_marked_as_adjusted() -> None:
    bare = deepcopy(SPANS)
    bare["ner-labeling-job-attribute-name"]["annotations"]["entities"].clear()
    bare["ner-labeling-job-attribute-name-metadata"]["entities"] = []
    new = drop([bare], ["People"])
    assert new.adjusted == []
    assert "adjustment-status" not in new.lines[0]["ner-labeling-job-attribute-name-metadata"]
    assert len(new.lines[0]["ner-labeling-job-attribute-name"]["annotations"]["labels"]) == 3


def test_numbers_that_are_texts_are_written_as_numbers_but_for_verdicts() -> None:
    """The guide has both for classes, and texts alone for verdicts."""
    [line] = drop([{**BOXES, **IMAGE_CLASS, **VERDICT}], ["bone"]).lines
    assert line["species"] == 0
    assert line["verify-bounding-box"] == "1"


def test_attributes_that_are_not_named_keep_their_classes() -> None:
    both = {
        **BOXES,
        "old": BOXES["bounding-box-attribute-name"],
        "old-metadata": {"class-map": {"0": "a", "5": "bone"}},
    }
    [line] = drop([both], ["bone"], ["bounding-box-attribute-name"]).lines
    assert (line["old"], line["old-metadata"]) == (both["old"], both["old-metadata"])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "No line has the class 'cat': its classes are dog, bone."),
        ({"bounding-box-attribute-name-metadata": {"class-map": {"0": "dog"}}}, "Line 1: the class 5 is not in the"),
        ({"bounding-box-attribute-name-metadata": {"objects": []}}, "Line 1: .* 3 marks, and 0 objects"),
        ({"bounding-box-attribute-name": {"annotations": [7]}}, "Line 1: .* has a mark that is none"),
        (
            {"m-ref": "s3://b/m.png", "m-ref-metadata": {"internal-color-map": {"1": {"class-name": "cat"}}}},
            "Line 1: 'm-ref' has the class 'cat' in a file",
        ),
    ],
)
def test_what_cannot_lose_a_class_is_refused(change: Line, sentence: str) -> None:
    line = deepcopy(BOXES)
    for name, value in change.items():
        line[name] = {**line.get(name, {}), **value} if isinstance(value, dict) else value
    with pytest.raises(LineError, match=sentence):
        drop([line], ["cat"])


@given(manifests(), st.sets(st.sampled_from(NAMES), min_size=1))
def test_what_is_left_is_what_the_rest_was(lines: list[Line], dropped: set[str]) -> None:
    before = deepcopy(lines)
    dropped &= {name for line in lines for name in offered(line)}
    new = drop(lines, dropped)
    assert lines == before, "nothing that was given is changed"
    for old, line in zip(lines, new.lines, strict=True):
        assert named(line) == [(name, rest) for name, rest in named(old) if name not in dropped]
        assert not dropped & {*offered(line)}
        assert (line["source-ref"], line["id"]) == (old["source-ref"], old["id"])
        adjusted = line.get("a-metadata", {}).get("adjustment-status") == "adjusted"
        assert adjusted == (named(line) != named(old) and "a" in line)
    assert drop(new.lines, []).lines == new.lines


def offered(line: Mapping[str, Any]) -> list[str]:
    metadata: dict[str, Any] = line.get("a-metadata", {})
    match line.get("a"):
        case {"annotations": {"labels": labels}}:
            return [each["label"] for each in labels]
    return [metadata["class-name"]] if "class-name" in metadata else list(metadata.get("class-map", {}).values())
