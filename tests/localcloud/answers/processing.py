"""Processing jobs, and what describes nothing."""

from typing import Any

from tests.localcloud.answers.case import PRESENT, Call, Case, call, like, refuses, shows, until
from tests.localcloud.answers.sources import (
    ACK,
    BOTOCORE,
)

REFUSED = "ValidationException"


def processing(name: str = "<id>", **more: Any) -> Call:
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
    defaults: dict[str, Any] = {
        "AppSpecification": {"ImageUri": "<image>", "ContainerArguments": ["fail"]},
        "RoleArn": "<role>",
        "ProcessingResources": {"ClusterConfig": cluster},
    }
    return call("sagemaker.CreateProcessingJob", ProcessingJobName=name, **{**defaults, **more})


PROCESSING = (
    refuses(
        "describe a processing job that is not there",
        ACK + "ProcessingJob 404 code ValidationException, message_prefix 'Could not find requested job'",
        REFUSED,
        "^Could not find requested job",
        call("sagemaker.DescribeProcessingJob", ProcessingJobName="<id>"),
    ),
    refuses(
        "stop a processing job that is not there",
        ACK + "StopProcessingJob is ProcessingJob's delete, 404 message_prefix 'Could not find requested job'",
        REFUSED,
        "^Could not find requested job",
        call("sagemaker.StopProcessingJob", ProcessingJobName="<id>"),
    ),
    refuses(
        "create a processing job twice",
        BOTOCORE + "CreateProcessingJob errors: ResourceInUse",
        "ResourceInUse",
        "",
        processing(),
        processing(),
    ),
    refuses(
        "processing job name of 64 characters",
        BOTOCORE + "ProcessingJobName max 63",
        REFUSED,
        "at 'processingJobName' failed to satisfy constraint: Member must have length less than or equal to 63",
        processing("p" * 64),
    ),
    refuses(
        "an empty argument of a container",
        "aws/sagemaker-python-sdk#3758: Found null or empty string in ContainerArguments at index 25. "
        "ContainerArguments and ContainerEntrypoint may not contain null or empty strings.",
        REFUSED,
        "",
        processing(AppSpecification={"ImageUri": "<image>", "ContainerArguments": ["a", ""]}),
    ),
    refuses(
        "eleven inputs",
        BOTOCORE + "ProcessingInputs max 10",
        REFUSED,
        "at 'processingInputs' failed to satisfy constraint: Member must have length less than or equal to 10",
        processing(
            ProcessingInputs=[
                {
                    "InputName": f"i{n}",
                    "S3Input": {
                        "S3Uri": "s3://<bucket>/in",
                        "LocalPath": f"/opt/ml/processing/i{n}",
                        "S3DataType": "S3Prefix",
                        "S3InputMode": "File",
                    },
                }
                for n in range(11)
            ]
        ),
    ),
    shows(
        "processing jobs are listed oldest first",
        BOTOCORE + "ListProcessingJobsRequest SortOrder: The default is Ascending; SortBy: The default is CreationTime",
        {"ProcessingJobSummaries[].ProcessingJobName": ["<id>-b", "<id>-a"]},
        processing("<id>-b"),
        processing("<id>-a"),
        call("sagemaker.ListProcessingJobs", NameContains="<id>"),
    ),
    shows(
        "a failed processing job",
        "botocore data/sagemaker/2017-07-24/waiters-2.json: ProcessingJobCompletedOrStopped fails at Failed; "
        "DescribeProcessingJobResponse FailureReason",
        {"ProcessingJobStatus": "Failed", "FailureReason": like("AlgorithmError"), "ProcessingEndTime": PRESENT},
        processing(),
        until(call("sagemaker.DescribeProcessingJob", ProcessingJobName="<id>"), ProcessingJobStatus="Failed"),
        call("sagemaker.DescribeProcessingJob", ProcessingJobName="<id>"),
    ),
)


def missing(operation: str, code: str, source: str, message: str = "", **parameters: str) -> Case:
    return refuses(f"{operation} of nothing", source, code, message, call(f"sagemaker.{operation}", **parameters))


OTHERS = (
    missing(
        "DescribeTransformJob",
        REFUSED,
        ACK + "TransformJob 404 message_prefix 'Could not find requested job with name'",
        "^Could not find requested job with name",
        TransformJobName="<id>",
    ),
    missing(
        "DescribeHyperParameterTuningJob",
        "ResourceNotFound",
        ACK + "HyperParameterTuningJob 404 code ResourceNotFound",
        HyperParameterTuningJobName="<id>",
    ),
    missing(
        "DescribeAutoMLJobV2",
        "ResourceNotFound",
        BOTOCORE + "DescribeAutoMLJobV2 errors: ResourceNotFound",
        AutoMLJobName="<id>",
    ),
    missing(
        "DescribeMonitoringSchedule",
        "ResourceNotFound",
        ACK + "MonitoringSchedule 404 code ResourceNotFound",
        MonitoringScheduleName="<id>",
    ),
    missing(
        "DescribeDataQualityJobDefinition",
        "ResourceNotFound",
        ACK + "DataQualityJobDefinition 404 code ResourceNotFound",
        JobDefinitionName="<id>",
    ),
    missing("DescribeImage", "ResourceNotFound", BOTOCORE + "DescribeImage errors: ResourceNotFound", ImageName="<id>"),
    missing(
        "DescribeAppImageConfig",
        "ResourceNotFound",
        BOTOCORE + "DescribeAppImageConfig errors: ResourceNotFound",
        AppImageConfigName="<id>",
    ),
    missing(
        "DescribeCodeRepository",
        REFUSED,
        "hashicorp/terraform-provider-aws internal/service/sagemaker/code_repository.go: ValidationException "
        "'Cannot find CodeRepository'",
        "Cannot find CodeRepository",
        CodeRepositoryName="<id>",
    ),
)


CASES: tuple[Case, ...] = (*PROCESSING, *OTHERS)
