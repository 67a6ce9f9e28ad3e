"""Executions of small pipelines on fake images: a bench to run them on, and steps to make them of."""

import json
import time
from collections.abc import Callable
from typing import Any

from tests.localsagemaker.fakes import ROLE, Call, Run

Step = dict[str, Any]
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:f"


def processing(name: str, *arguments: object, out: str = "s3://b/out", **members: object) -> Step:
    output = {"S3Uri": out, "LocalPath": "/opt/ml/processing/output/report", "S3UploadMode": "EndOfJob"}
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "RoleArn": ROLE,
            "AppSpecification": {"ImageUri": "image", "ContainerArguments": [name, *arguments]},
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
            },
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "report", "S3Output": output}]},
        },
        **members,
    }


def condition(name: str, left: object, then: list[Step], otherwise: list[Step]) -> dict[str, Any]:
    items = [{"Type": "GreaterThanOrEqualTo", "LeftValue": left, "RightValue": {"Get": "Parameters.Gate"}}]
    return {
        "Name": name,
        "Type": "Condition",
        "Arguments": {"Conditions": items, "IfSteps": then, "ElseSteps": otherwise},
    }


def fail(name: str, *words: object) -> dict[str, Any]:
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": {"Std:Join": {"On": " ", "Values": [*words]}}}}


GATE: Step = {"Name": "Gate", "Type": "Float", "DefaultValue": 0.5}
AUC = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Report"}, "Path": "auc"}}
REPORT = {"PropertyFileName": "Report", "OutputName": "report", "FilePath": "report.json"}


def lambda_step(**outputs: str) -> dict[str, Any]:
    declared = [{"OutputName": name, "OutputType": kind} for name, kind in outputs.items()]
    arguments = {"gate": {"Get": "Parameters.Gate"}}
    return {
        "Name": "Call",
        "Type": "Lambda",
        "FunctionArn": FUNCTION,
        "Arguments": arguments,
        "OutputParameters": declared,
    }


class Bench:
    """Creates the pipeline `p`, starts it and looks at what became of it."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def create(self, *steps: Step, **members: object) -> str:
        definition = {"Version": "2020-12-01", "Parameters": [GATE], "Steps": list(steps)}
        text = json.dumps(definition)
        arn: str = self.call("CreatePipeline", PipelineName="p", RoleArn=ROLE, PipelineDefinition=text, **members)[
            "PipelineArn"
        ]
        return arn

    def start(self, **members: object) -> str:
        arn: str = self.call("StartPipelineExecution", PipelineName="p", **members)["PipelineExecutionArn"]
        return arn

    def finish(self, arn: str) -> dict[str, Any]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            shown = self.call("DescribePipelineExecution", PipelineExecutionArn=arn)
            if shown["PipelineExecutionStatus"] not in {"Executing", "Stopping"}:
                return shown
            time.sleep(0.01)
        raise AssertionError(f"{arn} did not end")

    def steps(self, arn: str) -> dict[str, dict[str, Any]]:
        found = self.call("ListPipelineExecutionSteps", PipelineExecutionArn=arn, SortOrder="Ascending")
        return {step["StepName"]: step for step in found["PipelineExecutionSteps"]}


def write_report(auc: object) -> Callable[[Any], int]:
    def program(run: Run) -> int:
        folder = run.base_dir / "processing" / "output" / "report"
        (folder / "report.json").write_text(json.dumps({"auc": auc}))
        return 0

    return program


def gated() -> list[Step]:
    return [
        processing("Evaluate", PropertyFiles=[REPORT]),
        condition(
            "Check",
            AUC,
            [processing("Good")],
            [fail("Rejected", "auc", AUC, "is below the gate", {"Get": "Parameters.Gate"})],
        ),
    ]
