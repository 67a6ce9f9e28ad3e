"""The environments: what a platform engineer edits. Everything else is the same code."""

from aws_cdk import Duration
from aws_cdk.aws_logs import RetentionDays

from ml_constructs.serving.rollout import Canary, Fleet
from stacks.labeling_settings import Labeling
from stacks.settings import (
    USUAL,
    Environment,
    Feature,
    InterfaceEndpoints,
    Spending,
    Throttle,
    refuse_overlaps,
    refuse_seconds,
)

DEV = Environment(
    name="dev",
    account="111111111111",
    region="eu-west-1",
    zones=("eu-west-1a", "eu-west-1b"),
    cidr="10.10.0.0/20",
    ephemeral=True,
    features=USUAL | {Feature.LABELING},
    log_level="DEBUG",
    log_retention=RetentionDays.ONE_MONTH,
    interface_endpoints=InterfaceEndpoints.ONE_ZONE,
)
STAGING = Environment(
    name="staging",
    account="222222222222",
    region="eu-west-1",
    zones=("eu-west-1a", "eu-west-1b"),
    cidr="10.20.0.0/20",
    ephemeral=False,
    production=False,
    log_retention=RetentionDays.THREE_MONTHS,
    canary=Canary(percent=25, wait=Duration.minutes(5), termination_wait=Duration.minutes(2)),
    spending=Spending(monthly=400, anomaly=40),
)
PROD = Environment(
    name="prod",
    account="333333333333",
    region="eu-west-1",
    zones=("eu-west-1a", "eu-west-1b", "eu-west-1c"),
    cidr="10.30.0.0/20",
    ephemeral=False,
    production=True,
    fleet=Fleet(instance_type="ml.m5.xlarge", instance_count=2, minimum=2, maximum=8),
    canary=Canary(percent=10, wait=Duration.minutes(10), termination_wait=Duration.minutes(5)),
    throttle=Throttle(rate=500, burst=1000),
    spending=Spending(monthly=1500, anomaly=100),
    spot=None,  # a retraining that is needed now must not wait for spare instances
)

SANDBOX = Environment(
    name="sandbox",
    account="444444444444",
    region="eu-west-1",
    zones=("eu-west-1a", "eu-west-1b"),
    cidr="10.40.0.0/20",
    ephemeral=True,
    features=USUAL | {Feature.LABELING},
    closed=False,
    labeling=Labeling(streams=("birds",), called_from_studio=True),
    log_retention=RetentionDays.ONE_WEEK,
    spending=Spending(monthly=50, anomaly=10),
)
"""For trials, with data that anybody may see: it reaches the internet, and costs next to nothing while it is idle."""

ENVIRONMENTS = (DEV, STAGING, PROD)
ALL_ENVIRONMENTS = (*ENVIRONMENTS, SANDBOX)
"""What gates and tests judge."""

refuse_overlaps(ALL_ENVIRONMENTS)
refuse_seconds(ALL_ENVIRONMENTS)
