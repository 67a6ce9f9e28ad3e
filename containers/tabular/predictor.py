"""The predictor of the tabular image: parses a body, predicts, writes the answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from contract.serving.formats import answer_format, request_format
from contract.serving.messages import RequestError
from tabular.forest import Forest, NotFiniteError
from tabular.model import Model, read_booster
from tabular.payload import Request, read_request, write_answer, write_csv, write_csv_table, write_decisions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from contract.serving.formats import Format
    from contract.serving.messages import Answer
    from tabular.encoding import Encoding, Gaps

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
        booster = cache(partial(read_booster, model.trees))
        return cls(model.encoding, Forest.of(model.document, booster), model.decision.threshold)

    def invoke(self, body: bytes, content_type: bytes, accept: bytes) -> Answer:
        """Answer one request; RequestError for a client's mistake."""
        format_ = request_format(content_type)
        wanted = answer_format(accept, format_)
        core = self.forest.core
        if core is not None and format_ != "application/jsonlines":
            scores = core.scores(body, is_json=format_ == "application/json")
            if scores is not None:
                return self._write(scores, {}, wanted)
        request = read_request(body, format_, self.encoding, named=wanted != "text/csv")
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
        return self._write(self.forest.scores(request.rows), request.gaps, wanted)

    def _write(self, scores: list[float], gaps: Mapping[int, Gaps], wanted: Format) -> Answer:
        """Write the scores of a model with one output."""
        if wanted == "text/csv":
            return write_csv(scores)
        if self.encoding.objective == "regression":
            return write_answer([{"score": score} for score in scores], gaps, wanted)
        threshold = self.threshold
        if wanted == "application/json" and not gaps and self.encoding.classes == NUMBERS:
            return write_decisions(scores, threshold)
        answers: list[dict[str, object]] = [
            {"score": score, "predicted_label": int(score >= threshold), "threshold": threshold} for score in scores
        ]
        if (words := self.encoding.classes) != NUMBERS:
            for score, given in zip(scores, answers, strict=True):
                given["predicted_class"] = words[score >= threshold]
        return write_answer(answers, gaps, wanted)

    def _class(self, probabilities: list[float]) -> dict[str, object]:
        classes = self.encoding.classes
        best = max(probabilities)
        return {
            "score": best,
            "predicted_label": classes[probabilities.index(best)],
            "probabilities": dict(zip(classes, probabilities, strict=True)),
        }
