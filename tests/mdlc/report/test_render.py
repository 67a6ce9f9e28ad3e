import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mdlc.client.executions import Execution, Step
from mdlc.client.registry import ModelVersion, Rollout
from mdlc.report import render
from mdlc.report.data import Report
from mdlc.report.graph import Edge, Graph, Node
from mdlc.report.resources import Place, Resource
from mdlc.report.summary import Prediction, Timed, Way
from mdlc.systems import FRAUD, KNN, System
from tests.mdlc.fake_aws import NOW
from tests.mdlc.report.documents import BIAS, EVALUATION, EXPLANATIONS, ORIGIN, SEVERAL
from tests.mdlc.report.pages import Page

RESOURCES = (
    Resource("dev-network", "Vpc", "AWS::EC2::VPC", "recorded", "nothing routes packets"),
    Resource("dev-storage", "Data", "AWS::S3::Bucket", "created"),
)


def step(name: str, status: str = "Succeeded", reason: str = "") -> Step:
    return Step(name, "ProcessingJob", status, NOW, NOW + timedelta(seconds=4), reason, {"Arn": "arn:x/job"})


def report(**changes: Any) -> Report:
    execution = Execution(
        "arn:aws:sagemaker:eu-west-1:1:pipeline/p/execution/e1", "p", "Succeeded", "",
        NOW, NOW + timedelta(seconds=5), {}, (step("Prepare"),),
    )  # fmt: skip
    made = Report(
        system=FRAUD,
        environment="dev",
        place=Place("the local cloud", RESOURCES),
        made_at=NOW,
        execution=execution,
        graph=Graph(
            (Node("Prepare", "Processing", 0), Node("Reject", "Fail", 1)), (Edge("Prepare", "Reject", "else"),)
        ),
        parameters={"RocAucThreshold": "0.7"},
        origin=ORIGIN,
        evaluation=EVALUATION,
        bias=BIAS,
        explanations=EXPLANATIONS,
        engines={"Prepare": "process on CPython 3.11"},
        model=ModelVersion(3, "arn:x/3", "Approved", NOW, {}, Rollout("serving")),
        prediction=Prediction("fraud/predictions", {"instances": [{}]}, {"predictions": [{"score": 0.25}]}, 0.031),
        way=Way((Timed("deploy dev", "done", 12.0),), (), 12.0, 20.0),
    )
    return replace(made, **changes)


def test_the_page_is_whole_and_refers_to_nothing_outside() -> None:
    html = render.render(report())
    page = Page(html)
    assert not page.addresses
    style = html[html.index("<style>") : html.index("</style>")]
    assert "prefers-color-scheme: dark" in style
    assert "&" not in style


def test_the_page_says_what_the_run_found() -> None:
    text = Page(render.render(report())).text
    for expected in (
        "Fraudulent insurance claims", "gate 0.7", "Area 0.8123 on 90 test rows, 5 of them positive",
        "At score ≥ 0.31, highest F1",
        "predicted honest predicted fraud actual honest 79 92.9% 6 7.1%", "actual fraud 3 60.0% 2 40.0%",
        "Recorded: 1", "Created: 1",
        "Every row gets the same prediction", "Exact TreeSHAP.", "process on CPython 3.11", "nothing routes packets",
        "1 created, 1 recorded and not created, 0 refused", "Approved, serving", "answered in 31 ms", "not run",
        "replaced nothing that was there before",
    ):  # fmt: skip
        assert expected in text, expected


def test_a_failed_run_shows_the_reason_and_no_results_that_are_not_there() -> None:
    failed = replace(
        report().execution, status="Failed", steps=(step("Reject", "Failed", "roc_auc 0.5 is below the gate 0.7"),)
    )
    html = render.render(
        report(execution=failed, evaluation=None, bias=None, explanations=None, model=None, prediction=None)
    )
    text = Page(html).text
    assert "Reject: roc_auc 0.5 is below the gate 0.7" in text
    assert "Confusion matrix" not in text
    assert "A prediction over HTTP" not in text


def test_the_page_says_what_made_the_model() -> None:
    page = Page(render.render(report()))
    assert page.row("data version") == ["data version", "0123456789abcdef"]
    assert page.row("instances") == ["instances", "2 ml.m5.xlarge, spot"]
    assert page.row("hyperparameters") == ["hyperparameters", "eta 0.1, max_depth 2"]
    assert page.row("training ended") == ["training ended", "2026-11-21 12:01:15 UTC (after 1 min 15 s)"]
    assert page.row("environment") == ["environment", "dev"]
    assert "No training job started, so there is no model." in Page(render.render(report(origin=None))).text


def test_few_positives_are_judged_by_precision_over_recall() -> None:
    """Of 90 rows 5 are positive; the average precision is 0.6 · 3/11.5 + 0.4 · 5/90 = 0.1787."""
    text = Page(render.render(report())).text
    assert "Average precision 0.1787 . 5 of 90 test rows are positive" in text.replace("0.1787.", "0.1787 .")
    assert "average precision 0.179 5.6% are positive" in text


def test_bias_has_the_sizes_of_its_groups_and_what_each_value_means() -> None:
    page = Page(render.render(report()))
    assert page.row("customer_gender_female = 1") == ["customer_gender_female = 1", "40", "3"]
    assert page.row("all others") == ["all others", "50", "5"]
    assert page.row("DPL") == ["DPL", "Difference in Labels", "-0.0139", "-1 to 1", "0", "worse for the others"]
    assert page.row("DI") == ["DI", "Disparate Impact", "undefined", "0 or more", "1; 0.8 to 1.25 is accepted", ""]
    assert page.row("RD")[2:] == ["0.1250", "-1 to 1", "0", "worse for the group"]
    assert "29 CFR 1607.4 D" in page.text
    assert "AI Fairness 360" not in page.text  # no difference of this report has an accepted range


@pytest.mark.parametrize(
    ("first", "decision", "reason"),
    [
        ({"score": 0.25}, "honest (0)", "Score 0.2500 is below the threshold 0.31: highest F1 on the validation set."),
        ({"score": 0.31, "predicted_label": 1}, "fraud (1)", "Score 0.3100 reaches the threshold 0.31:"),
    ],
)
def test_an_answer_has_its_label_and_the_threshold_that_decided(
    first: dict[str, Any], decision: str, reason: str
) -> None:
    asked = Prediction("fraud/predictions", {"instances": [{}]}, {"predictions": [first]}, 0.031)
    text = Page(render.render(report(prediction=asked))).text
    assert f"answered in 31 ms. {decision} {reason}" in text
    assert "It lies below 0.5 since only 5.6% of the test rows are positive." in text


def test_an_answer_without_an_evaluation_is_shown_as_it_is() -> None:
    assert "score 0.2500" in Page(render.render(report(evaluation=None))).text


def test_missing_and_unseen_cells_are_counted_where_the_evaluation_says_so() -> None:
    page = Page(
        render.render(report(evaluation=EVALUATION | {"missing_values": {"missing_cells": 12, "unseen_cells": 3}}))
    )
    assert page.row("cells missing") == ["cells missing", "12"]
    assert page.row("cells never seen in training") == ["cells never seen in training", "3"]


def test_foreign_text_cannot_become_markup() -> None:
    evil = '<script>alert("x")</script>'
    bad = replace(report().execution, status="Failed", steps=(step(evil, "Failed", evil),))
    html = render.render(
        report(
            execution=bad,
            graph=Graph((Node(evil, evil, 0),), ()),
            engines={evil: evil},
            place=Place(evil, (Resource(evil, evil, evil, "refused", evil),)),
            explanations={"explanations": {"kernel_shap": {"label0": {"global_shap_values": {evil: 1.0}}}}},
        )
    )
    assert "<script" not in html
    Page(html)


def test_both_files_are_written(tmp_path: Path) -> None:
    page = render.write(report(), tmp_path / "new")
    assert page.name == "report.html"
    summary = json.loads((tmp_path / "new/summary.json").read_text())
    assert summary["steps"] == [{"name": "deploy dev", "status": "done", "seconds": 12.0}]
    assert summary["pipeline_steps"] == [{"name": "Prepare", "status": "Succeeded", "seconds": 4.0}]
    assert summary["metrics"] == {"roc_auc": 0.8123, "precision": 0.25, "recall": 0.4}
    assert summary["resources"] == {"created": 1, "recorded": 1, "refused": 0}
    assert summary["prediction"]["response"] == {"predictions": [{"score": 0.25}]}
    assert (summary["setup_seconds"], summary["run_seconds"]) == (12.0, 20.0)
    assert (summary["engines"], summary["replaced"], summary["model_version"]) == (["process on CPython 3.11"], [], 3)


def test_a_classifier_of_several_classes_has_its_matrix_and_what_the_endpoint_answered() -> None:
    prediction = Prediction("/endpoints/dev-knn/invocations", {}, {"predictions": [{"predicted_label": 2.0}]}, 0.01)
    html = render.render(
        report(
            system=KNN,
            parameters={"AccuracyThreshold": "0.9"},
            evaluation=SEVERAL,
            bias=None,
            explanations=None,
            prediction=prediction,
            over_http={"rows": 8, "accuracy": 0.75, "macro_f1": 0.7},
        )
    )
    text = Page(html).text
    assert "predicted setosa predicted versicolor predicted virginica" in text
    assert "actual versicolor 0 0.0% 2 100.0% 0 0.0%" in text
    assert "virginica (2)" in text
    assert Page(html).row("macro F1") == ["macro F1", "0.7000", "0.7000"]
    assert "accuracy 0.7500 gate 0.9" in text
    assert "over HTTP 0.7500 of 8 test rows" in text
    assert "POST /endpoints/dev-knn/invocations" in text
    assert "Receiver operating characteristic" not in text


def test_the_summary_has_the_answers_over_http_where_there_are_any() -> None:
    assert "over_http" not in report().summary().as_json()
    assert report(over_http={"accuracy": 1.0}).summary().as_json()["over_http"] == {"accuracy": 1.0}


def test_a_regression_has_its_errors_in_the_unit_of_its_label() -> None:
    homes = System(
        name="homes", title="Prices", files=("homes.csv",), label="price", metric="r2", gate_parameter="R2Threshold"
    )
    figures = {"r2": 0.75, "rmse": 20000.0, "mae": 15000.0, "mse": 4e8}
    evaluation = {
        "regression_metrics": {name: {"value": value} for name, value in figures.items()},
        "pairs": {"actual": [100_000.0, 300_000.0], "predicted": [120_000.0, 260_000.0]},
    }
    shap = {"explanations": {"kernel_shap": {"label0": {"global_shap_values": {"area": 68967.2, "rooms": 512.0}}}}}
    page = Page(
        render.render(
            report(
                system=homes,
                evaluation=evaluation,
                explanations=shap,
                parameters={"R2Threshold": "0.3"},
                prediction=Prediction("homes/predictions", {}, {"predictions": [{"score": 126309.5}]}, 0.3),
            )
        )
    )
    for words in (
        "share of variance explained (R²)",
        "gate 0.3",
        "root mean squared error",
        "68,967",
        "price 126,309.50",
        "Predicted over actual",
        "2 rows of the test set",
    ):
        assert words in page.text, words
    assert "log-odds" not in page.text
    assert "Confusion matrix" not in page.text


def test_a_bias_that_was_not_measured_says_why() -> None:
    text = Page(render.render(report(bias={"version": "1.0", "note": "no facet was named"}))).text
    assert "Bias Not measured, since no facet was named." in text


def test_an_answer_of_several_classes_says_what_its_score_is() -> None:
    """Source: docs/own-system.md, what a model of several classes answers."""
    answer = {"predicted_label": "c", "score": 0.5, "probabilities": {"a": 0.2, "b": 0.3, "c": 0.5}}
    asked = Prediction("knn/predictions", {}, {"predictions": [answer]}, 0.03)
    text = Page(render.render(report(system=KNN, evaluation=SEVERAL, prediction=asked))).text
    assert "c Its probability is 0.5000, the highest of the classes." in text


def test_a_title_begins_with_a_capital() -> None:
    churn = System(name="churn", title="left, learned from churn.csv", files=("churn.csv",), label="left")
    assert "Left, learned from churn.csv" in Page(render.render(report(system=churn))).text
