"""What a report is made of, read from the cloud that ran the execution."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, cast

from botocore.exceptions import ClientError

from localcloud.lifecycle import LocalCloud
from mdlc.client import executions, registry
from mdlc.client.aws import Cloud
from mdlc.client.deployed import ENDPOINT, MODEL_GROUP, Deployed
from mdlc.client.executions import Execution
from mdlc.client.registry import ModelVersion
from mdlc.errors import CommandError
from mdlc.report.graph import Graph
from mdlc.report.graph import read as read_graph
from mdlc.systems import System

ResourceStatus = Literal["created", "recorded", "refused"]

DOCUMENTS: Final = {
    "evaluation": "evaluation.json",
    "bias": "analysis.json",
    "explanations": "analysis.json",
}
"""Processing outputs that hold a report, and its file."""
_LOG_GROUPS: Final = {"ProcessingJob": "/aws/sagemaker/ProcessingJobs", "TrainingJob": "/aws/sagemaker/TrainingJobs"}
_RAN_ON: Final = "container: "
_VARIANT: Final = "AllTraffic"  # the one that a roll-out makes


@dataclass(frozen=True)
class Resource:
    """What became of one resource of a stack."""

    stack: str
    logical_id: str
    type: str
    status: ResourceStatus
    reason: str = ""


@dataclass(frozen=True)
class Timed:
    """One step of a longer piece of work, and how long it took."""

    name: str
    status: str
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the step as summary.json shows it."""
        return {"name": self.name, "status": self.status, "seconds": round(self.seconds, 3)}


@dataclass(frozen=True)
class Prediction:
    """One question to the API and its answer."""

    path: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the exchange as summary.json shows it."""
        return {
            "path": self.path,
            "request": dict(self.request),
            "response": dict(self.response),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that the report shows. A document that the execution did not write is None."""

    system: System
    environment: str
    cloud: str
    made_at: datetime
    execution: Execution
    graph: Graph
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Every pipeline parameter, defaults included."""
    evaluation: Mapping[str, Any] | None = None
    bias: Mapping[str, Any] | None = None
    explanations: Mapping[str, Any] | None = None
    engines: Mapping[str, str] = field(default_factory=dict)
    """What each step's image ran on, by step; empty where the cloud is SageMaker itself."""
    model: ModelVersion | None = None
    resources: Sequence[Resource] = ()
    prediction: Prediction | None = None
    over_http: Mapping[str, Any] | None = None
    """How good the endpoint's answers to the whole test set were, where it was asked."""
    recorded: Mapping[str, str] | None = None
    """Experiment and run in MLflow; None where the environment records none."""
    steps: Sequence[Timed] = ()
    """The run around the execution, where there was one."""
    replaced: Sequence[str] = ()
    """Resources that the deployment before it replaced, as `stack/logical id`."""
    setup_seconds: float | None = None
    run_seconds: float | None = None

    @property
    def metrics(self) -> dict[str, float]:
        """Named metrics of the evaluation."""
        return registry.quality(self.evaluation) if self.evaluation else {}

    @property
    def resource_counts(self) -> dict[str, int]:
        """How many resources were created, recorded and refused."""
        statuses = [resource.status for resource in self.resources]
        return {status: statuses.count(status) for status in ("created", "recorded", "refused")}

    def summary(self) -> dict[str, Any]:
        """Return what summary.json holds."""
        pipeline = [Timed(step.name, step.status, step.seconds or 0.0) for step in self.execution.steps]
        return {
            "system": self.system.name,
            "environment": self.environment,
            "cloud": self.cloud,
            "engines": sorted(set(self.engines.values())),
            "execution": self.execution.arn,
            "status": self.execution.status,
            "steps": [step.as_json() for step in (self.steps or pipeline)],
            "pipeline_steps": [step.as_json() for step in pipeline],
            "metrics": self.metrics,
            "recorded": dict(self.recorded) if self.recorded else None,
            "model_version": self.model.version if self.model else None,
            "resources": self.resource_counts,
            "replaced": list(self.replaced),
            "prediction": self.prediction.as_json() if self.prediction else None,
            **({"over_http": dict(self.over_http)} if self.over_http is not None else {}),
            "setup_seconds": self.setup_seconds,
            "run_seconds": self.run_seconds,
        }


def documents(cloud: Cloud, execution: Execution) -> dict[str, Mapping[str, Any]]:
    """Return the reports that the execution's processing steps wrote, by the name of their output."""
    found: dict[str, Mapping[str, Any]] = {}
    for step in execution.steps:
        if step.type != "ProcessingJob" or step.status != executions.SUCCEEDED:
            continue
        job = cloud.sagemaker.describe_processing_job(ProcessingJobName=step.detail["Arn"].rsplit("/", 1)[-1])
        for output in job.get("ProcessingOutputConfig", {}).get("Outputs", []):
            if output["OutputName"] in DOCUMENTS and "S3Output" in output:
                name = output["OutputName"]
                found[name] = cloud.read_json(f"{output['S3Output']['S3Uri'].rstrip('/')}/{DOCUMENTS[name]}")
    return found


def engines(cloud: Cloud, execution: Execution, endpoint: str | None) -> dict[str, str]:
    """Return what the image of each job, and of the endpoint, ran on, as their logs in the local cloud say."""
    found: dict[str, str] = {}
    for step in execution.steps:
        if step.type not in _LOG_GROUPS:
            continue
        job = step.detail["Arn"].rsplit("/", 1)[-1]
        if line := _ran_on(cloud, _LOG_GROUPS[step.type], f"{job}/"):
            found[step.name] = line
    if endpoint and (line := _ran_on(cloud, f"/aws/sagemaker/Endpoints/{endpoint}", _VARIANT)):
        found[f"endpoint {endpoint}"] = line
    return found


def _ran_on(cloud: Cloud, group: str, prefix: str) -> str:
    """Return what the last container of a log group ran on; empty when the log does not say."""
    pages = cloud.logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, logStreamNamePrefix=prefix, filterPattern=f'"{_RAN_ON.strip()}"'
    )
    try:
        lines = [event["message"] for page in pages for event in page["events"] if event["message"].startswith(_RAN_ON)]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
            raise
        return ""
    return lines[-1].removeprefix(_RAN_ON).strip() if lines else ""


def definition(cloud: Cloud, execution: Execution) -> Mapping[str, Any]:
    """Return the pipeline definition that the execution ran."""
    described = cloud.sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=execution.arn)
    found: Mapping[str, Any] = json.loads(described["PipelineDefinition"])
    return found


def _parameters(ran: Mapping[str, Any], execution: Execution) -> dict[str, str]:
    """Return what every parameter was: as given, else its default."""
    defaults = {parameter["Name"]: parameter.get("DefaultValue") for parameter in ran.get("Parameters", [])}
    return {name: str(value) for name, value in defaults.items() if value is not None} | dict(execution.parameters)


def registered(cloud: Cloud, execution: Execution, group: str, endpoint: str | None) -> ModelVersion | None:
    """Return the model version that the execution registered, if it did."""
    arns = {step.detail["Arn"] for step in execution.steps if step.type == "RegisterModel" and "Arn" in step.detail}
    if not arns:
        return None
    return next((found for found in registry.versions(cloud, group, endpoint, limit=50) if found.arn in arns), None)


def _resource(entry: Mapping[str, str]) -> Resource:
    status = entry["status"]
    if status not in {"created", "recorded", "refused"}:
        raise CommandError(f"The local cloud says of {entry['logical_id']} that it is {status!r}.")
    return Resource(entry["stack"], entry["logical_id"], entry["type"], cast("ResourceStatus", status), entry["reason"])


def deployed(cloud: Cloud, environment: str) -> list[Resource]:
    """Return the resources of an environment's stacks as CloudFormation lists them, all of them created."""
    return [
        Resource(stack, resource["LogicalResourceId"], resource["ResourceType"], "created")
        for stack, resource in cloud.resources(environment)
    ]


def read(cloud: Cloud, system: System, environment: str, execution: Execution) -> Report:
    """Return the report on an execution, as far as the cloud itself tells it."""
    deployed_here = Deployed(cloud, system, environment)
    group, endpoint = deployed_here.need(MODEL_GROUP), deployed_here.find(ENDPOINT)
    written, ran = documents(cloud, execution), definition(cloud, execution)
    local = LocalCloud()
    running = local.status()
    if running is not None and cloud.endpoint == running.endpoint:
        where = f"the local cloud at {running.endpoint}, which stands for account {running.account} in {running.region}"
        resources = [_resource(entry) for entry in local.resources() if entry["stack"].startswith(f"{environment}-")]
        ran_on = engines(cloud, execution, endpoint)
    else:
        where, resources, ran_on = cloud.description, deployed(cloud, environment), {}
    return Report(
        system=system,
        environment=environment,
        cloud=where,
        made_at=datetime.now(UTC),
        execution=execution,
        graph=read_graph(ran),
        parameters=_parameters(ran, execution),
        evaluation=written.get("evaluation"),
        bias=written.get("bias"),
        explanations=written.get("explanations"),
        engines=ran_on,
        model=registered(cloud, execution, group, endpoint),
        resources=resources,
    )
