"""Images as plain processes, where there is no container engine.

The image's packages are copied as its Dockerfile's COPY says, its lock file becomes a virtual environment, and a
container is a process of that environment. It sees its own folder as /opt/ml where the machine lets a process have
mounts of its own (`opt_ml`); elsewhere paths that it is given are turned into the folder's, and a container that writes
to the machine's own /opt/ml fails. What this does not give: another file system beside that, another user, an isolated
network, the base image's own system packages.
"""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from localsagemaker.images import dockerfile as dockerfiles
from localsagemaker.images import opt_ml, venv
from localsagemaker.images.image import BuildFailed, EngineName, Log, Manifest, Start
from localsagemaker.images.running import Running

OPT_ML = re.compile(r"(?<![\w.-])/opt/ml(?![\w.-])")
DRIVERS = "input/data/sm_drivers"
"""Channel in which the SageMaker Python SDK sends the scripts that start a job's `source_code`."""


class ProcessEngine:
    """Runs an image's own code in a virtual environment made from its own lock."""

    name: EngineName = "process"

    def __init__(self, folder: Path, environments: Path, why: str = "") -> None:
        """Keep images in `folder` and virtual environments in `environments`; `why` no container engine is used."""
        self._why = f" ({why})" if why else ""
        self.folder = folder
        self.environments = environments

    @property
    def description(self) -> str:
        """What it is and what it does not prove."""
        return (
            f"process on {platform.python_implementation()} {platform.python_version()}: the image's code and locked "
            f"packages, without its base image, file system and network isolation{self._why}"
        )

    def build(self, context: Path, dockerfile: str, uri: str, digest: str, log: Log) -> Manifest:
        """Copy what COPY copies, and make the environment from `requirements.txt` beside the Dockerfile."""
        file = context / dockerfile
        recipe = dockerfiles.read(file.read_text())
        for instruction in recipe.not_run:
            log(f"not run by the process engine: {instruction}")
        lock = file.parent / "requirements.txt"
        place = self.folder / digest.removeprefix("sha256:")[:32]
        half = place.with_name(place.name + ".half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        for copy in recipe.copies:
            _copy(context, copy, half)
        workdir = half / recipe.workdir.lstrip("/")
        _keep_inside(workdir, half, f"WORKDIR {recipe.workdir}")
        workdir.mkdir(parents=True, exist_ok=True)
        python = venv.interpreter(_python_of(recipe.base))
        environment = venv.environment(self.environments, lock if lock.exists() else None, python, log)
        interpreter = str(environment / "bin" / "python")
        compile_all = [interpreter, "-I", "-m", "compileall", "-q", "-s", str(half), "-p", str(place), str(half)]
        subprocess.run(compile_all, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - bytecode is a convenience
        shutil.rmtree(place, ignore_errors=True)
        half.rename(place)
        version = subprocess.run(  # noqa: S603 - the environment just made
            [interpreter, "-c", "import platform; print(platform.python_version())"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        return Manifest(
            uri=uri,
            digest=digest,
            base=recipe.base,
            description=f"process on CPython {version} of this machine (its base {recipe.base} is not used)",
            location=str(place),
            entrypoint=recipe.entrypoint,
            command=recipe.command,
            environment=recipe.environment,
            labels=recipe.labels,
            workdir=recipe.workdir,
            interpreter=interpreter,
        )

    def has(self, manifest: Manifest) -> bool:
        """Return whether the image's folder and its environment are there."""
        return Path(manifest.location).is_dir() and Path(manifest.interpreter).exists()

    def run(self, manifest: Manifest, start: Start, log: Log) -> Running:
        """Start a process; its temporary folder, with a copy of the image, lies beside `base_dir` and goes with it."""
        temporary = start.base_dir.with_name(start.base_dir.name + ".tmp")
        root = temporary / ".image"  # what a container writes beside its code is its own, and the next one's is whole
        shutil.copytree(manifest.location, root, symlinks=True, dirs_exist_ok=True)
        default = manifest.command if start.entrypoint is None else ()
        words = [
            *(manifest.entrypoint if start.entrypoint is None else start.entrypoint),
            *(default if start.arguments is None else start.arguments),
        ]
        notes = [f"container: {manifest.description}"]
        if start.isolated:
            notes.append("EnableNetworkIsolation: a plain process cannot be cut off from the network; it keeps it")
        unshare = opt_ml.unshare()
        seen = Path(opt_ml.OPT_ML) if unshare else start.base_dir
        if not unshare:
            _move_drivers(start.base_dir)
        scripts = Path(manifest.interpreter).parent
        image = {key: _move(value, root, seen) for key, value in manifest.environment.items() if key != "PATH"}
        given = {key: OPT_ML.sub(str(seen), value) for key, value in start.variables.items()}
        environment = {
            "PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "LANG": "C.UTF-8",
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
            **image,
            **given,
            **({} if unshare else {"SAGEMAKER_BASE_DIR": str(start.base_dir)}),
        }
        command = _command(words, root, seen, Path(manifest.interpreter))
        return Running(
            opt_ml.mounted(unshare, start.base_dir, temporary / ".opt", command) if unshare else command,
            environment=environment,
            log=log,
            notes=notes,
            folder=root / manifest.workdir.lstrip("/"),
            temporary=temporary,
            untouched=None if unshare else Path(opt_ml.OPT_ML),
        )

    def clean(self) -> None:
        """Nothing to do: the guard of each process ends it when the local cloud dies."""


def _command(words: Sequence[str], root: Path, base_dir: Path, python: Path) -> list[str]:
    if not words:
        return ["this image has neither ENTRYPOINT nor CMD"]
    first, *rest = (_move(word, root, base_dir) for word in words)
    return [str(python) if first in {"python", "python3"} else first, *rest]


def _move(value: str, root: Path, base_dir: Path) -> str:
    """Give a value with the image's absolute paths turned into this machine's."""

    def part(path: str) -> str:
        return str(root / path.lstrip("/")) if path.startswith("/") and (root / path.lstrip("/")).exists() else path

    moved = ":".join(part(path) for path in value.split(":")) if value.startswith("/") and value != "/" else value
    return OPT_ML.sub(str(base_dir), moved)


def _move_drivers(base_dir: Path) -> None:
    """Turn /opt/ml into this machine's folder in the SDK's own scripts, which know no other; the user's stay."""
    for file in sorted((base_dir / DRIVERS).rglob("*")):
        if file.suffix in {".py", ".sh"}:
            text = file.read_text(encoding="utf-8")
            file.write_text(OPT_ML.sub(str(base_dir), text), encoding="utf-8")


def _python_of(base: str) -> str | None:
    found = re.search(r"python:(\d+\.\d+)", base)
    return found[1] if found else None


def _copy(context: Path, copy: dockerfiles.Copy, root: Path) -> None:
    target = root / copy.target.lstrip("/")
    _keep_inside(target, root, f"COPY to {copy.target}")
    for pattern in copy.sources:
        relative = pattern.lstrip("/").removeprefix("./")
        found = [context] if relative in {"", "."} else sorted(context.glob(relative))
        if not found:
            raise BuildFailed(f"COPY {pattern}: the build context has no such file")
        for source in found:
            _keep_inside(source, context, f"COPY {pattern}")
            if source.is_dir():
                shutil.copytree(
                    source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", ".git", "*.pyc")
                )
            else:
                place = target / source.name if copy.into_folder or target.is_dir() else target
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, place)


def _keep_inside(path: Path, folder: Path, what: str) -> None:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BuildFailed(f"{what}: it leads out of the image or of the build context")
