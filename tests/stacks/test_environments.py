import dataclasses
import re
from pathlib import Path
from typing import Any, Final

import aws_cdk
import pytest
from aws_cdk import Duration, RemovalPolicy

from account.regions import has_type
from app import build, target_of
from ml_constructs.serving.rollout import Canary, Fleet
from stacks.people import Notebook, Studio
from stacks.settings import Environment, Feature, InterfaceEndpoints, Spending, Spot, Throttle, refuse_seconds
from tests.environments import ALL_ENVIRONMENTS, DEV, ENVIRONMENTS, KNN, PROD, SANDBOX, STAGING
from tests.stacks.conftest import read

IN_STOCKHOLM: Final = {"region": "eu-north-1", "zones": ("eu-north-1a", "eu-north-1b")}
IN_MEXICO: Final = {"region": "mx-central-1", "zones": ("mx-central-1a", "mx-central-1b")}


def changed(**values: Any) -> Environment:
    return dataclasses.replace(DEV, **values)


def test_three_environments_in_accounts_of_their_own() -> None:
    assert [environment.name for environment in ENVIRONMENTS] == ["dev", "staging", "prod"]
    assert len({environment.account for environment in ENVIRONMENTS}) == 3


def test_what_an_account_has_one_of_is_refused_to_a_second_environment() -> None:
    refuse_seconds(ALL_ENVIRONMENTS)
    monitor = Spending(monitor="arn:aws:ce::111111111111:anomalymonitor/0a1b2c3d-0000-0000-0000-000000000000")
    second = changed(name="second", cidr="10.50.0.0/20")
    with pytest.raises(ValueError, match=r"dev and second are in one account, which has one monitor of its services"):
        refuse_seconds((DEV, second))
    second = dataclasses.replace(second, spending=monitor)
    with pytest.raises(ValueError, match="which have one role for the logs of their APIs"):
        refuse_seconds((DEV, second))
    refuse_seconds((DEV, dataclasses.replace(second, features=second.features - {Feature.API})))
    refuse_seconds((DEV, dataclasses.replace(second, region="us-east-1", zones=("us-east-1a", "us-east-1b"))))


def test_only_dev_and_the_sandbox_leave_nothing_behind() -> None:
    assert DEV.removal_policy == SANDBOX.removal_policy == RemovalPolicy.DESTROY
    assert STAGING.removal_policy == PROD.removal_policy == RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE


def test_environments_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        DEV.name = "other"  # type: ignore[misc] # what the test is about


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "Dev"}, "'Dev' cannot name an environment"),
        ({"name": "dev-2"}, "'dev-2' cannot name an environment"),
        ({"account": "1234"}, "'1234' is no AWS account: an account is 12 digits."),
        ({"region": "ireland"}, "'ireland' is no AWS region"),
        ({"region": "cn-north-1", "zones": ("cn-north-1a", "cn-north-1b")}, "cn-north-1 is no region that is known"),
        (IN_STOCKHOLM, "eu-north-1 has no AWS::Budgets::Budget: set Spending(monthly=None) of dev."),
        (IN_MEXICO, "mx-central-1 has no AWS::CodeBuild::Project: choose another region for dev."),
        ({"region": "us-west-1", "zones": ("us-west-1a", "us-west-1c")}, "no AWS::CodeArtifact::Repository: leave out"),
        ({"zones": ("eu-west-1a", "eu-west-1d")}, "eu-west-1 has no zone eu-west-1d: it has eu-west-1a, eu-west-1b"),
        ({"zones": ("eu-west-1a",)}, "dev needs at least 2 different availability zones"),
        ({"zones": ("eu-west-1a", "eu-west-1a")}, "dev needs at least 2 different availability zones"),
        ({"zones": ("eu-west-1a", "us-east-1b")}, "The zones us-east-1b are not in eu-west-1."),
        ({"cidr": "8.8.0.0/16"}, "8.8.0.0/16 is no private IPv4 block"),
        ({"cidr": "10.0.0.0/24"}, "10.0.0.0/24 is no private IPv4 block"),
        ({"cidr": "fd00::/20"}, "fd00::/20 is no private IPv4 block"),
        ({"log_level": "LOUD"}, "'LOUD' is no log level"),
        ({"features": frozenset({Feature.API})}, "The feature api needs the feature serving"),
        ({"systems": (KNN, KNN)}, "dev has the system knn twice."),
    ],
)
def test_wrong_values_are_refused_with_a_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        changed(**values)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"instance_type": "m5.large"}, "'m5.large' is no SageMaker instance type"),
        ({"instance_type": "ml.t3.large"}, "SageMaker has no ml.t3.large for endpoint"),
        ({"minimum": 0}, "between 1 <= minimum <= maximum"),
        ({"minimum": 3, "instance_count": 3}, "between 1 <= minimum <= maximum"),
        ({"instance_count": 3}, "An endpoint of 3 instances lies outside its own limits of 1 to 2."),
        ({"invocations_per_instance": 0}, "invocations_per_instance is at least 1, not 0."),
    ],
)
def test_impossible_fleets_are_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Fleet(**values)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"percent": 51}, "A canary takes 1 to 50 percent of the capacity, not 51."),
        ({"percent": 0}, "A canary takes 1 to 50 percent of the capacity, not 0."),
        ({"wait": Duration.seconds(3601)}, "The wait of a canary is an hour at most"),
        ({"wait": Duration.seconds(59)}, "The wait of a canary is a minute at least, .* not 59 seconds."),
        ({"termination_wait": Duration.hours(2)}, "The termination_wait of a canary is an hour at most, not 2 hours."),
    ],
)
def test_impossible_canaries_are_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Canary(**values)


def test_the_limits_of_a_canary_are_possible() -> None:
    for percent in (1, 50):
        for wait in (Duration.minutes(1), Duration.hours(1)):
            Canary(percent=percent, wait=wait, termination_wait=Duration.seconds(0))


@pytest.mark.parametrize("environment", [STAGING, PROD], ids=lambda environment: environment.name)
def test_what_keeps_its_data_has_a_closed_network_and_endpoints_in_every_zone(environment: Environment) -> None:
    with pytest.raises(ValueError, match=f"{environment.name} keeps its data, so its network is whole"):
        dataclasses.replace(environment, interface_endpoints=InterfaceEndpoints.ONE_ZONE)
    with pytest.raises(
        ValueError, match=f"{environment.name} keeps its data, so its network is closed: only a sandbox"
    ):
        dataclasses.replace(environment, closed=False)


def test_production_is_no_sandbox_even_when_it_keeps_nothing() -> None:
    with pytest.raises(ValueError, match="prod2 is production, so its network is closed: only a sandbox"):
        dataclasses.replace(SANDBOX, name="prod2")
    with pytest.raises(ValueError, match="live is production, so its network is closed: only a sandbox"):
        dataclasses.replace(SANDBOX, name="live", production=True)


@pytest.mark.parametrize(
    ("environment", "production"),
    [
        (DEV, False),
        (SANDBOX, False),
        (STAGING, False),
        (PROD, True),
        (dataclasses.replace(PROD, name="live"), True),
        (dataclasses.replace(PROD, name="acmeprod", production=None), True),
        (dataclasses.replace(STAGING, production=None), True),
        (dataclasses.replace(DEV, name="prod2"), True),
        (dataclasses.replace(PROD, name="prodtrial", production=False), False),
    ],
    ids=lambda value: value.name if isinstance(value, Environment) else "",
)
def test_what_keeps_its_data_is_production_unless_it_says_otherwise(
    environment: Environment, *, production: bool
) -> None:
    assert environment.in_production is production
    assert target_of(environment).production is production


def test_a_sandbox_has_no_notebook_instances() -> None:
    studio = Studio(notebooks=(Notebook(user="ml-engineer"),))
    with pytest.raises(ValueError, match="sandbox has no notebook instances, which would be in its subnets"):
        dataclasses.replace(SANDBOX, studio=studio)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"monthly": 0}, "A budget is at least 1 USD, not monthly 0, anomaly 20."),
        ({"anomaly": -1}, "A budget is at least 1 USD, not monthly 200, anomaly -1."),
        ({"addresses": ("team@example.com", "team")}, "'team' is no e-mail address."),
        ({"monitor": "Default-Services-Monitor"}, "'Default-Services-Monitor' is no anomaly monitor"),
    ],
)
def test_impossible_budgets_are_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Spending(**values)


def test_no_address_is_in_the_repository() -> None:
    assert not any(each.spending.addresses for each in ALL_ENVIRONMENTS if each.spending)


def test_an_environment_is_in_a_region_without_budgets(cdk_context: dict[str, Any], tmp_path: Path) -> None:
    stockholm = changed(**IN_STOCKHOLM, spending=Spending(monthly=None), systems=())
    untold = changed(name="untold", cidr="10.60.0.0/20", spending=None, systems=())
    refuse_seconds((stockholm, untold))
    app = aws_cdk.App(outdir=str(tmp_path), context=cdk_context)
    build(app, [stockholm, untold]).synth()
    templates = read(tmp_path)
    kinds = {
        each["Type"] for name, one in templates.items() if name[:4] == "dev-" for each in one["Resources"].values()
    }
    assert "AWS::CE::AnomalySubscription" in kinds
    assert [kind for kind in sorted(kinds) if not has_type("eu-north-1", kind)] == []
    assert "dev-budget" in templates
    assert "untold-budget" not in templates


def test_a_throttle_lets_something_through() -> None:
    with pytest.raises(ValueError, match="at least one request"):
        Throttle(rate=0)


def test_only_prod_trains_on_demand() -> None:
    assert [environment.name for environment in ENVIRONMENTS if environment.spot_wait is None] == ["prod"]
    waits = Spot(wait_minutes=90)
    found = changed(spot=waits).spot_wait
    assert found is not None
    assert found.to_minutes() == 90
    for minutes in (0, 24 * 60 + 1):
        with pytest.raises(ValueError, match=f"waits 1 to 1440 minutes for spot instances, not {minutes}"):
            Spot(wait_minutes=minutes)


@pytest.mark.parametrize("environment", ALL_ENVIRONMENTS, ids=lambda environment: environment.name)
def test_models_are_deployed_on_what_their_environment_serves_with(
    environment: Environment, templates: dict[str, dict[str, Any]]
) -> None:
    """A package names its instances, from these parameters, and a roll-out prefers them to its own settings."""
    (pipeline,) = [
        resource["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"]["Fn::Join"][1][0]
        for resource in templates[f"{environment.name}-training"]["Resources"].values()
        if resource["Type"] == "AWS::SageMaker::Pipeline"
    ]
    fleet = environment.fleet
    assert f'"DeployInstanceType","Type":"String","DefaultValue":"{fleet.instance_type}"' in pipeline
    counts = ",".join(f'"{count}"' for count in range(1, fleet.maximum + 1))
    count = f'"Type":"String","DefaultValue":"{fleet.instance_count}","EnumValues":[{counts}]}}'
    assert f'"DeployInstanceCount",{count}' in pipeline
