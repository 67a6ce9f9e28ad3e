"""The systems that the platform runs: what the command line has to know of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mdlc.errors import InputError
from mdlc.systems.census import generate as census_data
from mdlc.systems.fraud import generate as fraud_data
from mdlc.systems.images import generate as images_data
from mdlc.systems.knn import generate as knn_data


class Generate(Protocol):
    """Writes a seeded data set in the system's documented schema to a folder."""

    def __call__(self, folder: Path, *, seed: int, rows: int, shuffle_labels: bool = False) -> None:
        """Raise `ValueError` with a sentence when the data set asked for cannot be made."""


@dataclass(frozen=True, kw_only=True)
class System:
    """One system, by the names under which its stacks publish it."""

    name: str
    title: str
    files: tuple[str, ...]
    """Names of the files that make up one version of its data; none where every file of the folder does."""
    data_parameter: str = ""
    """The pipeline parameter that takes the S3 prefix of a data version."""
    gate_parameter: str = ""
    """The pipeline parameter that holds the quality gate."""
    prediction_path: str = ""
    """Resource of its API below the stage; empty where there is none and its endpoint is asked."""
    generate: Generate
    record_tables: tuple[str, ...]
    """Which files hold the fields of one raw record, joined on `record_key`."""
    record_key: str
    label: str
    classes: Mapping[str, str] = field(default_factory=dict)
    """Names of the label's values, for people; a value without one stands for itself."""
    rows: int
    """Records that a generated data set has when nobody says how many."""
    metric: str = "roc_auc"
    """Which of the evaluation's metrics its versions are listed with."""
    training_stack: str = "training"
    """Which stack has its pipeline and its model package group."""
    serving_stack: str = "serving"
    """Which stack has its endpoint."""

    @property
    def _output_prefix(self) -> str:
        return self.name.title()

    @property
    def pipeline_output(self) -> str:
        """Output of its training stack that holds the pipeline's name."""
        return f"{self._output_prefix}PipelineName"

    @property
    def model_package_group_output(self) -> str:
        """Output of its training stack that holds the model package group's name."""
        return f"{self._output_prefix}ModelPackageGroupName"

    @property
    def endpoint_output(self) -> str:
        """Output of its serving stack that holds the endpoint's name."""
        return f"{self._output_prefix}EndpointName"


FRAUD = System(
    name="fraud",
    title="Fraudulent insurance claims",
    files=("claims.csv", "customers.csv"),
    data_parameter="InputDataUri",
    gate_parameter="RocAucThreshold",
    prediction_path="fraud/predictions",
    generate=fraud_data.generate,
    record_tables=("claims.csv", "customers.csv"),
    record_key="policy_id",
    label="fraud",
    classes={"0": "honest", "1": "fraud"},
    rows=5000,
)

CENSUS = System(
    name="census",
    title="Incomes of a census",
    files=("census.csv",),
    generate=census_data.generate,
    record_tables=("census.csv",),
    record_key="person_id",
    label="income",
    classes={"0": "up to 50,000", "1": "above 50,000"},
    rows=4000,
    training_stack="steps",
)

KNN = System(
    name="knn",
    title="Iris by nearest neighbours",
    files=("iris.csv",),
    data_parameter="InputDataUri",
    gate_parameter="AccuracyThreshold",
    prediction_path="knn/predictions",
    generate=knn_data.generate,
    record_tables=(),
    record_key="",
    label="species",
    classes=knn_data.SPECIES,
    rows=knn_data.ROWS,
    metric="accuracy",
    training_stack="knn",
    serving_stack="knn",
)

IMAGES = System(
    name="images",
    title="Spotted and striped coats",
    files=(),
    prediction_path="images/predictions",
    generate=images_data.generate,
    record_tables=(),
    record_key="",
    label="folder",
    rows=120,
    metric="macro_f1",
    training_stack="vision",
    serving_stack="vision",
)

SYSTEMS: Mapping[str, System] = {system.name: system for system in (FRAUD, KNN, CENSUS, IMAGES)}


def find(name: str) -> System:
    """Return the system called `name`; raise `InputError` naming those that exist."""
    if name not in SYSTEMS:
        raise InputError(f"There is no system {name!r}: mdlc knows {', '.join(sorted(SYSTEMS))}.")
    return SYSTEMS[name]
