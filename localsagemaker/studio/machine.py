"""A copy of this machine for one script, which forgets what the script does: its own mounts, processes and root."""

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

PROGRAM: Final = Path(__file__).with_name("machine.sh")
PATH: Final = "/sbin:/bin:/usr/sbin:/usr/bin"
"""What scripts of notebook instances find. Source: API reference of NotebookInstanceLifecycleHook."""
_SPACES: Final = ("--mount", "--pid", "--fork", "--kill-child", "--")
_TRIAL_S: Final = 20.0


@dataclass(frozen=True, kw_only=True)
class Script:
    """A script, where it lies when it runs, the home folder it runs in, and what is in /opt/ml/metadata."""

    content: bytes
    place: str
    home: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """How a script ended: with an exit code, or with none when its time was up or the machine was stopped."""

    code: int | None
    lines: tuple[str, ...]


class MachineCopy:
    """Runs scripts, at most so many seconds each."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def run(self, script: Script, environment: Mapping[str, str]) -> Ended | None:
        """Run a script and all that it starts to its end; None on a machine that cannot be copied so."""
        command = prefix()
        return None if command is None else self._run(command, script, environment)

    def stop(self) -> None:
        """End every script, and let no other begin."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()

    def _run(self, spaces: tuple[str, ...], script: Script, environment: Mapping[str, str]) -> Ended:
        with tempfile.TemporaryDirectory() as given, tempfile.TemporaryDirectory() as place:
            Path(given, "script").write_bytes(script.content)
            Path(given, "metadata").mkdir()
            Path(given, "metadata", "resource-metadata.json").write_text(json.dumps(dict(script.metadata)))
            command = [*spaces, "/bin/sh", str(PROGRAM), place, given, script.home, script.place]
            own = {"PATH": PATH, "HOME": script.home, "USER": Path(script.home).name, "LANG": "C.UTF-8"}
            with self._lock:
                if self._stopped:
                    return Ended(None, ())
                process = subprocess.Popen(  # noqa: S603 - our own program
                    command,
                    env={**environment, **own},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                )
                self._running.add(process)
            try:
                said, _ = process.communicate(timeout=self._limit_s)
                code = process.returncode if process.returncode >= 0 else None
            except subprocess.TimeoutExpired:
                process.kill()
                said, _ = process.communicate()
                code = None
            finally:
                with self._lock:
                    self._running.discard(process)
        return Ended(code, tuple(said.decode(errors="replace").splitlines()))


@cache
def prefix() -> tuple[str, ...] | None:
    """Return the command that gives another one namespaces in which a copy can be made; None where it cannot.

    It is tried once: an allowance differs between kernels, containers and security modules.
    """
    trial = Script(content=b"#!/bin/sh\n", place="/tmp/trial", home="/root")  # noqa: S108 - a folder of the copy
    for user in ((), ("--user", "--map-root-user")):
        command = ("unshare", *user, *_SPACES)
        if user or os.geteuid() == 0:
            try:
                ended = MachineCopy(_TRIAL_S)._run(command, trial, {})  # noqa: SLF001 - its own
            except OSError:
                continue
            if ended.code == 0:
                return command
    return None
