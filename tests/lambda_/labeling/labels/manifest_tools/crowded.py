"""Any manifest that a job could have written, for properties."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

NAMES = ("dog", "bone", "Vogel", "löwe", "a b")
Line = dict[str, Any]
sure = st.floats(0, 1).map(lambda value: round(value, 2))


@st.composite
def class_maps(draw: st.DrawFn) -> dict[str, int]:
    """Names with numbers of their own, not in the order of either."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    return dict(zip(names, draw(st.permutations(range(len(names) + 2))), strict=False))


@st.composite
def boxes(draw: st.DrawFn) -> Line:
    """A picture with boxes, whose numbers may be texts."""
    numbers = draw(class_maps())
    marks = draw(st.lists(st.sampled_from(sorted(numbers)), max_size=5)) if numbers else []
    kind = draw(st.sampled_from([int, str]))
    return {
        "a": {
            "image_size": [{"width": 50, "height": 40, "depth": 3}],
            "annotations": [
                {"class_id": kind(numbers[name]), "left": number, "top": 0, "width": 1, "height": 1}
                for number, name in enumerate(marks)
            ],
        },
        "a-metadata": {
            "objects": [{"confidence": draw(sure)} for _ in marks],
            "class-map": {str(number): name for name, number in numbers.items()},
            "type": "groundtruth/object-detection",
        },
    }


@st.composite
def several(draw: st.DrawFn) -> Line:
    """An object of several classes."""
    numbers = draw(class_maps())
    return {
        "a": list(numbers.values()),
        "a-metadata": {
            "class-map": {str(number): name for name, number in numbers.items()},
            "confidence-map": {str(number): draw(sure) for number in numbers.values()},
            "type": "groundtruth/image-classification-multilabel",
        },
    }


@st.composite
def one(draw: st.DrawFn) -> Line:
    """An object of one class, whose number may be a text."""
    return {
        "a": draw(st.sampled_from([int, str]))(draw(st.integers(0, 5))),
        "a-metadata": {"class-name": draw(st.sampled_from(NAMES)), "confidence": draw(sure)},
    }


@st.composite
def spans(draw: st.DrawFn) -> Line:
    """A text with spans."""
    marks = draw(st.lists(st.sampled_from(NAMES), max_size=5))
    return {
        "a": {
            "annotations": {
                "labels": [{"label": name} for name in NAMES],
                "entities": [
                    {"label": name, "startOffset": number, "endOffset": number + 1} for number, name in enumerate(marks)
                ],
            }
        },
        "a-metadata": {"entities": [{"confidence": draw(sure)} for _ in marks], "type": "groundtruth/text-span"},
    }


failed = st.just({"a-metadata": {"failure-reason": "Nobody answered."}})
unlabeled: st.SearchStrategy[Line] = st.just({})


@st.composite
def manifests(draw: st.DrawFn) -> list[Line]:
    """Lines of one job, some of them without a label."""
    form = draw(st.sampled_from([boxes(), several(), one(), spans()]))
    found = draw(st.lists(st.one_of(form, form, failed, unlabeled), max_size=8))
    return [{"source-ref": f"s3://b/{number}.jpg", "id": number, **line} for number, line in enumerate(found)]


def named(line: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a line says, read by hand: each mark by its class's name, with what belongs to it."""
    label, metadata = line.get("a"), line.get("a-metadata", {})
    names = metadata.get("class-map", {})
    match label:
        case {"annotations": {"entities": entities}}:
            beside = [each["confidence"] for each in metadata["entities"]]
            return [(each["label"], (each["startOffset"], sure)) for each, sure in zip(entities, beside, strict=True)]
        case {"annotations": shapes}:
            beside = [each["confidence"] for each in metadata["objects"]]
            return [
                (names[str(each["class_id"])], (each["left"], sure)) for each, sure in zip(shapes, beside, strict=True)
            ]
        case [*numbers]:
            return sorted((names[str(number)], metadata["confidence-map"][str(number)]) for number in numbers)
        case None:
            return []
    return [(metadata["class-name"], metadata["confidence"])]
