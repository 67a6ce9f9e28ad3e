"""The cloud assembly that demos deploy: synthesized once for the same sources, whoever asks and from wherever."""

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from localcloud.cdk import PROJECT
from mdlc.errors import CommandError

SOURCES: Final = (
    "app.py",
    "cdk.json",
    "requirements.txt",
    "package.json",
    "package-lock.json",
    "stacks",
    "constructs",
    "lambda",
    "containers",
)
"""What the templates and their assets are made of."""
STORE: Final = Path("build/synthesis")
"""Where the project keeps assemblies, each in a folder that is named by the digest of its sources."""
KEPT: Final = 4
_DIGEST: Final = "sources.sha256"


def synthesize(assembly: Path, log: Path, *, sandbox: bool = False) -> None:
    """Write the cloud assembly of every environment to `assembly`, unless it is there already.

    The application is that of cdk.json, or of the variable `CDK_APP`; `sandbox` asks it for the sandbox, too. Raise
    `CommandError` where it fails, and leave no assembly.
    """
    app = os.environ.get("CDK_APP", "")
    key = digest(app, *map(_content, _modules(app)), str(sandbox))
    file = assembly / _DIGEST
    if file.exists() and file.read_text(encoding="utf-8") == key:
        return
    shutil.rmtree(assembly, ignore_errors=True)
    keep(key, lambda folder: _run(folder, log, sandbox=sandbox), assembly)
    file.write_text(key, encoding="utf-8")


def keep(key: str, make: Callable[[Path], None], folder: Path) -> None:
    """Copy what the project keeps under `key` to `folder`, a new one; of two who ask at once one lets it be made."""
    store = PROJECT / STORE
    store.mkdir(parents=True, exist_ok=True)
    with (store / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = store / key
        if not kept.exists():
            made = store / "unfinished"
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            make(made)
            made.rename(kept)
        kept.touch()
        shutil.copytree(kept, folder)
        newest = sorted((each for each in store.iterdir() if each.is_dir()), key=lambda each: -each.stat().st_mtime)
        for old in newest[KEPT:]:
            shutil.rmtree(old)


def digest(*options: str) -> str:
    """Return the digest of what the templates are made of, names and contents, and of `options`."""
    found = hashlib.sha256("\0".join(options).encode())
    for file in _files():
        found.update(f"\0{file.relative_to(PROJECT)}\0{file.stat().st_mode & 0o111}\0".encode())
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def _modules(app: str) -> Iterator[Path]:
    """Yield the sources that a command line names and runs: `python -m tests.environments`, `python own/app.py`."""
    for word in shlex.split(app):
        for place in (PROJECT / word, PROJECT / f"{word.replace('.', '/')}.py"):
            if place.is_file() and place.suffix == ".py":
                yield place


def _content(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _files() -> Iterator[Path]:
    for source in SOURCES:
        place = PROJECT / source
        found = place.rglob("*") if place.is_dir() else [place]
        yield from sorted(file for file in found if file.is_file() and "__pycache__" not in file.parts)


def _run(folder: Path, log: Path, *, sandbox: bool) -> None:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = os.pathsep.join((str(Path(sys.executable).parent), variables.get("PATH", os.defpath)))
    command = [
        str(PROJECT / "node_modules/.bin/cdk"),
        "synth",
        "--quiet",
        "--no-notices",
        "--output",
        str(folder),
        *(["--context", "sandbox=true"] if sandbox else []),
        "**",
    ]
    with log.open("w", encoding="utf-8") as file:
        ended = subprocess.run(  # noqa: S603 - the pinned CLI
            command,
            cwd=PROJECT,
            # `make synth` and the tests validate; here the templates are on their way to a deployment that checks them.
            env=variables | {"PATH": path, "CDK_VALIDATION": "false", "CDK_DISABLE_CLI_TELEMETRY": "true"},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if ended.returncode:
        raise CommandError(f"The templates cannot be synthesized: see {log}.")
