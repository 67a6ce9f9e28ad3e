"""What a client knows of a system."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class Generate(Protocol):
    """Writes a seeded data set in the system's documented schema to a folder."""

    def __call__(self, folder: Path, *, seed: int, rows: int, shuffle_labels: bool = False) -> None:
        """Raise `ValueError` with a sentence when the data set asked for cannot be made."""


@dataclass(frozen=True, kw_only=True)
class System:
    """One system, as a client knows it. What an environment has of it is found by its name: `mdlc.client.deployed`."""

    name: str
    title: str
    files: tuple[str, ...]
    """Names of the files that make up one version of its data; none where every file of the folder does."""
    label: str
    classes: Mapping[str, str] = field(default_factory=dict)
    """Names of the label's values, for people; a value without one stands for itself."""
    metric: str = "roc_auc"
    """Which of the evaluation's metrics its versions and runs are listed with."""
    generate: Generate | None = None
    """Makes example data; None where only data of one's own are there."""
    rows: int = 0
    """Records that a generated data set has when nobody says how many."""
    record_tables: tuple[str, ...] = ()
    """Which files hold the fields of one raw record, joined on `record_key`."""
    record_key: str = ""
    ignored: frozenset[str] = frozenset()
    """Columns that no model is asked with."""
    data_parameter: str = "InputDataUri"
    """The pipeline parameter that takes the S3 prefix of a data version."""
    gate_parameter: str = ""
    """The pipeline parameter that holds the quality gate."""
    prediction_path: str = ""
    """Resource of its API below the stage; empty where there is none and its endpoint is asked."""
    scripts: Path | None = None
    """Folder of the scripts that its state machine runs, unless a run brings others."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Arguments of prepare.py, unless a run gives others."""
    recipe: Path | None = None
    """What its columns are, which every version of its data carries; None where its image knows them."""
