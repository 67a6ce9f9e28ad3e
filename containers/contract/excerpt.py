"""Values of others in a sentence of ours."""

from __future__ import annotations

MOST = 60


def excerpt(value: object) -> str:
    """Return a client's value as an error shows it: on one line, and the beginning of a long one."""
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "an object"
    text = repr(value[: MOST + 1] if isinstance(value, str) else value)
    return text if len(text) <= MOST else f"{text[:MOST]}…"
