"""Checkpoints of a training job: brought back from S3 before it starts, copied there while it runs.

Source: developer guide, "Checkpoints in Amazon SageMaker AI". What the container deletes is deleted in S3 as well;
what is added in S3 after the start does not reach the container.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

from localsagemaker.jobs.artifacts import files
from localsagemaker.jobs.channels import below_opt_ml, inside, join
from localsagemaker.kernel.host import Objects

COPY_S = 0.5
"""Seconds between two looks at the checkpoints of a running job."""


class CheckpointFolder:
    """The folder of one instance and the S3 prefix that it is copied to."""

    def __init__(self, store: Objects, folder: Path, uri: str, kms_key: str | None) -> None:
        """Encrypt the objects with `kms_key`; `restore` must come before the first `copy`."""
        self._store = store
        self._folder = folder
        self._prefix = join(uri) + "/"
        self._kms_key = kms_key
        self._there: dict[str, tuple[int, int]] = {}

    def restore(self) -> int:
        """Bring back what the prefix holds; how many files. InputError for a key that leads out of the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for uri in self._store.list(self._prefix):
            name = uri.removeprefix(self._prefix)
            if name and not name.endswith("/"):
                self._store.download(uri, self._folder / inside(name, uri))
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
        for name, file in files(self._folder):
            with suppress(FileNotFoundError):
                about = file.stat()
                found[name] = (about.st_mtime_ns, about.st_size)
        return found


class Checkpoints:
    """The checkpoints of a job's instances; none without a URI."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        """Take a request; ServiceError `ValidationException` for a folder outside of /opt/ml."""
        config = request.get("CheckpointConfig", {})
        self._uri: str | None = config.get("S3Uri")
        self._path = below_opt_ml(config.get("LocalPath", "/opt/ml/checkpoints"))
        self._key: str | None = request["OutputDataConfig"].get("KmsKeyId")
        self._folders: dict[str, CheckpointFolder] = {}
        self._copied_at = 0.0
        self.copied = 0
        """How many files were copied since instances began."""

    @property
    def are_kept(self) -> bool:
        """Return whether the request asks for checkpoints."""
        return self._uri is not None

    def restore(self, store: Objects, instance: str, base_dir: Path) -> None:
        """Bring the checkpoints back to the folder of an instance."""
        if self._uri is not None:
            self._folders[instance] = CheckpointFolder(store, base_dir / self._path, self._uri, self._key)
            self._folders[instance].restore()

    def copy(self) -> None:
        """Copy what every instance has."""
        self.copied += sum(folder.copy() for folder in self._folders.values())
        self._copied_at = time.monotonic()

    def copy_if_due(self) -> None:
        """Copy, unless that was a moment ago."""
        if time.monotonic() - self._copied_at > COPY_S:
            self.copy()
