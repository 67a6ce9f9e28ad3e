from typing import Any

import pytest

from ml_constructs.foundation.values import render
from ml_constructs.pipelines import Comparison, Condition, In, Not, Or, Parameter, PipelineError

A = Parameter.integer("A")
GET = {"Get": "Parameters.A"}


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        (
            Comparison(A, "GreaterThanOrEqualTo", 0.7),
            {"Type": "GreaterThanOrEqualTo", "LeftValue": GET, "RightValue": 0.7},
        ),
        (Comparison("x", "Equals", A), {"Type": "Equals", "LeftValue": "x", "RightValue": GET}),
        (In(A, [1, 2]), {"Type": "In", "QueryValue": GET, "Values": [1, 2]}),
        (Not(In(A, [1])), {"Type": "Not", "Condition": {"Type": "In", "QueryValue": GET, "Values": [1]}}),
        (
            Or([Comparison(A, "LessThan", 1), Comparison(A, "GreaterThan", 2)]),
            {
                "Type": "Or",
                "Conditions": [
                    {"Type": "LessThan", "LeftValue": GET, "RightValue": 1},
                    {"Type": "GreaterThan", "LeftValue": GET, "RightValue": 2},
                ],
            },
        ),
    ],
)
def test_conditions_are_written_as_the_schema_says(condition: Condition, written: dict[str, Any]) -> None:
    assert render(condition.arguments()) == written


def test_a_choice_of_nothing_is_refused() -> None:
    with pytest.raises(PipelineError, match="never holds"):
        Or([])
