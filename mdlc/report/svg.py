"""Elements of the drawings: inline SVG that takes its colours from the pages' style sheet.

Every text and attribute goes through `Markup.format`, which escapes it.
"""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

COLOURS: Final = 6
"""Lines that a drawing tells apart by colour."""


def tag(name: str, *inner: str, **attributes: str | float) -> Markup:
    """Return an element; `class_` is the attribute class, other underscores are hyphens, plain text is escaped."""
    written = Markup().join(
        Markup(' {}="{}"').format(
            key.removesuffix("_").replace("_", "-"), f"{value:.6g}" if isinstance(value, float) else value
        )
        for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), written, Markup().join(inner))  # noqa: S704 - our own names


def drawing(class_: str, label: str, box: str, parts: Sequence[Markup]) -> Markup:
    """Return a drawing that fills the width it is given; `label` is what a screen reader says of it."""
    return tag("svg", *parts, class_=class_, viewBox=box, role="img", aria_label=label)


def run_style(number: int) -> str:
    """Return the style classes of the `number`th run: its colour, and `again` where the colours have begun anew."""
    return f"run-{number % COLOURS}" + (" again" if number >= COLOURS else "")
