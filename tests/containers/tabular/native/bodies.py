"""Bodies of requests by chance: whole ones, and such that somebody cut, doubled or wrote into."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH: Final = 3
_FORMS: Final = ("{!r}", "{:.3f}", "{:.9g}", "{:.17e}", "{:g}", "{:.0f}")
_STRANGE: Final = [
    "",
    "-",
    "+1",
    ".5",
    "5.",
    "007",
    "1e",
    "1e400",
    "-1e39",
    "3.4e38",
    "1e-40",
    "nan",
    "1_0",
    "null",
    " 1",
]
_SIGNS: Final = b'0123456789+-.eE,[]{}:" \t\r\n\x00\xff'


def bodies(seed: int, count: int) -> Iterator[tuple[bytes, bool]]:
    """Yield bodies, and whether each is JSON."""
    chance = random.Random(seed)
    for _ in range(count):
        is_json = chance.random() < 0.5
        body = (_json if is_json else _csv)(chance).encode()
        yield (_damaged(body, chance) if chance.random() < 0.3 else body), is_json


def _number(chance: random.Random) -> str:
    if chance.random() < 0.02:
        return chance.choice(_STRANGE)
    value = chance.gauss(0, 1) * 10 ** (chance.randint(-30, 30) if chance.random() < 0.1 else 0)
    return chance.choice(_FORMS).format(value)


def _row(chance: random.Random) -> str:
    width = WIDTH if chance.random() < 0.98 else chance.randint(0, 5)
    return ",".join(_number(chance) for _ in range(width))


def _csv(chance: random.Random) -> str:
    end = chance.choice(["\n", "\n", "\n", "\r\n", "\r"])
    return end.join(_row(chance) for _ in range(chance.randint(1, 3))) + chance.choice(["", "", end, end * 2])


def _json(chance: random.Random) -> str:
    rows = [f"[{_row(chance)}]" for _ in range(chance.randint(1, 3))]
    named = [f'{{"features": {row}}}' if chance.random() < 0.3 else row for row in rows]
    blank = chance.choice(["", " ", "\n"])
    return f'{{{blank}"instances"{blank}:{blank}[{f"{blank},{blank}".join(named)}]{blank}}}'


def _damaged(body: bytes, chance: random.Random) -> bytes:
    start = chance.randint(0, len(body))
    end = chance.randint(start, min(len(body), start + 4))
    put = bytes(chance.choice(_SIGNS) for _ in range(chance.randint(0, 2)))
    return body[:start] + put + body[end:]
