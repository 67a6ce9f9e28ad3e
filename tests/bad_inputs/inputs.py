"""The tables of bad inputs: what they hold, and the bytes that they stand for. README.md tells how to write one."""

from __future__ import annotations

import base64
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bad_inputs.servers.pictures import picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
SENTENCE = 500
"""Characters of a sentence that still reads as one, however large what it is about."""
_TOKEN = re.compile("«([^»]*)»")
PRIVATE = 0xE000
Parts = str | list[str | dict[str, Any]]


@dataclass(frozen=True)
class BadInput:
    """A bad input, and what a sane answer to it is."""

    name: str
    table: str
    members: dict[str, Any] = field(repr=False)

    def get(self, member: str, default: Any = None) -> Any:
        return self.members.get(member, default)

    @property
    def expected(self) -> tuple[int, ...]:
        """The statuses, or codes that a program ends with, that are right."""
        given = self.members.get("status", self.members.get("exit", 2))
        return tuple(given) if isinstance(given, list) else (given,)

    def says(self, said: str) -> bool:
        """Tell whether one of the words that a reader needs is there."""
        return any(word.lower() in said.lower() for word in self.get("says", "").split("|"))

    def require_sentence(self, said: str) -> None:
        """One sentence, of the words that a reader needs, and as long as a reader reads."""
        assert said.strip(), "nothing is said"
        assert "Traceback" not in said, said[-2000:]
        assert self.says(said), said[:1000]
        assert len(said) <= SENTENCE, f"{len(said)} characters: {said[:300]}"
        assert not set(said) & {chr(code) for code in range(32) if chr(code) not in "\n\t"}, repr(said[:300])


def read(table: str) -> list[BadInput]:
    """Read a table by its name, such as servers/http; names are unique in it."""
    document = tomllib.loads((HERE / f"{table}.toml").read_text(encoding="utf-8"))
    shared = {name: value for name, value in document.items() if name != "inputs"}
    inputs = [BadInput(row["name"], table, shared | row) for row in document["inputs"]]
    names = [(row.get("with"), row.name) for row in inputs]
    assert len(set(names)) == len(names), f"{table}: a name is there twice"
    return inputs


def tables() -> Iterator[str]:
    for path in sorted(HERE.rglob("*.toml")):
        yield path.relative_to(HERE).with_suffix("").as_posix()


def label(given: BadInput) -> str:
    """Return what pytest calls a case."""
    return " ".join(part for part in (given.get("with"), given.name) if part)


def plain(token: str) -> str:
    """Fill a token that every table knows: «N», N characters; «N digits»; «N members» of a JSON object."""
    count, _, what = token.partition(" ")
    number = int(count)
    if what == "members":
        return ", ".join(f'"p{place}": 1' for place in range(number))
    return ("9" if what == "digits" else "x") * number


def content(parts: Parts, fill: Callable[[str], str] = plain, encoding: str = "utf-8") -> bytes:
    """Return the bytes that a body's parts stand for; ``fill`` knows what the words in « » are."""
    parts = [parts] if isinstance(parts, str) else parts
    # what is no text keeps its place as a character of private use: a token may begin in one part and end in another
    texts = [_text(part) for part in parts]
    kept = [{} if isinstance(part, str) else part for part in parts]
    joined = "".join(chr(PRIVATE + place) if text is None else text for place, text in enumerate(texts))
    filled = _TOKEN.sub(lambda found: fill(found[1]), joined)
    pieces = re.split(f"([{chr(PRIVATE)}-{chr(PRIVATE + len(parts))}])", filled)
    return b"".join(
        _bytes(kept[ord(piece) - PRIVATE]) if place % 2 else piece.encode(encoding)
        for place, piece in enumerate(pieces)
    )


def _text(part: str | dict[str, Any]) -> str | None:
    """Return a part that is text; None for one that is bytes."""
    if isinstance(part, str):
        return part
    if "repeat" in part:
        return str(part["repeat"]) * int(part["times"])
    if "counted" in part:
        return "".join(part["counted"] % number for number in range(part["times"]))
    return None


def _bytes(part: dict[str, Any]) -> bytes:
    """Return a part that is no text."""
    if "hex" in part:
        return bytes.fromhex(part["hex"])
    made = picture(part["picture"])
    made = made[: len(made) // 2] if part.get("half") else made
    made = base64.b64encode(made) if part.get("base64") else made
    return str(part.get("between", "")).encode().join([made] * int(part.get("times", 1)))
