"""Which events say that something ended."""

from typing import Any

import pytest

from experiments.events import Ended, Kind, parse

JOB = "arn:aws:sagemaker:eu-west-1:111122223333:training-job/alone"
PIPELINE = "arn:aws:sagemaker:eu-west-1:111122223333:pipeline/dev-fraud/execution/abc"
MACHINE = "arn:aws:states:eu-west-1:111122223333:execution:dev-census:one"


def event(kind: str, **detail: Any) -> dict[str, Any]:
    return {"detail-type": kind, "detail": detail}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            event("SageMaker Training Job State Change", TrainingJobArn=JOB, TrainingJobStatus="Failed"),
            Ended(Kind.TRAINING_JOB, JOB),
        ),
        (
            event(
                "SageMaker Model Building Pipeline Execution Status Change",
                pipelineExecutionArn=PIPELINE,
                currentPipelineExecutionStatus="Succeeded",
            ),
            Ended(Kind.PIPELINE, PIPELINE),
        ),
        (
            event("Step Functions Execution Status Change", executionArn=MACHINE, status="ABORTED"),
            Ended(Kind.MACHINE, MACHINE),
        ),
        (event("SageMaker Training Job State Change", TrainingJobArn=JOB, TrainingJobStatus="InProgress"), None),
        (event("Step Functions Execution Status Change", executionArn=MACHINE, status="RUNNING"), None),
        (event("SageMaker Endpoint State Change", EndpointName="e"), None),
        ({"detail-type": "Step Functions Execution Status Change"}, None),
        ({}, None),
    ],
)
def test_an_end_is_known_by_its_status(given: dict[str, Any], expected: Ended | None) -> None:
    assert parse(given) == expected
