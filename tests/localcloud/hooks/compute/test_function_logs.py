"""Log groups of functions. Source: Lambda developer guide, "Sending Lambda function logs to CloudWatch Logs"."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow
Aws = Callable[..., Any]
RIGHTS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
"""Those of AWSLambdaBasicExecutionRole."""


def function(aws: Aws, name: str, *actions: str) -> Callable[[], list[str]]:
    """Make a function whose role has these rights; what is returned calls it, and says which log groups it has then."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    if actions:
        allow = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        rights = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        aws("iam").put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=rights)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return 1")
    aws("lambda").create_function(
        FunctionName=name, Role=role, Runtime="python3.13", Handler="index.handler", Code={"ZipFile": file.getvalue()}
    )

    def call() -> list[str]:
        answer = aws("lambda").invoke(FunctionName=name)
        assert answer["Payload"].read() == b"1"
        found = aws("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
        return [each["logGroupName"] for each in found]

    return call


def test_a_role_that_may_make_its_group_makes_it(aws: Aws) -> None:
    assert function(aws, "logs-made", *RIGHTS)() == ["/aws/lambda/logs-made"]


def test_a_group_that_was_deleted_stays_so_where_the_role_may_only_write(aws: Aws) -> None:
    aws("logs").create_log_group(logGroupName="/aws/lambda/logs-written")
    call = function(aws, "logs-written", *RIGHTS[1:])
    assert call() == ["/aws/lambda/logs-written"]
    streams = aws("logs").describe_log_streams(logGroupName="/aws/lambda/logs-written")["logStreams"]
    assert len(streams) == 1
    aws("logs").delete_log_group(logGroupName="/aws/lambda/logs-written")
    assert call() == []
