"""``bias``: does the data, or the model, treat a group worse? In the format of SageMaker Clarify's analysis.json.

The decision that is judged is the served one: a score from the model's own threshold on, which training chose
from the data. With few positives hardly any score reaches 0.5; everybody would be predicted 0 there, and every
comparison of predictions would be zero whatever the model does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contract.errors import InputError
from contract.job import log
from tabular.bias_metrics import POST_TRAINING, PRE_TRAINING, Flags, Outcomes, measure
from tabular.model import Decision, Model
from tabular.tables import read_examples

if TYPE_CHECKING:
    from contract.paths import Paths
    from evaluation.ranking import Labels, Scores


@dataclass(frozen=True)
class Facet:
    """The group that may be disadvantaged: the rows whose ``feature`` has this value."""

    feature: str
    value: float


@dataclass(frozen=True)
class Outcome:
    """The favourable outcome: the label's name, and which of its values (0 or 1) a person wants."""

    label: str
    value: int


def bias(paths: Paths, facet: Facet, outcome: Outcome) -> None:
    """Read processing inputs model and test, write output bias/analysis.json."""
    model = Model.load(paths.processing_input("model"))
    features = model.encoding.features
    if outcome.label != model.encoding.label:
        raise InputError(f"the label of this model is {model.encoding.label}, not {outcome.label}")
    if facet.feature not in features:
        raise InputError(f"the facet {facet.feature} is no feature: there are {', '.join(features)}")
    test = read_examples(paths.processing_input("test"), features)
    members = test.features[:, features.index(facet.feature)] == np.float32(facet.value)
    if members.all() or not members.any():
        raise InputError(f"{facet.feature} = {facet.value:g} holds for all or for none of the test set's rows")
    document = analyse(test.labels, model.scores(test.features), members, facet, outcome, model.decision)
    target = paths.processing_output("bias") / "analysis.json"
    target.write_text(json.dumps(document, indent=1), encoding="utf-8")
    log(f"bias of {facet.feature} = {facet.value:g} measured on {test.labels.size} rows")


def analyse(  # noqa: PLR0913, PLR0917 - the parts of one analysis, each of its own kind
    labels: Labels, scores: Scores, members: Flags, facet: Facet, outcome: Outcome, decision: Decision
) -> dict[str, object]:
    """Return the report; ``members`` says row by row who is of the facet's group."""
    positive = scores >= decision.threshold
    actual, predicted = labels == outcome.value, positive == bool(outcome.value)
    others = Outcomes.of(actual[~members], predicted[~members])
    group = Outcomes.of(actual[members], predicted[members])

    def section(metrics: list[dict[str, str | float | None]]) -> dict[str, object]:
        return {
            "label": outcome.label,
            "label_value_or_threshold": str(outcome.value),
            "facets": {facet.feature: [{"value_or_threshold": f"{facet.value:g}", "metrics": metrics}]},
        }

    return {
        "version": "1.0",
        "pre_training_bias_metrics": section(measure(PRE_TRAINING, others, group)),
        "post_training_bias_metrics": section(measure(POST_TRAINING, others, group)),
        "decision": {
            "probability_threshold": decision.threshold,
            "rule": decision.rule,
            "rows": int(labels.size),
            "predicted_1": int(positive.sum()),
            "facet_rows": int(members.sum()),
            "facet_predicted_1": int(positive[members].sum()),
            "vacuous": bool(positive.all() or not positive.any()),
        },
    }
