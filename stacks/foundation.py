"""What every system stands on: keys and buckets, the network, and the images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.tags import ENVIRONMENT, OWNER, PLATFORM, SYSTEM
from ml_constructs.functions.function import FunctionSettings
from ml_constructs.jobs.job import Image, JobSettings
from stacks.images import ImagesStack
from stacks.labeling_settings import PREDICTIONS
from stacks.network import NetworkStack
from stacks.storage import StorageStack

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk as cdk

    from stacks.settings import Environment
    from stacks.systems.system import System


class Foundation:
    """The stacks that an environment's other stacks use, by what these need of them."""

    def __init__(self, stage: cdk.Stage, environment: Environment) -> None:
        self.environment = environment
        self.storage = StorageStack(stage, "storage", environment=environment)
        self.network = NetworkStack(stage, "network", environment=environment, storage=self.storage)
        self._images = (
            ImagesStack(stage, "images", environment=environment, storage=self.storage) if environment.systems else None
        )

    @property
    def images(self) -> ImagesStack:
        """The images of the environment's systems; raise `ValueError` where it has none."""
        if self._images is None:
            raise ValueError(f"{self.environment.name} has no system, and so no images.")
        return self._images

    def name(self, system: str) -> str:
        """Return the name of what a system has one of: its pipeline, group of models and endpoint."""
        return f"{self.environment.name}-{system}"

    def tags(self, system: System | None = None) -> Mapping[str, str]:
        """Return the tags of all that costs for a system, or for the platform as a whole."""
        environment = self.environment
        return {
            ENVIRONMENT: environment.name,
            SYSTEM: system.name if system else PLATFORM,
            OWNER: (system.owner if system else "") or environment.owner,
        }

    def jobs(self, image: Image, system: System) -> JobSettings:
        """Return the settings of a system's jobs that run `image`."""
        return JobSettings(image=image, placement=self.network.jobs, key=self.storage.key, tags=self.tags(system))

    def models(self, image: Image, system: System) -> JobSettings:
        """Return the settings of a system's models that run `image` behind an endpoint."""
        return JobSettings(image=image, placement=self.network.models, key=self.storage.key, tags=self.tags(system))

    @property
    def functions(self) -> FunctionSettings:
        """What the environment's functions share."""
        return FunctionSettings(
            logs=self.storage.logs, placement=self.network.functions, log_level=self.environment.log_level
        )

    def data(self, system: str) -> Folder:
        """Return the folder of the versions of a system's data."""
        return Folder(self.storage.data, [system, "versions"])

    def predictions(self, system: str) -> Folder:
        """Return the folder of the predictions of a system that people may review."""
        return Folder(self.storage.data, [PREDICTIONS, system])

    def scripts(self, system: str) -> Folder:
        """Return the folder of the versions of a system's scripts."""
        return Folder(self.storage.data, [system, "scripts", "versions"])

    def executions(self, system: str) -> Folder:
        """Return the folder with a folder for each execution of a system's pipeline."""
        return Folder(self.storage.artifacts, [system, "executions"])

    def runs(self, system: str) -> Folder:
        """Return the folder with a folder for each run of a system's state machine."""
        return Folder(self.storage.artifacts, [system, "runs"])
