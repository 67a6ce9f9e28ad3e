"""What trains a system: the SageMaker pipeline or the Step Functions state machine that its environment has.

Both are started, listed, read, waited for and stopped alike; `find` says which of the two it is.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from mdlc.client import executions, steps, versions
from mdlc.client.deployed import JOB_PREFIX, MACHINE, PIPELINE, RUNS_TABLE, Deployed
from mdlc.client.executions import Execution
from mdlc.client.steps import Run
from mdlc.errors import InputError
from mdlc.systems import SCRIPTS, script_names

_NAME: Final = re.compile(r"[A-Za-z0-9](-*[A-Za-z0-9])*")
_LONGEST_EXPERIMENT: Final = 120
_JOB_NAME: Final = 63
"""The most characters that the name of a SageMaker job has."""
_LOOKED_AT: Final = 100
"""Executions among which those of an experiment are sought: what they were given is asked one by one."""
_LONGEST_SUFFIX: Final = "-evaluate"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run varies. Only a state machine takes the last five."""

    data: str | None = None
    """A data version; None for the one published last."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Of the pipeline, or of prepare.py."""
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    scripts: Path | None = None
    experiment: str | None = None
    name: str | None = None
    comment: str = ""


@dataclass(frozen=True)
class Started:
    """An execution that was started, and what it was given."""

    arn: str
    given: Mapping[str, Any]
    """The pipeline's parameters, or the state machine's input."""
    summary: str
    """On what it runs, in a sentence."""
    member: str
    """What --json calls `given`."""

    @property
    def id(self) -> str:
        """The last part of its ARN."""
        return identifier(self.arn)

    def as_json(self) -> dict[str, Any]:
        """Return it as --json shows it."""
        return {"execution": self.arn, "execution_id": self.id, self.member: dict(self.given)}


@dataclass(frozen=True)
class Listed:
    """An execution as a list shows it."""

    arn: str
    status: str
    started: datetime
    ended: datetime | None
    """None before its end."""

    @property
    def id(self) -> str:
        """The last part of its ARN."""
        return identifier(self.arn)

    def as_json(self) -> dict[str, Any]:
        """Return it as --json shows it."""
        return {
            "execution": self.arn,
            "execution_id": self.id,
            "status": self.status,
            "started": self.started.isoformat(),
            "ended": self.ended.isoformat() if self.ended else None,
        }


@dataclass(frozen=True)
class Pipeline:
    """A SageMaker pipeline that trains a system."""

    deployed: Deployed

    @property
    def name(self) -> str:
        """Name of the pipeline."""
        return self.deployed.need(PIPELINE)

    def start(self, request: Request) -> Started:
        """Start an execution on a data version.

        Raise `InputError` for a parameter that the pipeline does not declare, or a data version that is not complete.
        """
        refused = {
            "--hyperparameter": request.hyperparameters,
            "--scripts": request.scripts,
            "--experiment": request.experiment,
            "--name": request.name,
            "--comment": request.comment,
        }
        if given := [option for option, value in refused.items() if value]:
            raise InputError(
                f"{self.deployed.system.name} is trained by a SageMaker pipeline, which takes --data and --parameter: "
                f"leave out {' and '.join(given)}."
            )
        sagemaker, parameters = self.deployed.cloud.sagemaker, dict(request.parameters)
        definition = json.loads(sagemaker.describe_pipeline(PipelineName=self.name)["PipelineDefinition"])
        declared = [parameter["Name"] for parameter in definition.get("Parameters", [])]
        for name, value in parameters.items():
            if name == self.deployed.system.gate_parameter and not _is_finite(value):
                raise InputError(f"{name} is a figure that models are held against, and {value!r} is no number.")
            if name not in declared:
                raise InputError(f"{self.name} has no parameter {name}: it declares {', '.join(sorted(declared))}.")
        place = self.deployed.system.data_parameter
        if place not in parameters:
            parameters = {place: self.deployed.data(request.data), **parameters}
        elif request.data:
            raise InputError(f"Give either --data or the parameter {place}.")
        arn = executions.start(sagemaker, self.name, parameters)
        return Started(arn, parameters, f"is started on {parameters[place]}", "parameters")

    def executions(self) -> Iterator[Listed]:
        """Yield the executions, the newest first."""
        sagemaker = self.deployed.cloud.sagemaker
        for found in executions.summaries(sagemaker, self.name):
            arn, status = found["PipelineExecutionArn"], found.get("PipelineExecutionStatus", "")
            yield Listed(arn, status, found["StartTime"], executions.end(sagemaker, arn, status))

    def resolve(self, execution: str | None) -> str:
        """Return the ARN of an execution given by ARN or id, or of the one started last; see `executions.resolve`."""
        return executions.resolve(self.deployed.cloud.sagemaker, self.name, execution)

    def read(self, arn: str) -> Execution:
        """Return an execution as it is now."""
        return executions.read(self.deployed.cloud.sagemaker, arn)

    def wait(self, arn: str, timeout: float, watch: Callable[[str], None] = lambda _: None) -> Execution:
        """Return an execution after its end, however it ended; `watch` gets what runs, in words."""
        cloud = self.deployed.cloud
        return executions.wait(
            cloud.sagemaker,
            arn,
            timeout=timeout,
            interval=cloud.poll_seconds,
            watch=lambda found: watch(found.progress),
        )

    def stop(self, arn: str) -> None:
        """Stop an execution and the jobs that its steps wait for; raise `InputError` when it has ended."""
        executions.stop(self.deployed.cloud.sagemaker, arn)


@dataclass(frozen=True)
class Machine:
    """A Step Functions state machine that trains a system."""

    deployed: Deployed

    @property
    def arn(self) -> str:
        """ARN of the state machine."""
        return self.deployed.need(MACHINE)

    def start(self, request: Request) -> Started:
        """Publish the scripts if they are new, and start a run.

        Raise `InputError` for a name that no run can have or one had before, and for a version that is not complete.
        """
        deployed, system = self.deployed, self.deployed.system
        prefix, name = deployed.need(JOB_PREFIX), request.name or steps.new_name()
        _check_name("a run", name, longest=_JOB_NAME - len(prefix) - len(_LONGEST_SUFFIX))
        experiment = request.experiment or system.name
        _check_name("an experiment", experiment, longest=_LONGEST_EXPERIMENT)
        data = self.deployed.data(request.data).rstrip("/").rpartition("/")[2]
        folder = request.scripts or system.scripts
        if folder is None:
            raise InputError(f"Give --scripts, a folder of {', '.join(SCRIPTS)}: {system.name} has none of its own.")
        code = versions.read(f"{system.name}/scripts", folder, script_names(folder))
        versions.publish(deployed.cloud.s3, deployed.data_bucket, code)
        given = steps.execution_input(
            prefix=prefix,
            name=name,
            experiment=experiment,
            data=data,
            scripts=code.name,
            parameters={**system.parameters, **request.parameters},
            hyperparameters=request.hyperparameters,
            comment=request.comment,
        )
        arn = steps.start(deployed.cloud.stepfunctions, self.arn, name, given)
        return Started(arn, given, f"is started on data {data} with scripts {code.name}", "input")

    def executions(self) -> Iterator[Listed]:
        """Yield the runs, the newest first."""
        for found in steps.summaries(self.deployed.cloud.stepfunctions, self.arn):
            yield Listed(found["executionArn"], found["status"], found["startDate"], found.get("stopDate"))

    def resolve(self, execution: str | None) -> str:
        """Return the ARN of a run given by ARN or name, or of the one started last; see `steps.resolve`."""
        return steps.resolve(self.deployed.cloud.stepfunctions, self.arn, execution)

    def read(self, arn: str) -> Run:
        """Return a run as it is now."""
        return steps.read(self.deployed.cloud.stepfunctions, arn)

    def runs(self, experiment: str, most: int) -> list[Run]:
        """Return the newest runs of an experiment, the oldest of them first; those of the last hundred that started."""
        found = (self.read(listed.arn) for listed in islice(self.executions(), _LOOKED_AT))
        return list(islice((run for run in found if run.experiment == experiment), most))[::-1]

    def wait(self, arn: str, timeout: float, watch: Callable[[str], None] = lambda _: None) -> Run:
        """Return a run after its end, however it ended; `watch` gets what runs, in words."""
        cloud = self.deployed.cloud
        return steps.wait(
            cloud.stepfunctions,
            arn,
            timeout=timeout,
            interval=cloud.poll_seconds,
            watch=lambda found: watch(found.progress),
        )

    def stop(self, arn: str) -> None:
        """Stop a run and the job that it waits for; raise `InputError` when it has ended."""
        if (run := self.read(arn)).status not in steps.RUNNING:
            raise InputError(f"{run.id} is {run.status}: there is nothing to stop.")
        self.deployed.cloud.stepfunctions.stop_execution(executionArn=arn, error="Stopped", cause="mdlc pipeline stop")

    def best(self, experiment: str) -> dict[str, Any]:
        """Return the best run of an experiment so far, as the table of runs has it; `InputError` when it has none."""
        return steps.best(self.deployed.cloud, self.deployed.need(RUNS_TABLE), experiment)


Trainer = Pipeline | Machine


def identifier(arn: str) -> str:
    """Return the last part of an execution's ARN."""
    return re.split("[:/]", arn)[-1]


def find(deployed: Deployed) -> Trainer:
    """Return what trains a system; raise `InputError` where the environment has nothing that does."""
    if deployed.find(MACHINE) is not None:
        return Machine(deployed)
    deployed.need(PIPELINE)
    return Pipeline(deployed)


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _check_name(what: str, name: str, *, longest: int) -> None:
    """Raise `InputError` for a name that the state machine refuses: AWS's names of jobs are made of it."""
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot name {what}: use letters, digits, and hyphens between them.")
    if len(name) > longest:
        raise InputError(f"{name!r} is too long to name {what}: it may have {longest} characters.")
