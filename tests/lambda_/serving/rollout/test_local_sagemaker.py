"""The function against the SageMaker of the local cloud, event by event: neither was written from the other."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.autoscaling import AutoScaling
from localcloud.errors import ServiceError
from localcloud.sagemaker.kernel.host import AlarmState, Scope
from localcloud.sagemaker.service import SageMaker, to_json
from rollout import handler
from rollout.cloud import Cloud
from rollout.settings import Settings
from tests.lambda_.serving.rollout.world import ENDPOINT, GROUP
from tests.lambda_.stub import answered_by
from tests.localcloud.sagemaker.fakes import ADMIN, ROLE, FakeHost, FakeImages, Run
from tests.localcloud.sagemaker.hosting.test_operations import archive, serve

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 30


class AlarmingHost(FakeHost):
    """A host whose alarms all have one state."""

    alarm: AlarmState = "OK"

    def alarm_state(self, scope: Scope, alarm: str) -> AlarmState:
        del scope, alarm
        return self.alarm


class LocalRollout:
    """EventBridge between the local SageMaker and the function."""

    def __init__(self, host: AlarmingHost, images: FakeImages, sagemaker: SageMaker, settings: Settings) -> None:
        self.host, self.programs, self.sagemaker, self._settings = host, images.programs, sagemaker, settings
        scaling = AutoScaling(host, sagemaker)
        self._cloud = Cloud(
            settings,
            answered_by(boto3.client("sagemaker"), self._answer(sagemaker)),
            answered_by(boto3.client("application-autoscaling"), self._answer(scaling)),
        )
        self._delivered = 0

    @staticmethod
    def _answer(service: SageMaker | AutoScaling) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
        def answer(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
            try:
                shown: dict[str, Any] = json.loads(to_json(service.call(operation, parameters, ADMIN)))
            except ServiceError as error:
                raise ClientError({"Error": {"Code": error.code, "Message": str(error)}}, operation) from error
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
                handler.react(event, self._settings, self._cloud, lambda: True)
            shown = self.call("DescribeEndpoint", EndpointName=ENDPOINT)
            if shown["EndpointStatus"] in ("InService", "Failed") and self._delivered == len(self.host.events):
                return shown
            time.sleep(0.02)
        raise AssertionError("the roll-out does not come to rest")

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
    service = SageMaker(host, images, tmp_path, time_scale=1000.0)  # type: ignore[arg-type] # fakes of them
    rollout = LocalRollout(host, images, service, Settings.of_environment({**variables, "MODEL_ROLE_ARN": ROLE}))
    rollout.call("CreateModelPackageGroup", ModelPackageGroupName=GROUP)
    yield rollout
    service.close()


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


def _crash(_run: Run) -> int:
    return 3
