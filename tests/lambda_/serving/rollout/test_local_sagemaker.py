"""The function against the SageMaker of the local cloud, event by event: neither was written from the other."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from localcloud.autoscaling import AutoScaling
from localcloud.faults.kinds import Kind
from localcloud.faults.requests import RequestFaults
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import AlarmState, Caller, Scope
from localsagemaker.service import SageMaker, to_json
from rollout import handler
from rollout.cloud import Cloud
from rollout.settings import Settings
from tests.lambda_.serving.rollout.world import ENDPOINT, GROUP
from tests.lambda_.stub import answered_by
from tests.localsagemaker.fakes import ADMIN, ROLE, FakeHost, FakeImages, Run
from tests.localsagemaker.hosting.test_operations import archive, serve

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 30
ATTEMPTS = 3
"""Lambda tries an asynchronous call twice more. Source: Lambda developer guide, "Error handling"."""
ROLLOUT = Caller(ADMIN.scope, "arn:aws:sts::111111111111:assumed-role/rollout/function")


class AlarmingHost(FakeHost):
    """A host whose alarms all have one state."""

    alarm: AlarmState = "OK"

    def alarm_state(self, scope: Scope, alarm: str) -> AlarmState:
        del scope, alarm
        return self.alarm


class LocalRollout:
    """EventBridge between the local SageMaker and the function."""

    def __init__(self, host: AlarmingHost, images: FakeImages, folder: Path, settings: Settings) -> None:
        self.faults = RequestFaults()
        gate = self.faults.pass_or_refuse
        sagemaker = SageMaker(host, images, folder, 1000.0, gate=gate)  # type: ignore[arg-type] # fakes of them
        self.host, self.programs, self.sagemaker, self._settings = host, images.programs, sagemaker, settings
        scaling = AutoScaling(host, sagemaker)
        self._cloud = Cloud(
            settings,
            answered_by(boto3.client("sagemaker"), self._answer(sagemaker)),
            answered_by(boto3.client("application-autoscaling"), self._answer(scaling)),
        )
        self._delivered = 0
        self.lost: list[str] = []
        """Operations whose next answer does not come, though they are carried out."""
        self.dead_letters: list[dict[str, Any]] = []

    def _answer(self, service: SageMaker | AutoScaling) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
        def answer(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
            try:
                shown: dict[str, Any] = json.loads(to_json(service.call(operation, parameters, ROLLOUT)))
            except ServiceError as error:
                raise ClientError({"Error": {"Code": error.code, "Message": str(error)}}, operation) from error
            if operation in self.lost:
                self.lost.remove(operation)
                raise ReadTimeoutError(endpoint_url="https://sagemaker")
            return shown

        return answer

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return self.sagemaker.call(operation, parameters, ADMIN)

    def register(self, approval: str = "PendingManualApproval", **properties: str) -> str:
        container = {"Image": "image", "ModelDataUrl": "s3://b/model.tar.gz", "Environment": {"NAME": "package"}}
        package = self.call(
            "CreateModelPackage",
            ModelPackageGroupName=GROUP,
            ModelApprovalStatus=approval,
            InferenceSpecification={"Containers": [container]},
            **({"CustomerMetadataProperties": properties} if properties else {}),
        )
        return str(package["ModelPackageArn"])

    def review(self, package: str, approval: str) -> None:
        self.call("UpdateModelPackage", ModelPackageArn=package, ModelApprovalStatus=approval)

    def settle(self) -> dict[str, Any]:
        """Deliver events until the endpoint rests and every event is delivered; the endpoint as it then is."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            while self._delivered < len(self.host.events):
                kind, detail, resources = self.host.events[self._delivered]
                event = {"detail-type": kind, "detail": detail, "resources": resources, "time": "2026-03-01T00:00:00Z"}
                self._delivered += 1
                self.deliver(event)
            shown = self.call("DescribeEndpoint", EndpointName=ENDPOINT)
            if shown["EndpointStatus"] in ("InService", "Failed") and self._delivered == len(self.host.events):
                return shown
            time.sleep(0.02)
        raise AssertionError("the roll-out does not come to rest")

    def deliver(self, event: dict[str, Any]) -> None:
        """Call the function as Lambda does; what it fails at goes to the dead letters."""
        for _ in range(ATTEMPTS):
            try:
                handler.react(event, self._settings, self._cloud, lambda: True)
            except (ClientError, ReadTimeoutError):
                continue
            return
        self.dead_letters.append(event)

    def approvals(self, package: str) -> list[tuple[str, str]]:
        """Roll-out state and reason of each approval of a package."""
        approvals = (approval for approval in self._cloud.read().approvals if approval.package == package)
        return [
            (approval.rollout.value, approval.reason)
            for approval in sorted(approvals, key=lambda approval: approval.requested_at)
        ]


@pytest.fixture
def local(tmp_path: Path, variables: dict[str, str], aws: None) -> Iterator[LocalRollout]:  # noqa: ARG001 - keys
    host, images = AlarmingHost(), FakeImages()
    images.programs["image"] = serve
    host.s3.content["s3://b/model.tar.gz"] = archive()
    rollout = LocalRollout(host, images, tmp_path, Settings.of_environment({**variables, "MODEL_ROLE_ARN": ROLE}))
    rollout.call("CreateModelPackageGroup", ModelPackageGroupName=GROUP)
    yield rollout
    rollout.sagemaker.close()


def test_approvals_roll_out_and_rejections_fall_back(local: LocalRollout) -> None:
    first = local.register("Approved")
    assert local.settle()["EndpointStatus"] == "InService"
    assert local.approvals(first) == [("serving", "")]

    second = local.register()
    local.review(second, "Approved")
    assert "-v2-" in local.settle()["EndpointConfigName"]
    assert [state for state, _ in local.approvals(first)] == ["superseded"]
    assert local.approvals(second) == [("serving", "")]

    local.review(second, "Rejected")
    assert "-v1-" in local.settle()["EndpointConfigName"]


def test_an_alarm_rolls_back_and_a_new_approval_tries_again(local: LocalRollout) -> None:
    first, second = local.register("Approved"), local.register()
    local.settle()
    local.host.alarm = "ALARM"
    local.review(second, "Approved")
    assert "-v1-" in local.settle()["EndpointConfigName"]
    [(state, reason)] = local.approvals(second)
    assert state == "rolled-back"
    assert "dev-fraud-5xx" in reason
    assert local.approvals(first) == [("serving", "")]

    local.host.alarm = "OK"
    local.review(second, "Rejected")
    local.review(second, "Approved")
    assert "-v2-" in local.settle()["EndpointConfigName"]
    assert [state for state, _ in local.approvals(second)] == ["rolled-back", "serving"]


def test_a_model_that_does_not_start_makes_room_for_the_next(local: LocalRollout) -> None:
    local.programs["image"] = _crash
    broken = local.register("Approved")
    assert local.settle()["EndpointStatus"] == "Failed"
    [(state, reason)] = local.approvals(broken)
    assert (state, bool(reason)) == ("failed", True)
    local.programs["image"] = serve
    local.register("Approved")
    assert "-v2-" in local.settle()["EndpointConfigName"]


def test_two_packages_born_approved_at_once_leave_one_endpoint_on_the_later(local: LocalRollout) -> None:
    first, second = local.register("Approved"), local.register("Approved")
    assert "-v2-" in local.settle()["EndpointConfigName"]
    assert local.approvals(second) == [("serving", "")]
    assert [state for state, _ in local.approvals(first)] in (["superseded"], [])


USED = (
    "AddTags",
    "CreateEndpointConfig",
    "CreateModel",
    "DescribeEndpoint",
    "DescribeEndpointConfig",
    "DescribeModelPackage",
    "ListEndpointConfigs",
    "ListTags",
    "UpdateEndpoint",
)
"""What the function asks of SageMaker when it rolls a second model out."""


def second_approved(local: LocalRollout, operation: str, kind: Kind, times: int) -> str:
    """Approve a second package while requests of the function fail."""
    local.register("Approved")
    local.settle()
    second = local.register()
    local.faults.fail(operation, kind, times=times, by="assumed-role/rollout/")
    local.review(second, "Approved")
    return second


@pytest.mark.parametrize("kind", [Kind.THROTTLE, Kind.DENY, Kind.ERROR])
@pytest.mark.parametrize("operation", USED)
def test_what_fails_for_two_attempts_is_rolled_out_at_the_third(
    operation: str, kind: Kind, local: LocalRollout
) -> None:
    """The client itself tries again what is throttled or fails, and not what is denied."""
    second = second_approved(local, operation, kind, ATTEMPTS - 1)
    assert "-v2-" in local.settle()["EndpointConfigName"]
    assert local.approvals(second) == [("serving", "")]
    assert local.dead_letters == []
    assert local.faults.listing() == [], "it was asked"


@pytest.mark.parametrize("operation", ["AddTags", "CreateEndpointConfig", "CreateModel", "UpdateEndpoint"])
def test_what_was_done_though_its_answer_was_lost_is_done_once(operation: str, local: LocalRollout) -> None:
    first, second = local.register("Approved"), local.register()
    local.settle()
    local.lost.append(operation)
    local.review(second, "Approved")
    assert "-v2-" in local.settle()["EndpointConfigName"]
    assert (local.approvals(second), local.lost) == ([("serving", "")], [])
    assert [state for state, _ in local.approvals(first)] == ["superseded"]


@pytest.mark.parametrize("operation", ["CreateEndpointConfig", "UpdateEndpoint"])
def test_an_event_that_fails_at_every_attempt_is_rolled_out_when_it_is_delivered_again(
    operation: str, local: LocalRollout
) -> None:
    """Whoever finds the event in the dead-letter queue, and will not wait for the hour, gives it to the function."""
    second = second_approved(local, operation, Kind.DENY, ATTEMPTS)
    assert "-v1-" in local.settle()["EndpointConfigName"]
    [event] = local.dead_letters
    local.deliver(event)
    assert "-v2-" in local.settle()["EndpointConfigName"]
    assert local.approvals(second) == [("serving", "")]


@pytest.mark.parametrize("operation", USED)
def test_an_event_that_fails_at_every_attempt_leaves_no_approval_behind(operation: str, local: LocalRollout) -> None:
    second = second_approved(local, operation, Kind.DENY, ATTEMPTS)
    local.settle()
    local.deliver({"detail-type": "Scheduled Event", "detail": {}})
    assert "-v2-" in local.settle()["EndpointConfigName"]
    for late in local.dead_letters:
        local.deliver(late)
    assert "-v2-" in local.settle()["EndpointConfigName"]
    assert local.approvals(second) == [("serving", "")]


def test_an_approval_that_was_noted_before_all_attempts_failed_comes_with_the_next_event(local: LocalRollout) -> None:
    second = second_approved(local, "UpdateEndpoint", Kind.DENY, ATTEMPTS)
    assert "-v1-" in local.settle()["EndpointConfigName"]
    local.register()
    assert "-v2-" in local.settle()["EndpointConfigName"]
    assert local.approvals(second) == [("serving", "")]


def _crash(_run: Run) -> int:
    return 3
