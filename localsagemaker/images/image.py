"""What an image is to the local cloud, whichever engine runs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from localsagemaker.images.running import Running

EngineName = Literal["podman", "docker", "process"]

Log = Callable[[str], None]


class BuildFailed(Exception):  # noqa: N818 - the field's term
    """An image could not be built; the message says why, in a sentence."""


@dataclass(frozen=True)
class Manifest:
    """What is kept of a built image.

    `digest` is `sha256:` and 64 hex digits over the build context; `location` is where the engine finds the image: a
    folder of the process engine, an image id of podman or docker.
    """

    uri: str
    digest: str
    base: str
    description: str
    location: str
    entrypoint: Sequence[str] = ()
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    workdir: str = "/"
    interpreter: str = ""

    def record(self) -> dict[str, object]:
        """As JSON keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class Start:
    """How to start a container.

    `arguments` None: the image's own CMD. `base_dir` is seen as /opt/ml. With a `port` the container serves HTTP on
    127.0.0.1:`port` of this machine, told so by SAGEMAKER_BIND_TO_PORT and SAGEMAKER_BIND_TO_HOST. `isolated` asks for
    no network.
    """

    base_dir: Path
    arguments: Sequence[str] | None = None
    entrypoint: Sequence[str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int | None = None
    isolated: bool = False

    @property
    def variables(self) -> dict[str, str]:
        """The environment, with where to listen."""
        bind = {"SAGEMAKER_BIND_TO_PORT": str(self.port), "SAGEMAKER_BIND_TO_HOST": "127.0.0.1"} if self.port else {}
        return {**self.environment, **bind}


class Engine(Protocol):
    """Builds and runs images."""

    @property
    def name(self) -> EngineName:
        """Which one."""

    @property
    def description(self) -> str:
        """One sentence: what runs images, and what that does not prove."""

    def build(self, context: Path, dockerfile: str, uri: str, digest: str, log: Log) -> Manifest:
        """Build; raise BuildFailed."""

    def has(self, manifest: Manifest) -> bool:
        """Return whether what was built is still there."""

    def run(self, manifest: Manifest, start: Start, log: Log) -> Running:
        """Start a container."""

    def clean(self) -> None:
        """End what an earlier local cloud left running."""


@dataclass(frozen=True)
class Image:
    """A built image."""

    manifest: Manifest
    engine: Engine

    @property
    def uri(self) -> str:
        """The name it was built under."""
        return self.manifest.uri

    @property
    def digest(self) -> str:
        """`sha256:…` of its content."""
        return self.manifest.digest

    @property
    def labels(self) -> Mapping[str, str]:
        """LABELs of its Dockerfile."""
        return self.manifest.labels

    @property
    def description(self) -> str:
        """Which engine and base it runs on."""
        return self.manifest.description

    def run(  # noqa: PLR0913 - keyword-only, and each is a part of `Start`
        self,
        *,
        base_dir: Path,
        log: Log,
        arguments: Sequence[str] | None = None,
        entrypoint: Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
        port: int | None = None,
        isolated: bool = False,
    ) -> Running:
        """Start a container; see `Start`."""
        start = Start(
            base_dir=base_dir.absolute(),
            arguments=arguments,
            entrypoint=entrypoint,
            environment=environment or {},
            port=port,
            isolated=isolated,
        )
        return self.engine.run(self.manifest, start, log)
