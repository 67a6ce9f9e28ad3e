"""The predictor of the k-NN image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contract.serving.messages import RequestError
from knn.index import Index
from knn.payload import choose_format, is_verbose, read_rows, write

if TYPE_CHECKING:
    from pathlib import Path

    from contract.serving.messages import Answer


@dataclass(frozen=True)
class KnnPredictor:
    """An index in memory."""

    index: Index

    @classmethod
    def load(cls, folder: Path) -> KnnPredictor:
        """Read the model directory."""
        return cls(Index.load(folder))

    def invoke(self, body: bytes, content_type: bytes, accept: bytes) -> Answer:
        """Answer one request; RequestError for a client's mistake."""
        format_ = choose_format(accept, content_type)
        rows = read_rows(body, content_type, self.index.settings.feature_dim)
        try:
            questions = np.array(rows, dtype=np.float64)
        except OverflowError:
            raise RequestError(400, "NotFinite", "A number is too large.") from None
        if not np.isfinite(questions).all():
            row, column = np.argwhere(~np.isfinite(questions))[0] + 1
            raise RequestError(400, "NotFinite", f"Row {row}, column {column} is not finite.")
        found = self.index.search(questions)
        return write(self.index.predict(found), found if is_verbose(accept) else None, format_)
