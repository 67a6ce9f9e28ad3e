"""A request's body to an answer: parse, predict, write; nothing else happens per request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.serving.formats import answer_format, request_format
from contract.serving.messages import RequestError
from tabular.forest import Forest, NotFiniteError
from tabular.model import Model
from tabular.payload import read_rows, write_scores

if TYPE_CHECKING:
    from pathlib import Path

    from contract.serving.messages import Answer
    from tabular.encoding import Encoding


@dataclass(frozen=True)
class TabularPredictor:
    """A model in memory."""

    encoding: Encoding
    forest: Forest
    threshold: float

    @classmethod
    def load(cls, folder: Path) -> TabularPredictor:
        """Read the model directory."""
        model = Model.load(folder)
        return cls(model.encoding, Forest.of(model.booster), model.decision.threshold)

    def invoke(self, body: bytes, content_type: bytes, accept: bytes) -> Answer:
        """Answer one request; RequestError for a client's mistake."""
        format_ = request_format(content_type)
        answer = answer_format(accept, format_)
        rows = read_rows(body, format_, self.encoding)
        try:
            scores = self.forest.scores(rows)
        except NotFiniteError as error:
            raise RequestError(400, "NotFinite", str(error)) from None
        return write_scores(scores, self.threshold, answer)
