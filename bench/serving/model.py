"""The model and the payloads that every server gets: 100 trees of depth 6 on 30 features."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from tabular.encoding import Encoding, number
from tabular.model import Decision, Model

if TYPE_CHECKING:
    from pathlib import Path

FEATURES = 30


@dataclass(frozen=True)
class Payload:
    """Bodies that are sent in turn, since processors learn one that comes again, and the scores of the first."""

    name: str
    content_type: str
    bodies: tuple[bytes, ...]
    expected: tuple[float, ...]


def make_model(folder: Path) -> Model:
    """Train the model and save its artifact into ``folder``."""
    generator = np.random.default_rng(0)
    table = generator.normal(size=(5000, FEATURES)).astype(np.float32)
    labels = (table[:, 0] + table[:, 1] * table[:, 2] + generator.normal(size=5000) > 0).astype(int)
    settings = {"objective": "binary:logistic", "max_depth": 6, "nthread": 1}
    encoding = Encoding("y", tuple(number(f"x{i}") for i in range(FEATURES)), frozenset())
    data = xgb.DMatrix(table, labels, feature_names=list(encoding.features))
    model = Model.of(xgb.train(settings, data, num_boost_round=100), encoding, Decision(0.5, "none"))
    model.save(folder)
    return model


def make_payloads(model: Model) -> tuple[Payload, ...]:
    """Return single rows and thousands of rows, as CSV and as JSON."""
    table = np.random.default_rng(1).normal(size=(8000, FEATURES)).round(5)
    payloads = []
    for count, bodies in ((1, 64), (1000, 8)):
        batches = [table[start : start + count] for start in range(0, bodies * count, count)]
        expected = tuple(model.scores(batches[0].astype(np.float32)).tolist())
        payloads += [
            Payload(f"csv {count}", "text/csv", tuple(map(_csv, batches)), expected),
            Payload(f"json {count}", "application/json", tuple(map(_json, batches)), expected),
        ]
    return tuple(payloads)


def _csv(rows: npt.NDArray[np.float64]) -> bytes:
    return "\n".join(",".join(map(repr, row)) for row in rows.tolist()).encode()


def _json(rows: npt.NDArray[np.float64]) -> bytes:
    return json.dumps({"instances": rows.tolist()}).encode()


def scores_of(payload: Payload, answer: bytes) -> list[float]:
    """Return the scores in an answer, in the payload's own format."""
    if payload.content_type == "text/csv":
        return [float(line) for line in answer.split()]
    return [prediction["score"] for prediction in json.loads(answer)["predictions"]]
