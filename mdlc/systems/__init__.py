"""The systems that the platform runs: what the command line has to know of each, and nothing of where they run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mdlc import project
from mdlc.errors import InputError
from mdlc.systems.census import generate as census_data
from mdlc.systems.declared import declared_systems
from mdlc.systems.fraud import generate as fraud_data
from mdlc.systems.images import generate as images_data
from mdlc.systems.knn import generate as knn_data
from mdlc.systems.system import Generate, System

__all__ = ["SYSTEMS", "Generate", "System", "check_data", "find", "make_data", "script_names"]

SCRIPTS: Final = ("evaluate.py", "prepare.py", "train.py")
"""What a job each of a state machine runs; a version may have further modules beside them, which they import."""
_HERE: Final = Path(__file__).parent


FRAUD = System(
    name="fraud",
    title="Fraudulent insurance claims",
    files=("claims.csv", "customers.csv"),
    label="fraud",
    classes={"0": "honest", "1": "fraud"},
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
    classes={"0": "up to 50,000", "1": "above 50,000"},
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
    classes=knn_data.SPECIES,
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

SYSTEMS: Mapping[str, System] = {
    system.name: system
    for system in (FRAUD, KNN, CENSUS, IMAGES, *declared_systems(project.SYSTEMS, project.ROOT / "scripts"))
}

DEMONSTRATES: Final[Mapping[str, str]] = {
    "steps": "the system census",
    "features": "the feature store: mdlc features has its commands",
    "labels": "labeling: mdlc labels has its commands",
}
"""What demos show that are not called like a system."""


def find(name: str) -> System:
    """Return the system called `name`; raise `InputError` naming those that exist."""
    if name not in SYSTEMS:
        meant = f" The demo {name} is of {DEMONSTRATES[name]}." if name in DEMONSTRATES else ""
        raise InputError(f"There is no system {name!r}: mdlc knows {', '.join(sorted(SYSTEMS))}.{meant}")
    return SYSTEMS[name]


def check_data(system: System) -> Generate:
    """Return what makes data of a system; raise `InputError` where nothing does."""
    if system.generate is None:
        held = " and ".join(system.files) or "its files"
        raise InputError(f"mdlc makes no data for {system.name}: bring a folder with {held}.")
    return system.generate


def make_data(system: System, folder: Path, *, seed: int, rows: int, shuffle_labels: bool = False) -> None:
    """Write a generated data set of a system to `folder`; raise `InputError` where none can be made."""
    generate = check_data(system)
    try:
        generate(folder, seed=seed, rows=rows, shuffle_labels=shuffle_labels)
    except ValueError as error:
        raise InputError(str(error)) from None


def script_names(folder: Path) -> list[str]:
    """Return what makes a version of scripts: those that every version has, and the modules beside them."""
    return sorted({*SCRIPTS, *(path.name for path in folder.glob("*.py"))})
