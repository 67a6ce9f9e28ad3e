"""Predictions that people may review: written down with the picture, and never at the cost of an answer."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ConnectTimeoutError

from predictions import handler
from predictions.reviews import Reviews
from predictions.settings import ReviewSettings, Settings
from tests.lambda_.serving.predictions.conftest import Runtime
from tests.lambda_.serving.predictions.test_handler import REQUEST_ID, proxy_event

PICTURE = b"\xff\xd8\xff\xe0picture"
VARIABLES = {
    "ENDPOINT_NAME": "dev-images",
    "CONTENT_TYPES": "image/jpeg,application/json",
    "REVIEW_BUCKET": "data",
    "REVIEW_PREFIX": "labeling-predictions/images/",
    "REVIEW_BELOW": "0.9",
    "REVIEW_SHARE": "0",
}


@dataclass
class Bucket:
    """S3, or what it is while it is down."""

    down: bool = False
    written: dict[str, Any] = field(default_factory=dict)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803 - boto3's names
        if self.down:
            raise ConnectTimeoutError(endpoint_url="https://s3.amazonaws.com")
        self.written[f"{Bucket}/{Key}"] = (ContentType, json.loads(Body))


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    found, settings = Bucket(), Settings.of_environment(VARIABLES)
    assert settings.reviews
    made = Reviews(found, settings.reviews)  # type: ignore[arg-type]
    monkeypatch.setattr(handler, "settings", lambda: settings)
    monkeypatch.setattr(handler, "reviews", lambda: made)
    return found


def predict(runtime: Runtime, context: LambdaContext, confidence: float) -> Mapping[str, Any]:
    """Ask about a picture, of which the model is so sure."""
    said = {"predicted_label": "carp", "probabilities": {"bream": 1 - confidence, "carp": confidence}}
    runtime.body = json.dumps({"predictions": [said]}).encode()
    event = proxy_event(base64.b64encode(PICTURE).decode(), {"Content-Type": "image/jpeg"}, encoded=True)
    answer: dict[str, Any] = handler.handler(event, context)
    assert json.loads(answer["body"])["predictions"] == [said]
    return answer


def test_an_unsure_prediction_is_written_down_and_a_sure_one_is_not(
    runtime: Runtime, context: LambdaContext, bucket: Bucket
) -> None:
    assert predict(runtime, context, 0.91)["statusCode"] == 200
    assert bucket.written == {}
    assert predict(runtime, context, 0.89)["statusCode"] == 200
    ((place, (kind, line)),) = bucket.written.items()
    assert place == f"data/labeling-predictions/images/{REQUEST_ID}.json"
    assert kind == "application/json"
    asked = line["captureData"]["endpointInput"]
    assert (asked["observedContentType"], asked["encoding"]) == ("image/jpeg", "BASE64")
    assert base64.b64decode(asked["data"]) == PICTURE
    assert line["eventMetadata"]["inferenceId"] == REQUEST_ID


def test_an_answer_does_not_fail_for_what_reviews_need(
    runtime: Runtime,
    context: LambdaContext,
    bucket: Bucket,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    bucket.down = True
    assert predict(runtime, context, 0.5)["statusCode"] == 200
    assert "The prediction is not kept for review" in caplog.text
    assert '"ReviewsNotKept":[1.0]' in capsys.readouterr().out.replace(" ", "")


def test_where_nobody_reviews_nothing_is_written(runtime: Runtime, context: LambdaContext, monkeypatch: Any) -> None:
    plain = Settings.of_environment({"ENDPOINT_NAME": "dev-images", "CONTENT_TYPES": "image/jpeg"})
    assert plain.reviews is None
    monkeypatch.setattr(handler, "settings", lambda: plain)
    handler.reviews.cache_clear()
    assert predict(runtime, context, 0.1)["statusCode"] == 200
    handler.reviews.cache_clear()


def test_settings_are_read_once_from_variables() -> None:
    found = Settings.of_environment(VARIABLES).reviews
    assert found == ReviewSettings("data", "labeling-predictions/images/", 0.9, 0.0)
