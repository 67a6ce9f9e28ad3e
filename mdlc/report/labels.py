"""The page on how good the answers of a labeling job are, and its figures as summary.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from labels.lead.summary import of_quality
from labels.quality import Quality
from mdlc.report import page
from mdlc.report.model import Tile

SHOWN: Final = 25
"""How many confusions and disagreements are shown; summary.json has all."""
EXAMPLES: Final = 3


def write(job: str, quality: Quality, names: Mapping[str, str], cost: float | None, folder: Path) -> Path:
    """Write report.html and summary.json to `folder`; `names` are how people know the objects. Return the page."""
    return page.write(render(job, quality, names, cost), summary(job, quality, names, cost), folder)


def render(job: str, quality: Quality, names: Mapping[str, str], cost: float | None) -> str:
    """Return the page; it refers to nothing outside itself."""
    return page.render(
        "labels.html.jinja",
        job=job,
        quality=quality,
        names=names,
        tiles=_tiles(quality, cost),
        paused=[each for each in quality.people if each.paused],
        shown=SHOWN,
        examples=EXAMPLES,
        knows_gold=any(each.gold.of for each in quality.people),
        knows_skips=any(each.skips for each in quality.people),
    )


def _tiles(quality: Quality, cost: float | None) -> list[Tile]:
    each = quality.answers / quality.objects if quality.objects else 0
    tiles = [
        Tile("objects", f"{quality.objects:,}", f"{each:.1f} answers each"),
        Tile("agreement", *_agreement(quality)),
        Tile("labels that are right", f"{quality.accuracy:.1%}", "as their probabilities promise"),
    ]
    if quality.seconds is not None:
        tiles.append(Tile("time of a task", f"{quality.seconds:.1f} s", "the median of people's medians"))
    if cost is not None:
        tiles.append(Tile("a correct label", f"{cost:.3f} USD", "people's time and AWS"))
    paused = sum(bool(person.paused) for person in quality.people)
    tiles.append(Tile("people", str(len(quality.people)), f"{paused} to be paused"))
    return tiles


def agreement(quality: Quality) -> str:
    """Return how far people agree, in words: what it is, and the figure."""
    figure, what = _agreement(quality)
    return f"{what}: {figure}"


def _agreement(quality: Quality) -> tuple[str, str]:
    if quality.overlap is not None:
        return f"{quality.overlap:.2f}", "what two people's marks have in common"
    return "unknown" if quality.alpha is None else f"{quality.alpha:.2f}", "Krippendorff's alpha"


def summary(job: str, quality: Quality, names: Mapping[str, str], cost: float | None) -> dict[str, Any]:
    """Return all figures."""
    return {"job": job, **of_quality(quality, names, cost)}
