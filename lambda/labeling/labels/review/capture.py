"""What an endpoint with data capture wrote down: pictures that the image classifier was asked about, and its answers.

Source: SageMaker developer guide, "Capture data from a real-time endpoint" (model-monitor-data-capture-endpoint). With
an inference id of the caller's the metadata have `inferenceId`, without one the event's own id tells records apart.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from labels.review.gate import GateError, Prediction, of_classifier

PICTURES: Final = ("image/jpeg", "image/png")
"""The content types of one picture as it is."""
JPEG: Final = b"\xff\xd8\xff"
"""What begins a JPEG; any other picture that the classifier took is a PNG."""


@dataclass(frozen=True)
class Captured:
    """A picture, and what was predicted of it; the prediction's digest is the picture's, so that it is known again."""

    prediction: Prediction
    picture: bytes

    @property
    def name(self) -> str:
        """Return a name for the picture's file: the same for the same picture."""
        return f"{self.prediction.digest}.{'jpg' if self.picture.startswith(JPEG) else 'png'}"


def read(line: str) -> Iterator[Captured]:
    """Yield the pictures of a line of a captured file with their predictions. Raises GateError."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise GateError(f"The captured line is no JSON: {error}.") from error
    match value:
        case {
            "captureData": {"endpointInput": dict(asked), "endpointOutput": dict(answered)},
            "eventMetadata": {"eventId": str(event), **metadata},
        }:
            inference = str(metadata.get("inferenceId", event))
        case _:
            raise GateError(
                "The captured line has no input, no output or no eventId: capture both, REQUEST and RESPONSE."
            )
    pictures = list(_pictures(asked, inference))
    predictions = list(of_classifier(_content(answered, inference), inference))
    if len(pictures) != len(predictions):
        raise GateError(f"{inference} has {len(pictures)} pictures and {len(predictions)} predictions.")
    for picture, prediction in zip(pictures, predictions, strict=True):
        yield Captured(replace(prediction, digest=sha256(picture).hexdigest()), picture)


def _pictures(asked: Mapping[str, Any], inference: str) -> Iterator[bytes]:
    kind = str(asked.get("observedContentType", "")).partition(";")[0].strip().lower()
    content = _content(asked, inference)
    if kind in PICTURES:
        yield content
        return
    try:
        for instance in json.loads(content)["instances"]:
            yield base64.b64decode(instance["b64"], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise GateError(
            f"{inference} was asked about no pictures, but about {kind or 'nothing that is said'}."
        ) from error


def _content(side: Mapping[str, Any], inference: str) -> bytes:
    """Return what was sent: text as it is, anything else out of base64."""
    data = side.get("data")
    if not isinstance(data, str):
        raise GateError(f"{inference} was captured without its data.")
    if side.get("encoding") != "BASE64":
        return data.encode(errors="replace")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise GateError(f"The data of {inference} are no base64: {error}.") from error
