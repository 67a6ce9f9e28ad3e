"""The model artifact: the trees, the encoding of their features, and the threshold of a decision."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from contract.archive import read_archive
from contract.errors import InputError
from tabular.encoding import Encoding
from tabular.tables import Floats, threads_for

if TYPE_CHECKING:
    from pathlib import Path

    import xgboost as xgb

TREES: Final = "model.json"
"""XGBoost's own format, which a server reads without XGBoost."""
BINARY_TREES: Final = "model.ubj"
"""The same as binary JSON, as artifacts of earlier releases have it: XGBoost converts it when they are loaded."""
ENCODING: Final = "features.json"
DECISION: Final = "decision.json"
LARGEST: Final = 1 << 30
"""Bytes of a model, which memory holds."""


@dataclass(frozen=True)
class Decision:
    """From which score on the label is 1, and how that was chosen; only a binary model's threshold says anything."""

    threshold: float
    rule: str


@dataclass(frozen=True)
class Model:
    """Everything that a prediction needs; `trees` is XGBoost's JSON."""

    trees: bytes
    encoding: Encoding
    decision: Decision

    @classmethod
    def of(cls, booster: xgb.Booster, encoding: Encoding, decision: Decision) -> Model:
        """Return the model of what was trained."""
        return cls(_to_json(booster), encoding, decision)

    @cached_property
    def booster(self) -> xgb.Booster:
        """The trees as XGBoost has them, for whoever has many rows or trains."""
        return read_booster(self.trees)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The trees as XGBoost writes them down."""
        document: dict[str, Any] = json.loads(self.trees)
        return document

    def scores(self, features: Floats) -> npt.NDArray[np.float64]:
        """Return for every row the probability of label 1, the probability of each class, or the number."""
        self.booster.set_param({"nthread": threads_for(features.size)})
        return np.asarray(self.booster.inplace_predict(features), dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write the artifact's files into the model directory."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / TREES).write_bytes(self.trees)
        (folder / ENCODING).write_text(self.encoding.to_json(), encoding="utf-8")
        (folder / DECISION).write_text(json.dumps(asdict(self.decision)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read the artifact from a directory: its files, or a model.tar.gz of them."""
        archive = folder / "model.tar.gz"
        files = _unpack(archive) if archive.is_file() else _files(folder)
        for name in (TREES if BINARY_TREES not in files else BINARY_TREES, ENCODING, DECISION):
            if name not in files:
                raise InputError(
                    f"the model in {folder} has no {name}: it has {', '.join(sorted(files)) or 'no files'}"
                )
        try:
            trees = files[TREES] if TREES in files else _to_json(read_booster(files[BINARY_TREES]))
            model = cls(trees, Encoding.from_json(files[ENCODING]), Decision(**json.loads(files[DECISION])))
            count = int(model.document["learner"]["learner_model_param"]["num_feature"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            said = (str(error) or type(error).__name__).splitlines()[0]
            raise InputError(f"the model in {folder} cannot be read: {said}") from error
        if count != len(model.encoding.features):
            raise InputError(f"the model in {folder} has {count} features, its encoding {len(model.encoding.features)}")
        return model


def read_booster(trees: bytes) -> xgb.Booster:
    """Read XGBoost's own format, for one thread: a server has a process per CPU."""
    import xgboost as xgb  # noqa: PLC0415 - a server that is asked for few rows never needs it

    booster = xgb.Booster({"nthread": 1})
    booster.load_model(bytearray(trees))
    booster.set_param({"nthread": 1})
    return booster


def _to_json(booster: xgb.Booster) -> bytes:
    """Return a model in XGBoost's JSON, with one base score where all outputs have the same.

    XGBoost 3.2 writes `[5.028E-1]`, which 3.0 reads as 0.5 without a word; both read a number without brackets.
    """
    document = json.loads(booster.save_raw("json"))
    parameters = document["learner"]["learner_model_param"]
    bases = parameters["base_score"].strip("[]").split(",")
    if len(set(bases)) == 1:
        parameters["base_score"] = bases[0]
    return json.dumps(document, separators=(",", ":")).encode()


def _files(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        raise InputError(f"there is no model: {folder} does not exist")
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def _unpack(archive: Path) -> dict[str, bytes]:
    """Read the members of an archive into memory: nothing of it is ever written to a path it names."""
    files: dict[str, bytes] = {}
    read_archive(archive, str(archive), lambda name, content: files.update({name: content.read()}), LARGEST)
    return files
