"""Step Functions against the running cloud: tasks in the machine's rights, scaled waits, executions that stop."""

import base64
import json
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow
FUNCTION = """
import time
def handler(event, context):
    time.sleep(event.get("Sleep", 0))
    return {"Said": event["Say"]}
"""
RULE = "arn:aws:events:eu-west-1:111111111111:rule/StepFunctionsGetEventsForSageMakerProcessingJobsRule"
EVENTS = ("events:PutRule", "events:PutTargets", "events:DescribeRule")
IMAGE = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/none:1"
Execute = Callable[..., dict[str, Any]]


def invoke(**more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "${Function}", "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "End": True,
        **more,
    }


def job(**more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
        "Parameters": {
            "ProcessingJobName.$": "$.Name",
            "AppSpecification": {"ImageUri": IMAGE},
            "RoleArn": "${Job}",
            "ProcessingResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
            },
        },
        "End": True,
        **more,
    }


@pytest.fixture
def execute(
    aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> Execute:
    """Deploy a machine of one state whose role may do `allowed`, and start it."""
    states = aws("stepfunctions")

    def run(state: dict[str, Any], given: dict[str, Any], *allowed: tuple[Any, Any], stop: bool = False) -> Any:
        definition = json.dumps({"StartAt": "Only", "States": {"Only": state}})
        resources = {
            "FunctionRole": role("lambda.amazonaws.com"),
            "Function": function(FUNCTION, "FunctionRole"),
            "Job": role("sagemaker.amazonaws.com"),
            "MachineRole": role("states.amazonaws.com", *allowed),
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "RoleArn": {"Fn::GetAtt": ["MachineRole", "Arn"]},
                    "DefinitionString": {
                        "Fn::Sub": [
                            definition,
                            {
                                "Function": {"Fn::GetAtt": ["Function", "Arn"]},
                                "Job": {"Fn::GetAtt": ["Job", "Arn"]},
                            },
                        ]
                    },
                },
            },
        }
        stack = deploy(resources, Machine={"Ref": "Machine"})
        arn = states.start_execution(stateMachineArn=stack["Outputs"]["Machine"], input=json.dumps(given))[
            "executionArn"
        ]
        if stop:
            time.sleep(0.5)
            states.stop_execution(executionArn=arn, error="Enough", cause="a test")
            time.sleep(3)
        while (described := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            time.sleep(0.05)
        return described

    return run


def test_a_function_is_invoked_when_the_role_may(execute: Execute) -> None:
    allowed = ("lambda:InvokeFunction", {"Fn::GetAtt": ["Function", "Arn"]})
    done = execute(invoke(), {"Say": "hello"}, allowed)
    assert (done["status"], json.loads(done["output"])) == ("SUCCEEDED", {"Said": "hello"})


def test_an_answer_has_the_metadata_of_its_request(execute: Execute) -> None:
    """Source: answers of AWS recorded by LocalStack, test_lambda_task_service.snapshot.json."""
    allowed = ("lambda:InvokeFunction", {"Fn::GetAtt": ["Function", "Arn"]})
    done = execute(invoke(OutputPath="$.SdkHttpMetadata.HttpStatusCode"), {"Say": "hello"}, allowed)
    assert (done["status"], done.get("output")) == ("SUCCEEDED", "200")


def test_an_object_that_is_written_has_a_checksum_by_its_name(aws: Callable[..., Any], execute: Execute) -> None:
    """Recorded by localstack/localstack, stepfunctions/v2/services/test_aws_sdk_task_service (Apache-2.0)."""
    s3 = aws("s3")
    s3.create_bucket(Bucket="written", CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Parameters": {"Bucket": "written", "Key": "k", "Body": "text"},
        "End": True,
    }
    done = execute(put, {}, ("s3:PutObject", "arn:aws:s3:::written/*"))
    crc32 = base64.b64encode(zlib.crc32(b'"text"').to_bytes(4, "big")).decode()
    assert json.loads(done["output"])["ChecksumCRC32"] == crc32


def test_a_function_that_the_role_may_not_invoke_is_refused(execute: Execute) -> None:
    done = execute(invoke(), {"Say": "hello"})
    assert (done["status"], done["error"]) == ("FAILED", "Lambda.AWSLambdaException"), done["cause"]
    assert "lambda:InvokeFunction" in done["cause"]


def test_an_execution_that_was_stopped_stays_so_when_its_task_fails_later(execute: Execute) -> None:
    allowed = ("lambda:InvokeFunction", {"Fn::GetAtt": ["Function", "Arn"]})
    done = execute(invoke(), {"Sleep": 2}, allowed, stop=True)  # without "Say" the function fails
    assert (done["status"], done["error"]) == ("ABORTED", "Enough")


def test_a_task_that_takes_too_long_times_out(execute: Execute) -> None:
    allowed = ("lambda:InvokeFunction", {"Fn::GetAtt": ["Function", "Arn"]})
    done = execute(invoke(TimeoutSeconds=1), {"Say": "late", "Sleep": 3}, allowed)
    assert (done["status"], done["error"]) == ("FAILED", "States.Timeout")


def test_a_job_needs_the_managed_rule(execute: Execute) -> None:
    done = execute(job(), {"Name": "no-rule"}, ("sagemaker:CreateProcessingJob", "*"))
    assert done["status"] == "FAILED"
    assert "is not authorized to create managed-rule" in done["cause"]


def test_a_job_needs_the_right_to_create_it_and_to_pass_its_role(execute: Execute) -> None:
    done = execute(job(), {"Name": "no-right"}, (list(EVENTS), RULE))
    assert done["error"] == "SageMaker.AmazonSageMakerException"
    assert "sagemaker:CreateProcessingJob" in done["cause"]
    create = (["sagemaker:CreateProcessingJob", "sagemaker:AddTags"], "*")
    done = execute(job(), {"Name": "no-pass"}, (list(EVENTS), RULE), create)
    assert done["error"] == "SageMaker.AmazonSageMakerException"
    assert "iam:PassRole" in done["cause"]


def test_a_request_that_sagemaker_refuses_is_tried_again_in_scaled_time_and_caught(execute: Execute) -> None:
    retry = {"ErrorEquals": ["SageMaker.AmazonSageMakerException"], "IntervalSeconds": 30, "MaxAttempts": 2}
    allowed = (
        (list(EVENTS), RULE),
        (["sagemaker:CreateProcessingJob", "sagemaker:AddTags", "iam:PassRole"], "*"),
    )
    begun = time.monotonic()
    done = execute(job(Retry=[retry]), {"Name": "no-image"}, *allowed)
    assert done["error"] == "SageMaker.AmazonSageMakerException"
    assert IMAGE in done["cause"]
    assert time.monotonic() - begun < 60, "30 and 60 seconds, divided by the cloud's time scale"


def test_an_api_is_called_by_its_host_and_signed_by_the_role(
    aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any]
) -> None:
    """Source: developer guide, "Create API Gateway REST APIs with Step Functions": ApiEndpoint, AuthType IAM_ROLE."""
    rest, states = {"RestApiId": {"Ref": "Api"}}, aws("stepfunctions")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::apigateway:invoke",
        "Parameters": {
            "ApiEndpoint": "${Api}.execute-api.eu-west-1.amazonaws.com",
            "Method": "GET",
            "Stage": "v1",
            "AuthType": "IAM_ROLE",
        },
        "OutputPath": "$.ResponseBody",
        "End": True,
    }
    definition = json.dumps({"StartAt": "Call", "States": {"Call": task}})
    integration = {
        "Type": "MOCK",
        "RequestTemplates": {"application/json": '{"statusCode": 200}'},
        "IntegrationResponses": [{"StatusCode": "200", "ResponseTemplates": {"application/json": '{"said": "hi"}'}}],
    }
    method = {
        **rest,
        "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
        "HttpMethod": "GET",
        "AuthorizationType": "AWS_IAM",
        "Integration": integration,
        "MethodResponses": [{"StatusCode": "200"}],
    }
    arn = {"Fn::Sub": "arn:aws:execute-api:eu-west-1:111111111111:${Api}/*"}
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "called"}},
        "Method": {"Type": "AWS::ApiGateway::Method", "Properties": method},
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": "Method",
            "Properties": {**rest, "StageName": "v1"},
        },
    }
    for name, allowed in (("May", [("execute-api:Invoke", arn)]), ("MayNot", [])):
        resources[f"Role{name}"] = role("states.amazonaws.com", *allowed)
        resources[name] = {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "RoleArn": {"Fn::GetAtt": [f"Role{name}", "Arn"]},
                "DefinitionString": {"Fn::Sub": definition},
            },
        }
    stack = deploy(resources, May={"Ref": "May"}, MayNot={"Ref": "MayNot"})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]

    def run(machine: str) -> dict[str, Any]:
        execution = states.start_execution(stateMachineArn=stack["Outputs"][machine])["executionArn"]
        while (described := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
            time.sleep(0.05)
        return dict(described)

    done = run("May")
    assert (done["status"], json.loads(done["output"])) == ("SUCCEEDED", {"said": "hi"})
    failed = run("MayNot")
    assert (failed["status"], failed["error"]) == ("FAILED", "ApiGateway.403")
