"""Pipelines."""

import json
from typing import Any

from tests.localcloud.answers.case import PRESENT, Call, Case, answers, call, like, refuses, shows, until
from tests.localcloud.answers.sources import (
    BOTOCORE,
)

REFUSED = "ValidationException"


def definition(*steps: dict[str, Any], **parameters: str) -> str:
    listed = [{"Name": name, "Type": "String", "DefaultValue": value} for name, value in parameters.items()]
    return json.dumps({"Version": "2020-12-01", "Metadata": {}, "Parameters": listed, "Steps": list(steps)})


FAIL = {"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "not good enough"}}


def pipeline(text: str = definition(FAIL, Greeting="hello"), name: str = "<id>", **more: Any) -> Call:
    return call(
        "sagemaker.CreatePipeline",
        **{
            "PipelineName": name,
            "PipelineDefinition": text,
            "ClientRequestToken": "<id>" + "x" * 32,
            "RoleArn": "<role>",
            **more,
        },
    )


def start(token: str = "<id>" + "t" * 32, **more: Any) -> Call:
    return call("sagemaker.StartPipelineExecution", PipelineName="<id>", ClientRequestToken=token, **more)


EXECUTION = call("sagemaker.DescribePipelineExecution", PipelineExecutionArn="<1.PipelineExecutionArn>")


def condition(**negated: Any) -> str:
    equal = {"Type": "Equals", "LeftValue": "a", "RightValue": "a"}
    return definition(
        {
            "Name": "Check",
            "Type": "Condition",
            "Arguments": {
                "Conditions": [{"Type": "Not", **dict.fromkeys(negated, equal)}],
                "IfSteps": [FAIL],
                "ElseSteps": [],
            },
        }
    )


PIPELINES = (
    refuses(
        "describe a pipeline that is not there",
        BOTOCORE + "DescribePipeline errors: ResourceNotFound",
        "ResourceNotFound",
        "<id>",
        call("sagemaker.DescribePipeline", PipelineName="<id>"),
    ),
    refuses(
        "start a pipeline that is not there",
        BOTOCORE + "StartPipelineExecution errors: ResourceNotFound",
        "ResourceNotFound",
        "<id>",
        start(),
    ),
    refuses(
        "delete a pipeline that is not there",
        BOTOCORE + "DeletePipeline errors: ResourceNotFound",
        "ResourceNotFound",
        "<id>",
        call("sagemaker.DeletePipeline", PipelineName="<id>", ClientRequestToken="d" * 32),
    ),
    refuses(
        "update a pipeline that is not there",
        BOTOCORE + "UpdatePipeline errors: ResourceNotFound",
        "ResourceNotFound",
        "<id>",
        call("sagemaker.UpdatePipeline", PipelineName="<id>", PipelineDescription="none"),
    ),
    refuses(
        "describe an execution that is not there",
        BOTOCORE + "DescribePipelineExecution errors: ResourceNotFound",
        "ResourceNotFound",
        "",
        pipeline(),
        call(
            "sagemaker.DescribePipelineExecution",
            PipelineExecutionArn="<0.PipelineArn>/execution/abcdefghijkl",
        ),
    ),
    refuses(
        "create a pipeline twice",
        "aws/sagemaker-python-sdk workflow/pipeline.py upsert: ValidationException, 'Pipeline names must be unique "
        "within' (2.30), 'already exists' (2.150)",
        REFUSED,
        "^Pipeline names must be unique within an AWS account and region.*already exists",
        pipeline(),
        pipeline(ClientRequestToken="<id>" + "y" * 32),
    ),
    refuses(
        "a definition that is no JSON",
        "penguins/pipeline.py, a public SageMaker pipeline: (ValidationException) when calling the "
        "CreatePipeline operation: Unable to parse pipeline definition. Model Validation failed",
        REFUSED,
        "^Unable to parse pipeline definition",
        pipeline("{no json"),
    ),
    refuses(
        "a step's value out of its enumeration",
        "penguins/pipeline.py, a public SageMaker pipeline: Unable to parse pipeline definition. Model "
        "Validation failed: Value 'FastFile' for 'ProcessingS3InputMode' failed to satisfy enum value set",
        REFUSED,
        "^Unable to parse pipeline definition",
        pipeline(
            definition(
                {
                    "Name": "Prepare",
                    "Type": "Processing",
                    "Arguments": {
                        "AppSpecification": {"ImageUri": "image"},
                        "RoleArn": "arn:aws:iam::111111111111:role/r",
                        "ProcessingResources": {
                            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
                        },
                        "ProcessingInputs": [
                            {
                                "InputName": "in",
                                "S3Input": {
                                    "S3Uri": "s3://b/in",
                                    "LocalPath": "/opt/ml/processing/in",
                                    "S3DataType": "S3Prefix",
                                    "S3InputMode": "FastFile",
                                },
                            }
                        ],
                    },
                }
            )
        ),
    ),
    refuses(
        "an empty parameter of an execution",
        'aws/sagemaker-python-sdk#4016: ValidationException: [string "" is too short (length: 0, required minimum: 1)]',
        REFUSED,
        r'string "" is too short \(length: 0, required minimum: 1\)',
        pipeline(),
        start(PipelineParameters=[{"Name": "Greeting", "Value": ""}]),
    ),
    refuses(
        "a negation with Expression",
        "aws/sagemaker-python-sdk#2746: Cannot parse object, unknown property 'Expression'",
        REFUSED,
        "Expression",
        pipeline(condition(Expression=True)),
    ),
    answers(
        "a negation with Condition",
        "aws/sagemaker-python-sdk#4351: ConditionNot sends Condition",
        pipeline(condition(Condition=True)),
        PipelineArn=PRESENT,
    ),
    refuses(
        "pipeline name of 257 characters",
        BOTOCORE + "PipelineName max 256",
        REFUSED,
        "at 'pipelineName' failed to satisfy constraint: Member must",
        pipeline(name="p" * 257),
    ),
    answers(
        "pipeline name of 256 characters",
        BOTOCORE + "PipelineName max 256",
        pipeline(name="<id>" + "p" * 246),
        PipelineArn=PRESENT,
    ),
    refuses(
        "a token of 31 characters",
        BOTOCORE + "IdempotencyToken min 32",
        REFUSED,
        "at 'clientRequestToken' failed to satisfy constraint: Member must have length greater than or equal to 32",
        pipeline(ClientRequestToken="t" * 31),
    ),
    refuses(
        "no steps at once",
        BOTOCORE + "MaxParallelExecutionSteps min 1",
        REFUSED,
        "maxParallelExecutionSteps' failed to satisfy constraint: Member must have value greater than or equal to 1",
        pipeline(ParallelismConfiguration={"MaxParallelExecutionSteps": 0}),
    ),
    shows(
        "the same token starts one execution",
        BOTOCORE + "StartPipelineExecutionRequest ClientRequestToken: A unique, case-sensitive identifier that you "
        "provide to ensure the idempotency of the operation",
        {"PipelineExecutionArn": "<1.PipelineExecutionArn>"},
        pipeline(),
        start(),
        start(),
    ),
    shows(
        "an execution's ARN and status",
        BOTOCORE + "PipelineExecutionArn pattern; PipelineExecutionStatus Executing",
        {
            "PipelineExecutionArn": like(r":pipeline/<id>/execution/[a-z0-9]{12}$"),
            "PipelineExecutionStatus": like("Executing|Failed"),
            "PipelineArn": "<0.PipelineArn>",
        },
        pipeline(),
        start(),
        EXECUTION,
    ),
    shows(
        "a fail step fails the execution with its message",
        "Amazon SageMaker developer guide, Fail step: the execution status is set to Failed and the message is the "
        "reason; botocore FailStepMetadata ErrorMessage",
        {
            "PipelineExecutionSteps[0].StepStatus": "Failed",
            "PipelineExecutionSteps[0].Metadata.Fail.ErrorMessage": "not good enough",
        },
        pipeline(),
        start(),
        until(EXECUTION, PipelineExecutionStatus="Failed"),
        call("sagemaker.ListPipelineExecutionSteps", PipelineExecutionArn="<1.PipelineExecutionArn>"),
    ),
    shows(
        "a new pipeline is active",
        BOTOCORE + "PipelineStatus enum Active, Deleting",
        {"PipelineStatus": "Active", "RoleArn": "<role>", "CreationTime": PRESENT, "LastModifiedTime": PRESENT},
        pipeline(),
        call("sagemaker.DescribePipeline", PipelineName="<id>"),
    ),
    shows(
        "the parameters of an execution",
        BOTOCORE + "ListPipelineParametersForExecution: Gets a list of parameters for a pipeline execution",
        {"PipelineParameters": [{"Name": "Greeting", "Value": "good day"}]},
        pipeline(),
        start(PipelineParameters=[{"Name": "Greeting", "Value": "good day"}]),
        call("sagemaker.ListPipelineParametersForExecution", PipelineExecutionArn="<1.PipelineExecutionArn>"),
    ),
)


CASES: tuple[Case, ...] = PIPELINES
