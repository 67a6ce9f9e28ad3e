"""What the server answers: the built-in algorithm's formats, from a process and from the built image."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from evaluation.classification import accuracy, f1
from tests.containers.http_client import error, exchange, message

if TYPE_CHECKING:
    from contract.paths import Paths
    from tests.containers.servers import Server

pytestmark = pytest.mark.slow

JSON, LINES = "application/json", "application/jsonlines"
VERBOSE = "Accept: application/json; verbose=true\r\n"


def rows(iris: Paths) -> list[list[float]]:
    text = (iris.processing_output("test") / "test.csv").read_text()
    return [[float(cell) for cell in line.split(",")] for line in text.splitlines()]


def test_the_whole_test_set_has_the_published_figures(server: Server, iris: Paths) -> None:
    table = rows(iris)
    body = "\n".join(",".join(map(str, row[1:])) for row in table).encode()
    status, headers, answer = exchange(server, message(body))
    assert (status, headers["content-type"]) == (200, JSON)
    predicted = np.array([each["predicted_label"] for each in json.loads(answer)["predictions"]])
    actual = np.array([row[0] for row in table])
    assert accuracy(actual, predicted) == 0.9736842105263158
    assert str(np.float32(f1(actual, predicted, average="macro"))) == "0.97170347"


@pytest.mark.parametrize(
    "instance",
    [
        {"features": [5.1, 3.5, 1.4, 0.2]},
        {"data": {"features": {"values": [5.1, 3.5, 1.4, 0.2]}}},
        [5.1, 3.5, 1.4, 0.2],
    ],
)
def test_json_instances_in_every_documented_form(server: Server, instance: object) -> None:
    body = json.dumps({"instances": [instance, instance]}).encode()
    status, headers, answer = exchange(server, message(body, content_type=JSON))
    assert (status, headers["content-type"]) == (200, JSON)
    assert json.loads(answer) == {"predictions": [{"predicted_label": 0.0}, {"predicted_label": 0.0}]}


def test_json_lines_are_answered_line_by_line(server: Server) -> None:
    body = b'{"features": [5.1, 3.5, 1.4, 0.2]}\n{"data": {"features": {"values": [6.3, 2.9, 5.6, 1.8]}}}\n'
    status, headers, answer = exchange(server, message(body, content_type=LINES))
    assert (status, headers["content-type"]) == (200, LINES)
    assert [json.loads(line) for line in answer.splitlines()] == [{"predicted_label": 0.0}, {"predicted_label": 2.0}]


def test_a_verbose_answer_has_distances_and_labels(server: Server) -> None:
    # 5.1,3.5,1.4,0.2 is the first row of Iris; its nearest row of the train set differs in one feature by 0.1
    status, _, answer = exchange(server, message(b"5.1,3.5,1.4,0.2", more=VERBOSE))
    assert status == 200
    (prediction,) = json.loads(answer)["predictions"]
    assert prediction.keys() == {"predicted_label", "distances", "labels"}
    assert (prediction["predicted_label"], prediction["labels"]) == (0.0, [0.0])
    assert len(prediction["distances"]) == 1
    status, headers, answer = exchange(server, message(b"5,3,1,0", more=f"Accept: {LINES}; verbose=true\r\n"))
    assert (status, headers["content-type"]) == (200, LINES)
    assert json.loads(answer).keys() == {"predicted_label", "distances", "labels"}


def test_verbose_false_is_the_plain_answer(server: Server) -> None:
    _, _, answer = exchange(server, message(b"5,3,1,0", more="Accept: application/json; verbose=false\r\n"))
    assert json.loads(answer) == {"predictions": [{"predicted_label": 0.0}]}


def test_labels_in_a_request_are_set_aside_by_label_size(server: Server) -> None:
    status, _, answer = exchange(server, message(b"2,5.1,3.5,1.4,0.2", content_type="text/csv; label_size=1"))
    assert (status, json.loads(answer)) == (200, {"predictions": [{"predicted_label": 0.0}]})


@pytest.mark.parametrize(
    ("body", "content_type", "more", "status", "code", "sentence"),
    [
        (b"1,2,3", "text/csv", "", 400, "WrongColumnCount", "Row 1 has 3 columns: the model takes 4 features."),
        (b"1,2,3,x", "text/csv", "", 400, "NotANumber", "Row 1, column 4 has the text 'x'"),
        (b"1,2,3,nan", "text/csv", "", 400, "NotANumber", "Row 1, column 4 has the text 'nan'"),
        (b"1,2,3,1e999", "text/csv", "", 400, "NotFinite", "Row 1, column 4 is not finite."),
        (b" \n", "text/csv", "", 400, "EmptyBody", "The body is empty"),
        (b"{", JSON, "", 400, "InvalidJson", "The body is not JSON"),
        (b'{"instances": []}', JSON, "", 400, "EmptyBody", "There are no instances"),
        (b'{"instances": [{"values": [1]}]}', JSON, "", 400, "InvalidInstance", 'Row 1 has no "features".'),
        (b'{"instances": [["a"]]}', JSON, "", 400, "NotANumber", 'Row 1, column 1 has "a"'),
        (b"\xff", "text/csv", "", 400, "NotUtf8", "The body is not UTF-8"),
        (b"1,2,3,4", "application/x-recordio-protobuf", "", 415, "UnsupportedContentType", "the model takes text/csv"),
        (b"1,2,3,4", "text/csv; label_size=x", "", 415, "UnsupportedContentType", "label_size must be a whole number"),
        (b"1,2,3,4", "text/csv", "Accept: application/x-recordio-protobuf\r\n", 406, "NotAcceptable", "Accept is"),
    ],
)
def test_a_clients_mistake_gets_a_typed_answer(  # noqa: PLR0913, PLR0917 - a table of cases
    server: Server, body: bytes, content_type: str, more: str, status: int, code: str, sentence: str
) -> None:
    found = error(exchange(server, message(body, content_type=content_type, more=more)), status)
    assert found[0] == code
    assert sentence in found[1]
