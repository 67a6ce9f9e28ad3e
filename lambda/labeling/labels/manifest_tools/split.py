"""Split a manifest into parts, such as those to train and to test with.

Where an object goes depends on the seed and on what it is, not on its place: a line more moves few others.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from json import dumps
from math import floor, isclose
from typing import Any

from labels.manifest_tools.forms import FormError, labels_of
from labels.objects import SOURCES, LineError

Line = Mapping[str, Any]


class ShareError(ValueError):
    """Shares that nobody can split by; one sentence."""


def split(
    lines: Sequence[Line], shares: Mapping[str, float], seed: int = 0, stratify: str = ""
) -> dict[str, list[Line]]:
    """Return the lines of each part, in the order that they had; every line is in one part, and in no other.

    With `stratify`, an attribute, each set of classes is split by the shares for itself; objects without a label are a
    set, too. Lines of the same object stay together. Raises LineError and ShareError.
    """
    if len(shares) < 2 or not isclose(sum(shares.values()), 1, abs_tol=1e-6) or min(shares.values()) <= 0:  # noqa: PLR2004
        said = ", ".join(f"{name}={share:g}" for name, share in shares.items()) or "none"
        raise ShareError(f"The shares are {said}: give two or more that are above 0 and make 1 together.")
    strata: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    chosen: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(lines, 1):
        stratum = _classes(number, line, stratify) if stratify else ()
        strata[chosen.setdefault(_name(line), stratum)][_name(line)] = None
    if stratify and not any(stratify in line for line in lines):
        raise LineError(f"No line has a label {stratify!r}: name the attribute whose classes are to be shared out.")
    part = dict(_deal([_shuffle(strata[each], seed) for each in sorted(strata)], shares))
    parts: dict[str, list[Line]] = {name: [] for name in shares}
    for line in lines:
        parts[part[_name(line)]].append(line)
    return parts


def _deal(strata: Sequence[Sequence[str]], shares: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """Yield each object with its part: of each stratum the share rounded down, and one more for who has too few."""
    given, seen = dict.fromkeys(shares, 0), 0
    for objects in strata:
        counts = {name: floor(share * len(objects) + 1e-9) for name, share in shares.items()}
        seen += len(objects)
        behind = sorted(shares, key=lambda name: given[name] + counts[name] - shares[name] * seen)
        for name in behind[: len(objects) - sum(counts.values())]:
            counts[name] += 1
        rest = iter(objects)
        for name, count in counts.items():
            given[name] += count
            yield from ((next(rest), name) for _ in range(count))


def _shuffle(objects: Mapping[str, None], seed: int) -> list[str]:
    return sorted(objects, key=lambda name: sha256(f"{seed}\n{name}".encode()).digest())


def _name(line: Line) -> str:
    return dumps([line.get(member) for member in SOURCES])


def _classes(number: int, line: Line, attribute: str) -> tuple[str, ...]:
    try:
        labels = [each for each in labels_of(line) if each.attribute == attribute]
    except FormError as error:
        raise LineError(f"Line {number}: {error}") from error
    return tuple(sorted({name for each in labels for name in each.marks}))
