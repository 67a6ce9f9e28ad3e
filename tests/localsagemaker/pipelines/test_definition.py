"""Definitions: what is read from them, and the sentences that refuse wrong ones."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.pipelines.definition import parse
from tests.localsagemaker.fakes import ROLE

Step = dict[str, Any]


def processing(name: str = "Prepare", arguments: Step | None = None, **members: object) -> Step:
    output = {"S3Uri": "s3://b/out", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "RoleArn": ROLE,
            "AppSpecification": {"ImageUri": "image"},
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
            },
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "report", "S3Output": output}]},
            **(arguments or {}),
        },
        **members,
    }


def condition(
    *conditions: dict[str, Any], then: Sequence[Step] = (), otherwise: Sequence[Step] = (), **members: object
) -> Step:
    arguments = {"Conditions": list(conditions), "IfSteps": list(then), "ElseSteps": list(otherwise)}
    return {"Name": "Check", "Type": "Condition", "Arguments": arguments, **members}


def fail(name: str = "Stop", message: object = "no") -> Step:
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": message}}


def document(*steps: dict[str, Any], **members: object) -> str:
    return json.dumps({"Version": "2020-12-01", "Steps": list(steps), **members})


GET = {"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri"}
REPORT = {"PropertyFileName": "Report", "OutputName": "report", "FilePath": "report.json"}
JSON_GET = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Prepare.PropertyFiles.Report"}, "Path": "a.b"}}
EQUALS = {"Type": "Equals", "LeftValue": 1, "RightValue": 1}


def test_reads_steps_of_all_branches_and_what_they_need() -> None:
    steps = parse(
        document(
            processing(PropertyFiles=[REPORT]),
            condition(
                {"Type": "GreaterThan", "LeftValue": JSON_GET, "RightValue": 0.5},
                then=[processing("Again", DependsOn=["Prepare"])],
                otherwise=[fail(message={"Std:Join": {"On": " ", "Values": ["got", GET]}})],
            ),
        )
    ).steps
    assert list(steps) == ["Prepare", "Check", "Again", "Stop"]
    assert steps["Check"].needs == {"Prepare"}
    assert steps["Again"].needs == steps["Stop"].needs == {"Prepare", "Check"}
    assert (steps["Again"].branch, steps["Stop"].branch) == (("Check", True), ("Check", False))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "must be an object"),
        ('{"Version": "2019-01-01"}', "Version is '2019-01-01'"),
        (document(), "at least one step"),
        (document(fail(), Extra=1), "the definition has unknown members: Extra"),
        (document(fail("a b")), "step name 'a b'"),
        (document(fail(), fail()), "same step name: Stop"),
        (document({"Name": "Tune", "Type": "Tuning", "Arguments": {}}), "step Tune is of type 'Tuning', which is not"),
        (document({**fail(), "Colour": "red"}), "step Stop of type Fail has unknown members: Colour"),
        (document({**fail(), "DependsOn": ["Nobody"]}), "depends on step 'Nobody', which does not exist"),
        (document({**fail(), "DependsOn": ["Stop"]}), "in a circle: Stop → Stop"),
        (document({**fail("A"), "DependsOn": ["B"]}, {**fail("B"), "DependsOn": ["A"]}), "in a circle"),
        (document(fail(message={"Get": "Steps.Nobody.Status"})), "refers to step 'Nobody', which does not exist"),
        (document(fail(message={"Get": "Parameters.Nothing"})), "parameter 'Nothing', and the declared ones are none"),
        (document(fail(message={"Get": "Execution.Nothing"})), "'Execution.Nothing' refers to nothing"),
        (document(fail(message={"Std:Join": {"Values": []}})), "On of Std:Join must be a text"),
        (
            document(processing(), fail(message={"Get": "Steps.Prepare.NoSuchProperty"})),
            "step Prepare of type Processing has no property NoSuchProperty",
        ),
        (document(processing(), fail(message=JSON_GET)), "property file 'Report' of step Prepare, .* are none"),
        (
            document(processing(PropertyFiles=[{**REPORT, "OutputName": "other"}])),
            "is in output 'other': its outputs are report",
        ),
        (document(processing(PropertyFiles=[REPORT, REPORT])), "property file of step Prepare name: Report"),
        (document(processing(arguments={"Colour": "red"})), "step Prepare: Arguments has unknown members: Colour"),
        (
            document({**processing(), "Arguments": {"RoleArn": ROLE}}),
            "Arguments misses ProcessingResources, AppSpecification",
        ),
        (document(processing(arguments={"RoleArn": 5})), "RoleArn must be of type string, not 5"),
        (
            document(
                processing(
                    arguments={"ProcessingInputs": [{"InputName": "i", "DatasetDefinition": {"LocalPath": "/opt/ml"}}]}
                )
            ),
            "step Prepare: ProcessingInputs.DatasetDefinition is not provided locally: .* give an S3Input",
        ),
        (
            document(
                processing(arguments={"NetworkConfig": {"VpcConfig": {"SecurityGroupIds": ["a b"], "Subnets": ["s"]}}})
            ),
            r"SecurityGroupIds\[0\] is 'a b': it must satisfy regular expression pattern",
        ),
        (document(condition()), "at least one condition"),
        (document(condition({"Type": "Like"})), "condition type 'Like' is unknown"),
        (document(condition({"Type": "Equals", "LeftValue": 1})), "condition Equals takes LeftValue and RightValue"),
        (document(condition({"Type": "Or", "Conditions": []})), "Conditions of condition Or must be a list"),
        (document(condition({"Type": "Not", "Condition": {"Type": "Like"}})), "'Like' is unknown"),
        (document({**fail(), "Arguments": {}}), "takes one argument, ErrorMessage"),
        (document({"Name": "Call", "Type": "Lambda", "Arguments": {}}), "step Call has no FunctionArn"),
        (
            document(processing(RetryPolicies=[{"ExceptionType": ["Step.BAD_LUCK"], "MaxAttempts": 1}])),
            "names Step.BAD_LUCK",
        ),
        (
            document(processing(RetryPolicies=[{"ExceptionType": ["Step.THROTTLING"]}])),
            "must have MaxAttempts or ExpireAfterMin",
        ),
        (document(processing(RetryPolicies=[{}])), "missing or of a wrong type"),
    ],
)
def test_refuses_wrong_definitions_with_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ServiceError, match=words) as refused:
        parse(text)
    assert refused.value.code == "ValidationException"
    assert str(refused.value).startswith("Unable to parse pipeline definition. ")


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        ({"Type": "String"}, "has no Name"),
        ({"Name": "P", "Type": "Text"}, "parameter P has type 'Text'"),
        ({"Name": "P", "Type": "Integer", "DefaultValue": "5"}, "'5' is not a value of parameter P"),
        ({"Name": "P", "Type": "Integer", "DefaultValue": True}, "True is not a value"),
        ({"Name": "P", "Type": "String", "DefaultValue": "c", "EnumValues": ["a", "b"]}, "'c', is not among"),
    ],
)
def test_refuses_wrong_parameters(parameter: dict[str, Any], words: str) -> None:
    with pytest.raises(ServiceError, match=words):
        parse(document(fail(), Parameters=[parameter]))


@pytest.mark.parametrize(
    ("kind", "where", "words"),
    [
        ("Integer", {"AppSpecification": {"ImageUri": {"Get": "Parameters.P"}}}, "join it to make it a text"),
        ("String", {"StoppingCondition": {"MaxRuntimeInSeconds": {"Get": "Parameters.P"}}}, "of type integer"),
        ("Float", {"NetworkConfig": {"EnableNetworkIsolation": {"Get": "Parameters.P"}}}, "of type boolean"),
    ],
)
def test_refuses_parameters_of_another_type(kind: str, where: dict[str, Any], words: str) -> None:
    with pytest.raises(ServiceError, match=words):
        parse(document(processing(arguments=where), Parameters=[{"Name": "P", "Type": kind}]))


def test_accepts_properties_by_name_index_and_member() -> None:
    for path in ("Outputs['report'].S3Output", "Outputs[0].S3Output", 'Outputs["report"].S3Output.S3Uri'):
        parse(document(processing(), fail(message={"Get": f"Steps.Prepare.ProcessingOutputConfig.{path}"})))


def test_lambda_outputs_are_properties() -> None:
    step = {
        "Name": "Call",
        "Type": "Lambda",
        "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:f",
        "Arguments": {},
        "OutputParameters": [{"OutputName": "answer", "OutputType": "String"}],
    }
    parse(document(step, fail(message={"Get": "Steps.Call.OutputParameters['answer']"})))
    with pytest.raises(ServiceError, match="its OutputParameters are answer"):
        parse(document(step, fail(message={"Get": "Steps.Call.OutputParameters['question']"})))
