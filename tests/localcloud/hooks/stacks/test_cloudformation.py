"""What our side of CloudFormation promises, against the running cloud."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.console import LocalCloudError, Running
from localcloud.lifecycle import LocalCloud

pytestmark = pytest.mark.slow
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.7.0.0/16"}}


def test_an_unknown_type_is_refused_with_its_logical_id(cloud: LocalCloud, deploy: Callable[..., Any]) -> None:
    robot = {"Type": "AWS::RoboMaker::Robot", "Properties": {"Architecture": "ARM64", "GreengrassGroupId": "g"}}
    with pytest.raises(ClientError, match=r"cannot create these resources: Marvin \(AWS::RoboMaker::Robot\)"):
        deploy({"Marvin": robot})
    refused = [(line["logical_id"], line["type"]) for line in cloud.resources() if line["status"] == "refused"]
    assert refused.count(("Marvin", "AWS::RoboMaker::Robot")) == 1


def test_a_type_that_the_region_lacks_is_refused_as_unknown(running: Running) -> None:
    connect: Any = boto3.client
    place = {"aws_access_key_id": running.account, "aws_secret_access_key": running.secret}
    northern = connect("cloudformation", "eu-north-1", endpoint_url=running.endpoint, **place)
    budget = {"Type": "AWS::Budgets::Budget", "Properties": {"Budget": {"BudgetType": "COST", "TimeUnit": "MONTHLY"}}}
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::Budgets::Budget\]"):
        northern.create_stack(StackName="money", TemplateBody=json.dumps({"Resources": {"Budget": budget}}))


def test_a_subnet_is_in_a_zone_that_there_is(deploy: Callable[..., Any]) -> None:
    subnet = {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.7.0.0/24", "AvailabilityZone": "eu-west-1d"}
    stack = deploy({"Vpc": VPC, "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": subnet}})
    assert stack["StackStatus"] != "CREATE_COMPLETE"
    said = "can currently only be created in the following availability zones: eu-west-1a, eu-west-1b, eu-west-1c."
    assert said in str(stack["Failed"])


def test_network_is_recorded_and_says_so(cloud: LocalCloud, deploy: Callable[..., Any]) -> None:
    flow = {"ResourceId": {"Ref": "Vpc"}, "ResourceType": "VPC", "TrafficType": "ALL", "LogGroupName": "flows"}
    resources = {"Vpc": VPC, "Flow": {"Type": "AWS::EC2::FlowLog", "Properties": flow}}
    stack = deploy(resources, Cidr={"Fn::GetAtt": ["Vpc", "CidrBlock"]}, Flow={"Ref": "Flow"})
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Outputs"]["Cidr"] == "10.7.0.0/16"
    assert stack["Outputs"]["Flow"].startswith("fl-")
    lines = {line["logical_id"]: line for line in cloud.resources() if line["stack"] == stack["StackName"]}
    assert {name: line["status"] for name, line in lines.items()} == {"Vpc": "recorded", "Flow": "recorded"}
    assert "packets" in lines["Vpc"]["reason"]


def test_a_bucket_with_objects_is_not_deleted(aws: Callable[..., Any], deploy: Callable[..., Any]) -> None:
    stack = deploy({"Bucket": {"Type": "AWS::S3::Bucket"}, "Topic": {"Type": "AWS::SNS::Topic"}}, B={"Ref": "Bucket"})
    aws("s3").put_object(Bucket=stack["Outputs"]["B"], Key="a", Body=b"1")
    left = deploy({"Topic": {"Type": "AWS::SNS::Topic"}}, stack["StackName"])
    assert "not empty" in left["Failed"]["Bucket"]
    assert aws("s3").get_object(Bucket=stack["Outputs"]["B"], Key="a")["Body"].read() == b"1"
    aws("s3").delete_object(Bucket=stack["Outputs"]["B"], Key="a")


def test_auto_delete_objects_empties_every_version(aws: Callable[..., Any], deploy: Callable[..., Any]) -> None:
    bucket = {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "VersioningConfiguration": {"Status": "Enabled"},
            "Tags": [{"Key": "aws-cdk:auto-delete-objects", "Value": "true"}],
        },
    }
    emptied = {"Type": "Custom::S3AutoDeleteObjects", "Properties": {"ServiceToken": "x", "BucketName": {"Ref": "B"}}}
    topic = {"Type": "AWS::SNS::Topic"}
    stack = deploy({"B": bucket, "E": emptied, "T": topic}, Name={"Ref": "B"})
    for body in (b"1", b"2"):
        aws("s3").put_object(Bucket=stack["Outputs"]["Name"], Key="a", Body=body)
    aws("s3").delete_object(Bucket=stack["Outputs"]["Name"], Key="a")
    assert deploy({"T": topic}, stack["StackName"])["Failed"] == {}
    with pytest.raises(ClientError, match="404"):
        aws("s3").head_bucket(Bucket=stack["Outputs"]["Name"])


PROVIDER = """
import boto3, botocore.config, json, urllib.request
patience = botocore.config.Config(read_timeout=3, retries={"total_max_attempts": 1})
def handler(event, context):
    if event["ResourceProperties"].get("Fail") == "true":
        raise ValueError("the spring is broken")
    answer = {k: event[k] for k in ("StackId", "RequestId", "LogicalResourceId")}
    asked = boto3.client("cloudformation", config=patience).describe_stacks(StackName=event["StackId"])
    data = {"Size": event["ResourceProperties"]["Size"], "Stack": asked["Stacks"][0]["StackStatus"]}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": "spring", "Data": data}
    request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
    urllib.request.urlopen(request, timeout=10)
"""


def test_a_python_provider_really_runs_may_ask_for_its_stack_and_fails_with_its_own_words(
    deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> None:
    def spring(**properties: Any) -> dict[str, Any]:
        token = {"ServiceToken": {"Fn::GetAtt": ["Provider", "Arn"]}, "ServiceTimeout": 20}
        return {"Type": "Custom::Spring", "Properties": {**token, **properties}}

    trusted = role("lambda.amazonaws.com", ("cloudformation:DescribeStacks", "*"))
    provider = {"Role": trusted, "Provider": function(PROVIDER, "Role")}
    outputs = {name: {"Fn::GetAtt": ["S", name]} for name in ("Size", "Stack")}
    stack = deploy({**provider, "S": spring(Size=3)}, **outputs)
    assert stack["Outputs"] == {"Size": "3", "Stack": "CREATE_IN_PROGRESS"}
    failed = deploy({**provider, "S": spring(Size=3, Fail=True)}, stack["StackName"])
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "the spring is broken" in failed["Failed"]["S"]


def pipeline(message: str) -> dict[str, Any]:
    step = {"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": message}}
    definition = {"Version": "2020-12-01", "Metadata": {}, "Parameters": [], "Steps": [step]}
    return {
        "Type": "AWS::SageMaker::Pipeline",
        "Properties": {
            "PipelineName": "springs",
            "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
            "PipelineDefinition": {"PipelineDefinitionBody": json.dumps(definition)},
            "Tags": [{"Key": "message", "Value": message}],
        },
    }


def group(name: str) -> dict[str, Any]:
    return {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {"ModelPackageGroupName": name}}


def test_sagemaker_resources_are_made_changed_replaced_and_removed(
    aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any]
) -> None:
    sagemaker, trusted = aws("sagemaker"), {"Role": role("sagemaker.amazonaws.com")}
    outputs = {"P": {"Ref": "P"}, "G": {"Ref": "G"}, "Status": {"Fn::GetAtt": ["G", "ModelPackageGroupStatus"]}}
    stack = deploy({**trusted, "P": pipeline("one"), "G": group("first")}, **outputs)
    arn = "arn:aws:sagemaker:eu-west-1:111111111111:model-package-group"
    assert stack["Outputs"] == {"P": "springs", "G": f"{arn}/first", "Status": "Completed"}

    made = sagemaker.describe_pipeline(PipelineName="springs")["CreationTime"]
    stack = deploy({**trusted, "P": pipeline("two"), "G": group("second")}, stack["StackName"], **outputs)
    changed = sagemaker.describe_pipeline(PipelineName="springs")
    assert changed["CreationTime"] == made
    assert "two" in changed["PipelineDefinition"]
    tags = {t["Key"]: t["Value"] for t in sagemaker.list_tags(ResourceArn=changed["PipelineArn"])["Tags"]}
    assert tags["message"] == "two"
    assert stack["Outputs"]["G"] == f"{arn}/second"
    groups = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert {"first", "second"} & {g["ModelPackageGroupName"] for g in groups} == {"second"}

    deploy({**trusted}, stack["StackName"])
    with pytest.raises(ClientError, match="springs"):
        sagemaker.describe_pipeline(PipelineName="springs")


def test_a_wrong_definition_fails_the_stack_with_a_reason(deploy: Callable[..., Any], role: Callable[..., Any]) -> None:
    broken = pipeline("x")
    broken["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"] = '{"Version": "1999-01-01"}'
    stack = deploy({"Role": role("sagemaker.amazonaws.com"), "P": broken})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stack["Failed"]["P"]


def test_the_health_path_is_ours_and_others_are_unknown(running: Any) -> None:
    asked = urllib.request.Request(f"{running.endpoint}/_mdlc/nothing", headers=running.knock())
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(asked, timeout=5)


def test_a_serverless_template_is_checked_as_what_it_becomes(cloud: LocalCloud) -> None:
    """With its code in a folder beside it, as it is before `sam package`."""
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "index.handler"}}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"Function": {"Runtime": "python3.13", "CodeUri": "src/"}},
        "Resources": {
            "Predict": function,
            "Layer": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "layer/"}},
        },
    }
    types = {line["type"] for line in cloud.preview(json.dumps(template))}
    assert types == {"AWS::Lambda::Function", "AWS::IAM::Role", "AWS::Lambda::LayerVersion"}


def test_a_template_that_cannot_be_expanded_is_told_so(cloud: LocalCloud) -> None:
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": None}
    with pytest.raises(LocalCloudError, match="Transform failed"):
        cloud.preview(json.dumps(template))


def test_a_protected_stack_is_not_deleted(aws: Callable[..., Any], deploy: Callable[..., Any]) -> None:
    """Source: user guide of CloudFormation, "Protect CloudFormation stacks from being deleted"."""
    cloudformation, name = aws("cloudformation"), "test-protected"
    deploy({"Topic": {"Type": "AWS::SNS::Topic"}}, name)
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is enabled"):
        cloudformation.delete_stack(StackName=name)
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert (stack["StackStatus"], stack["EnableTerminationProtection"]) == ("CREATE_COMPLETE", True)
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=False)
