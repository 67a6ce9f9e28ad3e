"""What the page of people who label asks for. API Gateway has checked their token, and hands its claims over.

Nothing here logs a body: answers hold personal data.
"""

import os
import time
from functools import cache
from http import HTTPStatus
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from portal.answer import HEADERS, answer
from portal.app import resolver
from portal.problem import not_found
from task_store.table import TaskTable
from worker import bodies
from worker.desk import Desk
from worker.member import Member, of_claims

logger = Logger(service="worker")
app = resolver(logger)
TASK = "/tasks/<task>"


@cache
def desk() -> Desk:
    """Return the desk of this execution environment."""
    config = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 3})
    table = TaskTable(boto3.client("dynamodb", config=config), os.environ["TASKS_TABLE"])
    return Desk(table, boto3.client("s3", config=config), os.environ["DATA_BUCKET"], lambda: int(time.time()))


def _person() -> Member:
    return of_claims(app.current_event.request_context.authorizer.get("claims") or {})


def _body() -> str | None:
    return app.current_event.decoded_body


@app.get("/tasks")
def jobs() -> Response[str]:
    """List the jobs of who asks."""
    return answer(desk().jobs(_person()))


@app.post("/jobs/<job>/tasks/next")
def following(job: str) -> Response[str]:
    """Hand out what is to be done now."""
    asked = app.current_event.query_string_parameters or {}
    return answer(desk().next(_person(), job, bodies.count(asked.get("count")), asked.get("after", "")))


@app.get(TASK)
def show(task: str) -> Response[str]:
    """Show a task."""
    return answer(desk().task(_person(), task))


@app.get(f"{TASK}/media/<number>")
def medium(task: str, number: str) -> Response[bytes]:
    """Return a part of a file that a task names."""
    if not (number.isascii() and number.isdigit()):
        raise not_found()
    piece = desk().medium(_person(), task, int(number), app.current_event.headers.get("Range", ""))
    last = piece.first + len(piece.content) - 1
    headers = {**HEADERS, "Content-Range": f"bytes {piece.first}-{last}/{piece.size}", "Accept-Ranges": "bytes"}
    return Response(HTTPStatus.PARTIAL_CONTENT.value, piece.kind, piece.content, headers=headers)


@app.put(f"{TASK}/draft")
def draft(task: str) -> Response[str]:
    """Keep what was entered so far."""
    desk().act(_person(), task, bodies.draft(_body()))
    return answer({})


@app.post(f"{TASK}/heartbeat")
def heartbeat(task: str) -> Response[str]:
    """Hear that somebody still works."""
    desk().act(_person(), task, bodies.heartbeat(_body()))
    return answer({})


@app.post(f"{TASK}/answer")
def submit(task: str) -> Response[str]:
    """Take an answer."""
    desk().act(_person(), task, bodies.answer(_body()))
    return answer({})


@app.post(f"{TASK}/decline")
def decline(task: str) -> Response[str]:
    """Take a task back, for a reason."""
    desk().decline(_person(), task, bodies.reason(_body()))
    return answer({})


@app.post(f"{TASK}/question")
def question(task: str) -> Response[str]:
    """Take a question to who leads the job."""
    desk().ask(_person(), task, bodies.question(_body()))
    return answer({})


@app.get("/me/history")
def history() -> Response[str]:
    """List what was submitted last."""
    return answer(desk().history(_person()))


@app.post("/me/history/<task>/reopen")
def reopen(task: str) -> Response[str]:
    """Open a submitted task again."""
    return answer(desk().reopen(_person(), task))


@app.get("/me/questions")
def questions() -> Response[str]:
    """List what was asked, with the answers."""
    return answer(desk().questions(_person()))


@app.get("/me/keys")
def keys() -> Response[str]:
    """Return the keys that were changed."""
    return answer(desk().keys(_person()))


@app.put("/me/keys")
def set_keys() -> Response[str]:
    """Keep the keys that were changed."""
    desk().set_keys(_person(), bodies.keys(_body()))
    return answer({})


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST, clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway REST proxy event."""
    return app.resolve(event, context)
