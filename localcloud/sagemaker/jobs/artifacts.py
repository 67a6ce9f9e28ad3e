"""What a job leaves behind: files and archives on their way to S3, and back into a serving container."""

import shutil
import tarfile
from collections.abc import Sequence
from pathlib import Path

from localcloud.sagemaker.jobs.channels import join
from localcloud.sagemaker.kernel.host import Objects


def upload_tree(store: Objects, folder: Path, uri: str, kms_key: str | None) -> None:
    """Upload every file below `folder` under its own relative path."""
    for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if file.is_file():
            store.upload(file, join(uri, file.relative_to(folder).as_posix()), kms_key)


def pack(folders: Sequence[Path], archive: Path) -> Path:
    """Write the content of all folders to one tar.gz; a later folder's file of the same name wins."""
    files = {file.relative_to(folder).as_posix(): file for folder in folders for file in folder.rglob("*")}
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        for name, file in sorted(files.items()):
            tar.add(file, arcname=name, recursive=False, filter=_anonymous)
    return archive


def unpack(archive: Path, folder: Path) -> None:
    """Extract the files of a tar.gz; tarfile.TarError or OSError when it is none, or leads out of `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "r:*") as tar:  # extraction filters came with 3.11.4: members are judged here
        for member in tar:
            target = folder.joinpath(member.name)
            if not target.resolve().is_relative_to(folder.resolve()):
                raise tarfile.TarError(f"{member.name} leads out of the archive")
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                with content, target.open("wb") as file:
                    shutil.copyfileobj(content, file)
            elif not member.isdir():
                raise tarfile.TarError(f"{member.name} is neither a file nor a folder")


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
