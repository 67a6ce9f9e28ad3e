import json
from decimal import Decimal
from typing import Any

from mdlc.cost.jobs import Job, find


def joined(definition: dict[str, Any]) -> dict[str, Any]:
    """As the CDK writes it: pieces around references that stand in the middle of strings."""
    before, after = json.dumps(definition).split("THE-KEY")
    return {"Fn::Join": ["", [before, {"Fn::GetAtt": ["Key", "Arn"]}, after]]}


def processing(**given: Any) -> dict[str, Any]:
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 30, "VolumeKmsKeyId": "THE-KEY"}
    return {
        "ProcessingResources": {"ClusterConfig": cluster | given},
        "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
    }


def training(**given: Any) -> dict[str, Any]:
    return {"ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 50}, **given}


def pipeline(definition: dict[str, Any]) -> dict[str, Any]:
    body = {"PipelineDefinition": {"PipelineDefinitionBody": joined(definition)}, "PipelineName": "dev-fraud"}
    return {"Resources": {"Pipeline": {"Type": "AWS::SageMaker::Pipeline", "Properties": body}}}


def machine(definition: dict[str, Any]) -> dict[str, Any]:
    properties = {"DefinitionString": json.dumps(definition), "StateMachineName": "dev-census"}
    return {"Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}


def test_parameters_stand_for_their_defaults() -> None:
    steps = [
        {"Name": "Prepare", "Type": "Processing", "Arguments": processing(InstanceType={"Get": "Parameters.Type"})},
        {"Name": "Tell", "Type": "Lambda", "Arguments": {}},
    ]
    (found,) = find(pipeline({"Parameters": [{"Name": "Type", "DefaultValue": "ml.c5.xlarge"}], "Steps": steps}))
    assert found == Job(
        "dev-fraud", "Prepare", "processing", "ml.c5.xlarge", Decimal(2), Decimal(30), Decimal(1800), spot=False
    )


def test_jobs_behind_a_condition_are_found_and_spot_is_said() -> None:
    inner = [{"Name": "Train", "Type": "Training", "Arguments": training(EnableManagedSpotTraining=True)}]
    steps = [
        {"Name": "First", "Type": "Processing", "Arguments": processing()},
        {"Name": "Check", "Type": "Condition", "Arguments": {"IfSteps": [], "ElseSteps": inner}},
    ]
    found = list(find(pipeline({"Steps": steps})))
    assert [(job.step, job.kind, job.spot) for job in found] == [
        ("First", "processing", False),
        ("Train", "training", True),
    ]


def test_what_only_a_run_knows_is_unknown() -> None:
    steps = [{"Name": "Prepare", "Type": "Processing", "Arguments": processing(InstanceType={"Get": "Steps.A.Type"})}]
    (found,) = find(pipeline({"Steps": steps}))
    assert found.instance_type is None


def test_the_states_of_a_machine_that_create_jobs_are_found_wherever_they_are() -> None:
    create = "arn:aws:states:::sagemaker:createTrainingJob.sync"
    train = {"Type": "Task", "Resource": create, "Parameters": training()}
    dynamic = {"Type": "Task", "Resource": create, "Arguments": training(ResourceConfig={"InstanceType.$": "$.Type"})}
    states = {
        "Ask": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:ask"},
        "Train": train,
        "Each": {"Type": "Map", "ItemProcessor": {"States": {"TrainOne": dynamic}}},
        "Both": {"Type": "Parallel", "Branches": [{"States": {"TrainHere": train}}]},
    }
    found = list(find(machine({"States": states})))
    assert [(job.step, job.instance_type) for job in found] == [
        ("Train", "ml.m5.xlarge"),
        ("TrainOne", None),
        ("TrainHere", "ml.m5.xlarge"),
    ]
    assert {job.pipeline for job in found} == {"dev-census"}


def test_a_kind_of_job_that_nobody_has_judged_is_unknown_and_not_left_out() -> None:
    steps = [{"Name": "Tune", "Type": "Tuning", "Arguments": {}}, {"Name": "Condense", "Type": "Clarify"}]
    assert [(job.step, job.kind, job.instance_type) for job in find(pipeline({"Steps": steps, "Key": "THE-KEY"}))] == [
        ("Tune", "tuning", None),
        ("Condense", "clarify", None),
    ]
    create = "arn:aws:states:::sagemaker:createTransformJob.sync"
    (found,) = find(machine({"States": {"Score": {"Type": "Task", "Resource": create, "Parameters": {}}}}))
    assert (found.step, found.kind, found.instance_type) == ("Score", "transform", None)
