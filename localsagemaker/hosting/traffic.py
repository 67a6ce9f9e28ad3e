"""How an update moves traffic from the old fleet to the new one, read from its DeploymentConfig."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localsagemaker.errors import ServiceError

MOST_CANARY = 50
"""Percent of the fleet that a canary, a linear step or a rolling batch may be at most."""


@dataclass(frozen=True)
class Step:
    """From here on the new fleet gets `share` (0 to 1) of the traffic, watched for `bake_s` seconds."""

    share: float
    bake_s: float


@dataclass(frozen=True)
class Plan:
    """Steps in order, the last with the whole traffic, then the wait before the old fleet ends.

    `limit_s` bounds the whole update; `alarms` end it.
    """

    steps: Sequence[Step]
    termination_wait_s: float = 0.0
    limit_s: float = 28800.0
    alarms: Sequence[str] = ()


def plan(config: Mapping[str, Any] | None, instances: int) -> Plan:
    """Read a DeploymentConfig for `instances` new ones; ServiceError `ValidationException` for what AWS refuses."""
    if not config:
        return Plan([Step(1.0, 0.0)])
    alarms = tuple(each["AlarmName"] for each in config.get("AutoRollbackConfiguration", {}).get("Alarms", []))
    blue_green, rolling = config.get("BlueGreenUpdatePolicy"), config.get("RollingUpdatePolicy")
    if blue_green and rolling:
        raise ServiceError("ValidationException", "Specify BlueGreenUpdatePolicy or RollingUpdatePolicy, not both")
    if rolling:
        share = _share(rolling["MaximumBatchSize"], instances, "MaximumBatchSize")
        steps, termination = _even(share, rolling["WaitIntervalInSeconds"]), 0.0
        limit = rolling.get("MaximumExecutionTimeoutInSeconds", 28800)
    elif blue_green:
        steps = _steps(blue_green["TrafficRoutingConfiguration"], instances)
        termination = blue_green.get("TerminationWaitInSeconds", 0)
        limit = blue_green.get("MaximumExecutionTimeoutInSeconds", 28800)
    else:
        steps, termination, limit = [Step(1.0, 0.0)], 0.0, 28800
    return Plan(steps, float(termination), float(limit), alarms)


def _steps(routing: Mapping[str, Any], instances: int) -> list[Step]:
    kind, bake = routing["Type"], routing["WaitIntervalInSeconds"]
    if kind == "CANARY":
        return [Step(_share(routing.get("CanarySize"), instances, "CanarySize"), bake), Step(1.0, bake)]
    if kind == "LINEAR":
        return _even(_share(routing.get("LinearStepSize"), instances, "LinearStepSize"), bake)
    return [Step(1.0, bake)]


def _even(share: float, bake: float) -> list[Step]:
    count = math.ceil(1 / share - 1e-9)
    return [Step(min(1.0, share * (number + 1)), bake) for number in range(count)]


def _share(size: Mapping[str, Any] | None, instances: int, name: str) -> float:
    """Give a CapacitySize as a part of the fleet; what is no whole instance is moved all the same.

    Source: SageMaker API reference, `CanarySize` and `LinearStepSize` of TrafficRoutingConfig.
    """
    if size is None:
        raise ServiceError("ValidationException", f"{name} is required for this type of traffic routing")
    value = size["Value"]
    if size["Type"] == "CAPACITY_PERCENT":
        if value > MOST_CANARY:
            raise ServiceError("ValidationException", f"{name} must be at most {MOST_CANARY} percent, not {value}")
        return float(value / 100)
    if value > instances * MOST_CANARY / 100:
        noun = "instance" if instances == 1 else "instances"
        raise ServiceError("ValidationException", f"{name} must be at most {MOST_CANARY} percent of {instances} {noun}")
    return float(value / instances)
