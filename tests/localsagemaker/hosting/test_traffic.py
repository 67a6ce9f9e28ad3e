"""DeploymentConfig as steps; expected shares are worked out by hand."""

from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.hosting.traffic import Plan, Step, plan


def blue_green(kind: str, wait: int = 60, **more: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **more}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 30}}


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def test_without_a_config_all_traffic_moves_at_once() -> None:
    assert plan(None, 1) == Plan([Step(1.0, 0.0)])


def test_all_at_once_bakes_once() -> None:
    assert plan(blue_green("ALL_AT_ONCE"), 1) == Plan([Step(1.0, 60)], termination_wait_s=30)


def test_a_canary_bakes_before_the_rest_follows() -> None:
    assert plan(blue_green("CANARY", CanarySize=percent(10)), 1).steps == [Step(0.1, 60), Step(1.0, 60)]
    two_of_five = {"Type": "INSTANCE_COUNT", "Value": 2}
    assert plan(blue_green("CANARY", CanarySize=two_of_five), 5).steps[0] == Step(0.4, 60)


def test_linear_steps_end_with_everything() -> None:
    shares = [step.share for step in plan(blue_green("LINEAR", LinearStepSize=percent(30)), 1).steps]
    assert shares == pytest.approx([0.3, 0.6, 0.9, 1.0])
    shares = [step.share for step in plan(blue_green("LINEAR", LinearStepSize=percent(50)), 1).steps]
    assert shares == [0.5, 1.0]


def test_rolling_moves_batch_by_batch() -> None:
    policy = {"MaximumBatchSize": percent(50), "WaitIntervalInSeconds": 5, "MaximumExecutionTimeoutInSeconds": 700}
    assert plan({"RollingUpdatePolicy": policy}, 4) == Plan([Step(0.5, 5), Step(1.0, 5)], limit_s=700)


def test_alarms_are_kept() -> None:
    config = blue_green("ALL_AT_ONCE") | {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}
    assert plan(config, 1).alarms == ("errors",)


@pytest.mark.parametrize(
    ("config", "instances", "sentence"),
    [
        (blue_green("CANARY", CanarySize=percent(60)), 1, "CanarySize must be at most 50 percent, not 60"),
        (blue_green("CANARY"), 1, "CanarySize is required"),
        (
            blue_green("CANARY", CanarySize={"Type": "INSTANCE_COUNT", "Value": 1}),
            1,
            "percent of 1 instance",
        ),
        (blue_green("LINEAR", LinearStepSize={"Type": "INSTANCE_COUNT", "Value": 3}), 4, "at most 50 percent of 4"),
        (blue_green("ALL_AT_ONCE") | {"RollingUpdatePolicy": {}}, 1, "RollingUpdatePolicy"),
    ],
)
def test_what_aws_refuses_is_refused(config: dict[str, Any], instances: int, sentence: str) -> None:
    if config.get("RollingUpdatePolicy") == {}:
        config["RollingUpdatePolicy"] = {"MaximumBatchSize": percent(10), "WaitIntervalInSeconds": 0}
    with pytest.raises(ServiceError, match=sentence):
        plan(config, instances)
