"""Virtual environments made from an image's own lock file, each once."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import uv

from localsagemaker.images.image import BuildFailed, Log
from localsagemaker.images.lock import locked


def interpreter(version: str | None) -> str:
    """Find a Python of this machine: the given `major.minor` when it is there, else the one that runs this program."""
    if version:
        found = subprocess.run(  # noqa: S603 - our own tool
            [uv.find_uv_bin(), "python", "find", "--no-python-downloads", "--no-project", "--system", version],
            capture_output=True,
            text=True,
            check=False,
        )
        if found.returncode == 0:
            return found.stdout.strip()
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")


def environment(folder: Path, lock: Path | None, python: str, log: Log) -> Path:
    """Return the virtual environment for a lock file (None: an empty one) and a Python, made when it is not there yet.

    It is built under another name and renamed when whole, so an interrupted build leaves nothing that looks finished;
    two builds at once wait for each other.
    """
    content = lock.read_bytes() if lock else b""
    key = hashlib.sha256(content + b"\0" + _version(python).encode()).hexdigest()[:20]
    place = folder / key
    with locked(folder / f"{key}.lock"):
        if place.is_dir():
            log(f"virtual environment {key} is there already")
            return place
        half = folder / f"{key}.half"
        shutil.rmtree(half, ignore_errors=True)
        log(f"making virtual environment {key} from {lock.name if lock else 'no lock file'}")
        _uv(["venv", "--quiet", "--relocatable", "--no-project", "--python", python, str(half)], log)
        if content.strip() and lock:
            arguments = ["--require-hashes", "--compile-bytecode", "--no-progress", str(lock)]
            _uv(["pip", "sync", "--python", str(half / "bin" / "python"), *arguments], log)
        half.rename(place)
    return place


def _version(python: str) -> str:
    code = "import sys; print(sys.implementation.cache_tag, sys.version, sys.base_prefix)"
    return subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True).stdout  # noqa: S603


def _uv(arguments: list[str], log: Log) -> None:
    done = subprocess.run(  # noqa: S603 - our own tool
        [uv.find_uv_bin(), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    for line in done.stdout.splitlines():
        log(line)
    if done.returncode:
        last = " ".join(line.strip() for line in done.stdout.strip().splitlines()[-5:])
        raise BuildFailed(f"uv {' '.join(arguments[:2])} failed for the image's lock file: {last}")
