"""Reads the bodies of requests and writes those of answers."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

import orjson

from contract.serving.formats import answer_format, read_instances
from contract.serving.messages import Answer, RequestError
from vision.pictures import PIXEL_LIMIT, PictureError, TooManyPixelsError, decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import numpy.typing as npt
    from PIL import Image

JSON: Final = "application/json"
PICTURES: Final = {"image/png": "PNG", "image/jpeg": "JPEG"}
LARGEST_COUNT: Final = 32
"""Pictures of one request: more could take longer than the minute that SageMaker waits."""


def read_pictures(body: bytes, content_type: bytes) -> Iterator[Image.Image]:
    """Yield the pictures of a body: one as it is, or `{"instances": [{"b64": …}]}` with base64.

    One is held at a time: decoded, a small file may be large. RequestError 415 for another content type, 400 for what
    is no picture, 413 for too many pictures or pixels.
    """
    kind = content_type.decode("latin-1").partition(";")[0].strip().lower()
    if kind != JSON and kind not in PICTURES:
        known = ", ".join((*PICTURES, JSON))
        raise RequestError(
            415, "UnsupportedContentType", f"The content type is {kind[:80] or 'none'}: the model takes {known}."
        )
    if not body:
        raise RequestError(400, "EmptyBody", "The body is empty: a picture is needed.")
    if kind in PICTURES:
        yield _picture(body, "The picture", (PICTURES[kind],), PIXEL_LIMIT)
        return
    instances = read_instances(body)
    if len(instances) > LARGEST_COUNT:
        raise RequestError(
            413, "TooManyInstances", f"There are {len(instances)} instances: at most {LARGEST_COUNT} are taken."
        )
    left = PIXEL_LIMIT
    for number, value in enumerate(instances, start=1):
        picture = _picture(_content(value, number), f"Instance {number}", tuple(PICTURES.values()), left)
        left -= picture.width * picture.height
        yield picture


def _content(value: object, number: int) -> bytes:
    text = value.get("b64") if isinstance(value, dict) else None
    if not isinstance(text, str):
        raise RequestError(400, "InvalidInstance", f'Instance {number} must be {{"b64": "<base64 of a picture>"}}.')
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise RequestError(400, "InvalidBase64", f"Instance {number} is no valid base64.") from None


def _picture(content: bytes, what: str, formats: tuple[str, ...], pixels: int) -> Image.Image:
    try:
        return decode(content, formats, pixels)
    except TooManyPixelsError as problem:
        raise RequestError(413, "PictureTooLarge", f"{what} {problem}.") from None
    except PictureError as problem:
        raise RequestError(400, "InvalidPicture", f"{what} {problem}.") from None


def require_json(accept: bytes) -> None:
    """Raise RequestError 406 when the client takes no JSON."""
    answer_format(accept, JSON, (JSON,))


def write(classes: Sequence[str], found: npt.NDArray[np.float32]) -> Answer:
    """Return the answer: the likeliest class of each picture, and the probability of every class."""
    predictions = [
        {
            "predicted_label": classes[int(row.argmax())],
            "probabilities": {name: float(value) for name, value in zip(classes, row, strict=True)},
        }
        for row in found
    ]
    return Answer(orjson.dumps({"predictions": predictions}), JSON.encode())
