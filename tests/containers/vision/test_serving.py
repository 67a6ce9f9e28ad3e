"""What the server answers over HTTP, from a process and from the built image."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from contract.archive import unpack_archive
from tests.containers.http_client import error, exchange, message
from tests.containers.servers import BODY_LIMIT
from tests.containers.vision.test_pictures import bomb
from vision.model import Model
from vision.pictures import middle, normalize, read, read_folder

if TYPE_CHECKING:
    from contract.paths import Paths
    from tests.containers.servers import Server

pytestmark = pytest.mark.slow


def test_the_server_says_what_the_model_says(server: Server, trained: Paths) -> None:
    folder = read_folder(trained.processing_output("test"), "test")
    with unpack_archive(trained.processing_input("model") / "model.tar.gz") as archive:
        model = Model.load(archive)
    expected = model.probabilities(normalize(middle(read(path), model.image_size)) for path in folder.paths)
    contents = [path.read_bytes() for path in folder.paths[::2]]  # as many as the limit of a body here allows
    body = {"instances": [{"b64": base64.b64encode(content).decode()} for content in contents]}
    status, _, answer = exchange(server, message(json.dumps(body).encode(), content_type="application/json"))
    assert status == 200
    found = [list(each["probabilities"].values()) for each in json.loads(answer)["predictions"]]
    np.testing.assert_allclose(found, expected[::2], atol=1e-5)
    status, headers, answer = exchange(server, message(contents[0], content_type="image/png"))
    assert (status, headers["content-type"]) == (200, "application/json")
    np.testing.assert_allclose(
        list(json.loads(answer)["predictions"][0]["probabilities"].values()), found[0], atol=1e-5
    )


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"no picture", "image/png", 400, "InvalidPicture"),
        (b"", "image/jpeg", 400, "EmptyBody"),
        (b"1,2", "text/csv", 415, "UnsupportedContentType"),
        (bomb(6000, 5000), "image/png", 413, "PictureTooLarge"),
        (b"\0" * (BODY_LIMIT + 1), "image/png", 413, "PayloadTooLarge"),
    ],
)
def test_mistakes_are_refused(server: Server, body: bytes, content_type: str, status: int, code: str) -> None:
    assert error(exchange(server, message(body, content_type=content_type)), status)[0] == code
