"""The environment variables of the function as one typed object."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

NAME_CHARACTERS = 63  # of models, endpoint configurations and endpoints
SUFFIX_CHARACTERS = len("-v12345-01234567")
CANARY_PERCENT = range(1, 51)  # SageMaker: at most half of the fleet
WAIT_SECONDS = range(3601)
ALARMS = range(1, 11)


@dataclass(frozen=True)
class Settings:
    """How the endpoint is made and rolled out; `instance_*` apply where a package names none itself.

    `local_storage` are families of instance types (`g5`) whose disks take no key, `tags` those of all that is made.
    """

    endpoint: str
    package_group: str
    model_role: str
    variant: str
    alarms: tuple[str, ...]
    canary_percent: int
    canary_wait_seconds: int
    termination_wait_seconds: int
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    kms_key: str | None
    local_storage: tuple[str, ...]
    instance_type: str
    instance_count: int
    min_capacity: int
    max_capacity: int
    invocations_per_instance: float
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse, at cold start and in a sentence, what SageMaker would refuse in the middle of a roll-out."""
        _require(
            len(self.endpoint) <= NAME_CHARACTERS - SUFFIX_CHARACTERS,
            f"ENDPOINT_NAME has {len(self.endpoint)} characters; at most {NAME_CHARACTERS - SUFFIX_CHARACTERS} leave "
            "room for the version in the names of its models",
        )
        _require(
            len(self.alarms) in ALARMS,
            f"ALARM_NAMES must name {ALARMS[0]} to {ALARMS[-1]} alarms: without one nothing is rolled back",
        )
        _require_between("CANARY_PERCENT", self.canary_percent, CANARY_PERCENT)
        _require_between("CANARY_WAIT_SECONDS", self.canary_wait_seconds, WAIT_SECONDS)
        _require_between("TERMINATION_WAIT_SECONDS", self.termination_wait_seconds, WAIT_SECONDS)
        _require(bool(self.subnets) == bool(self.security_groups), "SUBNET_IDS and SECURITY_GROUP_IDS go together")
        _require(self.instance_count >= 1, "INSTANCE_COUNT must be at least 1")
        _require(
            1 <= self.min_capacity <= self.max_capacity, "MIN_CAPACITY must be at least 1 and at most MAX_CAPACITY"
        )
        _require(self.invocations_per_instance > 0, "INVOCATIONS_PER_INSTANCE must be positive")

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the variables; `KeyError` or `ValueError` names the one that is missing or wrong."""
        return cls(
            endpoint=environment["ENDPOINT_NAME"],
            package_group=environment["MODEL_PACKAGE_GROUP_NAME"],
            model_role=environment["MODEL_ROLE_ARN"],
            variant=environment["VARIANT_NAME"],
            alarms=_names(environment["ALARM_NAMES"]),
            canary_percent=_number(environment, "CANARY_PERCENT"),
            canary_wait_seconds=_number(environment, "CANARY_WAIT_SECONDS"),
            termination_wait_seconds=_number(environment, "TERMINATION_WAIT_SECONDS"),
            subnets=_names(environment.get("SUBNET_IDS", "")),
            security_groups=_names(environment.get("SECURITY_GROUP_IDS", "")),
            kms_key=environment.get("KMS_KEY_ARN") or None,
            local_storage=_names(environment.get("LOCAL_STORAGE_FAMILIES", "")),
            instance_type=environment["INSTANCE_TYPE"],
            instance_count=_number(environment, "INSTANCE_COUNT"),
            min_capacity=_number(environment, "MIN_CAPACITY"),
            max_capacity=_number(environment, "MAX_CAPACITY"),
            invocations_per_instance=float(environment["INVOCATIONS_PER_INSTANCE"]),
            tags=json.loads(environment.get("TAGS", "{}")),
        )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _number(environment: Mapping[str, str], name: str) -> int:
    try:
        return int(environment[name])
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {environment[name]!r}") from None


def _require_between(name: str, number: int, allowed: range) -> None:
    _require(number in allowed, f"{name} must be between {allowed[0]} and {allowed[-1]}")


def _require(condition: bool, sentence: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not condition:
        raise ValueError(f"{sentence}.")
