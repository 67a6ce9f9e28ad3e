"""Requests: pictures as they are and in JSON, and every refusal with its status."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from contract.serving.messages import RequestError
from tests.containers.vision.test_pictures import bomb, encoded
from vision.model import Model
from vision.payload import LARGEST_COUNT, read_pictures
from vision.predictor import VisionPredictor
from vision.resnet import initial

if TYPE_CHECKING:
    from pathlib import Path

JSON = b"application/json"
PNG = encoded(Image.effect_noise((80, 60), 70).convert("RGB"))
JPEG = encoded(Image.effect_noise((80, 60), 70).convert("RGB"), "JPEG")


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def instances(*values: Any) -> bytes:
    return json.dumps({"instances": values}).encode()


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> VisionPredictor:
    folder: Path = tmp_path_factory.mktemp("model")
    Model(initial(2, seed=0, width=4), ("cat", "dog"), 65).save(folder)
    return VisionPredictor.load(folder)


def test_a_picture_and_the_same_picture_in_json_have_one_answer(predictor: VisionPredictor) -> None:
    plain = predictor.invoke(PNG, b"image/png", b"")
    assert plain.content_type == JSON
    (prediction,) = json.loads(plain.body)["predictions"]
    assert set(prediction["probabilities"]) == {"cat", "dog"}
    assert sum(prediction["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    likeliest = max(prediction["probabilities"], key=prediction["probabilities"].get)
    assert prediction["predicted_label"] == likeliest
    several = predictor.invoke(instances({"b64": b64(PNG)}, {"b64": b64(JPEG)}), JSON, b"application/json")
    found = json.loads(several.body)["predictions"]
    assert found[0] == prediction
    assert found[1] == json.loads(predictor.invoke(JPEG, b"image/jpeg", b"*/*").body)["predictions"][0]


def test_more_pictures_than_a_batch_are_answered_in_their_order(predictor: VisionPredictor) -> None:
    pictures = [Image.effect_noise((70, 70), 10 * n).convert("RGB") for n in range(1, 12)]
    body = instances(*({"b64": b64(encoded(picture))} for picture in pictures))
    together = json.loads(predictor.invoke(body, JSON, b"").body)["predictions"]
    alone = [json.loads(predictor.invoke(encoded(each), b"image/png", b"").body)["predictions"][0] for each in pictures]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one["probabilities"]["cat"], other["probabilities"]["cat"], atol=1e-5)


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"", b"image/png", 400, "EmptyBody"),
        (PNG, b"text/csv", 415, "UnsupportedContentType"),
        (PNG, b"", 415, "UnsupportedContentType"),
        (b"no picture", b"image/png", 400, "InvalidPicture"),
        (JPEG, b"image/png", 400, "InvalidPicture"),
        (PNG[:300], b"image/png", 400, "InvalidPicture"),
        (bomb(6000, 5000), b"image/png", 413, "PictureTooLarge"),
        (bomb(200_000, 200_000), b"image/png; q=1", 413, "PictureTooLarge"),
        (b"{", JSON, 400, "InvalidJson"),
        (b"[]", JSON, 400, "InvalidJson"),
        (instances(), JSON, 400, "EmptyBody"),
        (instances([1, 2]), JSON, 400, "InvalidInstance"),
        (instances({"b64": 3}), JSON, 400, "InvalidInstance"),
        (instances({"b64": "%%%"}), JSON, 400, "InvalidBase64"),
        (instances({"b64": b64(b"no picture")}), JSON, 400, "InvalidPicture"),
        (instances({"b64": b64(bomb(6000, 5000))}), JSON, 413, "PictureTooLarge"),
        (instances(*[{"b64": b64(PNG)}] * (LARGEST_COUNT + 1)), JSON, 413, "TooManyInstances"),
    ],
)
def test_a_mistake_gets_its_status_and_a_sentence(body: bytes, content_type: bytes, status: int, code: str) -> None:
    with pytest.raises(RequestError) as refused:
        list(read_pictures(body, content_type))
    assert (refused.value.status, refused.value.code) == (status, code)
    assert str(refused.value).endswith(".")


def test_an_answer_is_json_or_none(predictor: VisionPredictor) -> None:
    with pytest.raises(RequestError) as refused:
        predictor.invoke(PNG, b"image/png", b"text/csv")
    assert refused.value.status == 406
