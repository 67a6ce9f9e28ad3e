"""The access matrix: which workload may do what. What is not said here is denied.

A workload is a role, known by its stack and its description; every role of an environment is in the matrix.
"""

from collections.abc import Iterator

from checks.access import people
from checks.access.operations import CENSUS, FRAUD, IMAGES, KNN, MACHINES, PIPELINES, SYSTEMS, System
from checks.access.studio import PEOPLE
from checks.access.workload import Workload, workload

OWN_LOG = "write its own log"
READ = {"read with the data key", "read with the data key through DynamoDB"}
ENCRYPT = {"encrypt with the data key", "encrypt with the data key through DynamoDB"}
KEY = READ | ENCRYPT | {"see the data key"}
TABLE = {"read with the data key through DynamoDB", "encrypt with the data key through DynamoDB"}
LEND = {"lend the data key to AWS services"}
SEES = {"see the network"}
INSIDE = SEES | {"use the network", "leave the network"}
FUNCTION = SEES | {"let Lambda keep network interfaces"}
SEEN = {OWN_LOG, "trace requests"}
TRACED = SEEN | {"send to the dead-letter queue of functions"}
IMAGE = {"fraud": "tabular", "knn": "knn", "census": "tabular", "images": "vision"}
LOGIN = {"log in to the registry"}


def workloads(*, closed: bool = True) -> Iterator[Workload]:
    """Every workload of an environment; `{environment}` in a description stands for its name.

    One that is not `closed`, a sandbox, has the same: each works outside of a network, and has no right to one.
    """
    return _closed() if closed else (each.outside() for each in _closed())


def _closed() -> Iterator[Workload]:
    yield from _fraud_jobs()
    yield from _knn_jobs()
    yield from _state_machine(CENSUS, ("train", "validation", "features"))
    yield from _state_machine(IMAGES, ("training",))
    for system in (FRAUD, KNN, IMAGES):
        yield from _served(system)
    for system in (FRAUD, KNN, IMAGES):
        asks = {f"ask the endpoint of {system.name}"}
        yield workload("api", f"Asks the {system.name} model", FUNCTION | TRACED, asks, inside=True)
    yield workload("api", "Writes the logs of API Gateway", GATEWAY_LOGS)
    yield from _features()
    yield from _experiments()
    yield from _platform()
    yield from people.workloads()


def _job(kind: str, image: str) -> set[str]:
    """Return what every job of a kind needs: its image, the network, logs, metrics, and the key of its volume."""
    logs = {f"write logs of {kind}", f"publish metrics of {kind}"}
    return {f"pull the {image} image", "lend network interfaces"} | LOGIN | INSIDE | KEY | LEND | logs


def _reads(system: System, *parts: str) -> set[str]:
    """Return the reading of these parts, and the listing of the buckets that they are in."""
    published = {"data", "scripts"}
    buckets = {"data" if part in published else "artifacts" for part in parts}
    listed = {f"list the {bucket} bucket" for bucket in buckets}
    return listed | {f"read {_called(part)} of {system.name}" for part in parts}


def _writes(system: System, *parts: str) -> set[str]:
    return {f"write {_called(part)} of {system.name}" for part in parts}


def _keeps_checkpoints(system: System) -> set[str]:
    return {f"{verb} the checkpoints of {system.name}" for verb in ("read", "write", "delete")}


def _called(part: str) -> str:
    if part in {"data", "scripts"}:
        return f"the published {part}"
    return f"the {part}" if part in FRAUD.results else f"the prepared {part} data"


def _fraud_jobs() -> Iterator[Workload]:
    processing, training = _job("ProcessingJobs", "tabular"), _job("TrainingJobs", "tabular")
    judged = _reads(FRAUD, "model", "test")
    steps = {
        "DataProcessing": processing | _reads(FRAUD, "data") | _writes(FRAUD, *FRAUD.prepared),
        "XGBModelTraining": training
        | _reads(FRAUD, "train", "validation", "features")
        | _writes(FRAUD, "model")
        | _keeps_checkpoints(FRAUD),
        "XGBModelEvaluate": processing | judged | _writes(FRAUD, "evaluation"),
        "ModelBiasCheck": processing | judged | _writes(FRAUD, "bias"),
        "ModelExplainabilityCheck": processing | judged | _writes(FRAUD, "explanations"),
    }
    for step, may in steps.items():
        yield workload("training", f"Jobs of the step {step}", may, inside=True)
    yield _pipeline(FRAUD, _reads(FRAUD, "model", "evaluation"))


def _knn_jobs() -> Iterator[Workload]:
    processing, training = _job("ProcessingJobs", "knn"), _job("TrainingJobs", "knn")
    steps = {
        "KnnDataSplit": processing | _reads(KNN, "data") | _writes(KNN, *KNN.prepared),
        "KnnTraining": training | _reads(KNN, "train", "test") | _writes(KNN, "model"),
        "KnnEvaluation": processing | _reads(KNN, "model", "test") | _writes(KNN, "evaluation"),
    }
    for step, may in steps.items():
        yield workload("knn", f"Jobs of the step {step}", may, inside=True)
    yield _pipeline(KNN, _reads(KNN, "model"))


def _pipeline(system: System, reads: set[str]) -> Workload:
    """Return a pipeline: it starts jobs under names that all pipelines share, registers, and approves nothing."""
    jobs = {
        f"{verb} {kind} jobs of {other.name}"
        for verb in ("create", "describe", "stop")
        for kind in ("training", "processing")
        for other in PIPELINES
    }
    roles = {f"give SageMaker the role of a job of {system.name}"}
    description = f"Executions of the pipeline {{environment}}-{system.name}"
    return workload(system.training, description, jobs, _registers(system), roles, reads)


def _state_machine(system: System, reads: tuple[str, ...]) -> Iterator[Workload]:
    """Return the machine, its functions, and its jobs, of which training reads the prepared parts `reads`."""
    processing, training = _job("ProcessingJobs", IMAGE[system.name]), _job("TrainingJobs", IMAGE[system.name])
    scripts = _reads(system, "scripts")
    trained = _reads(system, *reads) | _writes(system, "model") | _keeps_checkpoints(system)
    steps = {
        "PreprocessingStep": processing | scripts | _reads(system, "data") | _writes(system, *system.prepared),
        "TrainingStep": training | scripts | trained,
        "EvaluationStep": processing | scripts | _reads(system, "model", "test") | _writes(system, "evaluation"),
    }
    for step, may in steps.items():
        yield workload(system.training, f"Jobs of the step {step}", may, inside=True)
    described = {f"describe {kind} jobs of {system.name}" for kind in ("training", "processing")}
    yield workload(
        system.training,
        "Refuses execution inputs that could not become a run",
        FUNCTION | TRACED | TABLE | described,
        {f"reserve runs of {system.name}", "list the data bucket", "list the artifacts bucket"},
        inside=True,
    )
    yield workload(
        system.training,
        "Decides whether a run is the best so far",
        FUNCTION | TRACED | TABLE | _reads(system, "evaluation"),
        {f"see runs of {system.name}", f"decide runs of {system.name}"} | READ,
        inside=True,
    )
    yield workload(
        system.training,
        f"State machine {{environment}}-{system.name}",
        described,
        {f"{verb} {kind} jobs of {system.name}" for verb in ("create", "stop") for kind in ("training", "processing")},
        {f"give SageMaker the role of a job of {system.name}", f"start the functions of {system.name}"},
        {"see the data key", "wait for jobs", "trace requests", "deliver logs", "list log groups"} | LEND,
        _registers(system) | _reads(system, "model") if system.serving else set(),
    )


def _registers(system: System) -> set[str]:
    """Return what SageMaker checks of whoever registers a version: model, image, and key."""
    registry = {f"register a version of {system.name}", f"see a version of {system.name}"}
    return registry | {f"pull the {IMAGE[system.name]} image"} | LOGIN | READ | {"see the data key"} | LEND


def _served(system: System) -> Iterator[Workload]:
    name = system.name
    key = READ | {"see the data key"} | LEND
    yield workload(
        system.serving,
        f"Models behind the endpoint {{environment}}-{name}",
        (_job("Endpoints", IMAGE[name]) - KEY) | key,
        _reads(system, *system.prepared, *system.results) | {f"read the checkpoints of {system.name}"},
        inside=True,
        bound=False,
    )
    yield workload(
        system.serving,
        f"Rolls approved models out to the endpoint {{environment}}-{name}",
        {f"{verb} the endpoint of {name}" for verb in ("create", "see", "update", "delete")},
        {f"{verb} endpoint configurations of {name}" for verb in ("create", "see", "delete")},
        {f"create models of {name}", f"see a version of {name}"},
        {f"make the scaling alarms of {name}", f"see the roll-back alarm of {name}"},
        {f"send to the dead-letter queue of {name}", f"give SageMaker the role of the endpoint of {name}"},
        {"scale endpoints", "end the scaling of endpoints", "let scaling manage endpoints"},
        {"list endpoint configurations", "see the data key"} | LEND | FUNCTION | SEEN,
        inside=True,
    )
    ends = {f"delete {what} of {name}" for what in ("the endpoint", "endpoint configurations", "models")}
    for what, logs in (("endpoint", set()), ("endpoint and its logs", {f"delete the logs of the endpoint of {name}"})):
        yield workload(
            system.serving,
            f"Deletes the {what} with the stack",
            ends | logs,
            {f"see the endpoint of {name}", "list endpoint configurations", "end the scaling of endpoints"},
            {f"see the state of the stack {system.serving}"} | TRACED,
            passing=True,
        )
    yield workload(
        system.training,
        "Deletes a model's versions with their stack",
        {f"delete a version of {name}", "list versions", f"see the state of the stack {system.training}"} | TRACED,
        passing=True,
    )


GATEWAY_LOGS = {
    *(f"write logs of {kind}" for kind in ("TrainingJobs", "ProcessingJobs", "Endpoints")),
    "read logs of TrainingJobs",
    "write the flow logs",
    "read the flow logs",
    "list log groups",
    OWN_LOG,
}
"""API Gateway refuses a role that cannot read and write every log group."""


def _features() -> Iterator[Workload]:
    yield workload(
        "features",
        "Writes the metadata of features",
        {f"describe the features of {group}" for group in ("customers", "orders")} | TRACED,
    )
    for group in ("customers", "orders"):
        may = {f"write the history of {group}", "see who may use the data bucket"} | READ | ENCRYPT
        yield workload("features", f"Writes the offline store of {{environment}}-{group}", may)


def _experiments() -> Iterator[Workload]:
    artifacts = {"read artifacts of experiments", "write artifacts of experiments", "list the artifacts bucket"}
    yield workload("experiments", "MLflow app {environment}-experiments", artifacts, READ | ENCRYPT)
    evaluations = {each for system in SYSTEMS for each in _reads(system, "evaluation")}
    seen = {f"see executions of {system.name}" for system in SYSTEMS}
    jobs = {f"describe {kind} jobs of {system.name}" for kind in ("training", "processing") for system in PIPELINES}
    yield workload(
        "experiments",
        "Records in MLflow what was trained",
        evaluations | seen | jobs | READ | TABLE | SEEN,
        {f"describe training jobs of {system.name}" for system in MACHINES},
        {f"see runs of {system.name}" for system in MACHINES} | {"read logs of TrainingJobs"},
        {"record experiments", "send to the dead-letter queue of experiments"},
    )


def _platform() -> Iterator[Workload]:
    yield workload("network", "Writes the flow logs of the network", {"write the flow logs"})
    images = {f"{verb} the {image} image" for verb in ("pull", "push") for image in sorted(set(IMAGE.values()))}
    key = READ | ENCRYPT
    yield workload(
        "images",
        "Builds and pushes container images",
        images | LOGIN | key | {OWN_LOG, "read sources", "see where sources are"},
    )
    yield workload("images", "Starts an image build for CloudFormation and waits for it", {"build images"} | TRACED)
    emptied = {
        *(f"delete the checkpoints of {system.name}" for system in SYSTEMS),
        *(f"delete files of {name}" for name in PEOPLE),
        "delete the data that is to be labeled",
        "delete published data",
        "list old versions of data",
        "delete old versions of data",
        "see the state of the stack storage",
    }
    yield workload("storage", "Empties buckets with their stack", emptied | TRACED, passing=True)
