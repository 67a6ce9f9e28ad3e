"""SageMaker pipelines from typed steps: each step knows its request, its data and what its roles need.

The definition is the JSON of schema 2020-12-01, written without the SageMaker SDK.
Source: SageMaker developer guide, "Pipelines", and its pipeline definition JSON schema.
"""

from ml_constructs.foundation.errors import PipelineError
from ml_constructs.foundation.values import ExecutionVariable, Expression, Join, JsonGet, Parameter, StepProperty, Value
from ml_constructs.pipelines.conditions import Comparison, Condition, In, Not, Or
from ml_constructs.pipelines.pipeline import Pipeline
from ml_constructs.pipelines.step import RetryPolicy, Step

__all__ = [
    "Comparison",
    "Condition",
    "ExecutionVariable",
    "Expression",
    "In",
    "Join",
    "JsonGet",
    "Not",
    "Or",
    "Parameter",
    "Pipeline",
    "PipelineError",
    "RetryPolicy",
    "Step",
    "StepProperty",
    "Value",
]
