"""The model artifact: the trees, the encoding of their features, and the threshold of a decision."""

from __future__ import annotations

import json
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from contract.errors import InputError
from tabular.encoding import Encoding
from tabular.tables import Floats, threads_for

TREES = "model.ubj"
ENCODING = "features.json"
DECISION = "decision.json"


@dataclass(frozen=True)
class Decision:
    """From which score on the label is 1, and how that was chosen; only a binary model's threshold says anything."""

    threshold: float
    rule: str


@dataclass(frozen=True)
class Model:
    """Everything that a prediction needs."""

    booster: xgb.Booster
    encoding: Encoding
    decision: Decision

    def scores(self, features: Floats) -> npt.NDArray[np.float64]:
        """Return for every row the probability of label 1, the probability of each class, or the number."""
        self.booster.set_param({"nthread": threads_for(features.size)})
        return np.asarray(self.booster.inplace_predict(features), dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write the artifact's files into the model directory."""
        folder.mkdir(parents=True, exist_ok=True)
        self.booster.save_model(folder / TREES)
        (folder / ENCODING).write_text(self.encoding.to_json(), encoding="utf-8")
        (folder / DECISION).write_text(json.dumps(asdict(self.decision)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read the artifact from a directory: its files, or a model.tar.gz of them."""
        archive = folder / "model.tar.gz"
        files = _unpack(archive) if archive.is_file() else _files(folder)
        for name in (TREES, ENCODING, DECISION):
            if name not in files:
                raise InputError(
                    f"the model in {folder} has no {name}: it has {', '.join(sorted(files)) or 'no files'}"
                )
        booster = xgb.Booster()
        try:
            booster.load_model(bytearray(files[TREES]))
            encoding = Encoding.from_json(files[ENCODING])
            decision = Decision(**json.loads(files[DECISION]))
        except (xgb.core.XGBoostError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"the model in {folder} cannot be read: {str(error).splitlines()[0]}") from error
        if booster.num_features() != len(encoding.features):
            raise InputError(
                f"the model in {folder} has {booster.num_features()} features, its encoding {len(encoding.features)}"
            )
        return cls(booster, encoding, decision)


def _files(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        raise InputError(f"there is no model: {folder} does not exist")
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def _unpack(archive: Path) -> dict[str, bytes]:
    """Read the members of an archive into memory: nothing of it is ever written to a path it names."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            members = [(Path(member.name).name, tar.extractfile(member)) for member in tar if member.isfile()]
            return {name: file.read() for name, file in members if file is not None}
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InputError(f"{archive} is not a gzip-compressed tar archive: {error}") from error
