"""Fraudulent insurance claims: the tabular pipeline on two tables, with the step names of its published original."""

from ml_constructs.systems.tabular import Steps
from stacks.systems.tabular import TabularSystem

SYSTEM = TabularSystem(
    name="fraud",
    description="Prepares claims, trains, evaluates, explains and registers a fraud model",
    built_in="fraud",
    bias=("--facet", "customer_gender_female", "--facet-value", "1", "--label", "fraud"),
    steps=Steps(rejected="FraudModelRejected", check="CheckFraudDetXGBEvaluation"),
    stack_id="training",  # of a time when it was alone: a stack cannot be renamed
    serving_id="serving",
    api_id="Predictions",
)
