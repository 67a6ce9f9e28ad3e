"""A question, what it asks of the templates, and the answer that a bank wants."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


class QuestionError(ValueError):
    """A file of questions says what nobody understands."""


class Whose(StrEnum):
    """Whose things are asked for: anybody's, those of the system or person who asks, or others' alone."""

    ANYBODYS = "anybody's"
    OWN = "own"
    ANOTHERS = "another's"


class Whereabouts(StrEnum):
    """From where it is asked: where whoever asks works, or from outside of the network."""

    WORK = "work"
    OUTSIDE = "outside"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Actions on resources, by `who`, of whom the kinds of `may` may, each of them somewhere, and nobody else.

    Resources and contexts name the environment's things in braces, as operations do; `<system>` and its like stand for
    every one of them.
    """

    does: Sequence[str]
    on: Sequence[str]
    who: Sequence[str] = ("everybody",)
    whose: Whose = Whose.ANYBODYS
    source: Whereabouts = Whereabouts.WORK
    when: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    may: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked in plain words, the answer that a bank wants, and the controls that want it."""

    group: str
    title: str
    answer: str
    controls: Sequence[str]
    asks: Sequence[Ask]
    accepted: str = ""
    """Why an answer is good enough that is not what a bank would want first."""


def read(folder: Path = FOLDER) -> list[Question]:
    """Return all questions; raise `QuestionError` naming the file and the question that nobody understands."""
    found = []
    for file in sorted(folder.glob("*.toml")):
        text = tomllib.loads(file.read_text(encoding="utf-8"))
        found += [_question(file.name, text["group"], each) for each in text["question"]]
    titles = [question.title for question in found]
    if twice := sorted({title for title in titles if titles.count(title) > 1}):
        raise QuestionError(f"{twice[0]!r} is asked twice: each question has a title of its own.")
    return found


def _question(file: str, group: str, given: Mapping[str, Any]) -> Question:
    try:
        asks = [_ask(dict(each)) for each in given["ask"]]
        rest = {name: value for name, value in given.items() if name != "ask"}
        question = Question(group=group, asks=asks, **rest)
    except (KeyError, TypeError, ValueError) as error:
        raise QuestionError(f"{file}: {given.get('title', 'a question without a title')}: {error}") from None
    if not (question.asks and question.controls and question.answer):
        raise QuestionError(
            f"{file}: {question.title}: a question has an answer, a control and something that it asks."
        )
    return question


def _ask(given: dict[str, Any]) -> Ask:
    return Ask(whose=Whose(given.pop("whose", "anybody's")), source=Whereabouts(given.pop("from", "work")), **given)
