"""POST /v1/<system>/predictions: one request to the endpoint, its answer or a clear error.

Nothing here logs a body: requests and answers hold personal data.
"""

import json
import os
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from predictions import problems
from predictions.problems import Problem, Unanswered
from predictions.request import PredictionRequest, parse
from predictions.reviews import CLIENT as OF_REVIEWS
from predictions.reviews import Reviews
from predictions.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

# API Gateway waits 29 seconds: a slower model gets a clear answer before that, and is not asked again.
CLIENT = Config(connect_timeout=2, read_timeout=24, retries={"total_max_attempts": 1})
INFERENCE_ID_CHARACTERS = 64

logger = Logger(service="predictions")
metrics = Metrics(namespace="mdlc", service="predictions")


@cache
def runtime() -> "SageMakerRuntimeClient":
    """Return the one client of this execution environment."""
    return boto3.client("sagemaker-runtime", config=CLIENT)


@cache
def settings() -> Settings:
    """Return the settings of this function."""
    return Settings.of_environment(os.environ)


@cache
def reviews() -> Reviews | None:
    """Return what writes predictions down for review; None where nobody reviews them."""
    chosen = settings().reviews
    return Reviews(boto3.client("s3", config=OF_REVIEWS), chosen) if chosen else None


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST, clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=False)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway REST proxy event."""
    proxy = APIGatewayProxyEvent(event)
    request_id = proxy.request_context.request_id
    try:
        request = parse(proxy, settings().content_types)
        answer = predict(request, request_id)
    except Unanswered as unanswered:
        problem = unanswered.problem
        level = logger.error if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR else logger.info
        level("No prediction", extra={"status": problem.status.value, "code": problem.code})
        metrics.add_metric(name=f"Status{problem.status.value}", unit=MetricUnit.Count, value=1)
        return _error(problem, request_id)
    metrics.add_metric(name="Status200", unit=MetricUnit.Count, value=1)
    _review(request, answer["body"], request_id[:INFERENCE_ID_CHARACTERS])
    return answer


def _review(request: PredictionRequest, answer: str, inference: str) -> None:
    """Let people review what the model said, where they do; the caller has their answer whatever comes of it."""
    try:
        if (kept := reviews()) is None or not kept.keep(request, answer, inference):
            return
    except Exception as error:  # noqa: BLE001 - the model has answered: nothing here may take that away
        logger.warning("The prediction is not kept for review", extra={"cause": type(error).__name__})
        metrics.add_metric(name="ReviewsNotKept", unit=MetricUnit.Count, value=1)
        return
    metrics.add_metric(name="ReviewsKept", unit=MetricUnit.Count, value=1)


def predict(request: PredictionRequest, request_id: str) -> dict[str, Any]:
    """Ask the endpoint; raises `Unanswered` for every error of SageMaker, of the model and of the way there."""
    try:
        response = runtime().invoke_endpoint(
            EndpointName=settings().endpoint,
            Body=request.body,
            ContentType=request.content_type,
            Accept=request.accept,
            InferenceId=request_id[:INFERENCE_ID_CHARACTERS],
        )
        body = response["Body"].read()
    except ClientError as error:
        problem = problems.of_client_error(error)
        _log_cause(error.response["Error"]["Code"], error.response.get("OriginalStatusCode"), problem)
        raise Unanswered(problem) from error
    except BotoCoreError as error:
        problem = problems.of_transport_error(error)
        _log_cause(type(error).__name__, None, problem)
        raise Unanswered(problem) from error
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Unanswered(problems.MODEL_ERROR) from None
    return _answer(HTTPStatus.OK, text, response.get("ContentType", request.accept))


def _log_cause(cause: str, original_status: object, problem: Problem) -> None:
    """Say what SageMaker answered, without its message: a container may repeat the input there."""
    keys = {"cause": cause, "original_status": original_status, "status": problem.status.value}
    logger.warning("InvokeEndpoint failed", extra=keys)


def _error(problem: Problem, request_id: str) -> dict[str, Any]:
    body = {"error": {"code": problem.code, "message": problem.message, "request_id": request_id}}
    extra = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return _answer(problem.status, json.dumps(body), "application/json", extra)


def _answer(status: HTTPStatus, body: str, content_type: str, extra: Mapping[str, str] | None = None) -> dict[str, Any]:
    headers = {"Content-Type": content_type, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return {"statusCode": status.value, "headers": {**headers, **(extra or {})}, "body": body, "isBase64Encoded": False}
