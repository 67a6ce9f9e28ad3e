"""The unmodified CDK CLI bootstraps, deploys, compares, changes and destroys."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localcloud.cdk import Cdk, CdkError
from localcloud.console import Running

pytestmark = pytest.mark.slow
APP = """
import json, sys
from pathlib import Path
import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_, aws_s3 as s3

class Store(cdk.Stack):
    def __init__(self, scope, name, greeting, bucket_name):
        super().__init__(scope, name)
        bucket = s3.Bucket(self, "Bucket", bucket_name=bucket_name or None, versioned=True, enforce_ssl=True,
            removal_policy=cdk.RemovalPolicy.DESTROY, auto_delete_objects=True)
        code = lambda_.Code.from_asset(str(Path(sys.argv[0]).parent / "fn"))
        function = lambda_.Function(self, "Fn", runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=code,
            environment={"GREETING": greeting, "BUCKET": bucket.bucket_name})
        bucket.grant_write(function)
        cdk.Tags.of(bucket).add("greeting", greeting.replace(" ", "-"))
        cdk.CfnOutput(self, "Function", value=function.function_name)
        cdk.CfnOutput(self, "Name", value=bucket.bucket_name)

app = cdk.App(context=json.loads(sys.argv[3]))
stage = cdk.Stage(app, "toy", env=cdk.Environment(account="111111111111", region="eu-west-1"))
Store(stage, "store", *sys.argv[1:3])
app.synth()
"""
FUNCTION = """
import boto3, os
def handler(event, context):
    boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key="a", Body=b"1")
    return os.environ["GREETING"]
"""


@pytest.fixture
def synth(tmp_path: Path, cdk_context: dict[str, Any]) -> Callable[..., Path]:
    (tmp_path / "fn").mkdir()
    (tmp_path / "fn" / "index.py").write_text(FUNCTION)
    (tmp_path / "app.py").write_text(APP)

    def run(greeting: str, bucket_name: str = "") -> Path:
        command = [sys.executable, str(tmp_path / "app.py"), greeting, bucket_name, json.dumps(cdk_context)]
        environment = {**os.environ, "CDK_OUTDIR": str(tmp_path / "cdk.out"), "CDK_VALIDATION": "false"}
        subprocess.run(command, env=environment, check=True, cwd=tmp_path)
        return tmp_path / "cdk.out"

    return run


def test_the_whole_life_of_a_stack(
    synth: Callable[..., Path], tmp_path: Path, running: Running, aws: Callable[..., Any]
) -> None:
    lines: list[str] = []
    cdk = Cdk(running.environment(), assembly=synth("hello"), log=lines.append)

    def said(command: str) -> str:
        lines.clear()
        cdk(command, "toy/*")
        return "\n".join(lines)

    def destroys_nothing() -> None:
        cdk.run("diff", "--app", str(tmp_path / "cdk.out"), "--method", "template", "--fail-on", "destructive", "toy/*")

    def outputs() -> dict[str, str]:
        [stack] = aws("cloudformation").describe_stacks(StackName="toy-store")["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def greeting() -> str:
        answer = aws("lambda").invoke(FunctionName=outputs()["Function"])
        return str(json.loads(answer["Payload"].read()))

    cdk.bootstrap(running.account, running.region)
    assert "no changes" not in said("deploy")
    assert greeting() == "hello"
    bucket = outputs()["Name"]
    assert aws("s3").get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"

    assert "no changes" in said("deploy")
    assert "Number of stacks with differences: 0" in said("diff")

    synth("good bye")
    with pytest.raises(CdkError, match="differences: 1"):
        said("diff")
    destroys_nothing()
    said("deploy")
    assert greeting() == "good bye"
    assert outputs()["Name"] == bucket  # changed, not replaced

    synth("good bye", bucket_name="of-another-name")
    with pytest.raises(CdkError, match=r"AWS::S3::Bucket store/Bucket [^ ]+ will be replaced"):
        destroys_nothing()

    said("destroy")
    assert bucket not in [found["Name"] for found in aws("s3").list_buckets()["Buckets"]]
    pages = aws("cloudformation").get_paginator("list_stacks").paginate()
    stacks = [summary for page in pages for summary in page["StackSummaries"]]
    assert {s["StackStatus"] for s in stacks if s["StackName"] == "toy-store"} == {"DELETE_COMPLETE"}


def test_what_the_cli_says_last_is_the_error(tmp_path: Path, running: Running) -> None:
    (tmp_path / "cdk.out").mkdir()
    cdk = Cdk(running.environment(), assembly=tmp_path / "cdk.out", log=lambda _: None)
    with pytest.raises(CdkError, match=r"manifest\.json"):
        cdk("deploy", "toy/*")
