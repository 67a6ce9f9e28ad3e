"""What people send with a task: read, and refused with one sentence where it cannot be meant so."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from labels.task import Answer, Draft, Heartbeat
from portal.body import read, seconds, text
from portal.problem import bad

MOST: Final = 2_000_000
"""Bytes of an answer with its draft: some ten thousand boxes."""
SMALL: Final = 16_384
LONGEST_QUESTION: Final = 2_000
REASONS: Final = ("unclear", "broken", "not-mine")
"""Why a task is given back,"""
UNRENDERED: Final = "unrendered"
"""and why the page gives a review back by itself: its template cannot be rendered with its input."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
_COMMAND: Final = re.compile(r"[A-Za-z]{1,30}")
_KEY: Final = re.compile(r"((Control|Shift|Alt)\+)*(\S{1,20}| )")
MOST_COMMANDS: Final = 60
MOST_KEYS: Final = 5


def answer(body: str | None) -> Answer:
    """Return what somebody submits. Raises ProblemError."""
    given = read(body, "token", "answer", "seconds", "draft", most=MOST)
    token, content = given.get("token"), given.get("answer")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise bad('"token" must be 8 to 64 letters, digits and hyphens, another for each answer.')
    if not isinstance(content, dict) or not content:
        raise bad('"answer" must be an object, with what the template\'s elements submit under their names.')
    entered = json.dumps(_draft(given["draft"]), ensure_ascii=False) if given.get("draft") is not None else ""
    return Answer(token, json.dumps(content, ensure_ascii=False), seconds(given), entered)


def draft(body: str | None) -> Draft:
    """Return what somebody has entered so far. Raises ProblemError."""
    given = read(body, "draft", "seconds", most=MOST)
    return Draft(json.dumps(_draft(given.get("draft")), ensure_ascii=False), seconds(given))


def heartbeat(body: str | None) -> Heartbeat:
    """Return the sign of life of somebody. Raises ProblemError."""
    return Heartbeat(seconds(read(body or "{}", "seconds", most=SMALL)))


def reason(body: str | None) -> str:
    """Return why somebody gives a task back. Raises ProblemError."""
    given = read(body, "reason", most=SMALL).get("reason")
    if given not in {*REASONS, UNRENDERED}:
        raise bad(f'"reason" must be one of {", ".join(REASONS)}.')
    return str(given)


def question(body: str | None) -> str:
    """Return what somebody asks. Raises ProblemError."""
    return text(read(body, "text", most=SMALL), "text", most=LONGEST_QUESTION)


def keys(body: str | None) -> Mapping[str, Sequence[str]]:
    """Return the keys that somebody wants, by command. Raises ProblemError."""
    given = read(body, "keys", most=SMALL).get("keys")
    if not isinstance(given, dict) or len(given) > MOST_COMMANDS:
        raise bad(f'"keys" must be an object of at most {MOST_COMMANDS} commands.')
    for command, chosen in given.items():
        if not _COMMAND.fullmatch(command):
            raise bad(f"{command[:40]!r} cannot be a command: it has 1 to 30 letters.")
        if not isinstance(chosen, list) or len(chosen) > MOST_KEYS or not all(map(_is_key, chosen)):
            raise bad(f'The keys of {command} must be a list of at most {MOST_KEYS}, such as "d" or "Control+z".')
    return given


def count(given: str | None) -> int:
    """Return how many tasks are asked for. Raises ProblemError."""
    if given is None:
        return 1
    if not re.fullmatch(r"[1-9]", given):
        raise bad('"count" must be a number from 1 to 9.')
    return int(given)


def _draft(value: object) -> object:
    if not isinstance(value, list):
        raise bad('"draft" must be a list: what the frame of the task has handed over.')
    return value


def _is_key(value: object) -> bool:
    return isinstance(value, str) and _KEY.fullmatch(value) is not None
