"""``bias``: measures whether the data or the model treats a group worse, in the format of Clarify's analysis.json.

The decision that is judged is the served one: of a binary model a score from its own threshold on, which training
chose from the data, of a multiclass model the most probable class. With few positives hardly any score reaches 0.5;
everybody would be predicted 0 there, and every comparison of predictions would be zero whatever the model does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contract.errors import InputError
from contract.job import log
from tabular.bias_metrics import ACCEPTED, POST_TRAINING, PRE_TRAINING, Flags, Outcomes, measure
from tabular.model import Decision, Model
from tabular.tables import Floats, read_examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract.paths import Paths
    from tabular.encoding import Encoding
    from tabular.objectives import Labels, Scores
    from tabular.recipes import Bias


@dataclass(frozen=True)
class Facet:
    """The group that may be disadvantaged: the rows whose ``feature`` has this value."""

    feature: str
    value: float


@dataclass(frozen=True)
class Outcome:
    """The favourable outcome: the label's name (empty: whatever it is), and which of its values a person wants."""

    label: str = ""
    value: int = 0


@dataclass(frozen=True)
class Question:
    """What is asked, in the report's words, and how it is answered; a binary model has a threshold.

    ``predicted`` turns scores into labels, ``is_favorable`` says of such, actual or predicted, which a person wants.
    """

    facet: str
    facet_value: str
    label: str
    label_value: str
    predicted: Callable[[Scores], Labels]
    is_favorable: Callable[[Labels], Flags]
    threshold: float | None = None


NO_FACET = {
    "version": "1.0",
    "note": "no facet was named: add [bias] with facet and value to the recipe, or give --facet",
}
"""The report where nothing is asked."""


def bias(paths: Paths, facet: Facet | None = None, outcome: Outcome = Outcome()) -> None:
    """Read processing inputs model and test, write output bias/analysis.json.

    Without a facet the recipe's [bias] is asked; without one there, the report says that none was named.
    """
    model = Model.load(paths.processing_input("model"))
    test = read_examples(paths.processing_input("test"), model.encoding)
    target = paths.processing_output("bias") / "analysis.json"
    if facet is None and model.encoding.bias is None:
        target.write_text(json.dumps(NO_FACET, indent=1), encoding="utf-8")
        log(f"bias is not measured: {NO_FACET['note']}")
        return
    if facet is not None:
        question = _feature_question(model, facet, outcome)
        members = test.features[:, model.encoding.features.index(facet.feature)] == np.float32(facet.value)
    else:
        question, members = _recipe_question(model, test.features)
    if members.all() or not members.any():
        raise InputError(f"{question.facet} = {question.facet_value} holds for all or for none of the test set's rows")
    document = analyse(test.labels, model.scores(test.features), members, question, model.decision)
    target.write_text(json.dumps(document, indent=1), encoding="utf-8")
    log(f"bias of {question.facet} = {question.facet_value} measured on {test.labels.size} rows")


def binary_question(facet: str, facet_value: str, outcome: Outcome, threshold: float) -> Question:
    """Return the question about a binary model: a score from the threshold on is the label 1."""
    return Question(
        facet,
        facet_value,
        outcome.label,
        str(outcome.value),
        lambda scores: (scores >= threshold).astype(int),
        lambda labels: np.asarray(labels == outcome.value),
        threshold,
    )


def _feature_question(model: Model, facet: Facet, outcome: Outcome) -> Question:
    encoding = model.encoding
    if encoding.objective != "binary":
        raise InputError(
            f"the arguments ask about a binary model, and this one is {encoding.objective}: name the facet in the"
            " recipe's [bias] instead"
        )
    if outcome.label not in {"", encoding.label}:
        raise InputError(f"the label of this model is {encoding.label}, not {outcome.label}")
    if facet.feature not in encoding.features:
        raise InputError(f"the facet {facet.feature} is no feature: there are {', '.join(encoding.features)}")
    asked = Outcome(encoding.label, outcome.value)
    return binary_question(facet.feature, f"{facet.value:g}", asked, model.decision.threshold)


def _recipe_question(model: Model, features: Floats) -> tuple[Question, Flags]:
    """Return what the recipe asks, and who is of its group."""
    encoding = model.encoding
    asked = encoding.bias
    if asked is None:
        raise InputError(NO_FACET["note"])
    value, members = _group(encoding, asked, features)
    favorable = asked.favorable
    if isinstance(favorable, float):
        limit = favorable
        return Question(
            asked.facet,
            value,
            encoding.label,
            f"({limit:g}, inf)",
            lambda scores: scores,
            lambda labels: np.asarray(labels > limit),
        ), members
    unknown = [each for each in favorable if each not in encoding.classes]
    if unknown:
        raise InputError(f"bias.favorable is {unknown[0]}, and the label has the values {', '.join(encoding.classes)}")
    if encoding.objective == "binary":
        wanted = encoding.classes.index(favorable[0]) if favorable else 0
        outcome = Outcome(encoding.label, wanted)
        return binary_question(asked.facet, value, outcome, model.decision.threshold), members
    places = [encoding.classes.index(each) for each in favorable]
    return Question(
        asked.facet,
        value,
        encoding.label,
        ", ".join(favorable),
        lambda scores: scores.argmax(axis=1),
        lambda labels: np.isin(labels, places),
    ), members


def _group(encoding: Encoding, asked: Bias, features: Floats) -> tuple[str, Flags]:
    """Return the group's value in the report's words, and its rows; a row without a value is not one of them."""
    start = 0
    for column in encoding.columns:
        if column.name == asked.facet:
            break
        start += len(column.features)
    if isinstance(asked.value, float):
        return f"({asked.value:g}, inf)", np.asarray(features[:, start] > asked.value)
    own = column.values.get(asked.value, ())
    if not any(own) and column.kind == "one_hot":
        known = ", ".join(category or "(missing)" for category in column.values)
        raise InputError(f"bias.value is {asked.value}, and the train set has of {asked.facet} the values {known}")
    part = features[:, start : start + len(column.features)]
    return asked.value, np.asarray((part == np.array(own, dtype=np.float32)).all(axis=1))


def analyse(
    labels: Labels, scores: Scores, members: Flags, question: Question, decision: Decision
) -> dict[str, object]:
    """Return the report; ``members`` says row by row who is of the facet's group."""
    labels_predicted = question.predicted(scores)
    actual, predicted = question.is_favorable(labels), question.is_favorable(labels_predicted)
    others = Outcomes.of(actual[~members], predicted[~members])
    group = Outcomes.of(actual[members], predicted[members])

    def section(metrics: list[dict[str, str | float | None]]) -> dict[str, object]:
        return {
            "label": question.label,
            "label_value_or_threshold": question.label_value,
            "facets": {question.facet: [{"value_or_threshold": question.facet_value, "metrics": metrics}]},
        }

    return {
        "version": "1.0",
        "pre_training_bias_metrics": section(measure(PRE_TRAINING, others, group)),
        "post_training_bias_metrics": section(measure(POST_TRAINING, others, group)),
        "groups": {"facet": _sizes(group), "others": _sizes(others)},
        "accepted_ranges": ACCEPTED,
        "decision": {
            **_decision_counts(question.threshold, labels_predicted, members),
            "rule": decision.rule,
            "rows": int(labels.size),
            "facet_rows": int(members.sum()),
            "vacuous": bool(predicted.all() or not predicted.any()),
        },
    }


def _sizes(group: Outcomes) -> dict[str, int]:
    return {
        "rows": group.size,
        "favorable_labels": group.favourable,
        "favorable_predictions": group.predicted,
    }


def _decision_counts(threshold: float | None, predicted: Labels, members: Flags) -> dict[str, float]:
    """Return what only a binary decision has: its threshold, and how often it is 1."""
    if threshold is None:
        return {}
    return {
        "probability_threshold": threshold,
        "predicted_1": int(predicted.sum()),
        "facet_predicted_1": int(predicted[members].sum()),
    }
