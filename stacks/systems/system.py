"""What the platform must know of a system: something that it trains, and serves where an environment serves."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk

from ml_constructs.foundation.tags import PLATFORM, add_tags

if TYPE_CHECKING:
    from ml_constructs.machines.training_pipeline import TrainingPipeline
    from ml_constructs.serving.rollout import EndpointRollout
    from stacks.foundation import Foundation

TABLES = ("text/csv", "application/json", "application/jsonlines")
RESERVED = frozenset({"aws", PLATFORM})
"""Names of AWS's own and of the platform's as a whole, which in a list of stacks or tags would say nothing."""
STACKS = frozenset(
    {
        *("api", "budget", "delivery", "experiments", "features", "images", "labeling", "monitoring", "network"),
        *("notices", "optimization", "serving", "steps", "storage", "studio", "training", "vision"),
    }
)
"""Names of the platform's own stacks: a system has one of its own."""
FOLDERS = frozenset({"jobs", "mlflow"})
"""Names of folders in the platform's buckets, and of what stands for a system where experiments are of none."""


_OWNER = re.compile(r"[\w.+=:/@-][\w .+=:/@-]{0,127}", re.ASCII)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def check_owner(owner: str, what: str) -> None:
    """Raise `ValueError` for an owner that no tag can have, or whose e-mail address is none."""
    if not _OWNER.fullmatch(owner) or owner.lower().startswith("aws:"):
        raise ValueError(
            f"{owner!r} cannot own {what}: name a team or an e-mail address, with letters and . + = : / @ -."
        )
    if "@" in owner and not _ADDRESS.fullmatch(owner):
        raise ValueError(f"{owner!r}, the owner of {what}, is no e-mail address.")


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
    its method of the API; `owner` is whom it belongs to, where that is not the environment's.
    """

    name: str
    image: str
    stack_id: str = ""
    serving_id: str = ""
    api_id: str = ""
    owner: str = ""

    def __post_init__(self) -> None:
        """Refuse names that stacks, outputs and buckets cannot have."""
        if not re.fullmatch(r"[a-z][a-z0-9]{1,19}", self.name):
            raise ValueError(f"{self.name!r} cannot name a system: use 2 to 20 of a-z and 0-9, a letter first.")
        if self.name in RESERVED | FOLDERS or (self.name in STACKS and not self.stack_id):
            raise ValueError(f"{self.name!r} is a name of the platform's own: give the system another.")
        if self.owner:
            check_owner(self.owner, self.name)

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

    def make_stack(self, stage: cdk.Stage, construct_id: str, *, on: Foundation, description: str) -> cdk.Stack:
        """Add a stack of the system's, and to all in it the tags that say so."""
        stack = cdk.Stack(stage, construct_id, description=description)
        add_tags(stack, on.tags(self))
        return stack

    @abstractmethod
    def deploy(self, stage: cdk.Stage, *, on: Foundation) -> Deployed:
        """Add its stacks."""
