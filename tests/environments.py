"""What tests judge: environments and systems of the first release, whatever a team writes or deletes below stacks/.

`python -m tests.environments` is an application of them: the CDK command line runs it where `CDK_APP` says so.
"""

import aws_cdk as cdk
from aws_cdk import Duration
from aws_cdk.aws_logs import RetentionDays

from app import build
from ml_constructs.machines.algorithm import TABULAR, VISION
from ml_constructs.serving.rollout import Canary, Fleet
from ml_constructs.systems.tabular import Steps
from stacks.labeling_settings import Labeling
from stacks.settings import Environment, Feature, InterfaceEndpoints, Spending, Throttle
from stacks.systems.neighbours import Knn
from stacks.systems.scripted import PICTURES, ScriptedSystem
from stacks.systems.tabular import TabularSystem

FRAUD = TabularSystem(
    name="fraud",
    description="Prepares claims, trains, evaluates, explains and registers a fraud model",
    built_in="fraud",
    bias=("--facet", "customer_gender_female", "--facet-value", "1", "--label", "fraud"),
    steps=Steps(rejected="FraudModelRejected", check="CheckFraudDetXGBEvaluation"),
    stack_id="training",
    serving_id="serving",
    api_id="Predictions",
)
KNN = Knn(name="knn")
CENSUS = ScriptedSystem(
    name="census",
    image="tabular",
    algorithm=TABULAR,
    stack_id="steps",
    description="Step Functions training pipeline",
)
IMAGES = ScriptedSystem(
    name="images",
    image="vision",
    algorithm=VISION,
    instance_type="ml.m5.large",
    training_instance_type="ml.m5.xlarge",
    inference=PICTURES,
    models="the image classifier",
    stack_id="vision",
    description="Image classifier: training, registry and endpoint",
)
SYSTEMS = (FRAUD, KNN, CENSUS, IMAGES)

DEV = Environment(
    name="dev",
    account="111111111111",
    region="eu-west-1",
    zones=("eu-west-1a", "eu-west-1b"),
    cidr="10.10.0.0/20",
    ephemeral=True,
    systems=SYSTEMS,
    features=frozenset(Feature),
    labeling=Labeling(workteams=("birds", "annotators"), inputs=("images/versions",)),
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
    systems=SYSTEMS,
    features=frozenset(Feature),
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
    systems=SYSTEMS,
    features=frozenset(Feature),
    fleet=Fleet(instance_type="ml.m5.xlarge", instance_count=2, minimum=2, maximum=8),
    canary=Canary(percent=10, wait=Duration.minutes(10), termination_wait=Duration.minutes(5)),
    throttle=Throttle(rate=500, burst=1000),
    spending=Spending(monthly=1500, anomaly=100),
    spot=None,
)
SANDBOX = Environment(
    name="sandbox",
    account="444444444444",
    region="eu-west-1",
    zones=("eu-west-1a", "eu-west-1b"),
    cidr="10.40.0.0/20",
    ephemeral=True,
    closed=False,
    systems=SYSTEMS,
    features=frozenset(Feature),
    labeling=Labeling(streams=("birds",), called_from_studio=True),
    log_retention=RetentionDays.ONE_WEEK,
    spending=Spending(monthly=50, anomaly=10),
)
ENVIRONMENTS = (DEV, STAGING, PROD)
ALL_ENVIRONMENTS = (*ENVIRONMENTS, SANDBOX)


if __name__ == "__main__":
    build(cdk.App(), ALL_ENVIRONMENTS).synth()
