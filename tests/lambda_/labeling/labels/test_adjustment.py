"""What people begin with where they correct labels, by the reference of the elements; whose labels these are."""

import json
from datetime import UTC, datetime

import pytest

from labels.adjustment import AdjustmentError, initial_value, missing, purpose_of, shown_attribute, task_input
from labels.answers import read
from labels.job import Purpose, consolidate
from labels.manifest_tools.forms import FormError
from labels.request import read as read_request
from labels.tree import Tree
from tests.lambda_.labeling.labels.documented import BOXES, FAILED, IMAGE_CLASS, SEVERAL_CLASSES, SPANS
from tests.lambda_.labeling.requests import classes

NAME = "bounding-box-attribute-name"


def test_boxes_by_the_names_of_their_classes() -> None:
    """crowd-bounding-box: `[{"label": …, "left": …, "top": …, "width": …, "height": …}]`."""
    assert initial_value(BOXES, NAME)[:2] == [
        {"label": "dog", "left": 111, "top": 134, "width": 61, "height": 128},
        {"label": "bone", "left": 161, "top": 250, "width": 30, "height": 30},
    ]


def test_spans_classes_and_one_class() -> None:
    assert initial_value(SPANS, "ner-labeling-job-attribute-name")[0] == {
        "label": "Thing",
        "startOffset": 22,
        "endOffset": 53,
    }
    assert initial_value(SEVERAL_CLASSES, "image-label-attribute-name") == ["bicycle", "person", "clothing"]
    assert initial_value(IMAGE_CLASS, "species") == "dog"


def test_who_changes_nothing_has_adjusted_nothing() -> None:
    answer = {"boundingBoxes": initial_value(BOXES, NAME), "inputImageProperties": {"width": 500, "height": 400}}
    for boxes, status in ((answer["boundingBoxes"], "unadjusted"), (answer["boundingBoxes"][1:], "adjusted")):
        given = read({"answers": [{"answerContent": {"a": {**answer, "boundingBoxes": boxes}}, "workerId": "ann"}]})
        tree = Tree("two", [json.loads(json.dumps(BOXES))], {0: given}, {})
        [line] = consolidate(
            tree, "adjusted", ["dog", "cat", "bone"], Purpose(adjusts=NAME), when=datetime(2026, 1, 1, tzinfo=UTC)
        ).lines
        assert line["adjusted-metadata"]["adjustment-status"] == status


def test_what_is_no_beginning_is_refused() -> None:
    with pytest.raises(FormError, match="there is no label 'none'"):
        initial_value(BOXES, "none")
    with pytest.raises(FormError, match="has a form of its own"):
        initial_value({"source": "a", "b": {"c": 1}, "b-metadata": {}}, "b")


GUIDE = """initial-value="[
    {% for box in task.input.manifestLine.label-attribute-name-from-prior-job.annotations %}
      {% capture class_id %}{{ box.class_id }}{% endcapture %}
      {% assign label = task.input.manifestLine.label-attribute-name-from-prior-job-metadata.class-map[class_id] %}
      {
        label: {{label | to_json}},
        left: {{box.left}},
        top: {{box.top}},
        width: {{box.width}},
        height: {{box.height}},
      },
    {% endfor %}
   ]\""""
"""Of the reference of crowd-bounding-box, initial-value."""


def test_the_template_says_whose_labels_it_shows() -> None:
    assert shown_attribute(GUIDE) == "label-attribute-name-from-prior-job"
    assert shown_attribute("{{ task.input.manifestLine[ 'a-metadata' ] }} {{ task.input.manifestLine['a'] }}") == "a"
    for template, sentence in {
        "<crowd-form></crowd-form>": "shows the labels of none: let it read those of one attribute",
        f"{GUIDE} {{{{ task.input.manifestLine.other }}}}": "shows the labels of label-attribute-name-from-prior-job",
    }.items():
        with pytest.raises(AdjustmentError, match=sentence):
            shown_attribute(template)


def test_a_job_says_by_its_type_or_its_template_whose_labels_people_see() -> None:
    prior = "label-attribute-name-from-prior-job"
    adjusts, verifies = (f"{what}BoundingBox" for what in ("Adjustment", "Verification"))
    assert purpose_of(read_request(classes(adjusts, adjusts)), GUIDE) == Purpose(adjusts=prior)
    assert purpose_of(read_request(classes(verifies, verifies)), GUIDE) == Purpose(verifies=prior)
    assert purpose_of(read_request(classes("BoundingBox", "BoundingBox")), GUIDE) == Purpose()
    spans = "<crowd-entity-annotation initial-value='{{ task.input.manifestLine.names }}'></crowd-entity-annotation>"
    assert purpose_of(read_request(classes()), spans) == Purpose(adjusts="names"), "a template without functions"
    assert purpose_of(read_request(classes()), "<crowd-entity-annotation></crowd-entity-annotation>") == Purpose()
    with pytest.raises(AdjustmentError, match="LabelAttributeName is kind, which holds the labels"):
        purpose_of(read_request(classes(adjusts, adjusts)), "{{ task.input.manifestLine.kind }}")


def test_a_line_without_the_label_says_what_is_missing() -> None:
    assert not missing(BOXES, NAME)
    assert missing({"source-ref": "s3://b/1"}, "a").startswith("no label 'a' with its metadata: this job shows")
    (failed,) = [name.removesuffix("-metadata") for name in FAILED if name.endswith("-metadata")]
    assert FAILED[f"{failed}-metadata"]["failure-reason"] in missing(FAILED, failed)


def test_a_task_has_the_line_that_the_template_reads() -> None:
    assert task_input("s3://b/1", BOXES, ["dog"]).value == {
        "taskObject": "s3://b/1",
        "labels": ["dog"],
        "manifestLine": BOXES,
    }
