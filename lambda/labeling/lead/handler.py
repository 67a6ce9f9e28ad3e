"""What the portal's page of who leads jobs asks for. API Gateway has checked their token, and hands its claims over.

Whoever is not in the group `leads` is told that there is no such thing. Nothing here logs a body.
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

from lead import bodies
from lead.desk import LeadDesk
from lead.people import Names
from portal.answer import HEADERS, answer
from portal.app import resolver
from portal.problem import not_found
from task_store.table import TaskTable
from worker.member import LEADS, of_claims

logger = Logger(service="lead")
app = resolver(logger)
JOB = "/lead/jobs/<job>"
OBJECT = f"{JOB}/objects/<identity>"


@cache
def desk() -> LeadDesk:
    """Return the desk of this execution environment."""
    config = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 3}, max_pool_connections=32)

    def clock() -> int:
        return int(time.time())

    table = TaskTable(boto3.client("dynamodb", config=config), os.environ["TASKS_TABLE"])
    names = Names(boto3.client("cognito-idp", config=config), os.environ["USER_POOL_ID"], clock)
    return LeadDesk(table, boto3.client("s3", config=config), os.environ["DATA_BUCKET"], names, clock)


def _leads() -> LeadDesk:
    """Return the desk, if who asks leads jobs."""
    if LEADS not in of_claims(_claims()).teams:
        raise not_found()
    return desk()


def _claims() -> dict[str, Any]:
    return app.current_event.request_context.authorizer.get("claims") or {}


def _body() -> str | None:
    return app.current_event.decoded_body


def _parameter(name: str) -> str:
    return (app.current_event.query_string_parameters or {}).get(name, "")


@app.get("/lead/jobs")
def jobs() -> Response[str]:
    """List all jobs."""
    return answer(_leads().jobs())


@app.get(JOB)
def job(job: str) -> Response[str]:
    """Show how a job goes."""
    return answer(_leads().job(job, bodies.rate(_parameter("rate"))))


@app.get(f"{JOB}/objects")
def objects(job: str) -> Response[str]:
    """List the objects that are in a stage."""
    return answer(_leads().objects(job, _parameter("stage"), _parameter("after")))


@app.get(OBJECT)
def show(job: str, identity: str) -> Response[str]:
    """Show an object."""
    return answer(_leads().one(job, identity))


@app.get(f"{OBJECT}/media/<number>")
def medium(job: str, identity: str, number: str) -> Response[bytes]:
    """Return a part of a file that an object names."""
    leads = _leads()
    if not (number.isascii() and number.isdigit()):
        raise not_found()
    piece = leads.medium(job, identity, int(number), app.current_event.headers.get("Range", ""))
    last = piece.first + len(piece.content) - 1
    headers = {**HEADERS, "Content-Range": f"bytes {piece.first}-{last}/{piece.size}", "Accept-Ranges": "bytes"}
    return Response(HTTPStatus.PARTIAL_CONTENT.value, piece.kind, piece.content, headers=headers)


@app.post(f"{OBJECT}/release")
def release(job: str, identity: str) -> Response[str]:
    """Take an object from who works on it."""
    return answer(_leads().release(job, identity, bodies.worker(_body())))


@app.post(f"{OBJECT}/reopen")
def reopen(job: str, identity: str) -> Response[str]:
    """Ask more people about an object."""
    return answer(_leads().reopen(job, identity, bodies.more(_body())))


@app.post(f"{OBJECT}/send-back")
def send_back(job: str, identity: str) -> Response[str]:
    """Have a person look at their answer again."""
    return answer(_leads().send_back(job, identity, *bodies.sent_back(_body())))


@app.get(f"{JOB}/questions")
def questions(job: str) -> Response[str]:
    """List what people asked."""
    return answer(_leads().questions(job))


@app.post(f"{JOB}/questions/<question>/answer")
def answer_question(job: str, question: str) -> Response[str]:
    """Answer what somebody asked."""
    by = str(_claims().get("cognito:username", ""))
    return answer(_leads().answer(job, question, bodies.answer(_body()), by))


@app.post("/lead/people/<worker>/pause")
def pause(worker: str) -> Response[str]:
    """Give a person nothing new."""
    return answer(_leads().pause(worker, bodies.reason(_body())))


@app.post("/lead/people/<worker>/resume")
def resume(worker: str) -> Response[str]:
    """End a pause."""
    return answer(_leads().pause(worker, ""))


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST, clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway REST proxy event."""
    return app.resolve(event, context)
