"""The archive model.tar.gz that a training job leaves: it is read whole, to no more than there is room for."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import tempfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Final, cast

from contract.errors import InputError
from contract.excerpt import excerpt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGEST: Final = 8 << 30
"""Bytes that an archive may unpack to."""
MOST_MEMBERS: Final = 10_000
LONGEST_NAME: Final = 255
LARGEST_READ: Final = 1 << 20
"""Bytes that are read at once: more is asked for by a header alone, which needs no more."""


class _Bounded:
    """The content of a gzip file, up to a size."""

    def __init__(self, packed: gzip.GzipFile, most: int) -> None:
        self._packed = packed
        self._most = most

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= LARGEST_READ:
            raise tarfile.ReadError("it has a header that is too large")
        return self._packed.read(size)

    def tell(self) -> int:
        return self._packed.tell()

    def seek(self, place: int) -> int:
        if place > self._most:
            raise tarfile.ReadError("it unpacks to too much")
        return self._packed.seek(place)


def read_archive(
    archive: Path | IO[bytes], name: str, take: Callable[[str, IO[bytes]], object], most: int = LARGEST
) -> None:
    """Let ``take`` have every file: its name, without folders, and its content; InputError says what is wrong.

    The archive is read to its end, where gzip says whether it is whole. What it would unpack to is known from its
    headers, before it is read.
    """
    try:
        with gzip.open(archive) as packed:
            with tarfile.open(fileobj=cast("IO[bytes]", _Bounded(packed, most)), mode="r:") as tar:
                for path, content in _files(tar, most):
                    take(path, content)
            while packed.read(LARGEST_READ):
                if packed.tell() > most:
                    raise tarfile.ReadError("it unpacks to too much")
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{name} is not a gzip-compressed tar archive that can be used: {reason}") from error


def _files(tar: tarfile.TarFile, most: int) -> Iterator[tuple[str, IO[bytes]]]:
    found: set[str] = set()
    paths: set[PurePosixPath] = set()
    for number, member in enumerate(tar):
        if number >= MOST_MEMBERS:
            raise tarfile.ReadError(f"it has more than {MOST_MEMBERS} members")
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts:
            raise tarfile.ReadError(f"{excerpt(member.name)} leads out of it")
        if member.isdir():
            continue
        most -= member.size
        if most < 0:
            raise tarfile.ReadError("it unpacks to too much")
        if not member.isfile():
            raise tarfile.ReadError(f"{excerpt(member.name)} is neither a file nor a folder")
        if path.name in found or not paths.isdisjoint(path.parents):
            raise tarfile.ReadError(f"{excerpt(member.name)} is there twice")
        if not path.name.isprintable() or len(path.name) > LONGEST_NAME:
            raise tarfile.ReadError(f"{excerpt(member.name)} is no name of a file")
        found.add(path.name)
        paths.add(path)
        yield path.name, cast("IO[bytes]", tar.extractfile(member))


@contextmanager
def unpack_archive(archive: Path) -> Iterator[Path]:
    """Unpack the archive into a folder, which is deleted afterwards; InputError when there is no such archive."""
    if not archive.is_file():
        raise InputError(f"the model is missing: {archive} does not exist")
    with tempfile.TemporaryDirectory() as folder:

        def write(name: str, content: IO[bytes]) -> None:
            with Path(folder, name).open("wb") as file:  # by its own name only
                shutil.copyfileobj(content, file)

        read_archive(archive, str(archive), write, min(LARGEST, shutil.disk_usage(folder).free // 2))
        yield Path(folder)
