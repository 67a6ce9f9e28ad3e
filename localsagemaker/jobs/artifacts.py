"""What a job leaves behind: files and archives on their way to S3, and back into a serving container.

Nothing leads out of a job's folder. A link that does is refused: its content would be this machine's, not the job's.
"""

import contextlib
import gzip
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, Final, cast

from localsagemaker.jobs.channels import InputError, join
from localsagemaker.kernel.host import Objects

LARGEST: Final = 30 * 1024**3
"""Bytes that an archive may unpack to: the storage that hosting has where VolumeSizeInGB says nothing."""
MOST_MEMBERS: Final = 10_000
LARGEST_READ: Final = 16 * 1024**2
"""Bytes that are read at once: more is asked for by a header alone."""
_PIECE: Final = 1024**2


class ArchiveError(Exception):
    """An archive that is no tar.gz, is damaged, leads out of its folder, or is too large; the message says which."""


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give relative name and place of every file below `folder`, by name; InputError for a link that leads out.

    A container may remove folders meanwhile: what is gone is left out.
    """
    for file in sorted(Path(place, name) for place, *names in os.walk(folder) for name in chain(*names)):
        name = file.relative_to(folder).as_posix()
        if not _is_inside(file, folder):
            raise InputError(f"{name} is a link that leads out of the folder that is uploaded.")
        if file.is_file():
            yield name, file


def upload_tree(store: Objects, folder: Path, uri: str, kms_key: str | None) -> None:
    """Upload every file below `folder` under its own relative path."""
    for name, file in files(folder):
        store.upload(file, join(uri, name), kms_key)


def pack(folders: Sequence[Path], archive: Path) -> Path:
    """Write the files of all folders to one tar.gz; a later folder's file of the same name wins."""
    found = {name: file for folder in folders for name, file in files(folder)}
    with tarfile.open(archive, "w:gz", compresslevel=6, dereference=True) as tar:
        for name, file in sorted(found.items()):
            tar.add(file, arcname=name, recursive=False, filter=_anonymous)
    return archive


def unpack(archive: Path, folder: Path) -> None:
    """Extract the files of a tar.gz, and read it to its end, where gzip says whether it is whole; ArchiveError."""
    folder.mkdir(parents=True, exist_ok=True)
    room = min(LARGEST, shutil.disk_usage(folder).free // 2)
    try:
        with _Whole(archive) as packed, tarfile.open(fileobj=packed, mode="r:") as tar:
            judged: set[Path] = set()
            for number, member in enumerate(tar):
                room -= member.size
                if room < 0 or number >= MOST_MEMBERS:
                    raise ArchiveError("it unpacks to more than there is room for")
                _extract(tar, member, folder, judged)
            while piece := packed.read(_PIECE):
                room -= len(piece)
                if room < 0:
                    raise ArchiveError("it unpacks to more than there is room for")
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise ArchiveError(getattr(error, "strerror", None) or str(error)) from error


class _Whole(gzip.GzipFile):
    """A gzip file that is read in pieces, whatever a header in it says."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= LARGEST_READ:
            raise ArchiveError("it has a header that is too large")
        return super().read(size)


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, judged: set[Path]) -> None:
    """Write a member; folders that were ``judged`` to lie inside are not looked at again."""
    target = folder.joinpath(member.name)
    if ".." in target.parts or target.parent not in judged:
        if not _is_inside(target, folder):
            raise ArchiveError(f"{member.name[:200]!r} leads out of the archive")
        judged.add(target.parent)
    if member.isfile():  # extraction filters came with 3.11.4: members are judged here
        target.parent.mkdir(parents=True, exist_ok=True)
        with cast("IO[bytes]", tar.extractfile(member)) as content, target.open("wb") as file:
            shutil.copyfileobj(content, file)
    elif not member.isdir():
        raise ArchiveError(f"{member.name[:200]!r} is neither a file nor a folder")


def _is_inside(path: Path, folder: Path) -> bool:
    with contextlib.suppress(RuntimeError):  # links in a circle
        return path.resolve().is_relative_to(folder.resolve())
    return False


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
