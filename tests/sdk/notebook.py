"""What every notebook repeats: names, policies, the inputs and outputs of the platform's image for tables."""

import io
import json
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import boto3
from botocore.exceptions import WaiterError
from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output
from sagemaker.core.training.configs import Compute, InputData, MetricDefinition

BUCKET = "notebook-of-a-data-scientist"
CHANNELS = ("train", "validation", "features")
NETWORK = (
    "CreateNetworkInterface",
    "CreateNetworkInterfacePermission",
    "DeleteNetworkInterface",
    "DeleteNetworkInterfacePermission",
    "DescribeDhcpOptions",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeVpcs",
)
"""What jobs in a VPC need of EC2; the SDK asks it of every role for training."""


def allow(actions: list[str], *resources: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


PREPARE = ["prepare", "--recipe", "fraud", "--seed", "42"]


def from_folder(uri: str) -> ProcessingInput:
    """Claims and customers of an S3 prefix, or of a folder here, which the SDK uploads."""
    place = ProcessingS3Input(
        s3_uri=uri, local_path="/opt/ml/processing/input/data", s3_data_type="S3Prefix", s3_input_mode="File"
    )
    return ProcessingInput(input_name="data", s3_input=place)


def outputs_at(uri: str) -> list[ProcessingOutput]:
    """One output per channel below an S3 prefix."""
    return [
        ProcessingOutput(
            output_name=channel,
            s3_output=ProcessingS3Output(
                s3_uri=f"{uri}/{channel}",
                local_path=f"/opt/ml/processing/output/{channel}",
                s3_upload_mode="EndOfJob",
            ),
        )
        for channel in CHANNELS
    ]


AUC = MetricDefinition(name="validation:auc", regex=r"validation-auc:([0-9.]+)")
SMALL = Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10)


def channels_of(uri: str) -> list[InputData]:
    """Channels of a training job on prepared tables."""
    return [InputData(channel_name=channel, data_source=f"{uri}/{channel}") for channel in CHANNELS]


def finished(execution: Any) -> dict[str, dict[str, Any]]:
    """Wait for an execution of a pipeline, which must succeed, and return its steps by name."""
    with suppress(WaiterError):
        execution.wait(delay=1, max_attempts=300)
    steps = {step["StepName"]: step for step in execution.list_steps()}
    reasons = {name: step["FailureReason"] for name, step in steps.items() if "FailureReason" in step}
    assert execution.describe()["PipelineExecutionStatus"] == "Succeeded", reasons
    return steps


def keys_at(uri: str) -> list[str]:
    """Keys below an S3 prefix."""
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    return [
        item["Key"] for item in boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    ]


def content(uri: str) -> bytes:
    """Return the object at an address in S3."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bytes(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def unpacked(uri: str) -> dict[str, bytes]:
    """Return the files of an archive in S3 by their names."""
    with tarfile.open(fileobj=io.BytesIO(content(uri))) as tar:
        return {member.name: file.read() for member in tar if (file := tar.extractfile(member))}
