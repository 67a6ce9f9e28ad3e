"""CodeBuild: a build acts as its project's role, builds the image, and pushes it."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow
IMAGE = {
    "Dockerfile": 'FROM docker.io/library/python:3.13-slim\nCOPY app /app\nENTRYPOINT ["python", "-m", "app"]\n',
    "app/__main__.py": "print('hello')\n",
    "requirements.txt": "",
}


def archive(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return buffer.getvalue()


def project(role: dict[str, Any]) -> dict[str, Any]:
    source = {"Type": "S3", "Location": {"Fn::Join": ["/", [{"Ref": "Sources"}, "image.zip"]]}}
    environment = {
        "Type": "LINUX_CONTAINER",
        "Image": "aws/codebuild/standard:7.0",
        "ComputeType": "BUILD_GENERAL1_SMALL",
        "EnvironmentVariables": [{"Name": "DOCKERFILE", "Value": "Dockerfile"}],
    }
    properties = {
        "ServiceRole": {"Fn::GetAtt": ["Role", "Arn"]},
        "Source": source,
        "Artifacts": {"Type": "NO_ARTIFACTS"},
        "Environment": environment,
        "LogsConfig": {"CloudWatchLogs": {"Status": "ENABLED", "GroupName": {"Ref": "Log"}}},
    }
    return {
        "Role": role,
        "Sources": {"Type": "AWS::S3::Bucket"},
        "Log": {"Type": "AWS::Logs::LogGroup"},
        "Repository": {"Type": "AWS::ECR::Repository", "Properties": {"ImageTagMutability": "IMMUTABLE"}},
        "Project": {"Type": "AWS::CodeBuild::Project", "Properties": properties},
    }


class Builder:
    """A deployed project and what it needs."""

    def __init__(self, aws: Callable[..., Any], outputs: dict[str, str]) -> None:
        self.aws, self.outputs = aws, outputs
        self.uri = f"{outputs['Uri']}:{uuid.uuid4().hex}"

    def build(self, files: dict[str, str], **variables: str) -> dict[str, Any]:
        self.aws("s3").put_object(Bucket=self.outputs["Sources"], Key="image.zip", Body=archive(files))
        codebuild = self.aws("codebuild")
        override = [{"name": name, "value": value} for name, value in {"IMAGE_URI": self.uri, **variables}.items()]
        build = codebuild.start_build(projectName=self.outputs["Project"], environmentVariablesOverride=override)[
            "build"
        ]
        while build["buildStatus"] == "IN_PROGRESS":
            time.sleep(0.05)
            build = codebuild.batch_get_builds(ids=[build["id"]])["builds"][0]
        self.aws("s3").delete_object(Bucket=self.outputs["Sources"], Key="image.zip")
        return dict(build)

    def images(self) -> list[dict[str, Any]]:
        images = self.aws("ecr").describe_images(repositoryName=self.uri.partition("/")[2].partition(":")[0])
        return list(images["imageDetails"])

    def log(self) -> str:
        return "\n".join(
            e["message"] for e in self.aws("logs").filter_log_events(logGroupName=self.outputs["Log"])["events"]
        )


@pytest.fixture
def builder(aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any]) -> Callable[..., Builder]:
    def make(*allowed: tuple[Any, Any]) -> Builder:
        uri = {"Fn::GetAtt": ["Repository", "RepositoryUri"]}
        names = {name: {"Ref": name} for name in ("Sources", "Project", "Log")}
        stack = deploy(project(role("codebuild.amazonaws.com", *allowed)), Uri=uri, **names)
        assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
        return Builder(aws, stack["Outputs"])

    return make


READ, PUSH = ("s3:GetObject", "*"), (["ecr:BatchGetImage", "ecr:PutImage"], "*")


def test_a_build_that_fails_is_an_event(
    aws: Callable[..., Any], deploy: Callable[..., Any], role: Callable[..., Any]
) -> None:
    """CodeBuild user guide, "Build notifications input format reference"."""
    failed = {
        "source": ["aws.codebuild"],
        "detail-type": ["CodeBuild Build State Change"],
        "detail": {"build-status": ["FAILED"], "project-name": [{"Ref": "Project"}]},
    }
    heard = {"Fn::GetAtt": ["Heard", "Arn"]}
    send = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": heard,
    }
    resources = {
        **project(role("codebuild.amazonaws.com", READ, PUSH)),
        "Heard": {"Type": "AWS::SQS::Queue"},
        "Policy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": "Heard"}], "PolicyDocument": {"Statement": [send]}},
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {"EventPattern": failed, "Targets": [{"Id": "q", "Arn": heard}]},
        },
    }
    uri = {"Fn::GetAtt": ["Repository", "RepositoryUri"]}
    stack = deploy(resources, Uri=uri, **{name: {"Ref": name} for name in ("Sources", "Project", "Log", "Heard")})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    build = Builder(aws, stack["Outputs"]).build({"readme": "no image"})
    request = {"QueueUrl": stack["Outputs"]["Heard"], "WaitTimeSeconds": 10}
    [message] = aws("sqs").receive_message(**request)["Messages"]
    event = json.loads(message["Body"])
    assert event["resources"] == [build["arn"]]
    assert (event["detail"]["build-id"], event["detail"]["build-status"]) == (build["arn"], "FAILED")
    phases = event["detail"]["additional-information"]["phases"]
    assert "Dockerfile" in phases[0]["phase-context"][0]


def test_an_image_is_built_and_pushed_once(builder: Callable[..., Builder]) -> None:
    one = builder(READ, PUSH)
    build = one.build(IMAGE)
    assert build["buildStatus"] == "SUCCEEDED", build["phases"]
    assert build["buildComplete"]
    assert [image["imageTags"] for image in one.images()] == [[one.uri.rpartition(":")[2]]]
    assert f"pushed {one.uri}" in one.log()
    assert one.build(IMAGE)["buildStatus"] == "SUCCEEDED"
    assert "its tag never changes" in one.log()


@pytest.mark.parametrize(
    ("allowed", "action"), [((PUSH,), "Forbidden|s3:GetObject|403"), ((READ,), "ecr:BatchGetImage")]
)
def test_a_permission_that_is_missing_fails_the_build(
    builder: Callable[..., Builder], allowed: Any, action: str
) -> None:
    build = builder(*allowed).build(IMAGE)
    assert build["buildStatus"] == "FAILED"
    message = build["phases"][0]["contexts"][0]["message"]
    assert any(word in message for word in action.split("|")), message


@pytest.mark.parametrize(
    ("files", "variables", "reason"),
    [
        ({"readme": "no image"}, {}, "Dockerfile"),
        (IMAGE, {"IMAGE_URI": "no-tag"}, "is not <registry>/<repository>:<tag>"),
        (IMAGE, {"DOCKERFILE": ""}, "DOCKERFILE is not set"),
    ],
)
def test_a_build_that_cannot_go_on_says_why(
    builder: Callable[..., Builder], files: dict[str, str], variables: dict[str, str], reason: str
) -> None:
    build = builder(READ, PUSH).build(files, **variables)
    assert build["buildStatus"] == "FAILED"
    assert reason in build["phases"][0]["contexts"][0]["message"]
