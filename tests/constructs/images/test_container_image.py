import json
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs
from aws_cdk.assertions import Match, Template

from ml_constructs.foundation.logs import LogSettings
from ml_constructs.images import container_image
from ml_constructs.images.container_image import ContainerImage, ImageBuilder


def synthesized(stack: cdk.Stack, key: kms.IKey, logs: LogSettings) -> tuple[ContainerImage, dict[str, Any]]:
    builder = ImageBuilder(stack, "Builder", key=key, logs=logs)
    image = ContainerImage(
        stack, "Tabular", name="tabular", builder=builder, key=key, removal_policy=cdk.RemovalPolicy.DESTROY
    )
    return image, dict(Template.from_stack(stack).to_json())


def resource(template: dict[str, Any], type_: str) -> dict[str, Any]:
    (found,) = [r for r in template["Resources"].values() if r["Type"] == type_]
    result: dict[str, Any] = found
    return result


Contents = dict[str, str]
CONTENTS: Contents = {
    "contract/job.py": "shared",
    "tabular/Dockerfile": "one image",
    "tabular/train.py": "code",
    "vision/Dockerfile": "another image",
}


@pytest.fixture
def tag_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cdk_context: dict[str, Any]) -> Callable[[Contents], str]:
    """The tag of the image when `containers/` has these files; the CDK hashes a folder once in a process."""

    def tag(contents: Contents) -> str:
        source = Path(mkdtemp(dir=tmp_path))
        for name, text in contents.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_text(text)
        monkeypatch.setattr(container_image, "SOURCE", source)
        stack = cdk.Stack(cdk.App(context=cdk_context), "test")
        key = kms.Key(stack, "Key")
        logs = LogSettings(key=key, retention=aws_logs.RetentionDays.ONE_DAY, removal_policy=cdk.RemovalPolicy.DESTROY)
        _, template = synthesized(stack, key, logs)
        found: str = resource(template, "Custom::ContainerImage")["Properties"]["ImageUri"]["Fn::Join"][1][-1]
        return found

    return tag


def test_the_tag_is_the_hash_of_the_images_own_source(tag_of: Callable[[Contents], str]) -> None:
    before = tag_of(CONTENTS)
    others = {"vision/Dockerfile": "changed", "tabular/__pycache__/train.pyc": "cache", "notes.txt": "no source"}
    assert tag_of({**CONTENTS, **others}) == before
    assert tag_of({**CONTENTS, "contract/job.py": "changed"}) != before
    assert tag_of({**CONTENTS, "tabular/train.py": "changed"}) != before


def test_the_build_gets_what_its_function_reads(stack: cdk.Stack, key: kms.IKey, logs: LogSettings) -> None:
    _, template = synthesized(stack, key, logs)
    properties = resource(template, "Custom::ContainerImage")["Properties"]
    names = {"ProjectName", "ImageUri", "SourceBucket", "SourceKey", "Dockerfile"}
    assert set(properties) == {"ServiceToken", "ServiceTimeout", *names}
    assert properties["Dockerfile"] == "tabular/Dockerfile"
    assert resource(template, "AWS::Lambda::Function")["Properties"]["Handler"] == "image_build.handler.handler"


def test_nothing_is_built_before_the_roles_are_ready(stack: cdk.Stack, key: kms.IKey, logs: LogSettings) -> None:
    _, template = synthesized(stack, key, logs)
    waits_for = resource(template, "Custom::ContainerImage")["DependsOn"]
    for name, made in template["Resources"].items():
        if made["Type"] == "AWS::IAM::Policy":
            assert name in waits_for


def test_images_are_built_one_after_the_other(stack: cdk.Stack, key: kms.IKey, logs: LogSettings) -> None:
    builder = ImageBuilder(stack, "Builder", key=key, logs=logs)
    for name in ("Knn", "Tabular", "Vision"):
        ContainerImage(
            stack, name, name=name.lower(), builder=builder, key=key, removal_policy=cdk.RemovalPolicy.DESTROY
        )
    made = Template.from_stack(stack).to_json()["Resources"]
    builds = {name: each["DependsOn"] for name, each in made.items() if each["Type"] == "Custom::ContainerImage"}
    before = {name: [other for other in waits_for if other in builds] for name, waits_for in builds.items()}
    knn, tabular, vision = sorted(builds)
    assert before == {knn: [], tabular: [knn], vision: [tabular]}


def test_an_image_that_a_version_may_name_never_expires(stack: cdk.Stack, key: kms.IKey, logs: LogSettings) -> None:
    _, template = synthesized(stack, key, logs)
    policy = resource(template, "AWS::ECR::Repository")["Properties"]["LifecyclePolicy"]["LifecyclePolicyText"]
    assert [rule["selection"]["tagStatus"] for rule in json.loads(policy)["rules"]] == ["untagged"]


def test_a_tag_that_is_there_is_not_built_again(stack: cdk.Stack, key: kms.IKey, logs: LogSettings) -> None:
    _, template = synthesized(stack, key, logs)
    project = resource(template, "AWS::CodeBuild::Project")["Properties"]
    commands = json.loads(project["Source"]["BuildSpec"])["phases"]["build"]["commands"]
    assert "aws ecr describe-images" in commands[1]
    assert '--file "$DOCKERFILE" --tag "$IMAGE_URI" .' in commands[1]
    assert "docker buildx build --provenance=false --output type=docker " in commands[1], "SageMaker takes no OCI index"
    assert project["Environment"]["PrivilegedMode"] is True
    assert "EncryptionKey" in project


def test_the_repository_goes_with_an_ephemeral_stack(stack: cdk.Stack, key: kms.IKey, logs: LogSettings) -> None:
    _, template = synthesized(stack, key, logs)
    assert resource(template, "AWS::ECR::Repository")["Properties"]["EmptyOnDelete"] is True
    Template.from_json(template).has_resource_properties(
        "AWS::ECR::Repository", {"ImageTagMutability": "IMMUTABLE", "LifecyclePolicy": Match.any_value()}
    )
