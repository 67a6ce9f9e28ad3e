"""Requests for what is not there are refused by its name, and executions that AWS would not start are not started."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from localcloud.states.names import NAME

pytestmark = pytest.mark.slow
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service":'
    ' "states.amazonaws.com"}}]}'
)
REFUSED = ("", "a" * 81, "a b", "a\tb", "a/b", "a:b", "a;b", "a,b", "a$b", "a&b", 'a"b', "a\\b", "a\x80")


@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("codeartifact", lambda client: client.list_repositories()),
        ("comprehend", lambda client: client.list_endpoints()),
        ("securityhub", lambda client: client.describe_hub()),
    ],
)
def test_a_service_that_is_not_there_is_named(
    aws: Callable[..., Any], service: str, call: Callable[[Any], object]
) -> None:
    with pytest.raises(ClientError, match=f"The local cloud does not provide the service {service}") as refused:
        call(aws(service))
    assert refused.value.response["Error"]["Code"] == "UnknownOperationException"


def test_an_operation_of_the_runtime_that_is_not_there_is_named(aws: Callable[..., Any]) -> None:
    with pytest.raises(ClientError, match="has no operation InvokeEndpointAsync of the SageMaker runtime"):
        aws("sagemaker-runtime").invoke_endpoint_async(EndpointName="none", InputLocation="s3://bucket/key")


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"input": "{oops"}, "InvalidExecutionInput"), ({"name": "bad name!"}, "InvalidName")],
)
def test_executions_that_aws_would_not_start(
    aws: Callable[..., Any], changes: dict[str, str], code: str, machine: str
) -> None:
    """Source: API reference of StartExecution, `Name` and `Errors`."""
    with pytest.raises(ClientError, match=code):
        aws("stepfunctions").start_execution(stateMachineArn=machine, **changes)
    assert aws("stepfunctions").list_executions(stateMachineArn=machine)["executions"] == []


@pytest.fixture
def machine(aws: Callable[..., Any]) -> str:
    """A state machine that does nothing."""
    name = uuid4().hex
    role = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    definition = '{"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": true}}}'
    created = aws("stepfunctions").create_state_machine(name="only", definition=definition, roleArn=role)
    return str(created["stateMachineArn"])


@pytest.mark.parametrize("name", ["a", "a" * 80, "run-1_2.3", "ä", "a!b", "(x)", "a=b", "@", "'", "+"])
def test_names_that_aws_takes(name: str) -> None:
    assert NAME.fullmatch(name)


@pytest.mark.parametrize(
    "name", ["", "a" * 81, "a b", "a\tb", "a/b", "a:b", "a;b", "a,b", "a$b", "a&b", 'a"b', "a\\b", "a\x80"]
)
def test_names_that_aws_refuses(name: str) -> None:
    assert not NAME.fullmatch(name)
