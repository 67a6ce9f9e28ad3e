"""Executions of training pipelines on Step Functions as runs."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from experiments.evaluation import read_quality
from experiments.run import Dataset, Run, Status, Tag
from experiments.sources.training_job import read_training_job, with_training

if TYPE_CHECKING:
    from experiments.sources.aws import Aws

STATUS = {
    "SUCCEEDED": Status.FINISHED,
    "FAILED": Status.FAILED,
    "TIMED_OUT": Status.FAILED,
    "ABORTED": Status.KILLED,
}
REFUSED = "InvalidInput"
"""The error of an execution that the first state refused: no run was made of it."""
NAMED = ("ExperimentName", "TrainingJobName")


def read_run(aws: "Aws", arn: str) -> Run | None:
    """Return an execution that has ended; none of one whose input was refused.

    Experiments of different machines do not mix: the name is `<machine>/<ExperimentName>`.
    """
    described: Mapping[str, Any] = aws.stepfunctions.describe_execution(executionArn=arn)
    given = _object(described.get("input"))
    if described.get("error") == REFUSED or not all(isinstance(given.get(name), str) for name in NAMED):
        return None
    comparison: Mapping[str, Any] = _object(described.get("output")).get("Comparison", {})
    evaluation = str(comparison.get("evaluation", ""))
    document = aws.read(evaluation) if evaluation else None
    version = str(given.get("DataVersion", ""))
    comment = str(given.get("Comment", ""))
    run = Run(
        arn=arn,
        experiment=experiment(described["stateMachineArn"], given["ExperimentName"]),
        name=described["name"],
        status=STATUS[described["status"]],
        started=described["startDate"],
        ended=described["stopDate"],
        parameters=_parameters(given),
        metrics=read_quality(document) if document else {},
        tags={
            Tag.COMMENT: comment,
            Tag.NOTE: comment,
            Tag.DATA_VERSION: version,
            Tag.CODE_VERSION: str(given.get("ScriptVersion", "")),
            Tag.EVALUATION: evaluation if document else "",
            Tag.REASON: _reason(described),
            Tag.IS_BEST: "false",
        },
        datasets=(Dataset("data", version, version),) if version else (),
    )
    return with_training(run, read_training_job(aws, given["TrainingJobName"]))


def experiment(machine: str, name: str) -> str:
    """Return the name in MLflow of an experiment of a state machine (ARN)."""
    return f"{machine.rpartition(':')[2]}/{name}"


def _parameters(given: Mapping[str, Any]) -> dict[str, str]:
    """Return hyperparameters by name, and members of `<Step>Parameters` as `<step>.<name>`."""
    found: dict[str, str] = {}
    for key, members in given.items():
        if isinstance(members, dict):
            step = key.removesuffix("Parameters").lower()
            prefix = "" if key == "Hyperparameters" else f"{step}."
            found |= {f"{prefix}{name}": str(value) for name, value in members.items()}
    return found


def _reason(described: Mapping[str, Any]) -> str:
    error, cause = described.get("error", ""), described.get("cause", "")
    document = _object(cause)
    told = document.get("errorMessage") or document.get("FailureReason") or document.get("ExitMessage") or cause
    return ": ".join(part for part in (str(error), str(told)) if part)


def _object(text: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
