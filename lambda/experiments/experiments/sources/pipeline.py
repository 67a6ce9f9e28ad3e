"""Executions of SageMaker pipelines as runs."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from experiments.evaluation import read_quality
from experiments.run import Dataset, Run, Status, Tag, data_version
from experiments.sources.training_job import read_training_job, with_training

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experiments.sources.aws import Aws

STATUS = {"Succeeded": Status.FINISHED, "Failed": Status.FAILED, "Stopped": Status.KILLED}
DATA = "InputDataUri"
"""The parameter that takes the version of the data set."""
EVALUATION_OUTPUT = "evaluation"
EVALUATION = "evaluation.json"


def read_run(aws: "Aws", arn: str) -> Run:
    """Return an execution that has ended; its experiment is called as the pipeline."""
    described: Mapping[str, Any] = aws.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    steps: Sequence[Mapping[str, Any]] = [
        step
        for page in aws.sagemaker.get_paginator("list_pipeline_execution_steps").paginate(PipelineExecutionArn=arn)
        for step in page["PipelineExecutionSteps"]
    ]
    parameters = _parameters(aws, arn)
    evaluation = _evaluation(aws, steps)
    document = aws.read(evaluation) if evaluation else None
    uri = parameters.get(DATA, "")
    comment = str(described.get("PipelineExecutionDescription", ""))
    run = Run(
        arn=arn,
        experiment=str(described["PipelineArn"]).rpartition("/")[2],
        name=arn.rpartition("/")[2],
        status=STATUS[described["PipelineExecutionStatus"]],
        started=described["CreationTime"],
        ended=described["LastModifiedTime"],
        parameters={f"pipeline.{name}": value for name, value in parameters.items()},
        metrics=read_quality(document) if document else {},
        tags={
            Tag.COMMENT: comment,
            Tag.NOTE: comment,
            Tag.DATA_VERSION: data_version(uri) if uri else "",
            Tag.EVALUATION: evaluation if document else "",
            Tag.REASON: _reason(described, steps),
            Tag.IS_BEST: "false",
        },
        datasets=(Dataset(DATA, data_version(uri), uri),) if uri else (),
    )
    jobs = [step["Metadata"]["TrainingJob"]["Arn"] for step in steps if "TrainingJob" in step.get("Metadata", {})]
    return with_training(run, read_training_job(aws, jobs[-1].rpartition("/")[2]) if jobs else None)


def _parameters(aws: "Aws", arn: str) -> dict[str, str]:
    """Return what every parameter was: as given, else its default."""
    definition = json.loads(
        aws.sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=arn)["PipelineDefinition"]
    )
    defaults = {each["Name"]: each.get("DefaultValue") for each in definition.get("Parameters", [])}
    pages = aws.sagemaker.get_paginator("list_pipeline_parameters_for_execution").paginate(PipelineExecutionArn=arn)
    given = {each["Name"]: each["Value"] for page in pages for each in page["PipelineParameters"]}
    return {name: str(value) for name, value in defaults.items() if value is not None} | given


def _evaluation(aws: "Aws", steps: "Sequence[Mapping[str, Any]]") -> str:
    """Return where the execution's evaluation is; empty when no step has written one."""
    for step in steps:
        job = step.get("Metadata", {}).get("ProcessingJob")
        if job is None or step["StepStatus"] != "Succeeded":
            continue
        described = aws.sagemaker.describe_processing_job(ProcessingJobName=job["Arn"].rpartition("/")[2])
        for output in described.get("ProcessingOutputConfig", {}).get("Outputs", []):
            if output["OutputName"] == EVALUATION_OUTPUT and "S3Output" in output:
                return f"{output['S3Output']['S3Uri'].rstrip('/')}/{EVALUATION}"
    return ""


def _reason(described: Mapping[str, Any], steps: "Sequence[Mapping[str, Any]]") -> str:
    reasons = [f"{step['StepName']}: {step['FailureReason']}" for step in steps if step.get("FailureReason")]
    return "; ".join(reasons) or str(described.get("FailureReason", ""))
