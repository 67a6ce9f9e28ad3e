"""Archives that are hostile or damaged, made of what their table says."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from typing import Any, Final

from tests.bad_inputs.inputs import BadInput, content, plain

BLOCK: Final = 1 << 24
"""Zeros that are packed once, however many a member has: gzip's members follow one another."""


def archive(given: BadInput) -> bytes:
    """Return the bytes of an archive."""
    if (raw := given.get("raw")) is not None:
        return content(raw)
    members = [each for row in given.get("members", []) for each in [row] * row.get("times", 1)]
    if any(row.get("size", 0) > BLOCK for row in members):
        return _bomb(members[0])
    if how := given.get("compress"):
        return PACKERS[how](_tar(members))
    return _damaged(_tar(members), given.get("damage", ""))


def _zip(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("a", content)
    return buffer.getvalue()


PACKERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gz-words": lambda _: gzip.compress(b"no archive at all"),
    "none": lambda tar: tar,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zip": _zip,
}


def _damaged(tar: bytes, damage: str) -> bytes:
    packed = gzip.compress(tar, 0)
    match damage:
        case "half":
            return packed[: len(packed) // 2]
        case "end":
            return packed[:-8]
        case "rubbish":
            return packed + b"x" * 50
        case "byte":
            place = len(packed) // 2
            return packed[:place] + bytes([packed[place] ^ 1]) + packed[place + 1 :]
        case "size":
            header = tarfile.TarInfo("a")
            header.size = 5 << 20
            return gzip.compress(header.tobuf() + b"x" * 512)
    return packed


def _tar(members: Iterable[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for row in members:
            name = content(row["name"], plain).decode()
            info = tarfile.TarInfo(name)
            if "link" in row or "hardlink" in row:
                info.type = tarfile.SYMTYPE if "link" in row else tarfile.LNKTYPE
                info.linkname = row.get("link") or row["hardlink"]
            elif row.get("device"):
                info.type = tarfile.CHRTYPE
            elif row.get("fifo"):
                info.type = tarfile.FIFOTYPE
            elif "sparse" in row:
                info.pax_headers = {"GNU.sparse.size": str(row["sparse"]), "GNU.sparse.map": f"{row['sparse']},0"}
            if "pax" in row:
                info.pax_headers = {"comment": "x" * row["pax"]}
            info.size = row.get("size", 0)
            tar.addfile(info, io.BytesIO(bytes(info.size)))
    return buffer.getvalue()


def _bomb(row: dict[str, Any]) -> bytes:
    info = tarfile.TarInfo(row["name"])
    info.size = row["size"]
    zeros = gzip.compress(bytes(BLOCK))
    return gzip.compress(info.tobuf()) + zeros * (info.size // BLOCK + 1) + gzip.compress(bytes(1024))
