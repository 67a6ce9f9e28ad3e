"""A session with AWS, or with the local cloud of this folder: only the address differs."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
)
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from mdlc.errors import CommandError, InputError
from mdlc.systems import SYSTEMS

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef, StackTypeDef
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_featurestore_runtime import SageMakerFeatureStoreRuntimeClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

ENDPOINT: Final = "AWS_ENDPOINT_URL"
CHOOSES_A_CLOUD: Final = frozenset(
    {
        ENDPOINT,
        "AWS_ACCESS_KEY_ID",
        "AWS_CONFIG_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_PROFILE",
        "AWS_ROLE_ARN",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    }
)
"""Variables that say which cloud is meant: with one of them set, the local cloud is not picked by itself."""

STACKS: Final = tuple(
    dict.fromkeys(
        (
            "storage",
            "notices",
            "api",
            "experiments",
            "features",
            "labeling",
            "studio",
            "training",
            "serving",
            "steps",
            "vision",
            *SYSTEMS,
        )
    )
)
"""Stacks that may have outputs: the platform's, and one for each system."""
_LOOPBACK: Final = ("127.0.0.1", "localhost")
_API_TIMEOUT: Final = 90
"""Seconds that a prediction may take: API Gateway gives up before."""


def sentence(error: BotoCoreError | ClientError) -> str:
    """Return AWS's error as one line: what it refused and why."""
    if isinstance(error, NoRegionError | NoCredentialsError):
        missing = "region" if isinstance(error, NoRegionError) else "account"
        return (
            f"There is no AWS {missing} to talk to: start the local cloud with mdlc local up, or choose one with "
            "AWS_PROFILE or other AWS_* variables."
        )
    if isinstance(error, ClientError):
        described = error.response.get("Error", {})
        message = " ".join(described.get("Message", "no reason given").split())
        return f"{error.operation_name} was refused: {message} ({described.get('Code', 'unknown')})"
    if isinstance(error, EndpointConnectionError) and urlsplit(error.kwargs["endpoint_url"]).hostname in _LOOPBACK:
        return (
            f"Nothing answers at {error.kwargs['endpoint_url']}: start the local cloud with mdlc local up, and where "
            f'the shell has {ENDPOINT} of an earlier one, run eval "$(mdlc local env)" again.'
        )
    return " ".join(str(error).split())


def split_s3_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key of `s3://bucket/key` or `https://s3.<region>.amazonaws.com/bucket/key`."""
    parts = urlsplit(uri)
    if parts.scheme == "s3":
        return parts.netloc, parts.path.removeprefix("/")
    bucket, _, key = parts.path.removeprefix("/").partition("/")
    return bucket, key


def _outputs(stack: "StackTypeDef") -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


@dataclass(frozen=True)
class Answer:
    """What an HTTP API answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Cloud:
    """A session with one cloud, and the platform's stacks in it.

    `variables` are the AWS_* variables that lead to it; empty means what this process finds by itself.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    _asked: dict[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def session(self) -> boto3.Session:
        """The boto3 session of this cloud; its region may come from AWS_REGION, which boto3 by itself ignores."""
        return boto3.Session(
            aws_access_key_id=self.variables.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self.variables.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=self.variables.get("AWS_SESSION_TOKEN"),
            region_name=(self.variables or os.environ).get("AWS_REGION") or self.variables.get("AWS_DEFAULT_REGION"),
        )

    @property
    def endpoint(self) -> str | None:
        """Address that stands for all of AWS, when it is not AWS itself."""
        return self.variables.get(ENDPOINT) or os.environ.get(ENDPOINT) or None

    @cached_property
    def s3(self) -> "S3Client":
        """Amazon S3."""
        config = Config(s3={"addressing_style": "path"}) if self.endpoint else None
        return self.session.client("s3", endpoint_url=self.endpoint, config=config)

    @cached_property
    def records(self) -> "SageMakerFeatureStoreRuntimeClient":
        """Records of Amazon SageMaker Feature Store."""
        config = Config(max_pool_connections=50, retries={"mode": "adaptive", "total_max_attempts": 8})
        return self.session.client("sagemaker-featurestore-runtime", endpoint_url=self.endpoint, config=config)

    @cached_property
    def sagemaker(self) -> "SageMakerClient":
        """Amazon SageMaker."""
        return self.session.client("sagemaker", endpoint_url=self.endpoint)

    @cached_property
    def runtime(self) -> "SageMakerRuntimeClient":
        """Amazon SageMaker Runtime; a model may take 60 seconds, and one that failed is not asked again."""
        config = Config(read_timeout=70, retries={"total_max_attempts": 1})
        return self.session.client("sagemaker-runtime", endpoint_url=self.endpoint, config=config)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        """Amazon CloudWatch Logs."""
        return self.session.client("logs", endpoint_url=self.endpoint)

    @cached_property
    def functions(self) -> "LambdaClient":
        """AWS Lambda."""
        return self.session.client("lambda", endpoint_url=self.endpoint)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """Amazon DynamoDB."""
        return self.session.client("dynamodb", endpoint_url=self.endpoint)

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        """Amazon CloudWatch."""
        return self.session.client("cloudwatch", endpoint_url=self.endpoint)

    @cached_property
    def events(self) -> "EventBridgeClient":
        """Amazon EventBridge."""
        return self.session.client("events", endpoint_url=self.endpoint)

    @cached_property
    def sns(self) -> "SNSClient":
        """Amazon SNS."""
        return self.session.client("sns", endpoint_url=self.endpoint)

    @cached_property
    def sqs(self) -> "SQSClient":
        """Amazon SQS."""
        return self.session.client("sqs", endpoint_url=self.endpoint)

    @cached_property
    def stepfunctions(self) -> "SFNClient":
        """AWS Step Functions."""
        return self.session.client("stepfunctions", endpoint_url=self.endpoint)

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """AWS CloudFormation."""
        return self.session.client("cloudformation", endpoint_url=self.endpoint)

    def output(self, environment: str, name: str, what: str) -> str:
        """Return an output of an environment's stacks; raise `InputError` when none has it.

        `what` is what the output stands for, such as "bucket for data": the refusal names it.
        """
        found = self.find_output(environment, name)
        if found is None:
            raise InputError(f"{self.place(environment)} has no {what}: {self.remedy(environment)}.")
        return found

    def find_output(self, environment: str, name: str) -> str | None:
        """Return an output of an environment's stacks; None where it has none of that name."""
        return self.outputs(environment).get(name)

    def outputs(self, environment: str) -> Mapping[str, str]:
        """Return the outputs of all of an environment's stacks, as they were when they were asked for first."""
        return {name: value for outputs in self._stacks(environment).values() for name, value in outputs.items()}

    def place(self, environment: str) -> str:
        """Say which environment of which cloud it is."""
        return f"{environment} in {self.description}"

    def remedy(self, environment: str) -> str:
        """Say what to do when an environment lacks something: what is true of its stacks alone."""
        if not self._stacks(environment):
            others = f"; deployed here is {', '.join(known)}" if (known := self._environments) else ""
            return (
                f"nothing of it is deployed, cdk deploy '{environment}/*' does that where stacks/environments.py has"
                f" such an environment{others}"
            )
        return f"cdk deploy '{environment}/*' brings it, unless stacks/environments.py leaves it out"

    @property
    def _environments(self) -> list[str]:
        """Return the environments of which something is deployed, for who may list all stacks."""
        marked = f"-{STACKS[0]}"  # every environment has its storage
        return sorted(name.removesuffix(marked) for name in self._outputs or () if name.endswith(marked))

    def _stacks(self, environment: str) -> Mapping[str, Mapping[str, str]]:
        """Return the outputs by stack of an environment."""
        prefix = f"{environment}-"
        if self._outputs is not None:
            return {stack: outputs for stack, outputs in self._outputs.items() if stack.startswith(prefix)}
        if environment not in self._asked:  # people in Studio see the stacks of their environment, by name
            found = {prefix + name: self._outputs_of(prefix + name) for name in STACKS}
            self._asked[environment] = {stack: outputs for stack, outputs in found.items() if outputs is not None}
        return self._asked[environment]

    @cached_property
    def _outputs(self) -> Mapping[str, Mapping[str, str]] | None:
        """Outputs by stack, of all stacks; None for who may not list them."""
        try:
            pages = list(self.cloudformation.get_paginator("describe_stacks").paginate())
        except ClientError as error:
            if not error.response.get("Error", {}).get("Code", "").startswith("AccessDenied"):
                raise
            return None
        return {stack["StackName"]: _outputs(stack) for page in pages for stack in page["Stacks"]}

    def _outputs_of(self, stack: str) -> Mapping[str, str] | None:
        """Return the outputs of a stack; None where there is none of that name."""
        try:
            return _outputs(self.cloudformation.describe_stacks(StackName=stack)["Stacks"][0])
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            return None

    def stack_names(self, prefix: str) -> list[str]:
        """Return names of the stacks that begin with `prefix`."""
        pages = self.cloudformation.get_paginator("describe_stacks").paginate()
        return [
            stack["StackName"] for page in pages for stack in page["Stacks"] if stack["StackName"].startswith(prefix)
        ]

    def resources(self, environment: str) -> Iterator[tuple[str, "StackResourceSummaryTypeDef"]]:
        """Yield every resource of an environment's stacks, with the name of its stack."""
        for name in self.stack_names(f"{environment}-"):
            pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
            yield from ((name, resource) for page in pages for resource in page["StackResourceSummaries"])

    def physical_ids(self, environment: str) -> dict[str, str]:
        """Return the physical ids of an environment's resources by `stack/logical id`."""
        return {
            f"{stack}/{resource['LogicalResourceId']}": resource.get("PhysicalResourceId", "")
            for stack, resource in self.resources(environment)
        }

    def invoke(self, endpoint: str, body: bytes, content_type: str, accept: str) -> bytes:
        """Return what an endpoint answers to `body`."""
        answer = self.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, ContentType=content_type, Accept=accept)
        return answer["Body"].read()

    def read_bytes(self, uri: str) -> bytes:
        """Return an object in S3; raise `CommandError` when it is not there."""
        bucket, key = split_s3_uri(uri)
        try:
            return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "NoSuchKey":
                raise
            raise CommandError(f"{uri} does not exist.") from None

    def read_json(self, uri: str) -> dict[str, Any]:
        """Return a JSON document in S3; raise `CommandError` when it is not there or is no JSON object."""
        try:
            document = json.loads(self.read_bytes(uri))
        except ValueError as error:
            raise CommandError(f"{uri} is no JSON: {error}.") from None
        if not isinstance(document, dict):
            raise CommandError(f"{uri} is no JSON object.")
        return document

    @property
    def poll_seconds(self) -> float:
        """How long to pause between two looks at work under way."""
        return 0.5 if self.endpoint else 10.0

    @property
    def description(self) -> str:
        """Which cloud this is, for people."""
        region = self.session.region_name or "no region"
        return f"{self.endpoint} ({region})" if self.endpoint else f"AWS ({region})"

    def post(self, api: str, path: str, body: bytes, content_type: str, accept: str) -> Answer:
        """Post to a REST API with IAM authorization, signed by this session.

        `api` is the URL of its stage. Raise `CommandError` when nothing answers.
        """
        url = self.api_url(api) + path
        credentials = self.session.get_credentials()
        if credentials is None:
            raise CommandError("There are no AWS credentials to sign the request with.")
        request = AWSRequest("POST", url, headers={"Content-Type": content_type, "Accept": accept}, data=body)
        SigV4Auth(credentials, "execute-api", self.session.region_name).add_auth(request)
        http = URLLib3Session(proxies=get_environ_proxies(url), timeout=_API_TIMEOUT)
        try:
            response = http.send(request.prepare())
        except BotoCoreError as error:
            raise CommandError(f"POST {url} got no answer: {sentence(error)}") from error
        finally:
            http.close()
        return Answer(response.status_code, dict(response.headers.items()), response.content)

    def api_url(self, api: str) -> str:
        """Return where a REST API answers whose stage is at `api` in AWS.

        A cloud with an address of its own serves APIs under `/_aws/execute-api/<api>/<stage>/`.
        """
        if not self.endpoint:
            return api
        parts = urlsplit(api)
        api_id = (parts.hostname or "").split(".")[0]
        return f"{self.endpoint.rstrip('/')}/_aws/execute-api/{api_id}{parts.path}"
