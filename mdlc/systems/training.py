"""Systems that a state machine trains, and their scripts, which are versioned like their data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mdlc.errors import InputError
from mdlc.systems import CENSUS, IMAGES, System

SCRIPTS: Final = ("evaluate.py", "prepare.py", "train.py")
"""What a job each runs; a version may have further modules beside them, which they import."""


@dataclass(frozen=True, kw_only=True)
class TrainingSystem:
    """A system that a state machine trains: the names of its outputs in its training stack, and its own scripts."""

    system: System
    scripts: Path
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Of prepare.py, unless a run gives others."""

    @property
    def stack(self) -> str:
        """Which stack has them."""
        return self.system.training_stack

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


_HERE: Final = Path(__file__).parent
TRAINED: Final = {
    chosen.system.name: chosen
    for chosen in (
        TrainingSystem(
            system=CENSUS, scripts=_HERE / "census/scripts", parameters={"seed": "42", "test-fraction": "0.2"}
        ),
        TrainingSystem(
            system=IMAGES,
            scripts=_HERE / "images/scripts",
            parameters={"seed": "42", "val-fraction": "0.2", "test-fraction": "0.4"},
        ),
    )
}


def find(name: str) -> TrainingSystem:
    """Return the system called `name`; raise `InputError` naming those that a state machine trains."""
    if name not in TRAINED:
        raise InputError(f"No state machine trains {name!r}: there is one for {', '.join(sorted(TRAINED))}.")
    return TRAINED[name]


def script_names(folder: Path) -> list[str]:
    """Return what makes a version of scripts: those that every version has, and the modules beside them."""
    return sorted({*SCRIPTS, *(path.name for path in folder.glob("*.py"))})
