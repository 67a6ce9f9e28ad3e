"""Experiments in MLflow: what could be done to them, and who may."""

from collections.abc import Iterator, Sequence

from checks.access.operation import OBJECTS, Operation
from checks.access.rights import ENCRYPT, READ, SEEN, TABLE, reads
from checks.access.trained import Trained
from checks.access.workload import Workload, workload


def operations() -> Iterator[Operation]:
    """Yield what could be done to the MLflow app and its artifacts."""
    artifact = "arn:aws:s3:::{artifacts}/mlflow/1/run/artifacts/plot.png"
    for verb, action in OBJECTS.items():
        yield Operation(f"{verb} artifacts of experiments", action, artifact)
    yield Operation("send to the dead-letter queue of experiments", "sqs:SendMessage", "{experiments_letters}")
    yield Operation("record experiments", "sagemaker:CallMlflowAppApi", "{mlflow}")
    yield Operation("open the experiments", "sagemaker:CreatePresignedMlflowAppUrl", "{mlflow}")
    yield Operation("delete the experiments", "sagemaker:DeleteMlflowApp", "{mlflow}")


def workloads(systems: Sequence[Trained]) -> Iterator[Workload]:
    """Yield the rows of the app, and of what records in it."""
    artifacts = {"read artifacts of experiments", "write artifacts of experiments", "list the artifacts bucket"}
    yield workload("experiments", "MLflow app {environment}-experiments", artifacts, READ | ENCRYPT)
    evaluations = {each for system in systems for each in reads(system, ["evaluation"])}
    seen = {f"see executions of {system.name}" for system in systems}
    jobs = {
        f"describe {kind} jobs of {system.name}"
        for system in systems
        for kind in (("training",) if system.scripted else ("training", "processing"))
    }
    yield workload(
        "experiments",
        "Records in MLflow what was trained",
        evaluations | seen | jobs | READ | SEEN | (TABLE if any(system.scripted for system in systems) else set()),
        {f"see runs of {system.name}" for system in systems if system.scripted} | {"read logs of TrainingJobs"},
        {"record experiments", "send to the dead-letter queue of experiments"},
    )
