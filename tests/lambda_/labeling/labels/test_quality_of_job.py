"""Figures of whole jobs of each kind of answer; three people, of whom one errs in a way that is told by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from labels import quality_of_job
from labels.answers import Form, read
from labels.consolidation.classes import UnknownClassError
from labels.job import JobError
from labels.quality import Quality, Share, cost_of_a_correct_label
from labels.quality_of_marks import NOTHING
from labels.tree import Tree

SIZE = {"inputImageProperties": {"height": 600, "width": 800}}


def job(contents: Mapping[str, Any], objects: int = 3) -> Tree:
    """A job whose people say the same about each object."""
    answers = [
        {"answerContent": {"a": content}, "workerId": worker, "timeSpentInSeconds": 9.0}
        for worker, content in contents.items()
    ]
    return Tree(
        "fish",
        [{"source-ref": f"s3://b/{n}"} for n in range(objects)],
        dict.fromkeys(range(objects), read({"answers": answers})),
        {},
    )


def drawn(member: str, right: Sequence[Any], wrong: Sequence[Any]) -> Tree:
    return job({worker: {member: made, **SIZE} for worker, made in {"ann": right, "bob": right, "cid": wrong}.items()})


def pairs(found: Quality) -> dict[tuple[str, str], float]:
    return {(each.actual, each.said): each.times for each in found.confusions}


SQUARE = [{"x": 0, "y": 0}, {"x": 100, "y": 0}, {"x": 100, "y": 100}, {"x": 0, "y": 100}]
MOVED = [{"x": vertex["x"] + 400, "y": vertex["y"]} for vertex in SQUARE]
KINDS = {
    "boxes": drawn(
        "boundingBoxes",
        [{"label": "fish", "left": 0, "top": 0, "width": 100, "height": 100}],
        [{"label": "fish", "left": 400, "top": 0, "width": 100, "height": 100}],
    ),
    "polygons": drawn("polygons", [{"label": "fish", "vertices": SQUARE}], [{"label": "fish", "vertices": MOVED}]),
    "lines": drawn("polylines", [{"label": "fish", "vertices": SQUARE}], [{"label": "fish", "vertices": MOVED}]),
    "points": drawn("keypoints", [{"label": "fish", "x": 10, "y": 10}], [{"label": "fish", "x": 110, "y": 10}]),
    "spans": job(
        {
            worker: {"entities": [{"label": "fish", "startOffset": start, "endOffset": start + 4}]}
            for worker, start in {"ann": 0, "bob": 0, "cid": 9}.items()
        }
    ),
    "classes": job({"ann": {"labels": ["fish"]}, "bob": {"labels": ["fish"]}, "cid": {"labels": ["bird"]}}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_who_marks_another_thing_is_wrong_and_misses_the_right_one(kind: str) -> None:
    found = quality_of_job.of(KINDS[kind], ["fish", "bird"])
    extra = "bird" if kind == "classes" else "fish"
    assert pairs(found) == {("fish", NOTHING): 3, (NOTHING, extra): 3}
    assert [(each.worker, each.accuracy) for each in found.people] == [("cid", 0), ("ann", 1), ("bob", 1)]
    assert {each.worker: each.agreement for each in found.people} == {
        "cid": Share(0, 12),  # two things with either of two people, in three objects
        "ann": Share(3, 9),
        "bob": Share(3, 9),
    }
    assert found.overlap == pytest.approx(1 / 3)
    assert found.seconds == 9
    assert len(found.disagreements) == 3
    trusted = 1 if kind == "classes" else 2 / 3
    assert [found.classes[0].found, found.classes[0].trusted] == pytest.approx([2 / 3, trusted])


KNOWN: dict[str, dict[str, Any]] = {
    "boxes": {"annotations": [{"class_id": 0, "left": 400, "top": 0, "width": 100, "height": 100}]},
    "polygons": {"annotations": [{"class_id": 0, "vertices": MOVED}]},
    "lines": {"annotations": [{"class_id": 0, "vertices": MOVED}]},
    "points": {"annotations": [{"class_id": 0, "x": 110, "y": 10}], "image_size": [{"width": 800, "height": 600}]},
    "spans": {"annotations": {"entities": [{"label": "fish", "startOffset": 9, "endOffset": 13}]}},
}


@pytest.mark.parametrize("kind", KNOWN)
def test_known_labels_of_a_manifest_tell_who_is_right(kind: str) -> None:
    line = {"source": "a", "known": KNOWN[kind], "known-metadata": {"class-map": {"0": "fish"}}}
    found = quality_of_job.of(KINDS[kind], ["fish"], {1: line}, "known")
    assert {each.worker: each.gold for each in found.people} == {
        "cid": Share(1, 1),
        "ann": Share(0, 2),
        "bob": Share(0, 2),
    }


def test_known_classes_of_an_object() -> None:
    line = {"source": "a", "known": [1], "known-metadata": {"class-map": {"1": "bird"}}}
    found = quality_of_job.of(KINDS["classes"], ["fish", "bird"], {0: line}, "known")
    assert {each.worker: each.gold for each in found.people}["cid"] == Share(1, 1)


def test_one_class_is_judged_as_before() -> None:
    one = job({"ann": {"label": "fish"}, "bob": {"label": "fish"}, "cid": {"label": "bird"}}, objects=20)
    line = {"source": "a", "known": 0, "known-metadata": {"class-name": "fish"}}
    found = quality_of_job.of(one, ["fish", "bird"], {0: line}, "known", {"cid": 4})
    assert (found.people[0].worker, found.people[0].gold, found.people[0].skips) == ("cid", Share(0, 1), 4)
    assert found.overlap is None
    assert found.alpha is not None


def test_an_answer_that_cannot_be_right_spoils_its_own_object_alone() -> None:
    boxes = KINDS["boxes"]
    spoiled = Tree("fish", boxes.lines, boxes.answers, {0: "no JSON"})
    assert quality_of_job.of(spoiled, ["fish"]).objects == 2


@pytest.mark.parametrize(
    ("known", "error", "sentence"),
    [
        ({"source": "a"}, JobError, "What is known of object 0 has no boxes under 'known': there is no label"),
        ({"known": 0, "known-metadata": {"class-name": "fish"}}, JobError, "has no boxes under 'known'"),
        (
            {"known": {"annotations": [{"class_id": 0}]}, "known-metadata": {"class-map": {"0": "fish"}}},
            JobError,
            "has no boxes under 'known': 'left'",
        ),
        (
            {"known": KNOWN["boxes"], "known-metadata": {"class-map": {"0": "ox"}}},
            UnknownClassError,
            "Object 0 is known as 'ox', which is none of fish.",
        ),
    ],
)
def test_what_is_known_otherwise_is_refused(known: dict[str, Any], error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        quality_of_job.of(KINDS["boxes"], ["fish"], {0: known}, "known")


@pytest.mark.parametrize(
    "answers",
    [{}, {0: [Form(worker="ann", content={"a": "b"})]}, {0: KINDS["boxes"].answers[0], 1: KINDS["spans"].answers[0]}],
)
def test_forms_nothing_and_two_kinds_are_refused(answers: Mapping[int, Any]) -> None:
    with pytest.raises(JobError, match="is measured of classes and of marks, and here people give"):
        quality_of_job.of(Tree("fish", KINDS["boxes"].lines, answers, {}))


def test_a_correct_label_costs_nothing_that_is_known_where_none_is_confirmed() -> None:
    alone = job({"ann": {"boundingBoxes": [], **SIZE}})
    found = quality_of_job.of(alone, ["fish"])
    assert found.accuracy == 0
    assert cost_of_a_correct_label(found, usd_an_hour=12) is None
