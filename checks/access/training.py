"""Training: data and scripts, jobs, pipelines, state machines and the registry: what could be done, and who may."""

from collections.abc import Iterator, Sequence

from checks.access.operation import OBJECTS, SAGEMAKER, Operation, job_kinds
from checks.access.rights import FUNCTION, LEND, READ, TABLE, TRACED, job, reads, registers, writes
from checks.access.trained import Trained
from checks.access.workload import Workload, workload

TO_SAGEMAKER = {"iam:PassedToService": "sagemaker.amazonaws.com"}
TO_A_FUNCTION = {"iam:PassedToService": "lambda.amazonaws.com"}
CREATED = {"s3:ObjectCreationOperation": "true"}
ONCE = {**CREATED, "s3:if-none-match": "*"}
"""Of a write that fails where the key is taken."""
RUNS = {"reserve": "PutItem", "see": "GetItem", "decide": "UpdateItem", "forget": "DeleteItem"}


def operations(systems: Sequence[Trained]) -> Iterator[Operation]:
    """Yield what could be done to what trains these systems, and to what it makes."""
    for system in systems:
        yield from _objects(system)
        yield from _jobs(system)
        yield from executions(system.name, scripted=system.scripted)
        yield from roles(system.name, "a job", f"{{{system.name}_job_role}}")


def roles(system: str, holder: str, role: str) -> Iterator[Operation]:
    """Yield the passing of a role of a system."""
    whose = f"the role of {holder} of {system}"
    yield Operation(f"give SageMaker {whose}", "iam:PassRole", role, TO_SAGEMAKER)
    yield Operation(f"give a function {whose}", "iam:PassRole", role, TO_A_FUNCTION)


def _objects(system: Trained) -> Iterator[Operation]:
    versions = f"arn:aws:s3:::{{data}}/{system.name}/versions/v1/data.csv"
    scripts = f"arn:aws:s3:::{{data}}/{system.name}/scripts/versions/v1/train.py"
    for what, place in {"data": versions, **({"scripts": scripts} if system.scripted else {})}.items():
        yield Operation(f"read the published {what} of {system.name}", OBJECTS["read"], place)
        yield Operation(f"write the published {what} of {system.name}", OBJECTS["write"], place, ONCE)
        yield Operation(f"overwrite the published {what} of {system.name}", OBJECTS["write"], place, CREATED)
    for verb, action in OBJECTS.items():
        for part in system.prepared:
            resource = f"arn:aws:s3:::{{artifacts}}/{system.runs}/prepared/{part}/part.csv"
            yield Operation(f"{verb} the prepared {part} data of {system.name}", action, resource)
        for result in system.results:
            resource = f"arn:aws:s3:::{{artifacts}}/{system.runs}/{result}/file"
            yield Operation(f"{verb} the {result} of {system.name}", action, resource)
    resource = f"arn:aws:s3:::{{artifacts}}/{system.runs}/checkpoints/{system.training_step}/c1/state"
    for verb, action in (*OBJECTS.items(), ("delete", "s3:DeleteObject")):
        yield Operation(f"{verb} the checkpoints of {system.name}", action, resource)


def _jobs(system: Trained) -> Iterator[Operation]:
    for name, kind in job_kinds().items():
        arn = f"{SAGEMAKER}:{kind.resource}/{system.jobs}"
        for verb in ("Create", "Describe", "Stop"):
            yield Operation(f"{verb.lower()} {name} jobs of {system.name}", f"sagemaker:{verb}{kind.name}", arn)
    if not system.serving:
        return
    version = f"{SAGEMAKER}:model-package/{{environment}}-{system.name}/1"
    for verb, status in (("register", "PendingManualApproval"), ("register and approve", "Approved")):
        asked = {"sagemaker:ModelApprovalStatus": status}
        yield Operation(f"{verb} a version of {system.name}", "sagemaker:CreateModelPackage", version, asked)
    yield Operation(f"see a version of {system.name}", "sagemaker:DescribeModelPackage", version)
    for verb, status in (("approve", "Approved"), ("reject", "Rejected"), ("reset", "PendingManualApproval")):
        decided = {"sagemaker:ModelApprovalStatus": status}
        yield Operation(f"{verb} a version of {system.name}", "sagemaker:UpdateModelPackage", version, decided)
    noted = {"sagemaker:ModelApprovalStatus": "Approved", "sagemaker:CustomerMetadataPropertiesToRemove": ["accuracy"]}
    words = f"approve a version of {system.name} and take its notes away"
    yield Operation(words, "sagemaker:UpdateModelPackage", version, noted)
    yield Operation(f"delete a version of {system.name}", "sagemaker:DeleteModelPackage", version)


def executions(system: str, *, scripted: bool) -> Iterator[Operation]:
    """Yield what could be done to the runs of a system: those of its pipeline, or of its state machine."""
    name = f"{{environment}}-{system}"
    if not scripted:
        pipeline = f"{SAGEMAKER}:pipeline/{name}"
        execution = f"{pipeline}/execution/e1"
        yield Operation(f"see executions of {system}", "sagemaker:DescribePipelineExecution", execution)
        yield Operation(f"stop executions of {system}", "sagemaker:StopPipelineExecution", execution)
        yield Operation(f"start executions of {system}", "sagemaker:StartPipelineExecution", pipeline)
        return
    states = "arn:aws:states:{region}:{account}"
    execution, machine = f"{states}:execution:{name}:r1", f"{states}:stateMachine:{name}"
    yield Operation(f"see executions of {system}", "states:DescribeExecution", execution)
    yield Operation(f"stop executions of {system}", "states:StopExecution", execution)
    yield Operation(f"list executions of {system}", "states:ListExecutions", machine)
    yield Operation(f"read the history of executions of {system}", "states:GetExecutionHistory", execution)
    yield Operation(f"start executions of {system}", "states:StartExecution", machine)
    for verb, action in RUNS.items():
        yield Operation(f"{verb} runs of {system}", f"dynamodb:{action}", f"{{{system}_runs}}")
    yield Operation(f"start the functions of {system}", "lambda:InvokeFunction", f"{{{system}_validation}}")


def workloads(systems: Sequence[Trained]) -> Iterator[Workload]:
    """Yield the rows of jobs, and of the pipelines and state machines that run them."""
    pipelines = [system for system in systems if not system.scripted]
    for system in systems:
        for step in system.steps:
            kind = "TrainingJobs" if step.trains else "ProcessingJobs"
            may = job(kind, system.image) | reads(system, step.reads) | writes(system, step.writes)
            if step.trains and system.checkpoints:
                may |= {f"{verb} the checkpoints of {system.name}" for verb in ("read", "write", "delete")}
            yield workload(system.training, f"Jobs of the step {step.name}", may, inside=True)
        if system.scripted:
            yield from _machine(system)
        else:
            yield _pipeline(system, pipelines)
        if system.serving:
            deleted = {f"delete a version of {system.name}", "list versions"}
            state = {f"see the state of the stack {system.training}"}
            description = "Deletes a model's versions with their stack"
            yield workload(system.training, description, deleted | state | TRACED, passing=True)


def _pipeline(system: Trained, pipelines: Sequence[Trained]) -> Workload:
    """Return a pipeline: it starts jobs under names that all pipelines share, registers, and approves nothing."""
    jobs = {
        f"{verb} {kind} jobs of {other.name}"
        for verb in ("create", "describe", "stop")
        for kind in system.kinds
        for other in pipelines
    }
    passed = {f"give SageMaker the role of a job of {system.name}"}
    description = f"Executions of the pipeline {{environment}}-{system.name}"
    return workload(system.training, description, jobs, passed, registers(system), reads(system, system.judged))


def _machine(system: Trained) -> Iterator[Workload]:
    """Yield the rows of a state machine and its functions."""
    described = {f"describe {kind} jobs of {system.name}" for kind in system.kinds}
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
        FUNCTION | TRACED | TABLE | reads(system, ["evaluation"]),
        {f"see runs of {system.name}", f"decide runs of {system.name}"} | READ,
        inside=True,
    )
    yield workload(
        system.training,
        f"State machine {{environment}}-{system.name}",
        described,
        {f"{verb} {kind} jobs of {system.name}" for verb in ("create", "stop") for kind in system.kinds},
        {f"give SageMaker the role of a job of {system.name}", f"start the functions of {system.name}"},
        {"see the data key", "wait for jobs", "trace requests", "deliver logs", "list log groups"} | LEND,
        registers(system) | reads(system, ["model"]) if system.serving else set(),
    )
