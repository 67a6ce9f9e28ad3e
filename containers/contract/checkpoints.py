"""Checkpoints: what a training job keeps of its state, so that the next attempt goes on instead of starting anew.

SageMaker copies /opt/ml/checkpoints to S3 file by file while the job writes, takes away there what is deleted here, and
brings everything back before it starts the job again (developer guide, "Checkpoints in Amazon SageMaker AI"). What
comes back may therefore be half of a checkpoint. Each one is a folder with a manifest of its files' sizes and digests:
only a folder that agrees with its manifest is resumed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.files import digest
from contract.job import log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from contract.paths import Paths

MANIFEST = "manifest.json"
KEPT = 2
_NAME = re.compile(r"step-(\d{8})-[0-9a-f]{8}")


@dataclass(frozen=True)
class Checkpoint:
    """A complete checkpoint: how far the job was, in steps of its own, and the folder of what it saved."""

    step: int
    folder: Path


class Checkpoints:
    """The checkpoints of one job.

    ``identity`` names everything that determines the job's result and gives a digest of each (see ``identity_of``): a
    checkpoint of another identity is never resumed and never touched. Without a folder (a job without
    CheckpointConfig) nothing is saved and nothing found. ``keep`` is how many are kept, at least one. A save within
    ``pause_s`` seconds of another is skipped: files that come and go faster than they are copied are never whole in S3.
    """

    def __init__(
        self, folder: Path | None, identity: Mapping[str, str], keep: int = KEPT, pause_s: float = 0.0
    ) -> None:
        if keep < 1:
            raise ValueError(f"at least one checkpoint is kept, not {keep}")
        self._folder = folder
        self._identity = dict(identity)
        self._tag = _digest_of_json(self._identity)[:8]
        self._keep = keep
        self._pause_s = pause_s
        self._saved_at = time.monotonic()

    @classmethod
    def of(cls, paths: Paths, identity: Mapping[str, str], pause_s: float = 0.0) -> Checkpoints:
        """Return the checkpoints of the running job: SageMaker makes the folder when the job has a CheckpointConfig."""
        return cls(paths.checkpoints if paths.checkpoints.is_dir() else None, identity, pause_s=pause_s)

    @property
    def are_kept(self) -> bool:
        """Whether the job keeps checkpoints at all."""
        return self._folder is not None

    def save(self, step: int, write: Callable[[Path], None], *, last: bool = False) -> None:
        """Save the state after ``step`` steps: ``write`` gets an empty folder and writes files into it.

        The checkpoint appears whole or not at all. One that cannot be saved costs a log line, not the job. The ``last``
        one, before a job that was asked to stop ends, is never skipped.
        """
        if self._folder is None or (not last and time.monotonic() - self._saved_at < self._pause_s):
            return
        name = f"step-{step:08d}-{self._tag}"
        half, whole = self._folder / f".{name}", self._folder / name
        try:
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
            write(half)
            self._seal(half, step)
            shutil.rmtree(whole, ignore_errors=True)
            half.rename(whole)
            _flush(self._folder)
            self._saved_at = time.monotonic()
        except OSError as error:
            log(f"checkpoint {name} could not be saved, the job goes on without it: {error}")
            shutil.rmtree(half, ignore_errors=True)
            return
        self._prune(step)

    def latest(self) -> Checkpoint | None:
        """Return the newest complete checkpoint of this job; every newer one that is passed over gets a log line."""
        for step, folder in self._candidates():
            problem = self._problem(folder)
            if problem is None:
                log(f"resuming from checkpoint {folder.name}")
                return Checkpoint(step, folder)
            log(f"checkpoint {folder.name} is not resumed: {problem}")
        return None

    def _candidates(self) -> Sequence[tuple[int, Path]]:
        """Return all that look like checkpoints, the newest first."""
        if self._folder is None or not self._folder.is_dir():
            return []
        matches = ((_NAME.fullmatch(entry.name), entry) for entry in self._folder.iterdir() if entry.is_dir())
        return sorted(((int(match[1]), entry) for match, entry in matches if match), reverse=True)

    def _seal(self, folder: Path, step: int) -> None:
        files = _files(folder)
        manifest = {
            "step": step,
            "identity": self._identity,
            "files": {name: {"size": file.stat().st_size, "sha256": digest(file)} for name, file in files.items()},
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        for path in (*files.values(), folder / MANIFEST, *(each for each in folder.rglob("*") if each.is_dir())):
            _flush(path)
        _flush(folder)

    def _problem(self, folder: Path) -> str | None:
        """Return why a checkpoint must not be resumed."""
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            identity, described = dict(manifest["identity"]), dict(manifest["files"])
            sizes = {name: (int(entry["size"]), str(entry["sha256"])) for name, entry in described.items()}
        except FileNotFoundError:
            return f"it has no {MANIFEST}, so it is not complete"
        except (OSError, ValueError, KeyError, TypeError) as error:
            return f"its {MANIFEST} cannot be read: {error}"
        if identity != self._identity:
            names = sorted(identity.keys() | self._identity.keys())
            other = [name for name in names if identity.get(name) != self._identity.get(name)]
            return f"it was made with other {', '.join(other)}"
        there = _files(folder)
        for name, (size, sha256) in sizes.items():
            if name not in there:
                return f"its file {name} is missing"
            if there[name].stat().st_size != size or digest(there[name]) != sha256:
                return f"its file {name} is not what was written"
        return None

    def _prune(self, step: int) -> None:
        """Remove what this job saved before, but for the newest; others' checkpoints stay."""
        own = [(at, folder) for at, folder in self._candidates() if folder.name.endswith(self._tag)]
        kept = [folder for at, folder in own if at <= step][: self._keep]
        for _, folder in own:
            if folder not in kept:
                shutil.rmtree(folder, ignore_errors=True)


def identity_of(settings: Mapping[str, object], folders: Mapping[str, Path]) -> dict[str, str]:
    """Return the digests of what determines a job's result: named settings (as JSON) and folders' contents."""
    return {
        **{name: _digest_of_json(value) for name, value in settings.items()},
        **{name: _digest_of_folder(folder) for name, folder in folders.items()},
    }


def _digest_of_folder(folder: Path) -> str:
    return _digest_of_json({name: digest(file) for name, file in _files(folder).items()})


def _digest_of_json(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _files(folder: Path) -> dict[str, Path]:
    """Return the files below a folder by their relative path; bytecode, which running code leaves, is not counted."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(folder).as_posix(): path for path in files}


def _flush(path: Path) -> None:
    """Have the system write a file or the entries of a folder to its disk, now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
