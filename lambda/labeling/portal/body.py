"""The body of a request: a JSON object with members of known types, and no larger than it may be."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from portal.problem import bad

Body = Mapping[str, Any]


def read(text: str | None, *members: str, most: int) -> Body:
    """Return the object of a body of at most `most` bytes, which has no other `members`. Raises ProblemError."""
    try:
        content = (text or "").encode()
    except UnicodeEncodeError as error:
        raise bad("The body has half a character: send UTF-8.") from error
    if len(content) > most:
        raise bad(f"The body has {len(content):,} bytes: {most:,} are the most.")
    try:
        value = json.loads(content, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise bad("The body is no valid JSON: send one object.") from error
    if not isinstance(value, dict):
        raise bad("The body is no JSON object: send one.")
    if unknown := sorted(value.keys() - set(members)):
        raise bad(f"The body has {unknown[0][:40]!r}: it may have {', '.join(members)}.")
    return value


def text(body: Body, name: str, *, most: int) -> str:
    """Return a text of `body` that is not empty. Raises ProblemError."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise bad(f'"{name}" must be a text of 1 to {most:,} characters.')
    return value


def seconds(body: Body) -> int:
    """Return how long somebody worked since the last request; 0 where it is not said. Raises ProblemError."""
    value = body.get("seconds", 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:  # noqa: PLR2004
        raise bad('"seconds" must be a number that is not negative.')
    return round(value)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON.")
