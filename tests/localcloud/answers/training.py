"""Training jobs."""

from typing import Any

from tests.localcloud.answers.case import PRESENT, Call, Case, answers, call, like, refuses, shows, until
from tests.localcloud.answers.sources import (
    ACK,
    BOTOCORE,
)

REFUSED = "ValidationException"


def training(name: str = "<id>", do: str = "", **more: Any) -> Call:
    defaults: dict[str, Any] = {
        "AlgorithmSpecification": {"TrainingImage": "<image>", "TrainingInputMode": "File"},
        "RoleArn": "<role>",
        "OutputDataConfig": {"S3OutputPath": "s3://<bucket>/models"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "HyperParameters": {"do": do} if do else {},
    }
    return call("sagemaker.CreateTrainingJob", TrainingJobName=name, **{**defaults, **more})


def trained(name: str = "<id>") -> Call:
    return call("sagemaker.DescribeTrainingJob", TrainingJobName=name)


def ended(name: str = "<id>", status: str = "Failed") -> Call:
    return until(trained(name), TrainingJobStatus=status)


STOP = call("sagemaker.StopTrainingJob", TrainingJobName="<id>")

TRAINING = (
    refuses(
        "describe a training job that is not there",
        ACK + "TrainingJob 404 code ValidationException, message_prefix 'Requested resource not found'",
        REFUSED,
        "^Requested resource not found",
        trained(),
    ),
    refuses(
        "stop a training job that is not there",
        ACK + "StopTrainingJob is TrainingJob's delete, 404 message_prefix 'Requested resource not found'",
        REFUSED,
        "^Requested resource not found",
        STOP,
    ),
    refuses(
        "create a training job twice",
        "aws/amazon-sagemaker-examples#3108: (ResourceInUse) Training job names must be unique within an AWS account "
        "and region, and a training job with this name already exists (arn:aws:sagemaker:…)",
        "ResourceInUse",
        "^Training job names must be unique within an AWS account and region, and a training job with this name "
        r"already exists \(arn:aws:sagemaker:[a-z0-9-]+:\d{12}:training-job/<id>\)",
        training(do="fail"),
        training(do="fail"),
    ),
    refuses(
        "training job name with an underscore",
        "Kenza-AI/sagify#57: failed to satisfy constraint: Member must satisfy regular expression pattern: "
        "^[a-zA-Z0-9](-*[a-zA-Z0-9])*",
        REFUSED,
        r"at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression pattern",
        training("<id>_b"),
    ),
    refuses(
        "training job name of 64 characters",
        BOTOCORE + "TrainingJobName max 63",
        REFUSED,
        "at 'trainingJobName' failed to satisfy constraint: Member must have length less than or equal to 63",
        training("t" * 64),
    ),
    refuses(
        "an instance type that trains nothing",
        "aws-samples/aws-sagemaker-heart-disease-prediction#1: 1 validation error detected: Value 'ml.t2.medium' at "
        "'resourceConfig.instanceType' failed to satisfy constraint: Member must satisfy enum value set: [",
        REFUSED,
        r"1 validation error detected: Value 'ml\.t2\.medium' at 'resourceConfig\.instanceType' failed to satisfy "
        r"constraint: Member must satisfy enum value set: \[",
        training(ResourceConfig={"InstanceCount": 1, "InstanceType": "ml.t2.medium", "VolumeSizeInGB": 10}),
    ),
    refuses(
        "no time to train",
        BOTOCORE + "MaxRuntimeInSeconds min 1",
        REFUSED,
        "maxRuntimeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 1",
        training(StoppingCondition={"MaxRuntimeInSeconds": 0}),
    ),
    refuses(
        "a hundred and one hyperparameters",
        BOTOCORE + "HyperParameters max 100",
        REFUSED,
        "at 'hyperParameters' failed to satisfy constraint: Member must have length less than or equal to 100",
        training(HyperParameters={f"k{n}": "v" for n in range(101)}),
    ),
    refuses(
        "twenty-one channels",
        BOTOCORE + "InputDataConfig max 20",
        REFUSED,
        "at 'inputDataConfig' failed to satisfy constraint: Member must have length less than or equal to 20",
        training(
            InputDataConfig=[
                {
                    "ChannelName": f"c{n}",
                    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://<bucket>/in"}},
                }
                for n in range(21)
            ]
        ),
    ),
    refuses(
        "a channel name with a space",
        BOTOCORE + "ChannelName pattern [A-Za-z0-9\\.\\-_]+",
        REFUSED,
        r"Value 'my channel' at 'inputDataConfig\.1\.member\.channelName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern",
        training(
            InputDataConfig=[
                {
                    "ChannelName": "my channel",
                    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://<bucket>/in"}},
                }
            ]
        ),
    ),
    shows(
        "what the service fills into a training job",
        ACK + "TrainingJob late_initialize: EnableInterContainerTrafficEncryption, EnableManagedSpotTraining, "
        "EnableNetworkIsolation, AlgorithmSpecification.EnableSageMakerMetricsTimeSeries, OutputDataConfig.KMSKeyID",
        {
            "EnableInterContainerTrafficEncryption": False,
            "EnableManagedSpotTraining": False,
            "EnableNetworkIsolation": False,
            "AlgorithmSpecification.EnableSageMakerMetricsTimeSeries": PRESENT,
            "OutputDataConfig.KmsKeyId": "",
        },
        training(do="fail"),
        trained(),
    ),
    shows(
        "a training job is InProgress and Starting at first",
        BOTOCORE + "DescribeTrainingJobResponse TrainingJobStatus InProgress, SecondaryStatus Starting",
        {"TrainingJobStatus": "InProgress", "SecondaryStatus": like("Starting|Pending|Downloading|Training")},
        training(do="hang"),
        trained(),
    ),
    shows(
        "a stopped training job",
        "botocore data/sagemaker/2017-07-24/waiters-2.json: TrainingJobCompletedOrStopped waits for Stopped",
        {"TrainingJobStatus": "Stopped", "SecondaryStatus": "Stopped", "TrainingEndTime": PRESENT},
        training(do="hang"),
        STOP,
        ended(status="Stopped"),
        trained(),
    ),
    refuses(
        "stop a training job that is stopped",
        "awslabs/benchmark-ai#928: The request was rejected because the training job is in status Stopped.",
        REFUSED,
        r"^The request was rejected because the training job is in status Stopped\.$",
        training(do="hang"),
        STOP,
        ended(status="Stopped"),
        STOP,
    ),
    shows(
        "a failed training job says why",
        "Amazon SageMaker developer guide, How Amazon SageMaker Runs Your Training Image: the first 1024 characters of "
        "/opt/ml/output/failure are returned as FailureReason",
        {"TrainingJobStatus": "Failed", "FailureReason": like("AlgorithmError.*claims.csv has no column policy_id")},
        training(do="fail"),
        ended(),
        trained(),
    ),
    shows(
        "a training job's transitions begin with Starting",
        BOTOCORE + "SecondaryStatusTransitions: A history of all of the secondary statuses that the training job has "
        "transitioned through",
        {"SecondaryStatusTransitions[0].Status": "Starting", "SecondaryStatusTransitions[-1].Status": "Failed"},
        training(do="fail"),
        ended(),
        trained(),
    ),
    shows(
        "the filter by status comes after the page",
        BOTOCORE + "ListTrainingJobs: When StatusEquals and MaxResults are set at the same time, the MaxResults number "
        "of training jobs are first retrieved ignoring the StatusEquals parameter and then they are filtered",
        {"TrainingJobSummaries": []},
        training("<id>-a", do="hang"),
        call("sagemaker.StopTrainingJob", TrainingJobName="<id>-a"),
        ended("<id>-a", "Stopped"),
        training("<id>-b", do="fail"),
        ended("<id>-b"),
        call(
            "sagemaker.ListTrainingJobs",
            NameContains="<id>",
            MaxResults=1,
            StatusEquals="Stopped",
            SortBy="CreationTime",
            SortOrder="Descending",
        ),
    ),
    shows(
        "training jobs of a status",
        BOTOCORE + "ListTrainingJobsRequest StatusEquals: A filter that retrieves only training jobs with a specific "
        "status",
        {"TrainingJobSummaries[].TrainingJobName": ["<id>"], "TrainingJobSummaries[0].TrainingJobStatus": "Failed"},
        training(do="fail"),
        ended(),
        call("sagemaker.ListTrainingJobs", NameContains="<id>", StatusEquals="Failed"),
    ),
    refuses(
        "a role that is no ARN",
        "aws/amazon-sagemaker-examples#4843 (words of a role's pattern); botocore RoleArn pattern",
        REFUSED,
        "Value 'my-role' at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern",
        training(RoleArn="my-role"),
    ),
)


def accepted(name: str, source: str, made: Call, arn: str) -> Case:
    return answers(name, source, made, **{arn: PRESENT})


CASES: tuple[Case, ...] = TRAINING


CASES += (
    accepted(
        "training job name of 63 characters",
        BOTOCORE + "TrainingJobName max 63",
        training("<id>" + "t" * 53, do="fail"),
        "TrainingJobArn",
    ),
    accepted(
        "a hundred hyperparameters",
        BOTOCORE + "HyperParameters max 100",
        training(HyperParameters={"do": "fail", **{f"k{n}": "v" for n in range(99)}}),
        "TrainingJobArn",
    ),
)
