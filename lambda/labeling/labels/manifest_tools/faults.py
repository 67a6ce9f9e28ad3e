"""The faults of one label: what Ground Truth would not have written.

Sources: SageMaker developer guide, "Output Data" (sms-data-output) and "Input Data Quotas" (input-data-limits).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from labels.manifest_tools.forms import LineLabel, SeveralClasses, Shapes, Spans, number_of

MOST_OF_NAME: Final = 256
"""The characters of a class's name."""
SIDES: Final = ("left", "top", "width", "height")


def faults_of(label: LineLabel, line: Mapping[str, Any]) -> Iterator[str]:
    """Yield the faults of a label of a line: the end of a sentence that says what it has."""
    for name in label.classes:
        if not name:
            yield "a class without a name: give it one."
        if len(name) > MOST_OF_NAME:
            yield f"a class of {len(name)} characters: {MOST_OF_NAME} are the most."
    for each in _confidences(label.metadata):
        if not _number(each) or not 0 <= each <= 1:
            yield f"the confidence {each!r}: it is between 0 and 1."
    match label:
        case Shapes():
            yield from _of_shapes(label)
        case Spans():
            yield from _of_spans(label, line.get("source"))
        case SeveralClasses():
            yield from _of_classes(label)


def _confidences(metadata: Mapping[str, Any]) -> Iterator[Any]:
    if "confidence" in metadata:
        yield metadata["confidence"]
    if isinstance(metadata.get("confidence-map"), Mapping):
        yield from metadata["confidence-map"].values()
    for member in ("objects", "entities"):
        if isinstance(metadata.get(member), list):
            yield from (
                each["confidence"] for each in metadata[member] if isinstance(each, Mapping) and "confidence" in each
            )


def _of_classes(label: LineLabel) -> Iterator[str]:
    if len({*label.marks}) < len(label.marks):
        yield "a class twice: name it once."
    sure = label.metadata.get("confidence-map")
    if isinstance(sure, Mapping) and not {*map(number_of, label.value)} <= {*map(number_of, sure)}:
        yield 'a class that is not in its "confidence-map": add it there.'


def _of_shapes(label: LineLabel) -> Iterator[str]:
    size = _size(label.value)
    for number, shape in enumerate(label.value["annotations"], 1):
        if fault := _fault_of_box(shape, size) if "left" in shape else _fault_of_vertices(shape, size):
            yield f"{fault} in shape {number}."


def _fault_of_box(box: Mapping[str, Any], size: tuple[float, float] | None) -> str:
    if not all(_number(box.get(side)) for side in SIDES):
        return f"no {', '.join(SIDES)} that are numbers"
    left, top, width, height = (box[side] for side in SIDES)
    if width <= 0 or height <= 0:
        return "no area"
    return _fault_of_place([(left, top), (left + width, top + height)], size)


def _fault_of_vertices(shape: Mapping[str, Any], size: tuple[float, float] | None) -> str:
    """Return the fault of a polygon, a line or a point; of a shape that has none of their members nothing is known."""
    vertices = shape.get("vertices", [shape] if "x" in shape else None)
    match vertices:
        case None:
            return ""
        case [*_] if vertices and all(
            isinstance(each, Mapping) and _number(each.get("x")) and _number(each.get("y")) for each in vertices
        ):
            return _fault_of_place([(each["x"], each["y"]) for each in vertices], size)
    return "no vertices with x and y"


def _fault_of_place(points: Sequence[tuple[float, float]], size: tuple[float, float] | None) -> str:
    width, height = size or (float("inf"), float("inf"))
    inside = all(0 <= x <= width and 0 <= y <= height for x, y in points)
    return "" if inside else "a place outside of the picture"


def _size(value: Mapping[str, Any]) -> tuple[float, float] | None:
    match value.get("image_size"):
        case [{"width": int() | float() as width, "height": int() | float() as height}, *_]:
            return width, height
    return None


def _of_spans(label: LineLabel, text: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    annotations = label.value["annotations"]
    offered = [each["label"] for each in annotations["labels"]] if "labels" in annotations else None
    for number, span in enumerate(annotations["entities"], 1):
        start, end = span.get("startOffset"), span.get("endOffset")
        if type(start) is not int or type(end) is not int or not 0 <= start < end:
            yield f"no startOffset before an endOffset in span {number}."
        elif isinstance(text, str) and end > len(text):
            yield f"an endOffset after the {len(text)} characters of the text in span {number}."
        if offered is not None and span["label"] not in offered:
            yield f'the class {span["label"]!r} in span {number}, which its "labels" have not.'


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
