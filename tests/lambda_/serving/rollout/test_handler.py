from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from rollout import handler
from rollout.cloud import Cloud, UnsettledError
from rollout.reconcile import Action, Step
from rollout.settings import Settings
from tests.lambda_.conftest import Logged
from tests.lambda_.serving.rollout.world import ACCOUNT, GROUP, Parameters, World, arn_of, invalid

Deliver = Callable[..., Action]


@pytest.fixture
def deliver(world: World, cloud: Cloud, settings: Settings) -> Deliver:
    """Deliver an event, by default the latest."""

    def deliver_one(event: dict[str, Any] | None = None, *, time_left: bool = True) -> Action:
        return handler.react(event or world.events[-1], settings, cloud, lambda: time_left).action

    return deliver_one


@pytest.fixture
def serving(world: World, deliver: Deliver) -> str:
    """An endpoint that serves version 1; the name of its configuration."""
    world.register(1)
    world.review(1, "Approved")
    deliver()
    world.settle()
    deliver()
    assert world.endpoint is not None
    return world.endpoint.config


def versions(world: World) -> dict[str, str]:
    """Roll-out state by version, of its latest approval."""
    latest = sorted(world.tags.items(), key=lambda item: item[1]["mdlc:requested-at"])
    return {name.split("-")[-2]: tags["mdlc:rollout"] for name, tags in latest}


def test_the_first_approval_creates_model_configuration_and_endpoint(world: World, deliver: Deliver) -> None:
    world.register(1)
    world.review(1, "Approved")
    assert deliver().step is Step.CREATE

    [model] = world.requests("CreateModel")
    name = model["ModelName"]
    assert name.startswith("dev-fraud-v1-")
    assert model["PrimaryContainer"] == {"ModelPackageName": arn_of(1)}
    assert model["EnableNetworkIsolation"] is True
    assert model["VpcConfig"] == {
        "Subnets": ["subnet-0a1b2c3d", "subnet-4e5f6a7b"],
        "SecurityGroupIds": ["sg-0a1b2c3d"],
    }
    [config] = world.requests("CreateEndpointConfig")
    assert config["KmsKeyId"].startswith("arn:aws:kms:")
    assert config["ProductionVariants"] == [
        {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 2,
            "InitialVariantWeight": 1.0,
        }
    ]
    config_name = config["EndpointConfigName"]
    assert world.requests("CreateEndpoint") == [{"EndpointName": "dev-fraud", "EndpointConfigName": config_name}]
    assert world.tags[f"{ACCOUNT}:endpoint-config/{config_name}"] == {
        "mdlc:model-package": arn_of(1),
        "mdlc:requested-at": "2026-03-01T00:00:00.250000+00:00",
        "mdlc:settings": name.rsplit("-", 1)[1],
        "mdlc:rollout": "deploying",
        "mdlc:reason": "",
    }


def test_a_package_names_the_instances_it_wants(world: World, deliver: Deliver) -> None:
    world.register(1, properties={"deploy-instance-type": "ml.c7i.xlarge", "deploy-instance-count": "3"})
    world.review(1, "Approved")
    deliver()
    [variant] = world.requests("CreateEndpointConfig")[0]["ProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.c7i.xlarge", 3)


def test_a_package_that_names_no_instances_gets_those_of_the_settings(world: World, deliver: Deliver) -> None:
    world.register(1, properties={"deploy-instance-count": ""})
    world.review(1, "Approved")
    deliver()
    assert world.requests("CreateEndpointConfig")[0]["ProductionVariants"][0]["InitialInstanceCount"] == 2


@pytest.mark.parametrize("count", ["0", "-1", "two", "1.5"])
def test_a_senseless_instance_count_fails_with_a_sentence_before_anything_is_deployed(
    world: World, deliver: Deliver, count: str
) -> None:
    world.register(1, properties={"deploy-instance-count": count})
    world.review(1, "Approved")
    assert deliver().step is Step.NOTHING
    assert world.requests("CreateEndpoint") == []
    assert versions(world) == {"v1": "failed"}
    [tags] = [tags for arn, tags in world.tags.items() if ":endpoint-config/" in arn]
    assert tags["mdlc:reason"] == (
        f"its deploy-instance-count is {count} and must be a whole number from 1: correct it and approve again"
    )


def test_instances_with_local_storage_serve_without_a_key(world: World, deliver: Deliver) -> None:
    world.register(1, properties={"deploy-instance-type": "ml.g5.xlarge"})
    world.review(1, "Approved")
    assert deliver().step is Step.CREATE
    [config] = world.requests("CreateEndpointConfig")
    assert "KmsKeyId" not in config
    world.settle()
    world.register(2)
    world.review(2, "Approved")
    deliver()
    assert world.requests("CreateEndpointConfig")[-1]["KmsKeyId"], "and others with it"


def test_an_instance_type_that_sagemaker_refuses_fails_with_its_words(world: World, deliver: Deliver) -> None:
    world.with_local_storage = {"ml.p6e-gb200.36xlarge"}  # whose storage nobody knows
    world.register(1, properties={"deploy-instance-type": "ml.p6e-gb200.36xlarge", "deploy-instance-count": "3"})
    world.review(1, "Approved")
    for _ in range(2):  # the event may come twice
        assert deliver().step is Step.NOTHING
    assert world.requests("CreateEndpoint") == []
    assert versions(world) == {"v1": "failed"}
    [tags] = [tags for arn, tags in world.tags.items() if ":endpoint-config/" in arn]
    said = "SageMaker refuses it on ml.p6e-gb200.36xlarge its deploy-instance-type: You can t request a KmsKeyId when"
    assert tags["mdlc:reason"].startswith(said)
    world.register(2)
    world.review(2, "Approved")
    assert deliver().step is Step.CREATE  # the next version is none the worse for it


def test_old_configurations_are_deleted_and_the_endpoints_own_is_not(
    world: World, deliver: Deliver, serving: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rollout.retention.KEPT", 1)
    for version in (2, 3):
        world.register(version)
        world.review(version, "Approved")
        deliver()
        world.settle()
        deliver()
    assert world.endpoint is not None
    deliver()  # whatever event comes next
    assert serving not in world.configs
    assert world.endpoint.config in world.configs
    assert versions(world) == {"v3": "serving"}
    assert arn_of(1) in {model["PrimaryContainer"]["ModelPackageName"] for model in world.models.values()}


@pytest.mark.usefixtures("serving")
def test_a_configuration_that_another_has_deleted_is_no_fault(
    world: World, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rollout.retention.KEPT", 0)
    world.register(2)
    world.review(2, "Approved")
    deliver()
    world.settle()
    world.refusals["DeleteEndpointConfig"] = invalid("DeleteEndpointConfig", "Could not find endpoint configuration.")
    assert deliver().step is Step.NOTHING


@pytest.mark.usefixtures("serving")
def test_once_in_service_the_variant_scales(world: World, deliver: Deliver) -> None:
    deliver()  # the same event again
    assert versions(world) == {"v1": "serving"}
    assert list(world.targets) == ["endpoint/dev-fraud/variant/AllTraffic"]
    [target] = world.targets.values()
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 6)
    [policy] = world.policies.values()
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == 750
    assert tracking["PredefinedMetricSpecification"] == {
        "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
    }


@pytest.mark.usefixtures("serving")
def test_the_next_approval_updates_behind_a_canary_and_alarms(world: World, deliver: Deliver) -> None:
    world.register(2)
    world.review(2, "Approved")
    assert deliver().step is Step.UPDATE
    [update] = world.requests("UpdateEndpoint")
    assert update.pop("EndpointConfigName").startswith("dev-fraud-v2-")
    assert update == {
        "EndpointName": "dev-fraud",
        "RetainAllVariantProperties": True,
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "CANARY",
                    "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
                    "WaitIntervalInSeconds": 300,
                },
                "TerminationWaitInSeconds": 600,
                "MaximumExecutionTimeoutInSeconds": 4500,
            },
            "AutoRollbackConfiguration": {
                "Alarms": [{"AlarmName": "dev-fraud-5xx"}, {"AlarmName": "dev-fraud-latency"}]
            },
        },
    }
    assert versions(world) == {"v1": "serving", "v2": "deploying"}
    world.settle()
    assert deliver().step is Step.NOTHING
    assert versions(world) == {"v1": "superseded", "v2": "serving"}


def test_a_rollback_is_found_logged_and_kept(world: World, deliver: Deliver, serving: str, logged: Logged) -> None:
    lines = logged(handler.logger)
    world.register(2, bad=True)
    world.review(2, "Approved")
    approval = world.events[-1]
    deliver()
    world.settle()
    deliver()
    assert versions(world) == {"v1": "serving", "v2": "rolled-back"}
    reasons = [tags["mdlc:reason"] for tags in world.tags.values() if tags["mdlc:rollout"] == "rolled-back"]
    assert reasons[0].startswith(f"went back to {serving}: an alarm fired")
    assert [line["package"] for line in lines() if line["level"] == "ERROR"] == [arn_of(2)]

    deliver(approval)  # a late copy of the old approval
    deliver(world.events[-1])
    assert len(world.requests("UpdateEndpoint")) == 1

    world.review(2, "Rejected")
    world.review(2, "Approved")
    world.packages[arn_of(2)].bad = False  # its alarm had another cause
    deliver()
    world.settle()
    deliver()
    assert versions(world) == {"v1": "superseded", "v2": "serving"}


def test_approving_what_serves_already_changes_nothing(world: World, deliver: Deliver, serving: str) -> None:
    world.review(1, "Rejected")
    world.review(1, "Approved")
    assert deliver().step is Step.NOTHING
    assert versions(world) == {"v1": "serving"}
    assert world.endpoint is not None
    assert world.endpoint.config == serving


@pytest.mark.usefixtures("serving")
def test_a_busy_endpoint_leaves_the_package_pending(world: World, deliver: Deliver) -> None:
    world.register(2)
    world.register(3)
    world.review(2, "Approved")
    deliver()
    world.review(3, "Approved")
    assert deliver().step is Step.WAIT
    assert versions(world) == {"v1": "serving", "v2": "deploying", "v3": "pending"}
    world.settle()
    assert deliver().step is Step.UPDATE
    assert versions(world) == {"v1": "superseded", "v2": "serving", "v3": "deploying"}


@pytest.mark.usefixtures("serving")
def test_an_update_that_comes_a_moment_too_late_stays_pending(world: World, deliver: Deliver) -> None:
    world.register(2)
    world.review(2, "Approved")
    world.refusals["UpdateEndpoint"] = invalid("UpdateEndpoint", 'Cannot update in-progress endpoint "dev-fraud".')
    deliver()
    assert versions(world) == {"v1": "serving", "v2": "pending"}


def test_of_approvals_in_the_same_second_the_later_wins(world: World, deliver: Deliver) -> None:
    for version in (1, 2):
        world.register(version)
    world.review(2, "Approved")
    world.review(1, "Approved")  # a quarter of a second later; the events say the same second
    first, second = world.events
    deliver(second)
    deliver(first)
    world.settle()
    deliver()
    assert versions(world) == {"v1": "serving", "v2": "superseded"}


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize("approval", ["Rejected", "PendingManualApproval"])
def test_a_serving_package_that_loses_its_approval_gives_way(world: World, deliver: Deliver, approval: str) -> None:
    world.register(2)
    world.review(2, "Approved")
    deliver()
    world.settle()
    deliver()
    world.review(2, approval)
    assert deliver().step is Step.UPDATE
    world.settle()
    deliver()
    assert versions(world) == {"v1": "serving", "v2": "superseded"}


@pytest.mark.usefixtures("serving")
def test_a_deleted_package_gives_way(world: World, deliver: Deliver) -> None:
    world.register(2)
    world.review(2, "Approved")
    deliver()
    world.settle()
    del world.packages[arn_of(2)]
    assert deliver().step is Step.UPDATE
    assert "v1" in world.requests("UpdateEndpoint")[-1]["EndpointConfigName"]


@pytest.mark.usefixtures("serving")
def test_an_edit_of_an_approved_package_is_no_approval(world: World, deliver: Deliver) -> None:
    world.register(2)
    world.review(2, "Approved")
    deliver()
    world.settle()
    deliver()
    edit = {**world.events[0], "detail": {**world.events[0]["detail"]}}
    edit["detail"]["LastModifiedTime"] = "2026-03-01T09:00:00Z"
    edit["detail"]["UpdatedModelPackageFields"] = ["CustomerMetadataProperties"]
    assert deliver(edit).step is Step.NOTHING
    assert versions(world) == {"v1": "superseded", "v2": "serving"}


def test_an_approval_that_was_withdrawn_meanwhile_makes_nothing(world: World, deliver: Deliver) -> None:
    world.register(1)
    world.review(1, "Approved")
    approval = world.events[-1]
    world.review(1, "Rejected")
    assert deliver(approval).step is Step.NOTHING
    assert not world.models
    assert not world.configs


@pytest.mark.parametrize("operation", ["CreateModel", "CreateEndpointConfig"])
def test_what_another_reconciliation_made_a_moment_before_is_used(
    world: World, deliver: Deliver, operation: str
) -> None:
    world.register(1)
    world.review(1, "Approved")
    world.made_before.add(operation)
    assert deliver().step is Step.CREATE
    assert len(world.models) == len(world.configs) == 1


def test_a_failed_first_roll_out_gives_way_to_the_next_approval(
    world: World, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.register(1, bad=True)
    world.register(2)
    world.review(1, "Approved")
    deliver()
    world.settle()
    deliver()
    assert versions(world) == {"v1": "failed"}
    assert "ping health check production variant" in next(iter(world.tags.values()))["mdlc:reason"]
    monkeypatch.setattr("rollout.handler.time.sleep", lambda _seconds: world.settle())
    world.review(2, "Approved")
    assert deliver().step is Step.CREATE
    assert [name for name, _ in world.calls if name in ("DeleteEndpoint", "CreateEndpoint")] == [
        "CreateEndpoint",
        "DeleteEndpoint",
        "CreateEndpoint",
    ]


def test_an_endpoint_that_takes_too_long_to_delete_is_tried_again_later(world: World, deliver: Deliver) -> None:
    world.register(1, bad=True)
    world.review(1, "Approved")
    deliver()
    world.settle()
    deliver()
    world.review(1, "Approved")
    with pytest.raises(handler.StillDeletingError):
        deliver(time_left=False)


@pytest.mark.usefixtures("serving")
def test_one_instance_has_no_canary_and_is_watched_as_long(world: World, deliver: Deliver) -> None:
    world.refuses_canary, world.instances = True, 1
    world.register(2)
    world.review(2, "Approved")
    assert deliver().step is Step.UPDATE
    [update] = world.requests("UpdateEndpoint")
    policy = update["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"] == {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    assert policy["TerminationWaitInSeconds"] == 300 + 600, "the alarms are watched as long as with a canary"
    assert update["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    assert update["RetainAllVariantProperties"] is True


@pytest.mark.usefixtures("serving")
def test_a_larger_fleet_is_never_replaced_without_a_canary(world: World, deliver: Deliver) -> None:
    world.refuses_canary = True
    world.register(2)
    world.review(2, "Approved")
    deliver()
    [refused] = world.requests("UpdateEndpoint")
    assert refused["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["Type"] == "CANARY"
    assert versions(world)["v2"] == "failed"


@pytest.mark.usefixtures("serving")
def test_another_instance_type_is_taken_out_of_auto_scaling_first(world: World, deliver: Deliver) -> None:
    world.register(2, properties={"deploy-instance-type": "ml.c7i.xlarge"})
    world.review(2, "Approved")
    assert deliver().step is Step.UPDATE
    assert not world.targets
    world.settle()
    deliver()
    assert world.targets


@pytest.mark.usefixtures("serving")
def test_an_endpoint_that_changes_while_it_is_read_is_read_again(
    world: World, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.register(2)
    world.review(2, "Approved")
    describe, changes = world._describe_endpoint, iter(range(3))  # noqa: SLF001 - the fake's answer is the test's matter

    def changing(parameters: Parameters) -> Parameters:
        return {**describe(parameters), "LastModifiedTime": next(changes, 9)}

    monkeypatch.setattr(world, "_describe_endpoint", changing)
    assert deliver().step is Step.UPDATE
    endless = iter(range(1_000_000))
    monkeypatch.setattr(
        world,
        "_describe_endpoint",
        lambda shown: {**describe(shown), "EndpointStatus": "InService", "LastModifiedTime": next(endless)},
    )
    with pytest.raises(UnsettledError):
        deliver()


@pytest.mark.usefixtures("serving")
def test_a_quota_fails_the_package_with_its_reason(world: World, deliver: Deliver) -> None:
    world.register(2)
    world.review(2, "Approved")
    message = "The account-level service limit 'ml.m5.large for endpoint usage' is 2 Instances."
    world.refusals["UpdateEndpoint"] = invalid("UpdateEndpoint", message, "ResourceLimitExceeded")
    assert deliver().step is Step.NOTHING
    assert versions(world) == {"v1": "serving", "v2": "failed"}
    reason = next(tags["mdlc:reason"] for tags in world.tags.values() if tags["mdlc:rollout"] == "failed")
    assert reason == "The account-level service limit ml.m5.large for endpoint usage is 2 Instances."


@pytest.mark.parametrize("operation", ["DescribeModelPackage", "CreateModel", "UpdateEndpoint", "AddTags"])
@pytest.mark.usefixtures("serving")
def test_a_missing_permission_is_an_error_and_the_next_event_heals(
    world: World, deliver: Deliver, operation: str
) -> None:
    world.register(2)
    world.review(2, "Approved")
    world.refusals[operation] = invalid(operation, f"not authorized to perform {operation}", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        deliver()
    deliver()
    world.settle()
    deliver()
    assert versions(world) == {"v1": "superseded", "v2": "serving"}


@pytest.mark.usefixtures("aws")
def test_the_function_reads_its_environment_and_ignores_other_events(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, world: World, context: LambdaContext
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    handler.environment.cache_clear()
    world.register(1)
    world.review(1, "Approved")
    event = world.events[-1]
    others = {**event, "detail": {**event["detail"], "ModelPackageGroupName": f"{GROUP}-2"}}
    answer = handler.on_event(others, context)
    assert answer == {"step": "nothing", "reason": "the event is about something else", "turned_down": []}
    handler.environment.cache_clear()


def test_the_answer_names_every_approval_of_late_that_was_turned_down(
    cloud: Cloud, settings: Settings, monkeypatch: pytest.MonkeyPatch, world: World, context: LambdaContext
) -> None:
    """From it people are told, and each event's answer repeats it, so that none that is lost takes it along."""
    monkeypatch.setattr(handler, "environment", lambda: (settings, cloud))
    world.now = datetime.now(UTC)
    world.register(1, properties={"deploy-instance-count": "two"})
    world.review(1, "Approved")
    expected = {
        "endpoint": "dev-fraud",
        "version": 1,
        "rollout": "failed",
        "reason": "its deploy-instance-count is two and must be a whole number from 1: correct it and approve again",
    }
    for event in (world.events[-1], DUE):
        [refused] = handler.on_event(event, context)["turned_down"]
        assert refused.pop("config").startswith("dev-fraud-v1-")
        assert refused == expected


DUE = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


def test_an_approval_whose_event_was_lost_is_found_in_time(world: World, deliver: Deliver) -> None:
    world.register(1)
    world.review(1, "Approved")
    assert deliver(DUE).step is Step.CREATE
    world.settle()
    assert deliver(DUE).step is Step.NOTHING
    assert versions(world) == {"v1": "serving"}
    world.register(2)
    world.review(2, "Approved")
    assert deliver(DUE).step is Step.UPDATE
    world.settle()
    deliver(DUE)
    assert versions(world) == {"v1": "superseded", "v2": "serving"}


@pytest.mark.usefixtures("serving")
def test_the_late_event_of_an_approval_that_was_found_asks_for_nothing_more(world: World, deliver: Deliver) -> None:
    world.register(2)
    world.review(2, "Approved")
    late = world.events[-1]
    deliver(DUE)
    world.settle()
    deliver()
    assert deliver(late).step is Step.NOTHING
    assert len(world.requests("CreateEndpointConfig")) == 2


@pytest.mark.usefixtures("serving")
def test_of_several_lost_approvals_the_last_is_rolled_out(world: World, deliver: Deliver) -> None:
    for version in (2, 3, 4):
        world.register(version)
    for version in (2, 4, 3):
        world.review(version, "Approved")
    world.review(4, "Rejected")
    deliver(DUE)
    assert set(versions(world)) == {"v1", "v3"}


@pytest.mark.usefixtures("serving")
def test_what_was_turned_down_or_forgotten_is_not_found_again(world: World, deliver: Deliver) -> None:
    world.register(2, bad=True)
    world.register(3)
    world.review(3, "Approved")  # before the second, and never recorded: as if it had been forgotten
    world.review(2, "Approved")
    deliver()
    world.settle()
    deliver()
    assert versions(world)["v2"] == "rolled-back"
    assert deliver(DUE).step is Step.NOTHING
    assert "v3" not in versions(world)


def test_a_change_of_an_older_version_is_no_approval(world: World, deliver: Deliver) -> None:
    """Records of long ago are deleted, and whoever describes a package moves its time."""
    world.register(1)
    world.review(1, "Approved")  # what came of it was forgotten
    world.register(2)
    world.review(2, "Approved")
    deliver()
    world.settle()
    deliver()
    world.now += timedelta(days=1)
    world.packages[arn_of(1)].modified = world.now
    assert deliver(DUE).step is Step.NOTHING
    assert versions(world) == {"v2": "serving"}


def test_without_an_approval_the_hour_brings_nothing(world: World, deliver: Deliver) -> None:
    world.register(1)
    assert deliver(DUE).step is Step.NOTHING
    assert not world.requests("CreateEndpointConfig")
