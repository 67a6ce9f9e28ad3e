"""The predictor of the tabular image: parses a body, predicts, writes the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from contract.serving.formats import answer_format, request_format
from contract.serving.messages import RequestError
from tabular.forest import Forest, NotFiniteError
from tabular.model import Model
from tabular.payload import Request, read_request, write_answer, write_csv, write_csv_table

if TYPE_CHECKING:
    from pathlib import Path

    from contract.serving.formats import Format
    from contract.serving.messages import Answer
    from tabular.encoding import Encoding

NUMBERS: Final = ("0", "1")
"""Classes of a table whose labels are numbers, which say what the predicted label is."""


@dataclass(frozen=True)
class TabularPredictor:
    """A model in memory.

    CSV answers have a line per row: the score, or of a multiclass model the probability of each class. JSON answers
    have an object per row, with the score and the label that it means; of a regression the score is the prediction.
    A binary label is 1 or 0; where the table has words for it, they are told besides.
    """

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
        wanted = answer_format(accept, format_)
        request = read_request(body, format_, self.encoding)
        try:
            return self._answer(request, wanted)
        except NotFiniteError as error:
            raise RequestError(400, "NotFinite", str(error)) from None

    def _answer(self, request: Request, wanted: Format) -> Answer:
        if self.encoding.objective == "multiclass":
            table = self.forest.probabilities(request.rows)
            if wanted == "text/csv":
                return write_csv_table(table)
            return write_answer([self._class(row) for row in table], request.gaps, wanted)
        scores = self.forest.scores(request.rows)
        if wanted == "text/csv":
            return write_csv(scores)
        if self.encoding.objective == "regression":
            return write_answer([{"score": score} for score in scores], request.gaps, wanted)
        threshold = self.threshold
        answers: list[dict[str, object]] = [
            {"score": score, "predicted_label": int(score >= threshold), "threshold": threshold} for score in scores
        ]
        if (words := self.encoding.classes) != NUMBERS:
            for score, given in zip(scores, answers, strict=True):
                given["predicted_class"] = words[score >= threshold]
        return write_answer(answers, request.gaps, wanted)

    def _class(self, probabilities: list[float]) -> dict[str, object]:
        classes = self.encoding.classes
        best = max(probabilities)
        return {
            "score": best,
            "predicted_label": classes[probabilities.index(best)],
            "probabilities": dict(zip(classes, probabilities, strict=True)),
        }
