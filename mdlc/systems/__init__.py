"""The systems that the platform runs: what the command line has to know of each, and nothing of where they run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from mdlc.errors import InputError
from mdlc.systems.census import generate as census_data
from mdlc.systems.fraud import generate as fraud_data
from mdlc.systems.images import generate as images_data
from mdlc.systems.knn import generate as knn_data

SCRIPTS: Final = ("evaluate.py", "prepare.py", "train.py")
"""What a job each of a state machine runs; a version may have further modules beside them, which they import."""
_HERE: Final = Path(__file__).parent


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
    metric: str = "roc_auc"
    """Which of the evaluation's metrics its versions and runs are listed with."""
    generate: Generate | None = None
    """Makes example data; None where only data of one's own are there."""
    rows: int = 0
    """Records that a generated data set has when nobody says how many."""
    record_tables: tuple[str, ...] = ()
    """Which files hold the fields of one raw record, joined on `record_key`."""
    record_key: str = ""
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


FRAUD = System(
    name="fraud",
    title="Fraudulent insurance claims",
    files=("claims.csv", "customers.csv"),
    label="fraud",
    generate=fraud_data.generate,
    rows=5000,
    record_tables=("claims.csv", "customers.csv"),
    record_key="policy_id",
    gate_parameter="RocAucThreshold",
    prediction_path="fraud/predictions",
)

CENSUS = System(
    name="census",
    title="Incomes of a census",
    files=("census.csv",),
    label="income",
    generate=census_data.generate,
    rows=4000,
    record_tables=("census.csv",),
    record_key="person_id",
    scripts=_HERE / "census/scripts",
    parameters={"seed": "42", "test-fraction": "0.2"},
)

KNN = System(
    name="knn",
    title="Iris by nearest neighbours",
    files=("iris.csv",),
    label="species",
    metric="accuracy",
    generate=knn_data.generate,
    rows=knn_data.ROWS,
    gate_parameter="AccuracyThreshold",
    prediction_path="knn/predictions",
)

IMAGES = System(
    name="images",
    title="Spotted and striped coats",
    files=(),
    label="folder",
    metric="macro_f1",
    generate=images_data.generate,
    rows=120,
    prediction_path="images/predictions",
    scripts=_HERE / "images/scripts",
    parameters={"seed": "42", "val-fraction": "0.2", "test-fraction": "0.4"},
)

SYSTEMS: Mapping[str, System] = {system.name: system for system in (FRAUD, KNN, CENSUS, IMAGES)}


def find(name: str) -> System:
    """Return the system called `name`; raise `InputError` naming those that exist."""
    if name not in SYSTEMS:
        raise InputError(f"There is no system {name!r}: mdlc knows {', '.join(sorted(SYSTEMS))}.")
    return SYSTEMS[name]


def make_data(system: System, folder: Path, *, seed: int, rows: int, shuffle_labels: bool = False) -> None:
    """Write a generated data set of a system to `folder`; raise `InputError` where none can be made."""
    if system.generate is None:
        held = " and ".join(system.files) or "its files"
        raise InputError(f"mdlc makes no data for {system.name}: bring a folder with {held}.")
    try:
        system.generate(folder, seed=seed, rows=rows, shuffle_labels=shuffle_labels)
    except ValueError as error:
        raise InputError(str(error)) from None


def script_names(folder: Path) -> list[str]:
    """Return what makes a version of scripts: those that every version has, and the modules beside them."""
    return sorted({*SCRIPTS, *(path.name for path in folder.glob("*.py"))})
