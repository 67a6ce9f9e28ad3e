"""What may differ between environments, and what is refused of it before CloudFormation would."""

import ipaddress
import re
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations, pairwise
from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk.aws_logs import RetentionDays

from account.regions import has_type, zones
from ml_constructs.serving.rollout import Canary, Fleet
from stacks.labeling_settings import Labeling
from stacks.people import Studio
from stacks.systems import every
from stacks.systems.system import System, check_owner

MINIMUM_ZONES = 2  # for models behind endpoints, even one instance: SageMaker developer guide, "host-vpc"
LONGEST_SPOT_WAIT_MINUTES = 24 * 60


class Feature(StrEnum):
    """What a team can leave out of an environment."""

    SERVING = "serving"
    API = "api"
    FEATURES = "features"
    EXPERIMENTS = "experiments"
    STUDIO = "studio"
    LABELING = "labeling"


USUAL: Final = frozenset(Feature) - {Feature.LABELING}
"""What an environment has that does not say: labeling is for who has people that label."""

BUDGET: Final = "AWS::Budgets::Budget"
ANOMALIES: Final = "AWS::CE::AnomalySubscription"
EVERYWHERE: Final = ("AWS::CodeBuild::Project",)
OF_FEATURES: Final = {
    Feature.FEATURES: ("AWS::SageMaker::FeatureGroup",),
    Feature.EXPERIMENTS: ("AWS::SageMaker::MlflowApp",),
    Feature.STUDIO: (
        "AWS::CodeArtifact::Repository",
        "AWS::SageMaker::Domain",
        "AWS::SageMaker::Space",
        "AWS::SageMaker::UserProfile",
    ),
}
"""Resource types that are not in every region: of every environment, and of its features."""


@dataclass(frozen=True, kw_only=True)
class Throttle:
    """Requests that the API takes before it answers 429."""

    rate: int = 50
    burst: int = 100

    def __post_init__(self) -> None:
        """Refuse limits that would let nothing through."""
        if self.rate < 1 or self.burst < 1:
            raise ValueError(f"A throttle lets at least one request through, not rate {self.rate}, burst {self.burst}.")


class InterfaceEndpoints(StrEnum):
    """Where the network has addresses of AWS's services: each costs by the hour in every zone that it is in."""

    EVERY_ZONE = "every zone"
    ONE_ZONE = "one zone"
    """All functions use those of the first zone: without that zone, they reach no service."""


@dataclass(frozen=True, kw_only=True)
class Spending:
    """USD that the environment's account may cost, and whom to tell.

    At 80 % of `monthly`, and when it is forecast to be exceeded, AWS Budgets writes to the environment's topic; with
    none there is no budget, as it must be in regions where CloudFormation knows none. An anomaly of at least `anomaly`
    is written there too. `addresses` get the topic's messages by e-mail. An account has
    one monitor of its services, and new accounts are handed out with it: name the ARN of the one that it has in
    `monitor`, or one is created, which fails in an account that has one (`mdlc doctor` says so before).
    """

    monthly: int | None = 200
    anomaly: int = 20
    addresses: tuple[str, ...] = ()
    monitor: str | None = None

    def __post_init__(self) -> None:
        """Refuse amounts and addresses that AWS would."""
        if (self.monthly is not None and self.monthly < 1) or self.anomaly < 1:
            raise ValueError(f"A budget is at least 1 USD, not monthly {self.monthly}, anomaly {self.anomaly}.")
        if wrong := [address for address in self.addresses if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address)]:
            raise ValueError(f"{wrong[0]!r} is no e-mail address.")
        if self.monitor and not re.fullmatch(r"arn:aws[a-z-]*:ce::\d{12}:anomalymonitor/[0-9a-f-]+", self.monitor):
            raise ValueError(f"{self.monitor!r} is no anomaly monitor: its ARN has :anomalymonitor/ in it.")


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Training on spot instances: how long a job may wait for them, beside its own time."""

    wait_minutes: int = 60

    def __post_init__(self) -> None:
        """Refuse waits that no job should have."""
        if not 1 <= self.wait_minutes <= LONGEST_SPOT_WAIT_MINUTES:
            raise ValueError(
                f"A training job waits 1 to {LONGEST_SPOT_WAIT_MINUTES} minutes for spot instances, not"
                f" {self.wait_minutes}; without spot it runs on demand."
            )


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Where the platform runs, what of it, and at what size.

    The rules are stricter with an environment that is in `production`. One that keeps its data is, whatever its name,
    unless it says `production=False`; so is one that is named prod and says nothing.
    `ephemeral` environments leave nothing behind when they are destroyed; others keep their data, keys and logs. In one
    that is not `closed`, jobs, models and apps of Studio are in SageMaker's own network, functions in Lambda's.
    `fleet` and `canary` are size and roll-out of every endpoint; a registered package may name its own instances.
    `owner` is whom it belongs to, a team or an e-mail address: it is a tag on all that costs, and an address gets the
    notices of what fails. `systems` are those of stacks/systems unless it lists its own. Without `spot`, training runs
    on demand; without `spending`, nobody is told what the account costs.
    """

    name: str
    account: str
    region: str
    zones: tuple[str, ...]
    cidr: str
    ephemeral: bool
    owner: str = "ml-platform"
    production: bool | None = None
    closed: bool = True
    features: frozenset[Feature] = USUAL
    systems: tuple[System, ...] = field(default_factory=every)
    log_level: str = "INFO"
    log_retention: RetentionDays = RetentionDays.ONE_YEAR
    fleet: Fleet = field(default_factory=Fleet)
    canary: Canary = field(default_factory=Canary)
    throttle: Throttle = field(default_factory=Throttle)
    interface_endpoints: InterfaceEndpoints = InterfaceEndpoints.EVERY_ZONE
    spending: Spending | None = field(default_factory=Spending)
    spot: Spot | None = field(default_factory=Spot)
    studio: Studio = field(default_factory=Studio)
    labeling: Labeling = field(default_factory=Labeling)

    def __post_init__(self) -> None:
        """Refuse what cannot be deployed, before CloudFormation would."""
        if not re.fullmatch(r"[a-z][a-z0-9]{0,15}", self.name):
            raise ValueError(f"{self.name!r} cannot name an environment: use up to 16 of a-z and 0-9, a letter first.")
        if not re.fullmatch(r"\d{12}", self.account):
            raise ValueError(f"{self.account!r} is no AWS account: an account is 12 digits.")
        if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", self.region):
            raise ValueError(f"{self.region!r} is no AWS region: it looks like eu-west-1.")
        check_owner(self.owner, self.name)
        self._check_region()
        self._check_network()
        if self.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError(f"{self.log_level!r} is no log level: use DEBUG, INFO, WARNING or ERROR.")
        names = [system.name for system in self.systems]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{self.name} has the system {twice[0]} twice.")
        for person, theirs in self.studio.systems.items():
            if unknown := [system for system in theirs if system not in names]:
                raise ValueError(
                    f"{person} works with {unknown[0]}, which is no system of {self.name}: it has {', '.join(names)}."
                )
        if Feature.API in self.features and Feature.SERVING not in self.features:
            raise ValueError(f"The feature api needs the feature serving, which {self.name} leaves out.")

    def _check_region(self) -> None:
        if self.region not in zones():
            raise ValueError(
                f"{self.region} is no region that is known: {self.name} is in one of the partition aws. A new one is"
                " added to account/zones.csv, with its zones, and to account/regions.csv."
            )
        for name in EVERYWHERE:
            if not has_type(self.region, name):
                raise ValueError(f"{self.region} has no {name}: choose another region for {self.name}.")
        if self.spending and not has_type(self.region, ANOMALIES):
            raise ValueError(f"{self.region} has no {ANOMALIES}: set spending=None of {self.name}.")
        if self.spending and self.spending.monthly and not has_type(self.region, BUDGET):
            raise ValueError(
                f"{self.region} has no {BUDGET}: set Spending(monthly=None) of {self.name}. A budget is of an account,"
                " not of a region: make it by hand, or in an environment of the account in another region."
            )
        for feature, types in OF_FEATURES.items():
            for name in types:
                if feature in self.features and not has_type(self.region, name):
                    raise ValueError(f"{self.region} has no {name}: leave out the feature {feature} of {self.name}.")

    def _check_network(self) -> None:
        if len(set(self.zones)) != len(self.zones) or len(self.zones) < MINIMUM_ZONES:
            raise ValueError(
                f"{self.name} needs at least {MINIMUM_ZONES} different availability zones, not {self.zones}."
            )
        if outside := [zone for zone in self.zones if not re.fullmatch(rf"{re.escape(self.region)}[a-z]", zone)]:
            raise ValueError(f"The zones {', '.join(outside)} are not in {self.region}.")
        there = zones()[self.region]
        if unknown := [zone for zone in self.zones if zone not in there]:
            raise ValueError(f"{self.region} has no zone {unknown[0]}: it has {', '.join(there)}.")
        if not self.closed and (not self.ephemeral or self.in_production):
            reason = "is production" if self.ephemeral else "keeps its data"
            raise ValueError(
                f"{self.name} {reason}, so its network is closed: only a sandbox that leaves nothing behind may reach"
                " the internet."
            )
        if not self.closed and self.studio.notebooks:
            raise ValueError(
                f"{self.name} has no notebook instances, which would be in its subnets and reach nothing: leave them"
                " out, and use the spaces of Studio."
            )
        if self.interface_endpoints is not InterfaceEndpoints.EVERY_ZONE and not self.ephemeral:
            raise ValueError(
                f"{self.name} keeps its data, so its network is whole: interface endpoints are in every zone, not in"
                f" {self.interface_endpoints}."
            )
        network = ipaddress.ip_network(self.cidr)
        if network.version != 4 or not network.is_private or not 16 <= network.prefixlen <= 22:  # noqa: PLR2004 - VPC sizes
            raise ValueError(f"{self.cidr} is no private IPv4 block of /16 to /22, in which every zone gets a subnet.")

    @property
    def in_production(self) -> bool:
        """Whether it is production: as it says, else where it keeps its data or is named so."""
        if self.production is None:
            return not self.ephemeral or self.name.startswith("prod")
        return self.production

    @property
    def serves(self) -> bool:
        """Whether there are endpoints."""
        return Feature.SERVING in self.features

    @property
    def removal_policy(self) -> RemovalPolicy:
        """What happens to state when its stack goes.

        What a deployment has created that fails is taken back all the same: with a name of its own it would be in the
        way of the next one.
        """
        return RemovalPolicy.DESTROY if self.ephemeral else RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE

    @property
    def reviewed(self) -> tuple[System, ...]:
        """Systems whose predictions people review: classifiers of pictures, where there are people and an API."""
        if self.labeling.reviews is None or not {Feature.LABELING, Feature.API} <= self.features:
            return ()
        takes = [each for each in self.systems if any(kind.startswith("image/") for kind in each.content_types)]
        return tuple(each for each in takes if each.served)

    @property
    def spot_wait(self) -> Duration | None:
        """How long a training job waits for spot instances; None trains on demand."""
        return Duration.minutes(self.spot.wait_minutes) if self.spot else None


def refuse_overlaps(environments: tuple[Environment, ...]) -> None:
    """Environments may be peered one day: their address blocks must not overlap, nor their names be equal."""
    for first, second in pairwise(sorted(environments, key=lambda e: ipaddress.ip_network(e.cidr))):
        if ipaddress.ip_network(first.cidr).overlaps(ipaddress.ip_network(second.cidr)):
            raise ValueError(f"The address blocks of {first.name} and {second.name} overlap.")
    if len({environment.name for environment in environments}) != len(environments):
        raise ValueError("Two environments have the same name.")


def refuse_seconds(environments: tuple[Environment, ...]) -> None:
    """Refuse environments that would have in one account what an account has one of (`account.singletons`)."""
    for first, second in combinations(environments, 2):
        if first.account != second.account:
            continue
        both = f"{first.name} and {second.name} are in one account"
        if all(each.spending and each.spending.monitor is None for each in (first, second)):
            raise ValueError(
                f"{both}, which has one monitor of its services: name the ARN of the other's in"
                f" Spending(monitor=...) of {second.name}."
            )
        if first.region == second.region and Feature.API in first.features & second.features:
            raise ValueError(
                f"{both} and region, which have one role for the logs of their APIs: destroying one of them would end"
                " the other's logs. Leave the feature api out of one, or give it another account or region."
            )
