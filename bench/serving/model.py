"""The model and the payloads that every server gets: 100 trees of depth 6 on 30 features."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xgboost as xgb

from tabular.encoding import Encoding, number
from tabular.model import Decision, Model

if TYPE_CHECKING:
    from pathlib import Path

FEATURES = 30


@dataclass(frozen=True)
class Payload:
    """One request's body, and the scores that every server must answer."""

    name: str
    content_type: str
    body: bytes
    expected: tuple[float, ...]


def make_model(folder: Path) -> Model:
    """Train the model and save its artifact into ``folder``."""
    generator = np.random.default_rng(0)
    table = generator.normal(size=(5000, FEATURES)).astype(np.float32)
    labels = (table[:, 0] + table[:, 1] * table[:, 2] + generator.normal(size=5000) > 0).astype(int)
    settings = {"objective": "binary:logistic", "max_depth": 6, "nthread": 1}
    encoding = Encoding("y", tuple(number(f"x{i}") for i in range(FEATURES)), frozenset())
    data = xgb.DMatrix(table, labels, feature_names=list(encoding.features))
    model = Model(xgb.train(settings, data, num_boost_round=100), encoding, Decision(0.5, "none"))
    model.save(folder)
    return model


def make_payloads(model: Model) -> tuple[Payload, ...]:
    """Return one row and a thousand rows, as CSV and as JSON."""
    table = np.random.default_rng(1).normal(size=(1000, FEATURES)).round(5)
    payloads = []
    for count in (1, 1000):
        rows = table[:count].tolist()
        expected = tuple(model.scores(table[:count].astype(np.float32)).tolist())
        text = "\n".join(",".join(map(repr, row)) for row in rows).encode()
        payloads += [
            Payload(f"csv {count}", "text/csv", text, expected),
            Payload(f"json {count}", "application/json", json.dumps({"instances": rows}).encode(), expected),
        ]
    return tuple(payloads)


def scores_of(payload: Payload, answer: bytes) -> list[float]:
    """Return the scores in an answer, in the payload's own format."""
    if payload.content_type == "text/csv":
        return [float(line) for line in answer.split()]
    return [prediction["score"] for prediction in json.loads(answer)["predictions"]]
