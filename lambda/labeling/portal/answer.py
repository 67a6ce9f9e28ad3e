"""Answers to API Gateway: JSON that nobody keeps, and errors of one form."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from portal.problem import ProblemError

JSON = "application/json"
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer but files: it is no page, whatever it has in it."""


def answer(value: object, status: HTTPStatus = HTTPStatus.OK) -> Response[str]:
    """Return an answer in JSON."""
    return Response(status.value, JSON, json.dumps(value, ensure_ascii=False), headers=dict(HEADERS))


def refusal(problem: ProblemError, request_id: str) -> Response[str]:
    """Return an error in the form that API Gateway's own have here."""
    error: dict[str, Any] = {"code": problem.code, "message": problem.sentence, "request_id": request_id}
    return answer({"error": error}, problem.status)
