"""What a job leaves behind: files and archives on their way to S3, and back into a serving container."""

import tarfile
from collections.abc import Sequence
from pathlib import Path

from mdlc.local.sagemaker.channels import join
from mdlc.local.sagemaker.host import Objects


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
    """Extract a tar.gz; tarfile.TarError or OSError when it is none, or leads out of `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "r:*") as tar:
        tar.extractall(folder, filter="data")


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
