"""What the platform must know of a system: something that it trains, and serves where an environment serves."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aws_cdk as cdk

    from ml_constructs.machines.training_pipeline import TrainingPipeline
    from ml_constructs.serving.rollout import EndpointRollout
    from stacks.foundation import Foundation

TABLES = ("text/csv", "application/json", "application/jsonlines")
RESERVED = frozenset({"aws", "platform"})
"""Names of AWS's own and of the platform's as a whole, which in a list of stacks or tags would say nothing."""
STACKS = frozenset(
    {
        *("api", "budget", "delivery", "experiments", "features", "images", "labeling", "monitoring", "network"),
        *("optimization", "serving", "steps", "storage", "studio", "training", "vision"),
    }
)
"""Names of the platform's own stacks: a system has one of its own."""
FOLDERS = frozenset({"jobs", "mlflow"})
"""Names of folders in the platform's buckets, and of what stands for a system where experiments are of none."""


@dataclass(frozen=True)
class Deployed:
    """A system in one environment: the roll-out of its models and the state machine that trains it, if any."""

    rollout: EndpointRollout | None = None
    machine: TrainingPipeline | None = None


@dataclass(frozen=True, kw_only=True)
class System(ABC):
    """A system by its name, which its data, runs, pipeline, models and endpoint bear.

    `image` is the folder of `containers/` that it is trained and served with. `stack_id` is the stack that trains it
    and `serving_id` the one that serves it, where they are not called like the system; `api_id` is the construct id of
    its method of the API.
    """

    name: str
    image: str
    stack_id: str = ""
    serving_id: str = ""
    api_id: str = ""

    def __post_init__(self) -> None:
        """Refuse names that stacks, outputs and buckets cannot have."""
        if not re.fullmatch(r"[a-z][a-z0-9]{1,19}", self.name):
            raise ValueError(f"{self.name!r} cannot name a system: use 2 to 20 of a-z and 0-9, a letter first.")
        if self.name in RESERVED | FOLDERS or (self.name in STACKS and not self.stack_id):
            raise ValueError(f"{self.name!r} is a name of the platform's own: give the system another.")

    @property
    @abstractmethod
    def metric(self) -> str:
        """Which figure of its evaluation makes the best run: the highest."""

    @property
    def variant(self) -> str:
        """Which variant of its image trains it: empty for the image itself."""
        return ""

    @property
    def scripted(self) -> bool:
        """Whether people publish its scripts, which a state machine runs; else a pipeline trains it."""
        return False

    @property
    def served(self) -> bool:
        """Whether its models go to an endpoint where the environment has endpoints."""
        return True

    @property
    def content_types(self) -> tuple[str, ...]:
        """Media types of what its endpoint is asked."""
        return TABLES

    @property
    def training_stack(self) -> str:
        """Id of the stack that trains it."""
        return self.stack_id or self.name

    @property
    def serving_stack(self) -> str:
        """Id of the stack that serves it; empty for one that nobody serves."""
        return (self.serving_id or self.training_stack) if self.served else ""

    @property
    def title(self) -> str:
        """How outputs begin that are its own."""
        return self.name.title()

    @abstractmethod
    def deploy(self, stage: cdk.Stage, *, on: Foundation) -> Deployed:
        """Add its stacks."""
