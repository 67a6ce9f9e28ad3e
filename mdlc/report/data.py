"""What a report is made of, read from the cloud that ran the execution."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from mdlc.client import executions, registry
from mdlc.client.aws import Cloud
from mdlc.client.deployed import ENDPOINT, MODEL_GROUP, Deployed
from mdlc.client.executions import Execution
from mdlc.client.jobs import LOG_GROUPS, PROCESSING, TRAINING
from mdlc.client.registry import ModelVersion
from mdlc.report import origin, resources
from mdlc.report.graph import Graph
from mdlc.report.graph import read as read_graph
from mdlc.report.origin import Origin
from mdlc.report.resources import Place
from mdlc.report.summary import Prediction, Summary, Timed, Way
from mdlc.systems import System

DOCUMENTS: Final = {
    "evaluation": "evaluation.json",
    "bias": "analysis.json",
    "explanations": "analysis.json",
}
"""Processing outputs that hold a report, and its file."""
_RAN_ON: Final = "container: "
_VARIANT: Final = "AllTraffic"  # the one that a roll-out makes


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that the report shows. A document that the execution did not write is None."""

    system: System
    environment: str
    place: Place
    made_at: datetime
    execution: Execution
    graph: Graph
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Every pipeline parameter, defaults included."""
    origin: Origin | None = None
    """What made the model; None where no training job started."""
    evaluation: Mapping[str, Any] | None = None
    bias: Mapping[str, Any] | None = None
    explanations: Mapping[str, Any] | None = None
    engines: Mapping[str, str] = field(default_factory=dict)
    """What each step's image ran on, by step; empty where the cloud is SageMaker itself."""
    model: ModelVersion | None = None
    prediction: Prediction | None = None
    over_http: Mapping[str, Any] | None = None
    """How good the endpoint's answers to the whole test set were, where it was asked."""
    recorded: Mapping[str, str] | None = None
    """Experiment and run in MLflow; None where the environment records none."""
    way: Way | None = None
    """The demo around the execution, where there was one."""

    @property
    def metrics(self) -> dict[str, float]:
        """Named metrics of the evaluation."""
        return registry.quality(self.evaluation) if self.evaluation else {}

    def summary(self) -> Summary:
        """Return what summary.json holds."""
        pipeline = [Timed(step.name, step.status, step.seconds or 0.0) for step in self.execution.steps]
        return Summary(
            system=self.system.name,
            environment=self.environment,
            cloud=self.place.description,
            steps=self.way.steps if self.way else pipeline,
            metrics=self.metrics,
            resources=self.place.counts,
            properties=self.place.properties,
            way=self.way,
            more={
                "engines": sorted(set(self.engines.values())),
                "execution": self.execution.arn,
                "status": self.execution.status,
                "pipeline_steps": [step.as_json() for step in pipeline],
                "recorded": dict(self.recorded) if self.recorded else None,
                "model_version": self.model.version if self.model else None,
                "prediction": self.prediction.as_json() if self.prediction else None,
                **({"over_http": dict(self.over_http)} if self.over_http is not None else {}),
            },
        )


def documents(cloud: Cloud, execution: Execution) -> dict[str, Mapping[str, Any]]:
    """Return the reports that the execution's processing steps wrote, by the name of their output."""
    found: dict[str, Mapping[str, Any]] = {}
    for step in execution.steps:
        if step.type != PROCESSING or step.status != executions.SUCCEEDED:
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
        if step.type not in LOG_GROUPS:
            continue
        job = step.detail["Arn"].rsplit("/", 1)[-1]
        if line := _ran_on(cloud, LOG_GROUPS[step.type], f"{job}/"):
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


def _origin(cloud: Cloud, system: System, environment: str, execution: Execution) -> Origin | None:
    """Return what made the execution's model, by the last training job that it started."""
    jobs = [step.detail["Arn"] for step in execution.steps if step.type == TRAINING and "Arn" in step.detail]
    if not jobs:
        return None
    data = execution.parameters.get(system.data_parameter, "")
    return origin.read(cloud, jobs[-1].rsplit("/", 1)[-1], environment=environment, data=data)


def find_registered(cloud: Cloud, execution: Execution, group: str, endpoint: str | None) -> ModelVersion | None:
    """Return the model version that the execution registered, if it did."""
    arns = {step.detail["Arn"] for step in execution.steps if step.type == "RegisterModel" and "Arn" in step.detail}
    if not arns:
        return None
    return next((found for found in registry.versions(cloud, group, endpoint, limit=50) if found.arn in arns), None)


def read(cloud: Cloud, system: System, environment: str, execution: Execution) -> Report:
    """Return the report on an execution, as far as the cloud itself tells it."""
    deployed_here = Deployed(cloud, system, environment)
    group, endpoint = deployed_here.need(MODEL_GROUP), deployed_here.find(ENDPOINT)
    written, ran = documents(cloud, execution), definition(cloud, execution)
    place = resources.find(cloud, environment)
    return Report(
        system=system,
        environment=environment,
        place=place,
        made_at=datetime.now(UTC),
        execution=execution,
        graph=read_graph(ran),
        parameters=_parameters(ran, execution),
        origin=_origin(cloud, system, environment, execution),
        evaluation=written.get("evaluation"),
        bias=written.get("bias"),
        explanations=written.get("explanations"),
        engines=engines(cloud, execution, endpoint) if place.local else {},
        model=find_registered(cloud, execution, group, endpoint),
    )
