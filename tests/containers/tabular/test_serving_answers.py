"""What the server answers; every test runs on every runner of the ``server`` fixture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tabular.model import Model
from tests.containers.http_client import Stream, exchange, message

if TYPE_CHECKING:
    from contract.paths import Paths
    from tests.containers.servers import Server

pytestmark = pytest.mark.slow


def test_ping_is_answered_with_an_empty_200(server: Server) -> None:
    status, headers, body = exchange(server, b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (status, body, headers["content-length"]) == (200, b"", "0")


def test_head_of_ping_has_no_body(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"HEAD /ping HTTP/1.1\r\nHost: x\r\n\r\nGET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
        stream = Stream(connection)
        assert [stream.answer(head=True)[0], stream.answer()[0]] == [200, 200]


def test_csv_rows_get_one_score_a_line_equal_to_xgboost(server: Server, rows: list[str], expected: list[float]) -> None:
    for count in (1, 3, len(rows)):
        status, headers, body = exchange(server, message("\n".join(rows[:count]).encode()))
        assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
        np.testing.assert_allclose([float(line) for line in body.splitlines()], expected[:count], atol=1e-6)


def test_json_instances_are_lists_or_objects_with_features(
    server: Server, rows: list[str], expected: list[float]
) -> None:
    first, second = ([float(cell) for cell in row.split(",")] for row in rows[:2])
    body = json.dumps({"instances": [first, {"features": second}]}).encode()
    status, headers, answer = exchange(server, message(body, content_type="application/json"))
    assert (status, headers["content-type"]) == (200, "application/json")
    predictions = json.loads(answer)["predictions"]
    assert [prediction.keys() for prediction in predictions] == [{"score", "predicted_label", "threshold"}] * 2
    np.testing.assert_allclose([prediction["score"] for prediction in predictions], expected[:2], atol=1e-6)


def test_json_lines_are_answered_line_by_line(server: Server, rows: list[str], expected: list[float]) -> None:
    lines = "\n".join(f"[{row}]" for row in rows[:3]) + "\n"
    status, headers, answer = exchange(server, message(lines.encode(), content_type="application/jsonlines"))
    assert (status, headers["content-type"]) == (200, "application/jsonlines")
    np.testing.assert_allclose([json.loads(line)["score"] for line in answer.splitlines()], expected[:3], atol=1e-6)


def test_the_label_follows_the_models_own_threshold(server: Server, rows: list[str], expected: list[float]) -> None:
    threshold = Model.load(server.paths.model).decision.threshold
    answer = exchange(server, message("\n".join(rows).encode(), more="Accept: application/json\r\n"))
    labels = [prediction["predicted_label"] for prediction in json.loads(answer[2])["predictions"]]
    assert labels == [int(score >= threshold) for score in expected]
    assert set(labels) == {0, 1}


def test_a_raw_record_scores_like_its_encoded_row(server: Server, record: dict[str, object], finished: Paths) -> None:
    row = Model.load(finished.model).encoding.encode(record)
    body = json.dumps({"instances": [record, row]}).encode()
    answer = exchange(server, message(body, content_type="application/json"))
    raw, encoded = json.loads(answer[2])["predictions"]
    assert raw == encoded


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json", "application/json"),
        ("application/jsonlines", "application/jsonlines"),
        ("*/*", "text/csv; charset=utf-8"),
        ("text/*", "text/csv; charset=utf-8"),
        ("application/json;q=0.5, text/csv;q=0.4", "application/json"),
        ("image/png, */*;q=0.1", "text/csv; charset=utf-8"),
    ],
)
def test_accept_is_honoured(server: Server, rows: list[str], accept: str, content_type: str) -> None:
    status, headers, _ = exchange(server, message(rows[0].encode(), more=f"Accept: {accept}\r\n"))
    assert (status, headers["content-type"]) == (200, content_type)


def test_missing_values_and_unseen_categories_are_answered_and_told(
    server: Server, record: dict[str, object], finished: Paths
) -> None:
    model = Model.load(finished.model)
    gaps = {"num_injuries": None, "policy_liability": "1/2", "incident_type": "Meteor"}
    raw = {**record, **gaps}
    row = model.encoding.encode(raw)
    encoded = [None if value != value else value for value in row]  # noqa: PLR0124 - NaN
    body = json.dumps({"instances": [raw, encoded, record]}).encode()
    first, second, whole = json.loads(exchange(server, message(body, content_type="application/json"))[2])[
        "predictions"
    ]
    expected = float(model.scores(np.array([row], dtype=np.float32))[0])
    assert first["score"] == second["score"] == pytest.approx(expected, abs=1e-6)
    assert (first["missing"], first["unseen"]) == (["num_injuries"], ["incident_type", "policy_liability"])
    assert (second["missing"], "unseen" in second) == (["num_injuries", "policy_liability"], False)
    assert whole.keys() == {"score", "predicted_label", "threshold"}
    line = ",".join("" if value is None else repr(value) for value in encoded).encode()
    assert float(exchange(server, message(line))[2]) == pytest.approx(expected, abs=1e-6)
    told = exchange(server, message(line, more="Accept: application/json\r\n"))
    assert json.loads(told[2])["predictions"] == [second]
