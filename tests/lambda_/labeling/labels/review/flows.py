"""Requests and people of reviews, for the tests."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from labels.review.loop import Loop, Start, read
from labels.worker_response import Person, Response

FLOW = "arn:aws:sagemaker:us-west-2:111122223333:flow-definition/flow-definition-name"
CREATED = datetime(2019, 11, 14, 17, 37, 36, 740_000, tzinfo=UTC)
"""That of the event in a2i-cloudwatch-events."""


def flow_definition(**changes: Any) -> dict[str, Any]:
    """Return the guide's request for a custom workflow (a2i-create-flow-definition), with members changed."""
    return {
        "FlowDefinitionName": "flow-definition-name",
        "HumanLoopConfig": people(),
        "OutputConfig": {"S3OutputPath": "s3://bucket/path/"},
        "RoleArn": "arn:aws:iam::111122223333:role/reviews",
    } | changes


def people(**changes: Any) -> dict[str, Any]:
    """Return the part of it that is about people."""
    return {
        "WorkteamArn": "arn:aws:sagemaker:us-west-2:111122223333:workteam/private-crowd/reviewers",
        "HumanTaskUiArn": "arn:aws:sagemaker:us-west-2:111122223333:human-task-ui/template",
        "TaskTitle": "Example task title",
        "TaskDescription": "Example task description.",
        "TaskCount": 1,
    } | changes


def start_loop(name: str = "human-loop-name", content: object = None, **changes: Any) -> dict[str, Any]:
    """Return a request to start a loop."""
    return {
        "HumanLoopName": name,
        "FlowDefinitionArn": FLOW,
        "HumanLoopInput": {"InputContent": json.dumps({"taskObject": "s3://b/1.jpg"} if content is None else content)},
    } | changes


def loop(start: Start | None = None, people_asked: int = 1) -> Loop:
    """Return a loop that waits for ten days."""
    return Loop(start or read(start_loop()), CREATED, people_asked, CREATED + timedelta(days=10))


def response(content: dict[str, Any], worker: str = "ef7294f850a3d9d1") -> Response:
    """Return an answer, with the times and the person of "Track Worker Activity" (a2i-output-data)."""
    issuer = "https://cognito-idp.aws-region.amazonaws.com/aws-region_123456789"
    person = Person(worker, "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", issuer)
    accepted = datetime(2020, 12, 28, 18, 59, 15, 191_000, tzinfo=UTC)
    return Response(person, content, accepted, datetime(2020, 12, 28, 18, 59, 58, 321_000, tzinfo=UTC), 40.543)
