"""Reserves what no two runs may share: the names of their jobs, and the output prefix."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from run_validation.request import InvalidInput, RunRequest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

NOT_FOUND = {"ValidationException", "ResourceNotFound", "ResourceNotFoundException"}


class TransactionConflict(Exception):  # noqa: N818 - the name is the error that the state machine tries again
    """Another run writes the same names right now."""


def split(uri: str) -> tuple[str, str]:
    """Return bucket and prefix of `s3://bucket/prefix`."""
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    return bucket, prefix


def require_version(s3: "S3Client", folder: str, version: str, what: str) -> None:
    """Raise `InvalidInput` unless the version below `folder` is complete: its manifest is written last."""
    bucket, prefix = split(folder)
    key = f"{prefix}/{version}/manifest.json"
    if not s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("KeyCount"):
        raise InvalidInput(f"{what} {version} is not published: there is no s3://{bucket}/{key}.")


def require_empty(s3: "S3Client", folder: str, name: str) -> None:
    """Raise `InvalidInput` when the output prefix holds objects: no run overwrites another's."""
    bucket, prefix = split(folder)
    if s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/{name}/", MaxKeys=1).get("KeyCount"):
        raise InvalidInput(f"OutputPrefix {name!r} was used before: s3://{bucket}/{prefix}/{name}/ holds objects.")


def require_new_jobs(sagemaker: "SageMakerClient", request: RunRequest) -> None:
    """Raise `InvalidInput` when SageMaker knows a job of one of the names, whoever made it."""
    for key, name in (
        ("PreprocessingJobName", request.preprocessing_job),
        ("EvaluationJobName", request.evaluation_job),
        ("TrainingJobName", request.training_job),
    ):
        try:
            if key == "TrainingJobName":
                sagemaker.describe_training_job(TrainingJobName=name)
            else:
                sagemaker.describe_processing_job(ProcessingJobName=name)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in NOT_FOUND:
                continue
            raise
        raise InvalidInput(f"{key} {name!r} was used before: choose another name.")


def reservations(request: RunRequest) -> Mapping[str, tuple[str, str]]:
    """Return the keys of the table that the run takes, with the member of the input and its value."""
    return {
        f"processing-job/{request.preprocessing_job.lower()}": ("PreprocessingJobName", request.preprocessing_job),
        f"processing-job/{request.evaluation_job.lower()}": ("EvaluationJobName", request.evaluation_job),
        f"training-job/{request.training_job.lower()}": ("TrainingJobName", request.training_job),
        f"output/{request.output_prefix}": ("OutputPrefix", request.output_prefix),
    }


def reserve(dynamodb: "DynamoDBClient", table: str, execution: str, request: RunRequest) -> None:
    """Reserve all or nothing; again for the same execution is no error, so that the task may be tried again.

    Raise `InvalidInput` naming the first that an earlier run took, `TransactionConflict` when one is being taken.
    """
    taken = reservations(request)
    writes: list[Any] = [
        {
            "Put": {
                "TableName": table,
                "Item": {"Key": {"S": key}, "Execution": {"S": execution}},
                "ConditionExpression": "attribute_not_exists(#key) OR #execution = :execution",
                "ExpressionAttributeNames": {"#key": "Key", "#execution": "Execution"},
                "ExpressionAttributeValues": {":execution": {"S": execution}},
            }
        }
        for key in taken
    ]
    try:
        dynamodb.transact_write_items(TransactItems=writes)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "TransactionCanceledException":
            raise
        reasons: list[Any] = list(error.response.get("CancellationReasons", ()))
        codes = [reason.get("Code") for reason in reasons]
        for (member, name), code in zip(taken.values(), codes, strict=False):
            if code == "ConditionalCheckFailed":
                raise InvalidInput(f"{member} {name!r} was used by an earlier run: choose another.") from None
        raise TransactionConflict(f"The names are being taken right now ({', '.join(map(str, codes))}).") from error
