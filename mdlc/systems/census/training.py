"""Incomes of a census: trained by a state machine, whose scripts are versioned like its data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mdlc.errors import InputError
from mdlc.systems import CENSUS, System

SCRIPTS: Final = ("evaluate.py", "prepare.py", "train.py")


@dataclass(frozen=True, kw_only=True)
class TrainingSystem:
    """A system that a state machine trains: the names of its outputs in the stack `steps`, and its own scripts."""

    system: System
    scripts: Path
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Of prepare.py, unless a run gives others."""

    @property
    def machine_output(self) -> str:
        """Output that holds the state machine's ARN."""
        return f"{self.system.name.title()}StateMachineArn"

    @property
    def table_output(self) -> str:
        """Output that holds the name of the table of runs."""
        return f"{self.system.name.title()}RunsTableName"

    @property
    def prefix_output(self) -> str:
        """Output that holds what the names of jobs begin with."""
        return f"{self.system.name.title()}JobPrefix"


TRAINED: Final = {
    CENSUS.name: TrainingSystem(
        system=CENSUS, scripts=Path(__file__).parent / "scripts", parameters={"seed": "42", "test-fraction": "0.2"}
    )
}


def find(name: str) -> TrainingSystem:
    """Return the system called `name`; raise `InputError` naming those that a state machine trains."""
    if name not in TRAINED:
        raise InputError(f"No state machine trains {name!r}: there is one for {', '.join(sorted(TRAINED))}.")
    return TRAINED[name]
