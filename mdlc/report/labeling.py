"""The report on the labeling demo: how good the labels are, who made them, and pictures with their boxes."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markupsafe import Markup

from labels.consolidation.boxes import Box
from labels.consolidation.marks import Mark
from labels.quality import Quality
from mdlc.report import page, svg
from mdlc.report.model import Tile
from mdlc.report.resources import Place
from mdlc.report.summary import Summary

SHOWN: Final = 12
"""Pictures that the report shows."""
_METRICS: Final[Mapping[str, tuple[str, str, str]]] = {
    "objects": ("objects", "{:,.0f}", "pictures and sentences"),
    "answers": ("answers", "{:,.0f}", "given over HTTP"),
    "boxes_f1": ("boxes", "{:.3f}", "F1 against the known ones"),
    "boxes_iou": ("overlap", "{:.3f}", "of a box with the known one"),
    "moods_right": ("moods", "{:.0%}", "are right"),
}


@dataclass(frozen=True)
class Shown:
    """A picture with its boxes: the known ones, those of the label, and those that each person drew."""

    file: Path
    size: tuple[int, int]
    known: Sequence[Mark[Box]]
    label: Sequence[Mark[Box]]
    people: Sequence[Sequence[Mark[Box]]]

    @property
    def drawing(self) -> Markup:
        """The picture with the boxes over it."""
        width, height = self.size
        data = base64.b64encode(self.file.read_bytes()).decode()
        kind = "jpeg" if self.file.suffix.lower() in {".jpg", ".jpeg"} else "png"
        image = svg.tag("image", href=f"data:image/{kind};base64,{data}", width=width, height=height)
        return svg.drawing("boxes", f"{self.file.name}: {self.words}", f"0 0 {width} {height}", [image, *self._boxes()])

    @property
    def words(self) -> str:
        """What the label has."""
        return ", ".join(mark.label for mark in self.label) or "nothing"

    def _boxes(self) -> Iterator[Markup]:
        for marks in self.people:
            for mark in marks:
                yield _box(mark.shape, "drawn")
        for mark in self.known:
            yield _box(mark.shape, "known")
        for mark in self.label:
            yield _box(mark.shape, "made")


def write(
    summary: Summary, place: Place, found: Mapping[str, Quality], pictures: Sequence[Shown], folder: Path
) -> Path:
    """Write report.html and summary.json to `folder`; return the page's path."""
    return page.write(render(summary, place, found, pictures), summary.as_json(), folder)


def render(summary: Summary, place: Place, found: Mapping[str, Quality], pictures: Sequence[Shown]) -> str:
    """Return the page; it refers to nothing outside itself but the pages of its jobs, in folders beside it."""
    return page.render(
        "labeling.html.jinja",
        summary=summary,
        place=place,
        data=summary.more["data"],
        tiles=list(_tiles(summary.metrics)),
        jobs=[(kind, summary.more["jobs"][kind], quality) for kind, quality in found.items()],
        pictures=pictures[:SHOWN],
        more=max(0, len(pictures) - SHOWN),
    )


def _tiles(metrics: Mapping[str, float]) -> Iterator[Tile]:
    for name, (words, form, note) in _METRICS.items():
        yield Tile(words, form.format(metrics[name]), note)


def _box(box: Box, class_: str) -> Markup:
    return svg.tag("rect", class_=class_, x=box.left, y=box.top, width=box.width, height=box.height)
