"""Elements of the drawings: inline SVG that takes its colours from the pages' style sheet.

Every text and attribute goes through `Markup.format`, which escapes it.
"""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

COLOURS: Final = 6
"""Lines that a drawing tells apart by colour."""
LONGEST: Final = 30
"""Letters of a label that a drawing shows."""
_LETTER: Final = 7.4
"""Width of a letter of the style sheet's 12.5 units, in a wide typeface."""
_GROWS, _SHRINKS = 1.2, 0.85


def tag(name: str, *inner: str, **attributes: str | float) -> Markup:
    """Return an element; `class_` is the attribute class, other underscores are hyphens, plain text is escaped."""
    written = Markup().join(
        Markup(' {}="{}"').format(
            key.removesuffix("_").replace("_", "-"), f"{value:.6g}" if isinstance(value, float) else value
        )
        for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), written, Markup().join(inner))  # noqa: S704 - our own names


def drawing(class_: str, label: str, box: str, parts: Sequence[Markup], *, scrolls: bool = False) -> Markup:
    """Return a drawing that fills the width it is given; `label` is what a screen reader says of it.

    It grows little beyond the size that it is drawn in, so that a drawing of two things does not look like a poster;
    one that `scrolls` shrinks little either, so that its texts can be read on a phone.
    """
    width = float(box.split()[2])
    style = f"max-width: {width * _GROWS:.0f}px"
    if scrolls:
        style += f"; min-width: {width * _SHRINKS:.0f}px"
    return tag("svg", *parts, class_=class_, viewBox=box, role="img", aria_label=label, style=style)


def shorten(text: str, longest: int) -> str:
    """Return `text`, or as much of it as has room, with an ellipsis in its middle: names differ at both ends."""
    if len(text) <= longest:
        return text
    head = longest // 2
    return f"{text[:head]}…{text[head + 1 - longest :]}"


def room(texts: Sequence[str]) -> float:
    """Return how much room the longest of these labels takes in a drawing, in its units."""
    return max(map(len, texts), default=0) * _LETTER


def run_style(number: int) -> str:
    """Return the style classes of the `number`th run: its colour, and `again` where the colours have begun anew."""
    return f"run-{number % COLOURS}" + (" again" if number >= COLOURS else "")
