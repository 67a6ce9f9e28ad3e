"""The AWS APIs that runs are read from; nothing is written through them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import GetLogEventsRequestTypeDef
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_stepfunctions import SFNClient

TRAINING_LOGS = "/aws/sagemaker/TrainingJobs"
FIRST_INSTANCE = "algo-1"


@dataclass(frozen=True)
class Aws:
    """Clients, in the rights of the recorder."""

    sagemaker: "SageMakerClient"
    stepfunctions: "SFNClient"
    logs: "CloudWatchLogsClient"
    s3: "S3Client"
    dynamodb: "DynamoDBClient"

    def read(self, uri: str) -> bytes | None:
        """Return an object in S3; none when it is not there."""
        parts = urlsplit(uri)
        try:
            return self.s3.get_object(Bucket=parts.netloc, Key=parts.path.removeprefix("/"))["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return None

    def training_log(self, job: str) -> Iterator[tuple[int, str]]:
        """Yield time (milliseconds since 1970) and text of each line of the job's first instance."""
        try:
            streams = self.logs.describe_log_streams(
                logGroupName=TRAINING_LOGS, logStreamNamePrefix=f"{job}/{FIRST_INSTANCE}"
            )["logStreams"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return
        for stream in sorted(streams, key=lambda each: each["logStreamName"]):
            yield from self._lines(stream["logStreamName"])

    def _lines(self, stream: str) -> Iterator[tuple[int, str]]:
        token: str | None = None
        while True:
            asked: GetLogEventsRequestTypeDef = {
                "logGroupName": TRAINING_LOGS,
                "logStreamName": stream,
                "startFromHead": True,
            }
            if token:
                asked["nextToken"] = token
            page = self.logs.get_log_events(**asked)
            yield from ((event["timestamp"], event["message"]) for event in page["events"])
            if page["nextForwardToken"] == token:  # the end of a stream repeats its token
                return
            token = page["nextForwardToken"]
