"""Predictions that people may review: written down as an endpoint's data capture would, for who decides about them.

Of sure predictions nothing is written, but a share at random. An answer waits for that no longer than `CLIENT` says,
and never fails for it. Source: SageMaker developer guide, "Capture data from a real-time endpoint".
"""

import base64
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config

from predictions.request import PredictionRequest
from predictions.settings import ReviewSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CLIENT: Final = Config(connect_timeout=0.5, read_timeout=1, retries={"total_max_attempts": 1})


class Reviews:
    """Writes down what may be reviewed, one object for each request."""

    def __init__(self, s3: "S3Client", settings: ReviewSettings) -> None:
        self._s3, self._settings = s3, settings

    def keep(self, request: PredictionRequest, answer: str, inference: str) -> bool:
        """Write a request and its answer down where people may review it; return whether they may."""
        if not may_be_reviewed(answer, inference, self._settings.below, self._settings.share):
            return False
        self._s3.put_object(
            Bucket=self._settings.bucket,
            Key=f"{self._settings.prefix}{inference}.json",
            Body=capture_line(request, answer, inference).encode(),
            ContentType="application/json",
        )
        return True


def may_be_reviewed(answer: str, inference: str, below: float, share: float) -> bool:
    """Return whether a prediction of an answer is less sure than `below`, or one of the `share` taken at random.

    An answer that has no classes with probabilities is nobody's to review.
    """
    try:
        predictions = json.loads(answer)["predictions"]
        sure = [float(each["probabilities"][each["predicted_label"]]) for each in predictions]
    except (ValueError, KeyError, TypeError, IndexError):
        return False
    names = [inference] if len(sure) == 1 else [f"{inference}-{number}" for number in range(len(sure))]
    return any(each < below or _chance(name) < share for name, each in zip(names, sure, strict=True))


def capture_line(request: PredictionRequest, answer: str, inference: str) -> str:
    """Return the line that data capture would write of a request with an inference id."""
    as_json = request.content_type.partition(";")[0].strip().lower() == "application/json"
    asked = request.body.decode(errors="replace") if as_json else base64.b64encode(request.body).decode()
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    line: dict[str, Any] = {
        "captureData": {
            "endpointInput": {
                "observedContentType": request.content_type,
                "mode": "INPUT",
                "data": asked,
                "encoding": "JSON" if as_json else "BASE64",
            },
            "endpointOutput": {
                "observedContentType": "application/json",
                "mode": "OUTPUT",
                "data": answer,
                "encoding": "JSON",
            },
        },
        "eventMetadata": {"eventId": inference, "inferenceId": inference, "inferenceTime": now},
        "eventVersion": "0",
    }
    return json.dumps(line)


def _chance(name: str) -> float:
    """Return a number between 0 and 1 that is always the same for one name, and that of `labels.review.gate`."""
    return int.from_bytes(sha256(f"review\n{name}".encode()).digest()[:8]) / 2**64
