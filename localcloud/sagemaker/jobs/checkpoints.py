"""Checkpoints of a training job: brought back from S3 before it starts, copied there while it runs.

Source: developer guide, "Checkpoints in Amazon SageMaker AI". What the container deletes is deleted in S3 as well;
what is added in S3 after the start does not reach the container.
"""

from contextlib import suppress
from pathlib import Path, PurePosixPath
from shutil import copyfile
from tempfile import TemporaryDirectory

from localcloud.sagemaker.jobs.channels import join
from localcloud.sagemaker.kernel.host import Objects


class CheckpointFolder:
    """The folder of one instance and the S3 prefix that it is copied to."""

    def __init__(self, store: Objects, folder: Path, uri: str, kms_key: str | None) -> None:
        """`kms_key` encrypts the objects; `restore` must come before the first `copy`."""
        self._store = store
        self._folder = folder
        self._prefix = join(uri) + "/"
        self._kms_key = kms_key
        self._there: dict[str, tuple[int, int]] = {}

    def restore(self) -> int:
        """Bring back what the prefix holds; how many files."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for uri in self._store.list(self._prefix):
            name = uri.removeprefix(self._prefix)
            if name and not name.endswith("/") and ".." not in PurePosixPath(name).parts:
                self._store.download(uri, self._folder / name)
        self._there = self._state()
        return len(self._there)

    def copy(self) -> int:
        """Upload the files that are new or changed, delete those that are gone; how many were uploaded."""
        uploaded = 0
        now = self._state()
        with TemporaryDirectory() as scratch:
            for name, state in now.items():
                if self._there.get(name) != state:
                    with suppress(FileNotFoundError):  # the container may remove it meanwhile, or go on writing
                        part = copyfile(self._folder / name, Path(scratch) / "part")
                        self._store.upload(part, self._prefix + name, self._kms_key)
                        self._there[name] = state
                        uploaded += 1
        for name in self._there.keys() - now.keys():
            self._store.delete(self._prefix + name)
            del self._there[name]
        return uploaded

    def _state(self) -> dict[str, tuple[int, int]]:
        """When each file was written, in nanoseconds, and its size."""
        found = {}
        for file in sorted(self._folder.rglob("*")):
            with suppress(FileNotFoundError):
                about = file.stat()
                if file.is_file():
                    found[file.relative_to(self._folder).as_posix()] = (about.st_mtime_ns, about.st_size)
        return found
