"""Who works in an environment's Studio, and on what machines."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from account.instance_types import Usage, require
from ml_constructs.studio.persona import Persona

LEAST_IDLE_MINUTES, MOST_IDLE_MINUTES = 60, 525_600  # SageMaker API, "IdleSettings"
VOLUME_GB = range(5, 16_385)  # SageMaker API, "CreateNotebookInstance"


def _require_name(name: str) -> None:
    if not re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name):
        raise ValueError(f"{name!r} can name nobody in Studio: use up to 63 letters, digits and inner hyphens.")


@dataclass(frozen=True, kw_only=True)
class Notebook:
    """A notebook instance beside Studio, with the rights of `user` of Studio; it stops after idle minutes."""

    user: str
    instance_type: str = "ml.t3.medium"
    volume_gb: int = 20
    idle_minutes: int = 60

    def __post_init__(self) -> None:
        """Refuse what SageMaker would."""
        _require_name(self.user)
        require([self.instance_type], Usage.NOTEBOOK)
        if self.volume_gb not in VOLUME_GB:
            raise ValueError(f"A notebook instance has {VOLUME_GB[0]} to {VOLUME_GB[-1]} GB, not {self.volume_gb}.")
        if self.idle_minutes < 1:
            raise ValueError(f"A notebook instance stops after a minute at least, not {self.idle_minutes}.")


@dataclass(frozen=True, kw_only=True)
class Studio:
    """People by persona, each under a name of their own; instance types of spaces, the first unless said otherwise.

    An idle space ends after `idle_minutes`, or later, up to `longest_idle_minutes`, if its owner says so. Whoever is
    among `systems` works with the systems that are named there alone, everybody else with all of the environment.
    """

    data_scientists: tuple[str, ...] = ("data-scientist",)
    ml_engineers: tuple[str, ...] = ("ml-engineer",)
    annotation_leads: tuple[str, ...] = ("annotation-lead",)
    auditors: tuple[str, ...] = ("auditor",)
    instance_types: tuple[str, ...] = ("ml.t3.medium", "ml.t3.large", "ml.m5.large", "ml.m5.xlarge")
    idle_minutes: int = LEAST_IDLE_MINUTES
    longest_idle_minutes: int = 240
    notebooks: tuple[Notebook, ...] = ()
    systems: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse people and machines that Studio would."""
        names = [name for _, group in self._groups for name in group]
        for name in names:
            _require_name(name)
        lowered = [name.lower() for name in names]  # SageMaker API, "CreateUserProfile": not case sensitive
        if twice := [name for name in names if lowered.count(name.lower()) > 1]:
            raise ValueError(
                f"{twice[-1]} is named twice: everybody in Studio has one persona and a name of their own, in which"
                " capitals do not count."
            )
        if not self.instance_types:
            raise ValueError("Studio needs an instance type that spaces may run on: name one in instance_types.")
        require(self.instance_types, Usage.STUDIO)
        if not LEAST_IDLE_MINUTES <= self.idle_minutes <= self.longest_idle_minutes <= MOST_IDLE_MINUTES:
            raise ValueError(
                f"An idle space ends between {LEAST_IDLE_MINUTES} <= idle_minutes <= longest_idle_minutes <="
                f" {MOST_IDLE_MINUTES}, not {self.idle_minutes} and {self.longest_idle_minutes}."
            )
        owners = [notebook.user for notebook in self.notebooks]
        if strangers := [owner for owner in owners if owner not in names]:
            raise ValueError(
                f"{strangers[0]} has a notebook instance and no persona: name them among the people first."
            )
        if strangers := [name for name in self.systems if name not in names]:
            raise ValueError(f"{strangers[0]} has systems and no persona: name them among the people first.")
        if len(set(owners)) != len(owners):
            raise ValueError("Nobody has two notebook instances: they bear their owners' names.")

    def systems_of(self, name: str, every: Sequence[str]) -> list[str]:
        """Return which of these systems are somebody's."""
        return [system for system in every if system in self.systems.get(name, every)]

    @property
    def people(self) -> Mapping[str, Persona]:
        """The persona of everybody, by name."""
        return {name: persona for persona, group in self._groups for name in group}

    @property
    def _groups(self) -> tuple[tuple[Persona, tuple[str, ...]], ...]:
        return (
            (Persona.DATA_SCIENTIST, self.data_scientists),
            (Persona.ML_ENGINEER, self.ml_engineers),
            (Persona.ANNOTATION_LEAD, self.annotation_leads),
            (Persona.AUDITOR, self.auditors),
        )
