"""The index: the sampled rows themselves, searched exactly."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from contract.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from knn.tables import Floats

PredictorType = Literal["classifier", "regressor"]
Metric = Literal["L2", "INNER_PRODUCT", "COSINE"]

ARRAYS = "index.npz"
SETTINGS = "model.json"
_CELLS = 1 << 22  # distances that are held at once: 32 MiB


@dataclass(frozen=True)
class Settings:
    """How the index answers; ``feature_dim`` is the width of a question, before any reduction."""

    predictor_type: PredictorType
    k: int
    index_metric: Metric
    feature_dim: int


@dataclass(frozen=True)
class Found:
    """The nearest rows of each question, the nearest first: distances and labels, questions by k."""

    distances: Floats
    labels: Floats


@dataclass(frozen=True)
class Index:
    """Sampled rows (already reduced), their labels, and the projection that reduces a question, if any."""

    settings: Settings
    rows: Floats
    labels: Floats
    projection: Floats | None = None

    def search(self, questions: Floats) -> Found:
        """Return the k nearest rows of every question (questions by feature_dim); equally near ones in their order.

        Distances are squared Euclidean ones (L2), 1 - the cosine (COSINE) or the negative inner product.
        """
        asked = questions if self.projection is None else questions @ self.projection
        step = max(1, _CELLS // self.labels.size)
        chosen, distances = [], []
        for start in range(0, asked.shape[0], step):
            table = self._distances(asked[start : start + step])
            order = np.argsort(table, axis=1, kind="stable")[:, : self.settings.k]
            chosen.append(order)
            distances.append(np.take_along_axis(table, order, axis=1))
        return Found(np.concatenate(distances), self.labels[np.concatenate(chosen)])

    def _distances(self, asked: Floats) -> Floats:
        match self.settings.index_metric:
            case "L2":
                table = np.zeros((asked.shape[0], self.rows.shape[0]))
                for column in range(asked.shape[1]):  # differences are exact where the expanded square cancels
                    table += np.square(asked[:, column, None] - self.rows[None, :, column])
                return table
            case "INNER_PRODUCT":
                return np.asarray(-(asked @ self.rows.T))
            case "COSINE":
                lengths = np.linalg.norm(asked, axis=1)[:, None] * np.linalg.norm(self.rows, axis=1)[None, :]
                cosine = np.zeros(lengths.shape)
                np.divide(asked @ self.rows.T, lengths, out=cosine, where=lengths > 0)
                return np.asarray(1 - cosine)

    def predict(self, found: Found) -> Floats:
        """Return the most frequent label of each question's neighbours, or their mean for a regressor."""
        if self.settings.predictor_type == "regressor":
            return np.asarray(found.labels.mean(axis=1))
        return np.array([_most_frequent(labels) for labels in found.labels])

    def save(self, folder: Path) -> None:
        """Write the model directory."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.projection is None:
            np.savez_compressed(folder / ARRAYS, rows=self.rows, labels=self.labels)
        else:
            np.savez_compressed(folder / ARRAYS, rows=self.rows, labels=self.labels, projection=self.projection)
        (folder / SETTINGS).write_text(json.dumps(asdict(self.settings), indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Index:
        """Read the model directory; InputError when it is not one that this image wrote."""
        for name in (ARRAYS, SETTINGS):
            if not (folder / name).is_file():
                raise InputError(f"the model in {folder} has no {name}")
        try:
            settings = Settings(**json.loads((folder / SETTINGS).read_text(encoding="utf-8")))
            with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
                return cls(settings, arrays["rows"], arrays["labels"], arrays.get("projection"))
        except (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile) as error:
            raise InputError(f"the model in {folder} cannot be read: {str(error).splitlines()[0]}") from error


def _most_frequent(labels: Floats) -> float:
    """Return the label that most neighbours have; of equally frequent ones the one with the nearest neighbour."""
    values, first, counts = np.unique(labels, return_index=True, return_counts=True)
    best = counts == counts.max()
    return float(values[best][np.argmin(first[best])])


def projection(kind: Literal["sign", "fjlt"], width: int, target: int, seed: int) -> Floats:
    """Return a matrix (width by target) that keeps distances in expectation.

    ``sign`` has random signs; ``fjlt`` is the fast Johnson-Lindenstrauss transform: random signs of the features, a
    Walsh-Hadamard transform, and a random choice of its columns. Source: developer guide, "How the k-NN Algorithm
    Works"; Ailon and Chazelle, "The Fast Johnson-Lindenstrauss Transform".
    """
    generator = np.random.default_rng(seed)
    if kind == "sign":
        return np.asarray(generator.choice([-1.0, 1.0], size=(width, target)) / np.sqrt(target))
    signs = generator.choice([-1.0, 1.0], size=width)
    padded = 1 << max(1, (width - 1).bit_length())
    columns = generator.choice(padded, size=target, replace=False)
    common: npt.NDArray[np.int64] = np.arange(width)[:, None] & columns[None, :]
    parity = np.zeros(common.shape, dtype=np.int64)
    while common.any():
        parity ^= common & 1
        common = common >> 1
    return np.asarray(signs[:, None] * (1.0 - 2.0 * parity) / np.sqrt(target))
