"""Glue jobs run what is in S3, in the rights of their role."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

pytestmark = pytest.mark.slow
SCRIPT = """\
import boto3
who = boto3.client("sts").get_caller_identity()["Arn"]
boto3.client("s3").put_object(Bucket={bucket!r}, Key="who", Body=who)
"""


@pytest.fixture
def role(aws: Callable[..., Any]) -> Callable[[str], str]:
    """Name of a role that a service may assume, and that may write to S3."""

    def make(service: str) -> str:
        name = f"r{uuid4().hex}"
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        allow = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
        documents = [json.dumps({"Version": "2012-10-17", "Statement": [each]}) for each in (trust, allow)]
        aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=documents[0])
        aws("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=documents[1])
        return name

    return make


@pytest.fixture
def bucket(aws: Callable[..., Any]) -> str:
    name = f"b-{uuid4().hex}"
    aws("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws("s3").put_object(Bucket=name, Key="script.py", Body=SCRIPT.format(bucket=name).encode())
    return name


@pytest.fixture
def run(aws: Callable[..., Any]) -> Callable[[str, str], dict[str, Any]]:
    """Run a script in a role to its end."""

    def start(role: str, script: str) -> dict[str, Any]:
        glue, name = aws("glue"), f"j{uuid4().hex}"
        command = {"Name": "pythonshell", "ScriptLocation": script}
        glue.create_job(Name=name, Role=role, Command=command)
        number = glue.start_job_run(JobName=name)["JobRunId"]
        while True:
            found: dict[str, Any] = glue.get_job_run(JobName=name, RunId=number)["JobRun"]
            if found["JobRunState"] not in {"STARTING", "RUNNING"}:
                return found
            time.sleep(0.1)

    return start


def test_a_script_has_the_rights_of_its_role(
    aws: Callable[..., Any],
    role: Callable[[str], str],
    bucket: str,
    run: Callable[[str, str], dict[str, Any]],
) -> None:
    name = role("glue.amazonaws.com")
    ended = run(name, f"s3://{bucket}/script.py")
    assert ended["JobRunState"] == "SUCCEEDED", ended
    who = aws("s3").get_object(Bucket=bucket, Key="who")["Body"].read().decode()
    assert who == f"arn:aws:sts::111111111111:assumed-role/{name}/GlueJobRunnerSession"
    refused = run(role("lambda.amazonaws.com"), f"s3://{bucket}/script.py")
    assert "should be given assume role permissions for Glue Service" in refused["ErrorMessage"]


def test_a_script_is_no_file_of_this_machine(
    role: Callable[[str], str], bucket: str, run: Callable[[str, str], dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "script.py").write_text(f"open({str(tmp_path / 'seen')!r}, 'w')")
    name = role("glue.amazonaws.com")
    for script in (
        str(tmp_path / "script.py"),
        f"s3://{bucket}/../../..{tmp_path}/script.py",
        f"s3://{bucket}/{tmp_path}",
    ):
        run(name, script)
    assert not (tmp_path / "seen").exists()
