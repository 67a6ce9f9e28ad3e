"""Incomes of a census: tables prepared, trained and evaluated by versioned scripts, the best run marked."""

from ml_constructs.machines.algorithm import TABULAR
from stacks.systems.scripted import ScriptedSystem

SYSTEM = ScriptedSystem(
    name="census",
    image="tabular",
    algorithm=TABULAR,
    stack_id="steps",  # of a time when it was the only one of its kind: a stack cannot be renamed
    description="Step Functions training pipeline",
)
