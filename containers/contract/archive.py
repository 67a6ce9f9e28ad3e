"""The archive model.tar.gz that a training job leaves, as a processing job finds it."""

from __future__ import annotations

import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from contract.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def unpack_archive(archive: Path) -> Iterator[Path]:
    """Unpack the archive into a folder, which is deleted afterwards; InputError when there is no such archive."""
    if not archive.is_file():
        raise InputError(f"the model is missing: {archive} does not exist")
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(archive, "r:gz") as tar:
                for member in tar:
                    file = tar.extractfile(member) if member.isfile() else None
                    if file is not None:  # by its own name only: nothing is written to a path that the archive names
                        Path(folder, Path(member.name).name).write_bytes(file.read())
        except (tarfile.TarError, EOFError, OSError) as error:
            raise InputError(f"{archive} is not a gzip-compressed tar archive: {error}") from error
        yield Path(folder)
