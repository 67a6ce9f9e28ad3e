"""Requests on the wire fail as they are told to, for unmodified clients."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from localcloud.lifecycle import LocalCloud, LocalCloudError, Running

pytestmark = pytest.mark.slow
INVOKED = {"EndpointName": "e", "Body": b""}
ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=2)


@pytest.fixture(autouse=True)
def straight(cloud: LocalCloud) -> Iterator[None]:
    """Nothing fails after a test."""
    yield
    cloud.clear_faults()


@pytest.fixture
def ask(running: Running) -> Any:
    """Ask a service once, with a client that does not try again."""

    def asked(service: str, operation: str, **parameters: Any) -> Mapping[str, Any]:
        session = boto3.Session(running.account, running.secret, region_name=running.region)
        connect: Any = session.client
        client = connect(service, endpoint_url=running.endpoint, config=ONCE)
        answer: Mapping[str, Any] = getattr(client, operation)(**parameters)
        return answer

    return asked


@pytest.mark.parametrize(
    ("what", "kind", "service", "operation", "parameters", "code"),
    [
        ("s3:ListBuckets", "throttle", "s3", "list_buckets", {}, "SlowDown"),
        ("s3:HeadBucket", "unavailable", "s3", "head_bucket", {"Bucket": "none"}, "503"),
        ("iam:ListRoles", "throttle", "iam", "list_roles", {}, "Throttling"),
        ("sqs:ListQueues", "deny", "sqs", "list_queues", {}, "AccessDeniedException"),
        ("dynamodb:ListTables", "error", "dynamodb", "list_tables", {}, "InternalServerError"),
        ("lambda:ListFunctions", "throttle", "lambda", "list_functions", {}, "TooManyRequestsException"),
        ("cloudwatch:ListMetrics", "throttle", "cloudwatch", "list_metrics", {}, "ThrottlingException"),
        ("ec2:DescribeSubnets", "throttle", "ec2", "describe_subnets", {}, "RequestLimitExceeded"),
        ("stepfunctions", "unavailable", "stepfunctions", "list_state_machines", {}, "ServiceUnavailable"),
        ("ListModels", "throttle", "sagemaker", "list_models", {}, "ThrottlingException"),
        ("InvokeEndpoint", "deny", "sagemaker-runtime", "invoke_endpoint", INVOKED, "AccessDeniedException"),
    ],
)  # fmt: skip
def test_a_client_reads_the_services_own_error(  # noqa: PLR0913, PLR0917 - a table
    what: str,
    kind: str,
    service: str,
    operation: str,
    parameters: Mapping[str, Any],
    code: str,
    cloud: LocalCloud,
    ask: Any,
) -> None:
    cloud.fail(what, kind, times=1)
    with pytest.raises(ClientError) as failed:
        ask(service, operation, **parameters)
    assert failed.value.response["Error"]["Code"] == code
    assert cloud.faults() == []


def test_a_client_that_tries_again_gets_through(cloud: LocalCloud, aws: Any) -> None:
    cloud.fail("CreateModelPackageGroup", "throttle", times=2)
    aws("sagemaker").create_model_package_group(ModelPackageGroupName="tried-again")
    assert cloud.faults() == []


def test_a_timeout_does_nothing_and_says_nothing(cloud: LocalCloud, ask: Any) -> None:
    cloud.fail("sqs:CreateQueue", "timeout", times=1)
    with pytest.raises(ReadTimeoutError):
        ask("sqs", "create_queue", QueueName="never")
    assert not ask("sqs", "list_queues", QueueNamePrefix="never").get("QueueUrls")


@pytest.mark.parametrize(
    ("what", "service", "operation", "parameters"),
    [
        ("sqs:CreateQueue", "sqs", "create_queue", {"QueueName": "made"}),
        ("CreateModelPackageGroup", "sagemaker", "create_model_package_group", {"ModelPackageGroupName": "made"}),
    ],
)
def test_a_lost_answer_leaves_what_was_done(  # noqa: PLR0913, PLR0917 - a table
    what: str, service: str, operation: str, parameters: Mapping[str, Any], cloud: LocalCloud, ask: Any
) -> None:
    cloud.fail(what, "lost", times=1)
    with pytest.raises(ReadTimeoutError):
        ask(service, operation, **parameters)
    if service == "sqs":
        assert ask("sqs", "get_queue_url", QueueName="made")["QueueUrl"]
    else:
        assert ask("sagemaker", "describe_model_package_group", **parameters)["ModelPackageGroupStatus"] == "Completed"


def test_a_role_alone_is_denied(cloud: LocalCloud, ask: Any) -> None:
    cloud.fail("s3:ListBuckets", "deny", seconds=60, by="assumed-role/nobody")
    assert ask("s3", "list_buckets")["Buckets"] is not None


def test_a_fault_ends_with_its_time(cloud: LocalCloud, ask: Any) -> None:
    cloud.fail("s3", "throttle", seconds=0.5)
    with pytest.raises(ClientError, match="SlowDown"):
        ask("s3", "list_buckets")
    time.sleep(0.6)
    ask("s3", "list_buckets")


def test_what_is_no_operation_is_refused(cloud: LocalCloud) -> None:
    with pytest.raises(LocalCloudError, match="near: PutObject"):
        cloud.fail("s3:PutObjects", "throttle")
    with pytest.raises(LocalCloudError, match="is no way to fail"):
        cloud.fail("s3:PutObject", "late")
