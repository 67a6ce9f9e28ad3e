"""Every custom resource of the platform through what CloudFormation does to one: failures, rollbacks, time, repeats."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cleanup import handler as cleanup
from common import custom_resource
from feature_metadata import handler as feature_metadata
from image_build import handler as image_build
from log_groups import handler as log_groups
from tests.lambda_.cloudformation import Clock, CloudFormation, Properties, cloudformation
from tests.lambda_.stub import answered_by, answered_with

pytestmark = pytest.mark.slow  # answers go over HTTP

ACCOUNT = "arn:aws:sagemaker:eu-west-1:111122223333"
LOG_KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-1111-2222-333344445555"
REPOSITORY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/dev-tabular"
TOO_LATE, HARDLY = Clock(custom_resource.RESERVE_SECONDS - 1), Clock(custom_resource.ANSWER_SECONDS + 0.1)


@dataclass
class World:
    """What the functions find in the account, and change."""

    stack: CloudFormation
    denied: bool = False
    busy: bool = False
    """Builds and deletions take longer than any test."""
    versions: dict[str, list[str]] = field(default_factory=lambda: {"data": ["1", "2"], "other": ["3"]})
    packages: list[str] = field(default_factory=lambda: [f"{ACCOUNT}:model-package/fraud/1"])
    endpoints: set[str] = field(default_factory=lambda: {"fraud", "other"})
    configs: list[str] = field(default_factory=lambda: ["fraud-v1-0a", "other-v1-0a"])
    models: list[str] = field(default_factory=lambda: ["fraud-v1-0a", "other-v1-0a"])
    features: dict[str, str] = field(default_factory=lambda: {"id": ""})
    builds: set[str] = field(default_factory=set)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    interfaces: list[str] = field(default_factory=lambda: ["eni-1"])
    studio: dict[str, list[str]] = field(
        default_factory=lambda: {"App": ["default"], "Space": ["own"], "UserProfile": ["own"], "Domain": ["d-1"]}
    )

    def state(self) -> str:
        """Return all that there is, to be compared."""
        return repr({name: value for name, value in vars(self).items() if name not in {"stack", "denied", "busy"}})

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        return {"Stacks": [{"StackName": StackName, "CreationTime": 0, "StackStatus": self.stack.status}]}

    def list_object_versions(self, Bucket: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        self._refuse_where_denied()
        if Bucket not in self.versions:
            raise _error("NoSuchBucket")
        return {"Versions": [{"Key": "a", "VersionId": version} for version in self.versions[Bucket]]}

    def delete_objects(self, Bucket: str, Delete: dict[str, Any]) -> None:  # noqa: N803 - AWS's names
        for item in Delete["Objects"]:
            self.versions[Bucket].remove(item["VersionId"])

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: C901, PLR0911, PLR0912 - a service
        self._refuse_where_denied()
        match operation:
            case "ListModelPackages":
                summaries = [{"ModelPackageArn": arn} for arn in self.packages]
                return {"ModelPackageSummaryList": summaries if asked["ModelPackageGroupName"] == "fraud" else []}
            case "DeleteModelPackage":
                self.packages.remove(asked["ModelPackageName"])
            case "DescribeEndpoint":
                if asked["EndpointName"] not in self.endpoints:
                    raise _error("ValidationException", "Could not find endpoint")
                return {"ProductionVariants": [{"VariantName": "AllTraffic"}]}
            case "DeleteEndpoint":
                if not self.busy:
                    self.endpoints.remove(asked["EndpointName"])
            case "ListEndpointConfigs":
                return {"EndpointConfigs": [{"EndpointConfigName": name} for name in self.configs]}
            case "DeleteEndpointConfig":
                self.configs.remove(asked["EndpointConfigName"])
            case "ListModels":
                return {"Models": [{"ModelName": name} for name in self.models]}
            case "DeleteModel":
                self.models.remove(asked["ModelName"])
            case "DescribeFeatureMetadata":
                if asked["FeatureName"] not in self.features:
                    raise _error("ResourceNotFound")
                return {"Description": self.features[asked["FeatureName"]]}
            case "UpdateFeatureMetadata":
                self.features[asked["FeatureName"]] = asked["Description"]
            case "StartBuild":
                self.builds.add(asked["idempotencyToken"])
                return {"build": {"id": asked["idempotencyToken"]}}
            case "BatchGetBuilds":
                status = "IN_PROGRESS" if self.busy else "SUCCEEDED"
                return {"builds": [{"id": asked["ids"][0], "buildStatus": status}]}
            case "CreateLogGroup":
                if asked["logGroupName"] in self.groups:
                    raise _error("ResourceAlreadyExistsException")
                self.groups[asked["logGroupName"]] = {"kmsKeyId": asked["kmsKeyId"]}
            case "DescribeLogGroups":
                assert asked["logGroupNamePrefix"]
                return {"logGroups": [{"logGroupName": name, **each} for name, each in self.groups.items()]}
            case "AssociateKmsKey":
                self.groups[asked["logGroupName"]]["kmsKeyId"] = asked["kmsKeyId"]
            case "DisassociateKmsKey":
                del self.groups[asked["logGroupName"]]["kmsKeyId"]
            case "PutRetentionPolicy":
                self.groups[asked["logGroupName"]]["retentionInDays"] = asked["retentionInDays"]
            case "ListApps" | "ListSpaces" | "ListUserProfiles":
                return self._list(operation.removeprefix("List").removesuffix("s"))
            case "DescribeDomain":
                if not self.studio.get("Domain"):
                    raise _error("ResourceNotFound")
                return {"Status": "InService"}
            case "DeleteApp" | "DeleteSpace" | "DeleteUserProfile" | "DeleteDomain":
                if not self.busy:
                    self.studio[operation.removeprefix("Delete")].pop()
            case "DeregisterScalableTarget":
                raise _error("ObjectNotFoundException")
            case _:
                raise AssertionError(operation)
        return {}

    def describe_network_interfaces(self, Filters: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        self._refuse_where_denied()
        assert Filters == [{"Name": "group-id", "Values": ["sg-1"]}]
        found = [{"NetworkInterfaceId": interface} for interface in self.interfaces]
        if not self.busy:
            self.interfaces.clear()
        return {"NetworkInterfaces": found}

    def _list(self, kind: str) -> dict[str, Any]:
        more = {"AppType": "JupyterLab", "SpaceName": "own"} if kind == "App" else {}
        found = [{**more, f"{kind}Name": name, "Status": "InService"} for name in self.studio.get(kind, ())]
        return {f"{kind}s": found}

    def _refuse_where_denied(self) -> None:
        if self.denied:
            raise _error("AccessDeniedException", "not yours")


def _error(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


@dataclass(frozen=True)
class Kind:
    """A custom resource: its function, properties that are right, others that are, and some that are wrong."""

    module: ModuleType
    function: str
    right: Properties
    other: Properties
    wrong: Properties
    acts_on_creation: bool = False
    acts_on_deletion: bool = False
    left: Callable[[World], object] = lambda _: None
    """What a deletion with the stack must leave nothing of."""


def _image(tag: str) -> Properties:
    names = {
        "ProjectName": "images",
        "SourceBucket": "assets",
        "SourceKey": "a.zip",
        "Dockerfile": "tabular/Dockerfile",
    }
    return {**names, "ImageUri": f"{REPOSITORY}:{tag}"}


def _metadata(description: str) -> Properties:
    return {"FeatureGroupName": "g", "Features": json.dumps({"id": {"Description": description}})}


KINDS = {
    "EmptiedBucket": Kind(
        cleanup,
        "on_bucket",
        {"BucketName": "data"},
        {"BucketName": "other"},
        {},
        acts_on_deletion=True,
        left=lambda world: world.versions.get("data"),
    ),
    "EmptiedRegistry": Kind(
        cleanup,
        "on_registry",
        {"ModelPackageGroupName": "fraud"},
        {"ModelPackageGroupName": "other"},
        {"ModelPackageGroupName": ""},
        acts_on_deletion=True,
        left=lambda world: world.packages,
    ),
    "EndpointEnd": Kind(
        cleanup,
        "on_endpoint",
        {"EndpointName": "fraud"},
        {"EndpointName": "other"},
        {},
        acts_on_deletion=True,
        left=lambda world: [
            name for name in (*world.endpoints, *world.configs, *world.models) if name.startswith("fraud")
        ],
    ),
    "InterfacesEnd": Kind(
        cleanup,
        "on_network",
        {"SecurityGroupId": "sg-1"},
        {"SecurityGroupId": "sg-2"},
        {},
        acts_on_deletion=True,
        left=lambda world: world.interfaces,
    ),
    "StudioEnd": Kind(
        cleanup,
        "on_studio",
        {"DomainId": "d-1", "SecurityGroupId": "sg-1", "KeepsFiles": "false"},
        {"DomainId": "d-2", "SecurityGroupId": "sg-1", "KeepsFiles": "false"},
        {},
        acts_on_deletion=True,
        left=lambda world: [name for names in world.studio.values() for name in names],
    ),
    "LogGroups": Kind(
        log_groups,
        "on_event",
        {"Names": "jobs,apps", "KeyArn": LOG_KEY, "RetentionInDays": "30"},
        {"Names": "jobs", "KeyArn": LOG_KEY, "RetentionInDays": "30"},
        {"Names": "jobs", "KeyArn": LOG_KEY},
        acts_on_creation=True,
        acts_on_deletion=True,
        left=lambda world: [group for group in world.groups.values() if group.get("kmsKeyId") == LOG_KEY],
    ),
    "FeatureMetadata": Kind(
        feature_metadata,
        "on_event",
        _metadata("Number"),
        _metadata("Its number"),
        {"FeatureGroupName": "g", "Features": "{"},
        acts_on_creation=True,
    ),
    "ContainerImage": Kind(
        image_build, "handler", _image("0a"), _image("0b"), {"ImageUri": f"{REPOSITORY}:0c"}, acts_on_creation=True
    ),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def world(kind: Kind, monkeypatch: pytest.MonkeyPatch, aws: None) -> Iterator[World]:
    del aws
    with ExitStack() as open_:
        stack = open_.enter_context(cloudformation(getattr(kind.module, kind.function)))
        world = World(stack)
        clients: dict[str, Any] = {
            "s3": answered_with(boto3.client("s3"), world),
            "cloudformation": answered_with(boto3.client("cloudformation"), world),
            "sagemaker": answered_by(boto3.client("sagemaker"), world.answer),
            "ec2": answered_with(boto3.client("ec2"), world),
            "autoscaling": answered_by(boto3.client("application-autoscaling"), world.answer),
            "logs": answered_by(boto3.client("logs"), world.answer),
            "codebuild": answered_by(boto3.client("codebuild"), world.answer),
        }
        for name in clients.keys() & vars(kind.module).keys():
            monkeypatch.setattr(kind.module, name, lambda name=name: clients[name])
        monkeypatch.setattr(time, "sleep", lambda _: None)
        yield world


def test_from_creation_to_deletion_it_is_one_resource(kind: Kind, world: World) -> None:
    stack = world.stack
    further = {**kind.right, "ServiceTimeout": "1200", "OfALaterVersion": "yes"}
    answers = [stack.create(kind.right), stack.update(further), stack.update(kind.right), stack.delete()]
    assert [answer["Status"] for answer in answers] == ["SUCCESS"] * 4
    assert len({answer["PhysicalResourceId"] for answer in answers}) == 1
    assert not kind.left(world)


def test_a_creation_that_fails_can_be_taken_back(kind: Kind, world: World) -> None:
    before = world.state()
    answer = world.stack.create(kind.wrong)
    assert answer["Status"] == "FAILED"
    assert [sent["RequestType"] for sent in world.stack.sent] == ["Create", "Delete"]
    assert world.stack.received[-1]["Status"] == "SUCCESS"
    assert world.state() == before


def test_a_creation_that_aws_refuses_can_be_taken_back(kind: Kind, world: World) -> None:
    world.denied = kind.acts_on_creation
    answer = world.stack.create(kind.right)
    assert (answer["Status"] == "FAILED") is kind.acts_on_creation
    assert "not yours" in answer.get("Reason", "not yours")
    assert world.stack.received[-1]["Status"] == "SUCCESS"


def test_an_update_that_fails_is_taken_back_and_loses_nothing(kind: Kind, world: World) -> None:
    stack = world.stack
    created = stack.create(kind.right)
    before = [world.versions, world.packages, world.endpoints, world.configs, world.models, world.features]
    told = repr(before)
    assert stack.update(kind.wrong)["Status"] == "FAILED"
    assert {answer["PhysicalResourceId"] for answer in stack.received} == {created["PhysicalResourceId"]}
    assert [sent["RequestType"] for sent in stack.sent] == ["Create", "Update", "Update"]
    assert repr(before) == told


def test_an_update_that_another_resource_fails_is_taken_back_too(kind: Kind, world: World) -> None:
    stack = world.stack
    created = stack.create(kind.right)
    before = [world.versions, world.packages, world.endpoints, world.configs, world.models, world.features]
    told = repr(before)
    assert stack.update(kind.other, then_fails=True)["Status"] == "SUCCESS"
    assert stack.physical_id == created["PhysicalResourceId"]
    assert repr(before) == told


def test_an_update_to_another_subject_leaves_the_old_one(kind: Kind, world: World) -> None:
    world.stack.create(kind.right)
    left = repr(kind.left(world))
    assert world.stack.update(kind.other)["Status"] == "SUCCESS"
    assert repr(kind.left(world)) == left


def test_work_that_its_time_does_not_allow_is_a_failure_and_can_be_done_again(kind: Kind, world: World) -> None:
    stack, world.busy = world.stack, True
    if kind.acts_on_creation:
        world.features.clear()
        stack.clock = TOO_LATE
        answer = stack.create(kind.right)
    else:
        stack.create(kind.right)
        stack.clock = TOO_LATE
        answer = stack.delete()
    assert answer["Status"] == "FAILED"
    assert "Error" not in answer["Reason"]  # a sentence
    stack.clock, world.busy, world.features = Clock(), False, {"id": ""}
    again = stack.create(kind.right) if kind.acts_on_creation else stack.delete()
    assert again["Status"] == "SUCCESS"
    assert kind.acts_on_creation or not kind.left(world)


def test_a_repeated_request_is_answered_as_the_first(kind: Kind, world: World) -> None:
    stack = world.stack
    created = stack.create(kind.right)
    state = world.state()
    assert stack.repeat() == created
    assert world.state() == state
    deleted = stack.delete()
    state = world.state()
    assert stack.repeat() == deleted
    assert world.state() == state


def test_what_is_gone_is_deleted(kind: Kind, world: World) -> None:
    world.stack.create(kind.right)
    for found in (
        world.versions,
        world.packages,
        world.endpoints,
        world.configs,
        world.models,
        world.features,
        world.studio,
    ):
        found.clear()
    assert world.stack.delete()["Status"] == "SUCCESS"


def test_a_deletion_that_aws_refuses_fails_with_its_reason(kind: Kind, world: World) -> None:
    world.stack.create(kind.right)
    world.denied = True
    answer = world.stack.delete()
    assert (answer["Status"] == "FAILED") is kind.acts_on_deletion
    assert "not yours" in answer.get("Reason", "not yours")


def test_an_answer_that_does_not_get_through_is_sent_again(kind: Kind, world: World) -> None:
    world.stack.refusals = custom_resource.ATTEMPTS - 1
    assert world.stack.create(kind.right)["Status"] == "SUCCESS"


def test_work_that_hangs_is_answered_before_its_time_is_up() -> None:
    def hang(event: dict[str, Any], context: Clock) -> None:
        def act(_: custom_resource.Request) -> custom_resource.Resource:
            while not stack.received:
                time.sleep(0.01)
            return custom_resource.Resource("late")

        custom_resource.answer(event, context, act, lambda _: None)

    with cloudformation(hang) as stack:
        stack.clock = HARDLY
        answer = stack.send("Create", {})
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == "It was not done before the function's time was up."


def test_every_attempt_to_answer_fits_into_what_is_kept_for_it() -> None:
    pauses = sum(2**attempt / 2 for attempt in range(1, custom_resource.ATTEMPTS))
    longest = custom_resource.ATTEMPTS * custom_resource.TIMEOUT_SECONDS + pauses
    assert longest < custom_resource.ANSWER_SECONDS < custom_resource.RESERVE_SECONDS
