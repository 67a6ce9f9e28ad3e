"""Images in containers, with podman or docker."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from localsagemaker.images import dockerfile as dockerfiles
from localsagemaker.images.image import BuildFailed, EngineName, Log, Manifest, Start
from localsagemaker.images.lock import locked
from localsagemaker.images.running import Running

BUILD_CONF = "MDLC_ENGINE_BUILD_CONF"
"""Environment variable: a containers.conf for builds, where podman needs one of its own for them."""

RUN_CONF = "MDLC_ENGINE_RUN_CONF"
"""Environment variable: a containers.conf for all that is no build."""

BASE = "MDLC_ENGINE_BASE"
"""Environment variable: what the base images of this machine really are, if not what their names say."""

NO_SUCH_COMMAND = 127


def unusable(name: EngineName) -> str | None:
    """Say why the engine cannot run containers here; None when it can, tried with one of its images if it has any."""
    if not shutil.which(name):
        return f"{name} is not installed"
    images = _engine(name, "images", "--quiet")
    if images.returncode:
        return f"{name} does not answer: {_last_line(images)}"
    if image := next(iter(images.stdout.split()), None):
        tried = _engine(name, "run", "--rm", "--pull=never", "--network", "host", "--entrypoint", "/bin/true", image)
        if tried.returncode not in {0, NO_SUCH_COMMAND}:
            return f"{name} cannot run containers: {_last_line(tried)}"
    return None


def _engine(name: EngineName, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - podman or docker
        [name, *words], env=_settings(RUN_CONF), capture_output=True, text=True, errors="replace", check=False
    )


def _settings(conf: str) -> dict[str, str]:
    """Give our environment, with podman's own settings from the file that the variable `conf` names."""
    return {**os.environ, **({"CONTAINERS_CONF": os.environ[conf]} if conf in os.environ else {})}


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def end_monitors(prefix: str) -> None:
    """End what podman started for containers whose names begin with `prefix` and then forgot.

    When podman is killed while it creates a container, its record is removed but `conmon`, the monitor of the
    container, and the half-made container itself stay.
    """
    for monitor in psutil.process_iter(["name", "cmdline"]):
        words = monitor.info["cmdline"] or []
        if monitor.info["name"] == "conmon" and any(word.startswith(prefix) for word in words):
            with suppress(psutil.NoSuchProcess):
                for process in [*monitor.children(recursive=True), monitor]:
                    with suppress(psutil.NoSuchProcess):
                        process.kill()


class ContainerEngine:
    """Builds with the Dockerfile itself, runs with a read-only root and `base_dir` as /opt/ml.

    A container shares the machine's network, because the local cloud listens on 127.0.0.1 alone; with network
    isolation it has none, unless it serves: its port has to be reached. Containers carry a label of the local cloud
    that they belong to.
    """

    def __init__(self, name: EngineName, owner: Path) -> None:
        """Keep `owner`, the state folder of the local cloud."""
        self.name = name
        self.owner = hashlib.sha256(str(owner.absolute()).encode()).hexdigest()[:16]
        self._label = f"mdlc.owner={self.owner}"

    @property
    def _remove(self) -> tuple[str, ...]:
        at_once = ("--time", "0") if self.name == "podman" else ()  # docker kills without waiting
        return ("rm", "--force", *at_once)

    @property
    def description(self) -> str:
        """What it is and what it does not prove."""
        version = self._ask("version", "--format", "{{.Client.Version}}") or "of unknown version"
        return f"{self.name} {version}: real containers with a read-only root, on the machine's own network"

    def build(self, context: Path, dockerfile: str, uri: str, digest: str, log: Log) -> Manifest:
        """Run `build` with the engine's own settings from the environment.

        All local clouds of the machine share the engine's layers: of two builds of one Dockerfile at once the second
        waits, and finds them.
        """
        text = (context / dockerfile).read_text()
        recipe = dockerfiles.read(text)
        command = [self.name, "build", "--tag", uri, "--file", str(context / dockerfile), str(context)]
        lines: list[str] = []

        def keep(line: str) -> None:
            lines.append(line)
            log(line)

        same = hashlib.sha256(text.encode()).hexdigest()[:16]
        with locked(Path(tempfile.gettempdir()) / f"mdlc-build-{os.getuid()}-{same}.lock"):
            code = Running(command, environment=_settings(BUILD_CONF), log=keep).wait()
        if code:
            raise BuildFailed(f"{self.name} build ended with {code}: {' '.join(lines[-5:])}")
        image = self._inspect(uri)
        config = image["Config"]
        version = self._ask("version", "--format", "{{.Client.Version}}")
        return Manifest(
            uri=uri,
            digest=digest,
            base=recipe.base,
            description=f"container of {self.name} {version}, base {recipe.base} ({self._origin(recipe.base)})",
            location=image["Id"],
            entrypoint=config.get("Entrypoint") or [],
            command=config.get("Cmd") or [],
            labels=config.get("Labels") or {},
            workdir=config.get("WorkingDir") or "/",
        )

    def has(self, manifest: Manifest) -> bool:
        """Return whether the engine has the image."""
        return self._run("image", "inspect", manifest.location).returncode == 0

    def run(self, manifest: Manifest, start: Start, log: Log) -> Running:
        """Run `run` in the foreground; the guard removes the container whatever becomes of the client."""
        name = f"mdlc-{self.owner}-{uuid.uuid4().hex[:16]}"
        network = "none" if start.isolated and not start.port else "host"
        notes = [f"container: {manifest.description}, network {network}"]
        if start.isolated and start.port:
            notes.append("EnableNetworkIsolation: not enforced for a serving container, whose port must be reached")
        words = list(start.arguments or ())
        options = ["--name", name, "--label", self._label, "--rm", "--pull=never", "--no-healthcheck"]
        options += ["--log-driver=none", "--read-only", "--tmpfs", "/tmp", "--security-opt", "label=disable"]  # noqa: S108
        options += ["--network", network, "--volume", f"{start.base_dir}:/opt/ml"]
        if self.name == "docker" and os.getuid():
            options += ["--user", f"{os.getuid()}:{os.getgid()}"]  # else root's files would be left in base_dir
        for key, value in start.variables.items():
            options += ["--env", f"{key}={value}"]
        if start.entrypoint:
            first, *rest = start.entrypoint
            options += ["--entrypoint", first]
            words = [*rest, *words]
        return Running(
            [self.name, "run", *options, manifest.location, *words],
            environment=_settings(RUN_CONF),
            log=log,
            notes=notes,
            cleanup=[self.name, *self._remove, name],
        )

    def clean(self) -> None:
        """End every container of this local cloud."""
        left = self._ask("ps", "--all", "--quiet", "--filter", f"label={self._label}").split()
        if left:
            self._ask(*self._remove, *left)
        end_monitors(f"mdlc-{self.owner}-")

    def find(self, uri: str) -> Manifest | None:
        """Look for an image that somebody else built or pulled, by its name."""
        if self._run("image", "inspect", uri).returncode:
            return None
        image = self._inspect(uri)
        return Manifest(
            uri=uri,
            digest=f"sha256:{image['Id'].removeprefix('sha256:')}",
            base="",
            description=f"container of {self.name}, image not built here",
            location=image["Id"],
            labels=image["Config"].get("Labels") or {},
        )

    def _origin(self, base: str) -> str:
        if BASE in os.environ:
            return os.environ[BASE]
        if self._run("image", "inspect", base).returncode:
            return "not kept by the engine"
        image = self._inspect(base)
        history = " ".join(str(layer.get("comment", "")) for layer in image.get("History") or [])
        made_here = "imported from" in history.lower()
        return f"{'a stand-in imported on this machine' if made_here else 'pulled'}, {image['Id'][:19]}"

    def _inspect(self, uri: str) -> dict[str, Any]:
        image: dict[str, Any] = json.loads(self._ask("image", "inspect", uri))[0]
        return image

    def _ask(self, *words: str) -> str:
        return self._run(*words).stdout.strip()

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return _engine(self.name, *words)
