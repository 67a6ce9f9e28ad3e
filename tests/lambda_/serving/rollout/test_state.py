import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.requests import Deployment, canary_instances, update_endpoint
from rollout.settings import Settings
from rollout.state import Approval, Rollout, tag_text
from tests.lambda_.serving.rollout.world import arn_of

TAG_VALUE = re.compile(r"[A-Za-z0-9 +\-=._:/@]{0,256}")
APPROVAL = Approval("dev-fraud-v7-01234567", arn_of(7), "89abcdef", datetime(2026, 3, 1, tzinfo=UTC), Rollout.PENDING)


@pytest.mark.slow  # seconds of long texts
@settings(deadline=None)
@given(st.text(max_size=600))
def test_any_reason_makes_a_valid_tag(text: str) -> None:
    assert TAG_VALUE.fullmatch(tag_text(text))


def test_a_reason_stays_readable() -> None:
    assert (
        tag_text("Alarm 'dev-5xx' (CloudWatch) fired;\n see arn:aws:x/1")
        == "Alarm dev-5xx CloudWatch fired see arn:aws:x/1"
    )
    assert tag_text("one,two; three!") == "one two three"


def test_an_approval_survives_its_tags() -> None:
    assert Approval.of_tags(APPROVAL.config, APPROVAL.tags()) == APPROVAL
    assert all(TAG_VALUE.fullmatch(value) for value in APPROVAL.tags().values())


def test_times_are_written_so_that_text_sorts_like_time() -> None:
    zone = timezone(timedelta(hours=2))
    later = Approval(
        APPROVAL.config,
        APPROVAL.package,
        APPROVAL.settings,
        datetime(2026, 3, 1, 2, 0, 0, 1000, tzinfo=zone),
        APPROVAL.rollout,
    )
    assert later.tags()["mdlc:requested-at"] == "2026-03-01T00:00:00.001000+00:00"
    assert APPROVAL.tags()["mdlc:requested-at"] < later.tags()["mdlc:requested-at"]


def test_foreign_or_broken_tags_are_no_mark() -> None:
    assert Approval.of_tags("x", {}) is None
    assert Approval.of_tags("x", {**APPROVAL.tags(), "mdlc:rollout": "nonsense"}) is None
    assert Approval.of_tags("x", {**APPROVAL.tags(), "mdlc:requested-at": "soon"}) is None


def test_every_setting_that_matters_makes_another_name(settings: Settings) -> None:
    deployment = Deployment.of_package(arn_of(1), {}, settings)
    changed = [
        Deployment.of_package(arn_of(1), {"deploy-instance-type": "ml.c7i.large"}, settings),
        Deployment.of_package(arn_of(1), {"deploy-instance-count": "5"}, settings),
        Deployment.of_package(arn_of(2), {}, settings),
    ]
    assert len({deployment.model_name, *(other.model_name for other in changed)}) == 4
    names = {deployment.config_name(datetime(2026, 3, day, tzinfo=UTC)) for day in (1, 2)}
    assert len(names) == 2
    assert all(re.fullmatch(r"dev-fraud-v1-[0-9a-f]{8}", name) for name in names)


@pytest.mark.parametrize(
    ("percent", "instances", "canary"),
    [
        (50, 1, 0),  # at most half of one instance is none
        (25, 1, 0),
        (10, 2, 1),
        (50, 3, 1),
        (10, 8, 1),
        (25, 8, 2),
        (50, 8, 4),
    ],
)
def test_a_canary_is_whole_instances_and_at_most_half_of_them(percent: int, instances: int, canary: int) -> None:
    assert canary_instances(percent, instances) == canary
    assert canary <= instances / 2


@pytest.mark.parametrize("canary", [0, 1, 300, 3600])
@pytest.mark.parametrize("termination", [0, 600, 3600])
@pytest.mark.parametrize("instances", [1, 2])
def test_a_deployment_may_take_longer_than_its_waits_and_no_longer_than_sagemaker_allows(
    settings: Settings, canary: int, termination: int, instances: int
) -> None:
    waiting = replace(settings, canary_wait_seconds=canary, termination_wait_seconds=termination)
    deployment = update_endpoint("dev-fraud-v1-01234567", waiting, instances=instances)["DeploymentConfig"]
    limit = deployment["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"]
    assert 600 <= limit <= 28800
    assert limit > canary + termination
    assert deployment["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] <= 3600
