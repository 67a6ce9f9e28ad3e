"""The images of one local cloud: built under a name, found by it, never changed."""

import hashlib
import json
import os
from functools import cached_property
from pathlib import Path

from localsagemaker.errors import ServiceError
from localsagemaker.images.container import ContainerEngine, unusable
from localsagemaker.images.image import BuildFailed, Engine, EngineName, Image, Log, Manifest
from localsagemaker.images.lock import locked
from localsagemaker.images.process import ProcessEngine

ENGINE = "MDLC_ENGINE"
"""Environment variable that forces an engine: podman, docker or process."""


class Images:
    """Builds, keeps and finds images, with the engine that this machine has."""

    def __init__(self, state_dir: Path, engine: str | None = None) -> None:
        """Keep images under `state_dir`, and virtual environments beside it, where they outlive it.

        `engine`, or MDLC_ENGINE, forces one; else podman or docker when it answers, else plain processes.
        """
        self.state_dir = state_dir.absolute()
        self._wanted = engine or os.environ.get(ENGINE) or None
        if self._wanted not in {None, "podman", "docker", "process"}:
            raise ValueError(f"{ENGINE} is {self._wanted!r}: it can be podman, docker or process")

    @property
    def engine(self) -> EngineName:
        """Which engine runs images here."""
        return self._engine.name

    @property
    def description(self) -> str:
        """One sentence: what runs images here and what that does not prove."""
        return self._engine.description

    def build(self, context: Path, dockerfile: str, uri: str, log: Log) -> Image:
        """Build `dockerfile` (relative to `context`) under the name `uri`; BuildFailed says why it could not be.

        A name is bound once: the same content again is the same image, another content is refused as ECR's immutable
        tags are (ServiceError `ImageTagAlreadyExistsException`).
        """
        context = context.absolute()
        if not (context / dockerfile).is_file():
            raise BuildFailed(f"the build context has no file {dockerfile}")
        digest = _digest(context, dockerfile)
        with locked(self._record(uri).with_suffix(".lock")):
            known = self._load(self._record(uri))
            if known and known.manifest.digest == digest:
                log(f"{uri} is built already: {known.description}")
                return known
            if known:
                raise ServiceError(
                    "ImageTagAlreadyExistsException", f"{uri} exists with another content: tags are immutable"
                )
            manifest = self._engine.build(context, dockerfile, uri, digest, log)
            file = self._record(uri)
            half = file.with_suffix(".half")
            half.write_text(json.dumps(manifest.record(), indent=1))
            half.rename(file)
        log(f"built {uri}: {manifest.description}")
        return Image(manifest, self._engine)

    def find(self, uri: str) -> Image:
        """Return the image of that name; ServiceError `ValidationException` names it and the known ones if none is."""
        image = self._load(self._record(uri))
        if image:
            return image
        if isinstance(self._engine, ContainerEngine) and (manifest := self._engine.find(uri)):
            return Image(manifest, self._engine)
        known = ", ".join(self.known()) or "none"
        raise ServiceError(
            "ValidationException", f"Image {uri} does not exist: nothing was built under this name ({known})"
        )

    def known(self) -> list[str]:
        """Return the names of all images built here, sorted."""
        files = self._folder.glob("*.json") if self._folder.is_dir() else []
        return sorted(json.loads(file.read_text())["uri"] for file in files)

    def clean(self) -> None:
        """End containers that a killed local cloud left."""
        self._engine.clean()

    @cached_property
    def _engine(self) -> Engine:
        wanted = self._wanted
        names: tuple[EngineName, ...] = ("podman", "docker")
        reasons: list[str] = []
        for name in names:
            if wanted in {None, name}:
                reason = unusable(name)
                if reason is None:
                    return ContainerEngine(name, self.state_dir)
                reasons.append(reason)
        if wanted in names:
            raise ValueError(f"{ENGINE} asks for {wanted}, but {reasons[0]}")
        content = self.state_dir / "process" / "content"
        return ProcessEngine(content, self.state_dir.parent / "venvs", why=", ".join(reasons))

    @property
    def _folder(self) -> Path:
        return self.state_dir / self._engine.name

    def _record(self, uri: str) -> Path:
        return self._folder / f"{hashlib.sha256(uri.encode()).hexdigest()[:32]}.json"

    def _load(self, file: Path) -> Image | None:
        if not file.exists():
            return None
        manifest = Manifest(**json.loads(file.read_text()))
        return Image(manifest, self._engine) if self._engine.has(manifest) else None


def _digest(context: Path, dockerfile: str) -> str:
    content = hashlib.sha256(dockerfile.encode())
    for file in sorted(context.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts and ".git" not in file.parts:
            content.update(f"\0{file.relative_to(context).as_posix()}\0".encode())
            content.update(hashlib.sha256(file.read_bytes()).digest())
    return f"sha256:{content.hexdigest()}"
