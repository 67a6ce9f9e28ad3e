"""What every report shows of a model, whatever trained it: how good it is, what it looks at, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from mdlc.client import registry
from mdlc.report import plots, text
from mdlc.report.quality import MULTICLASS, Matrix, Quality, read_cells, read_matrix, read_pairs, read_quality
from mdlc.report.summary import Prediction
from mdlc.systems import System

ATTRIBUTIONS_SHOWN: Final = 12


@dataclass(frozen=True)
class Tile:
    """One figure at the top."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Answer:
    """What a prediction says, in words: the decision, and how it came about."""

    decision: str
    reason: str


@dataclass(frozen=True)
class Attributions:
    """The features that contribute most to a model's scores."""

    shown: int
    total: int
    method: str
    bars: Markup


@dataclass(frozen=True)
class Judged:
    """A model by its evaluation and its explanations, as far as it has them."""

    system: System
    evaluation: Mapping[str, Any]
    explanations: Mapping[str, Any] | None = None

    @property
    def metrics(self) -> Mapping[str, float]:
        """Its named figures on the test set."""
        return registry.quality(self.evaluation)

    @property
    def quality(self) -> Quality | None:
        """How it decides between two classes; None where it does not."""
        return read_quality(self.evaluation)

    @property
    def matrix(self) -> Matrix | None:
        """Its confusion matrix, in the names of the classes; None of a regression."""
        classifies = self.quality or MULTICLASS in self.evaluation
        matrix = read_matrix(self.evaluation) if classifies else None
        return matrix.with_names(self.system.classes) if matrix else None

    @property
    def cells(self) -> Sequence[tuple[str, int]]:
        """How many cells of the test set were missing or new, where it counts them."""
        return read_cells(self.evaluation)

    @property
    def roc(self) -> Markup:
        """Its receiver operating characteristic, drawn."""
        quality = self.quality
        if quality is None:
            return Markup()
        return plots.roc(quality.false_positive_rates, quality.true_positive_rates, quality.rates)

    @property
    def precision_recall(self) -> Markup:
        """Precision over recall, drawn, with the point where it decides."""
        quality = self.quality
        if quality is None:
            return Markup()
        chosen = None if quality.precision is None else (quality.rates[1], quality.precision)
        return plots.precision_recall(quality.curve.recalls, quality.curve.precisions, quality.share, chosen)

    @property
    def pairs(self) -> Sequence[tuple[float, float]]:
        """Actual and predicted numbers of test rows; none where it predicts no number."""
        return read_pairs(self.evaluation)

    @property
    def scatter(self) -> Markup:
        """Predicted over actual numbers, drawn."""
        return plots.scatter(self.pairs, "Predicted over actual", ("actual", "predicted")) if self.pairs else Markup()

    @property
    def attributions(self) -> Attributions | None:
        """What it looks at; None where nothing explains it."""
        found = attributions(self.explanations) if self.explanations else []
        if not self.explanations or not found:
            return None
        method = self.explanations.get("method", {})
        return Attributions(
            shown=min(ATTRIBUTIONS_SHOWN, len(found)),
            total=len(found),
            method=str(method.get("description", "")) if isinstance(method, dict) else "",
            bars=plots.bars(found[:ATTRIBUTIONS_SHOWN], "Largest feature attributions"),
        )

    def tiles(self, gate: str | None) -> list[Tile]:
        """Return its figures for the top of the page, with the gate that they had to pass, where there was one."""
        quality, metrics = self.quality, self.metrics
        passed = f"gate {gate}" if gate else "on the test set"
        if quality:
            return [
                Tile("area under the ROC", f"{quality.area:.3f}", passed),
                Tile("average precision", f"{quality.curve.average:.3f}", f"{quality.share:.1%} are positive"),
                *(Tile(name, f"{metrics[name]:.3f}", "at the threshold") for name in ("precision", "recall")),
            ]
        decides = self.system.metric
        shown = dict.fromkeys(name for name in (decides, "accuracy", "rmse") if name in metrics)
        return [
            Tile(text.metric(name), text.amount(metrics[name]), passed if name == decides else "on the test set")
            for name in shown
        ]

    def answer(self, prediction: Prediction | None) -> Answer | None:
        """Return what the first prediction says, in the names of the classes; None where nothing was asked."""
        if prediction is None:
            return None
        first: Mapping[str, Any] = prediction.response["predictions"][0]
        if "score" not in first:
            return Answer(self._class(first["predicted_label"]), "")
        score, quality = float(first["score"]), self.quality
        if quality is None:
            decided = "predicted_label" in first
            if not decided:
                of = self.system.label if self.evaluation else "score"
                return Answer(f"{of} {text.amount(score)}", "")
            reason = f"Its probability is {score:.4f}, the highest of the classes." if "probabilities" in first else ""
            return Answer(self._class(first["predicted_label"]), reason or f"Score {score:.4f}.")
        reached = score >= quality.threshold
        reason = f"Score {score:.4f} {'reaches' if reached else 'is below'} the threshold {quality.threshold:.4g}"
        reason += f": {quality.rule}." if quality.rule else "."
        if quality.share < 0.5 and quality.threshold < 0.5:  # noqa: PLR2004 - one half, where many expect it
            reason += f" It lies below 0.5 since only {quality.share:.1%} of the test rows are positive."
        return Answer(self._class(first.get("predicted_label", int(reached))), reason)

    def _class(self, label: object) -> str:
        """Return a label with its name: `virginica (2)`."""
        shown = text.label(label)
        name = self.system.classes.get(shown)
        return f"{name} ({shown})" if name else shown


def attributions(explanations: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return features by falling mean absolute contribution."""
    label = next(iter(explanations["explanations"]["kernel_shap"].values()))
    values: Mapping[str, float] = label["global_shap_values"]
    return sorted(values.items(), key=lambda item: (-abs(item[1]), item[0]))
