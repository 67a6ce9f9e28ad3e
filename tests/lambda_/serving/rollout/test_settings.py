import pytest

from rollout.settings import Settings


def test_lists_and_options_are_read(settings: Settings, variables: dict[str, str]) -> None:
    assert settings.alarms == ("dev-fraud-5xx", "dev-fraud-latency")
    assert settings.subnets == ("subnet-0a1b2c3d", "subnet-4e5f6a7b")
    assert settings.invocations_per_instance == 750
    for name in ("SUBNET_IDS", "SECURITY_GROUP_IDS", "KMS_KEY_ARN"):
        del variables[name]
    bare = Settings.of_environment(variables)
    assert (bare.subnets, bare.security_groups, bare.kms_key) == ((), (), None)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ENDPOINT_NAME", "e" * 48, "ENDPOINT_NAME has 48 characters; at most 47"),
        ("ALARM_NAMES", "", "ALARM_NAMES must name 1 to 10 alarms"),
        ("ALARM_NAMES", ",".join("abcdefghijk"), "ALARM_NAMES must name 1 to 10 alarms"),
        ("CANARY_PERCENT", "0", "CANARY_PERCENT must be between 1 and 50"),
        ("CANARY_PERCENT", "51", "CANARY_PERCENT must be between 1 and 50"),
        ("CANARY_PERCENT", "a few", "CANARY_PERCENT must be a whole number, not 'a few'"),
        ("CANARY_WAIT_SECONDS", "3601", "CANARY_WAIT_SECONDS must be between 0 and 3600"),
        ("TERMINATION_WAIT_SECONDS", "-1", "TERMINATION_WAIT_SECONDS must be between 0 and 3600"),
        ("SECURITY_GROUP_IDS", "", "SUBNET_IDS and SECURITY_GROUP_IDS go together"),
        ("INSTANCE_COUNT", "0", "INSTANCE_COUNT must be at least 1"),
        ("MIN_CAPACITY", "0", "MIN_CAPACITY must be at least 1"),
        ("MIN_CAPACITY", "7", "MIN_CAPACITY must be at least 1 and at most MAX_CAPACITY"),
        ("INVOCATIONS_PER_INSTANCE", "0", "INVOCATIONS_PER_INSTANCE must be positive"),
    ],
)
def test_what_sagemaker_would_refuse_is_refused_at_cold_start(
    variables: dict[str, str], name: str, value: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        Settings.of_environment({**variables, name: value})


def test_the_bounds_themselves_are_fine(variables: dict[str, str]) -> None:
    bounds = {
        "ENDPOINT_NAME": "e" * 47,
        "CANARY_PERCENT": "50",
        "CANARY_WAIT_SECONDS": "3600",
        "TERMINATION_WAIT_SECONDS": "3600",
        "MIN_CAPACITY": "6",
    }
    assert Settings.of_environment({**variables, **bounds}).canary_percent == 50


def test_a_missing_variable_is_named(variables: dict[str, str]) -> None:
    del variables["MODEL_ROLE_ARN"]
    with pytest.raises(KeyError, match="MODEL_ROLE_ARN"):
        Settings.of_environment(variables)
