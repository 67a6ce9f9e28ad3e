"""Human loops: A2I's requests, states and answers, each held against AWS's own model."""

import json
from datetime import timedelta
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from labels.review.loop import (
    ConflictError,
    Course,
    LoopError,
    LoopStatus,
    Standing,
    describe,
    detail,
    has_output,
    key,
    read,
    require_same,
    status,
    summarize,
)
from tests.lambda_.labeling.labels.review.flows import CREATED, FLOW, loop, start_loop

LATER = CREATED + timedelta(hours=1)


def validate(operation: str, answer: Any) -> None:
    model = botocore.session.get_session().get_service_model("sagemaker-a2i-runtime").operation_model(operation)
    assert model.output_shape
    report = ParamValidator().validate(answer, model.output_shape)
    assert not report.has_errors(), report.generate_report()


def test_a_request_is_read() -> None:
    start = read(start_loop(DataAttributes={"ContentClassifiers": ["FreeOfAdultContent"]}))
    assert (start.name, start.flow, start.flow_name) == ("human-loop-name", FLOW, "flow-definition-name")
    assert start.content == {"taskObject": "s3://b/1.jpg"}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "The request is no object"),
        ({}, "HumanLoopName"),
        (start_loop("Loop"), "HumanLoopName has not the form"),
        (start_loop("l" * 64), "HumanLoopName is more than 63."),
        (start_loop(FlowDefinitionArn="flow"), "FlowDefinitionArn has not the form"),
        (start_loop(HumanLoopInput={}), "InputContent"),
        (start_loop(HumanLoopInput={"InputContent": "{"}), "InputContent is no JSON ("),
        (start_loop(HumanLoopInput={"InputContent": "[" * 100_000}), "InputContent is no JSON ("),
        (start_loop(content=[]), "InputContent is no JSON object"),
        (start_loop(content="a" * 3_145_728), "InputContent is more than 3145728."),
        (start_loop(DataAttributes={"ContentClassifiers": ["Free"]}), "ContentClassifiers[0] is none of FreeOf"),
    ],
)
def test_what_is_no_request_is_refused(body: Any, sentence: str) -> None:
    with pytest.raises(LoopError) as error:
        read(body)
    assert sentence in str(error.value)


def test_the_same_name_twice_is_one_loop() -> None:
    """ "You cannot start two human loops with the same name and different input data" (ConflictException)."""
    existing = loop()
    require_same(read(start_loop()), existing)
    spaced = start_loop(HumanLoopInput={"InputContent": '{ "taskObject": "s3://b/1.jpg" }'})
    require_same(read(spaced), existing)
    for other in (start_loop(content={}), start_loop(FlowDefinitionArn=f"{FLOW}-2")):
        with pytest.raises(ConflictError, match="Another human loop is called human-loop-name"):
            require_same(read(other), existing)


@pytest.mark.parametrize(
    ("course", "hours", "expected"),
    [
        (Course(), 1, LoopStatus.IN_PROGRESS),
        (Course(answers=1, held=1), 1, LoopStatus.IN_PROGRESS),
        (Course(answers=2), 1, LoopStatus.COMPLETED),
        (Course(answers=2), 241, LoopStatus.COMPLETED),
        (Course(answers=2, stopped=True), 1, LoopStatus.COMPLETED),
        (Course(), 240, LoopStatus.STOPPED),
        (Course(answers=1), 241, LoopStatus.STOPPED),
        (Course(held=1), 241, LoopStatus.STOPPED),
        (Course(stopped=True), 1, LoopStatus.STOPPED),
        (Course(stopped=True, held=1), 1, LoopStatus.STOPPING),
        (Course(stopped=True, held=1), 241, LoopStatus.STOPPED),
        (Course(failure="The template does not render."), 1, LoopStatus.FAILED),
    ],
)
def test_the_state_of_a_loop(course: Course, hours: float, expected: LoopStatus) -> None:
    """ "As long as workers are still working on a task, … status is Stopping" (a2i-delete-human-loop)."""
    assert status(loop(people_asked=2), course, CREATED + timedelta(hours=hours)) is expected
    assert expected.ended == (expected in {"Completed", "Stopped", "Failed"})


def test_the_output_lies_where_the_guide_says() -> None:
    """That of the event in a2i-cloudwatch-events, below the bucket."""
    start = read(
        start_loop(
            "humanloop-nov-14-1",
            FlowDefinitionArn="arn:aws:sagemaker:us-east-1:111111111111:flow-definition/flowdef-nov-12",
        )
    )
    assert key(loop(start)) == "flowdef-nov-12/2019/11/14/17/37/36/humanloop-nov-14-1/output.json"


def test_the_event_of_the_guide() -> None:
    """a2i-cloudwatch-events, with an account's ID of twelve digits."""
    start = read(
        start_loop(
            "humanloop-nov-14-1",
            FlowDefinitionArn="arn:aws:sagemaker:us-east-1:111111111111:flow-definition/flowdef-nov-12",
        )
    )
    output = f"s3://customer-output-bucket-specified-in-flow-definition/{key(loop(start))}"
    assert detail(start.name, start.flow, CREATED, Standing(LoopStatus.COMPLETED, output=output)) == {
        "creationTime": "2019-11-14T17:37:36.740Z",
        "failureCode": None,
        "failureReason": None,
        "flowDefinitionArn": "arn:aws:sagemaker:us-east-1:111111111111:flow-definition/flowdef-nov-12",
        "humanLoopArn": "arn:aws:sagemaker:us-east-1:111111111111:human-loop/humanloop-nov-14-1",
        "humanLoopName": "humanloop-nov-14-1",
        "humanLoopOutput": {
            "outputS3Uri": "s3://customer-output-bucket-specified-in-flow-definition/flowdef-nov-12/2019/11/14/17/37/36/"
            "humanloop-nov-14-1/output.json"
        },
        "humanLoopStatus": "Completed",
    }


@pytest.mark.parametrize(
    "standing",
    [
        Standing(),
        Standing(LoopStatus.COMPLETED, output="s3://b/output.json"),
        Standing(LoopStatus.STOPPED),
        Standing(LoopStatus.FAILED, "The template does not render."),
    ],
)
def test_answers_are_those_of_the_service(standing: Standing) -> None:
    described = describe(loop(), standing)
    validate("DescribeHumanLoop", described)
    summary = summarize("human-loop-name", FLOW, CREATED, standing)
    validate("ListHumanLoops", {"HumanLoopSummaries": [summary]})
    assert ("HumanLoopOutput" in described) == (standing.status is LoopStatus.COMPLETED)
    assert described.get("FailureCode") == ("ValidationError" if standing.failure else None)
    assert json.dumps(detail("human-loop-name", FLOW, CREATED, standing))


@pytest.mark.parametrize(
    ("course", "hours", "written"),
    [
        (Course(answers=1), 1, False),
        (Course(answers=2), 1, True),
        (Course(answers=1), 241, True),
        (Course(), 241, False),
    ],
)
def test_no_output_is_written_before_all_have_answered(course: Course, hours: int, *, written: bool) -> None:
    """ "A2I does not write output data to your S3 bucket until all workers have completed" (a2i-delete-human-loop)."""
    assert has_output(loop(people_asked=2), course, CREATED + timedelta(hours=hours)) == written
