"""Bias metrics against hand-worked tables and a recomputation in plain Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from contract.errors import InputError
from tabular.bias import Facet, Outcome, analyse, bias, binary_question
from tabular.bias_metrics import POST_TRAINING, PRE_TRAINING, Outcomes, measure
from tabular.model import Decision, Model

if TYPE_CHECKING:
    from contract.paths import Paths

# a: 10 people, 6 with a favourable label, 8 predicted so, 5 both.   d: 5 people, 2, 2 and 1.
A = Outcomes(true_favourable=5, false_favourable=3, true_unfavourable=1, false_unfavourable=1)
D = Outcomes(true_favourable=1, false_favourable=1, true_unfavourable=2, false_unfavourable=1)

HAND_WORKED = {
    "CI": (10 - 5) / 15,
    "DPL": 6 / 10 - 2 / 5,
    "KL": 0.6 * np.log(0.6 / 0.4) + 0.4 * np.log(0.4 / 0.6),
    "JS": (0.6 * np.log(0.6 / 0.5) + 0.4 * np.log(0.4 / 0.5) + 0.4 * np.log(0.4 / 0.5) + 0.6 * np.log(0.6 / 0.5)) / 2,
    "KS": 0.2,
    "LP": np.sqrt(0.2**2 + 0.2**2),
    "TVD": (0.2 + 0.2) / 2,
    "DPPL": 8 / 10 - 2 / 5,
    "DI": (2 / 5) / (8 / 10),
    "AD": 6 / 10 - 3 / 5,
    "RD": 5 / 6 - 1 / 2,
    "SD": 2 / 3 - 1 / 4,
    "DCA": 6 / 8 - 2 / 2,
    "DCR": 3 / 3 - 4 / 2,
    "DAR": 5 / 8 - 1 / 2,
    "DRR": 2 / 3 - 1 / 2,
    "TE": 1 / 1 - 1 / 3,
    # benefits: 2 rows of 0, 9 rows of 1, 4 rows of 2; their mean is 17/15
    "GE": (2 * -1 + 9 * ((15 / 17) ** 2 - 1) + 4 * ((30 / 17) ** 2 - 1)) / 30,
}


def test_every_metric_equals_its_hand_worked_value() -> None:
    values = {str(m["name"]): m["value"] for m in measure(PRE_TRAINING + POST_TRAINING, A, D)}
    assert values == pytest.approx(HAND_WORKED)


def test_a_metric_without_a_value_says_so() -> None:
    nobody = Outcomes(true_favourable=0, false_favourable=0, true_unfavourable=3, false_unfavourable=1)
    report = {m["name"]: m for m in measure(POST_TRAINING, nobody, D)}
    assert report["DI"]["value"] is None
    assert "zero" in str(report["DI"]["error"])
    assert report["DPPL"]["value"] == pytest.approx(0 / 4 - 2 / 5)
    assert "error" not in report["DPPL"]


def values(document: dict[str, Any], section: str, facet: str) -> dict[str, float]:
    (entry,) = document[section]["facets"][facet]
    return {metric["name"]: metric["value"] for metric in entry["metrics"]}


def test_a_report_of_six_rows_worked_by_hand() -> None:
    labels = np.array([0, 0, 1, 0, 1, 1])
    scores = np.array([0.1, 0.3, 0.9, 0.2, 0.1, 0.8])
    members = np.array([False, False, False, True, True, True])
    document: Any = analyse(
        labels,
        scores,
        members,
        binary_question("woman", "1", Outcome("fraud", 0), 0.25),
        Decision(0.25, "chosen for the test"),
    )
    # Favourable is fraud = 0. Labels: others 2 of 3, women 1 of 3. Predictions (score < 0.25): 1 of 3 and 2 of 3.
    assert values(document, "pre_training_bias_metrics", "woman")["DPL"] == pytest.approx(2 / 3 - 1 / 3)
    after = values(document, "post_training_bias_metrics", "woman")
    assert after["DPPL"] == pytest.approx(1 / 3 - 2 / 3)
    assert after["DI"] == pytest.approx((2 / 3) / (1 / 3))
    assert document["post_training_bias_metrics"]["label_value_or_threshold"] == "0"
    assert document["decision"] == {
        "probability_threshold": 0.25,
        "rule": "chosen for the test",
        "rows": 6,
        "predicted_1": 3,
        "facet_rows": 3,
        "facet_predicted_1": 1,
        "vacuous": False,
    }


def test_the_other_label_value_turns_the_view() -> None:
    labels, scores = np.array([1, 0, 1, 0]), np.array([0.9, 0.9, 0.9, 0.1])
    members = np.array([True, True, False, False])
    document: Any = analyse(labels, scores, members, binary_question("x", "1", Outcome("y", 1), 0.5), Decision(0.5, ""))
    # Favourable is y = 1: predicted for 1 of 2 others and for both members.
    assert values(document, "post_training_bias_metrics", "x")["DPPL"] == pytest.approx(1 / 2 - 1)


def test_a_vacuous_check_calls_itself_so() -> None:
    labels, scores = np.array([0, 1, 0, 1]), np.full(4, 0.1)
    document: Any = analyse(
        labels,
        scores,
        np.array([True, True, False, False]),
        binary_question("x", "1", Outcome("y", 0), 0.5),
        Decision(0.5, ""),
    )
    assert document["decision"]["vacuous"] is True
    assert values(document, "post_training_bias_metrics", "x")["DPPL"] == 0


def test_the_job_equals_a_recomputation_in_plain_python(finished: Paths) -> None:
    document = json.loads((finished.processing_output("bias") / "analysis.json").read_text())
    model = Model.load(finished.model)
    column = model.encoding.features.index("customer_gender_female")
    text = (finished.base / "processing/input/test/test.csv").read_text()
    rows = [[float(cell) for cell in line.split(",")] for line in text.splitlines()]
    scores = model.scores(np.array([row[1:] for row in rows], dtype=np.float32)).tolist()
    groups: dict[bool, list[tuple[bool, bool]]] = {True: [], False: []}
    for row, score in zip(rows, scores, strict=True):
        groups[row[1 + column] == 1].append((row[0] == 0, score < model.decision.threshold))

    def share(group: list[tuple[bool, bool]], which: int) -> float:
        return sum(pair[which] for pair in group) / len(group)

    before = values(document, "pre_training_bias_metrics", "customer_gender_female")
    after = values(document, "post_training_bias_metrics", "customer_gender_female")
    assert before["DPL"] == pytest.approx(share(groups[False], 0) - share(groups[True], 0), abs=1e-12)
    assert after["DPPL"] == pytest.approx(share(groups[False], 1) - share(groups[True], 1), abs=1e-12)
    assert after["DI"] == pytest.approx(share(groups[True], 1) / share(groups[False], 1), abs=1e-12)
    assert after["DPPL"] != 0
    assert document["decision"]["vacuous"] is False


@pytest.mark.parametrize(
    ("facet", "outcome", "sentence"),
    [
        (
            Facet("colour", 1),
            Outcome("fraud", 0),
            "the facet colour is no feature: there are driver_",
        ),
        (Facet("customer_gender_female", 2), Outcome("fraud", 0), "holds for all or for none of the test set's rows"),
        (Facet("customer_gender_female", 1), Outcome("churn", 0), "the label of this model is fraud, not churn"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    finished: Paths, facet: Facet, outcome: Outcome, sentence: str
) -> None:
    with pytest.raises(InputError) as caught:
        bias(finished, facet, outcome)
    assert sentence in str(caught.value)
