"""A job's folder as /opt/ml, where the machine lets a process have mounts of its own (Linux, mostly).

SageMaker puts what a job reads and writes under /opt/ml, and gives processing scripts no variable to use instead. In a
mount namespace a plain process sees its own folder there, and no other process does.
"""

import os
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

OPT_ML = "/opt/ml"
_MOUNTED = Path(__file__).with_name("opt_ml.sh")
_AS_ROOT = ("unshare", "--mount", "--")
_AS_USER = ("unshare", "--user", "--map-root-user", "--mount", "--")
_TRIAL_S = 20


@cache
def unshare() -> tuple[str, ...] | None:
    """Return the command that gives another one mounts of its own; None on a machine that allows none.

    The command itself is tried once: an allowance differs between kernels, containers and security modules.
    """
    for prefix in (*((_AS_ROOT,) if os.geteuid() == 0 else ()), _AS_USER):
        trial = [*prefix, "/bin/sh", "-c", "mount -t tmpfs tmpfs /opt"]
        try:
            ended = subprocess.run(trial, capture_output=True, timeout=_TRIAL_S, check=False)  # noqa: S603 - fixed words
        except (OSError, subprocess.TimeoutExpired):
            continue
        if ended.returncode == 0:
            return tuple(prefix)
    return None


def mounted(prefix: Sequence[str], base_dir: Path, empty: Path, command: Sequence[str]) -> list[str]:
    """Return the command that runs `command` with `base_dir` as /opt/ml; `empty` is a folder to mount on."""
    empty.mkdir(parents=True, exist_ok=True)
    return [*prefix, "/bin/sh", str(_MOUNTED), str(base_dir), str(empty), *command]
