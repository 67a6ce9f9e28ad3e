import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mdlc.client.executions import Execution, Step
from mdlc.client.registry import ModelVersion, Rollout
from mdlc.report import render, svg
from mdlc.report.data import Prediction, Report, Resource, Timed
from mdlc.report.graph import Edge, Graph, Node
from mdlc.systems import FRAUD, KNN
from tests.mdlc.fake_aws import NOW

EVALUATION = {
    "classification_metrics": {
        "roc_auc": {"value": 0.8123, "standard_deviation": "NaN"},
        "recall": {"value": 0.4, "standard_deviation": 0.1},
        "precision": {"value": 0.25, "standard_deviation": 0.1},
    },
    "binary_classification_metrics": {
        "confusion_matrix": {"0": {"0": 79, "1": 6}, "1": {"0": 3, "1": 2}},
        "receiver_operating_characteristic_curve": {
            "false_positive_rates": [0.0, 0.1, 1.0],
            "true_positive_rates": [0.0, 0.6, 1.0],
        },
    },
    "decision": {"threshold": 0.31, "rule": "highest F1 on the validation set"},
}
BIAS = {
    "pre_training_bias_metrics": {
        "label": "fraud",
        "label_value_or_threshold": "0",
        "facets": {
            "customer_gender_female": [
                {"value_or_threshold": "1", "metrics": [{"name": "DPL", "description": "labels", "value": -0.0139}]}
            ]
        },
    },
    "post_training_bias_metrics": {
        "label": "fraud",
        "label_value_or_threshold": "0",
        "facets": {
            "customer_gender_female": [
                {"value_or_threshold": "1", "metrics": [{"name": "DI", "description": "predictions", "value": None}]}
            ]
        },
    },
    "decision": {"probability_threshold": 0.31, "rule": "highest F1", "vacuous": True},
}
EXPLANATIONS = {
    "explanations": {"kernel_shap": {"label0": {"global_shap_values": {"age": 0.1, "witnesses": 0.5}}}},
    "method": {"name": "tree_shap", "description": "Exact TreeSHAP."},
}


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
        cloud="the local cloud",
        made_at=NOW,
        execution=execution,
        graph=Graph(
            (Node("Prepare", "Processing", 0), Node("Reject", "Fail", 1)), (Edge("Prepare", "Reject", "else"),)
        ),
        parameters={"RocAucThreshold": "0.7"},
        evaluation=EVALUATION,
        bias=BIAS,
        explanations=EXPLANATIONS,
        engines={"Prepare": "process on CPython 3.11"},
        model=ModelVersion(3, "arn:x/3", "Approved", NOW, {}, Rollout("serving")),
        resources=(
            Resource("dev-network", "Vpc", "AWS::EC2::VPC", "recorded", "nothing routes packets"),
            Resource("dev-storage", "Data", "AWS::S3::Bucket", "created"),
        ),
        prediction=Prediction("fraud/predictions", {"instances": [{}]}, {"predictions": [{"score": 0.25}]}, 0.031),
        steps=(Timed("deploy dev", "done", 12.0),),
        setup_seconds=12.0,
        run_seconds=20.0,
    )
    return replace(made, **changes)


class Page(HTMLParser):
    """Checks that every element is closed in its order, and gathers text and addresses."""

    VOID = frozenset({"meta", "br", "hr", "img", "input", "link"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.addresses: list[str] = []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "xlink:href", "action"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data + " "


def test_the_page_is_whole_and_refers_to_nothing_outside() -> None:
    html = render.render(report())
    page = Page(html)
    assert not page.addresses
    assert not re.search(r"@import|url\((?!#arrow)|<script|https?://", html)
    style = html[html.index("<style>") : html.index("</style>")]
    assert "prefers-color-scheme: dark" in style
    assert "&" not in style


def test_the_page_says_what_the_run_found() -> None:
    text = " ".join(Page(render.render(report())).text.split())
    for expected in (
        "Fraudulent insurance claims", "gate 0.7", "Area 0.8123 on 90 test rows, 5 of them positive",
        "At score ≥ 0.31, highest F1", "79", "92.9 % of the row", "40.0 % of the row", "-0.0139", "undefined",
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
    text = " ".join(Page(html).text.split())
    assert "Reject: roc_auc 0.5 is below the gate 0.7" in text
    assert "Confusion matrix" not in text
    assert "A prediction over HTTP" not in text


def test_foreign_text_cannot_become_markup() -> None:
    evil = '<script>alert("x")</script>'
    bad = replace(report().execution, status="Failed", steps=(step(evil, "Failed", evil),))
    html = render.render(
        report(
            execution=bad,
            graph=Graph((Node(evil, evil, 0),), ()),
            engines={evil: evil},
            resources=(Resource(evil, evil, evil, "refused", evil),),
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


def test_the_roc_starts_at_its_corner_and_ends_at_the_other() -> None:
    drawing = ET.fromstring(svg.roc([0.0, 0.1, 1.0], [0.0, 0.6, 1.0], (0.1, 0.6)))
    (curve,) = [element for element in drawing if element.get("class") == "curve"]
    assert curve.get("points") == "0.0,300.0 30.0,120.0 300.0,0.0"
    (point,) = [element for element in drawing if element.get("class") == "point"]
    assert (point.get("cx"), point.get("cy")) == ("30", "120")


def test_bars_are_as_long_as_their_values() -> None:
    drawing = ET.fromstring(svg.bars([("a", 2.0), ("b", 1.0), ("c", 0.0)], "values"))
    widths = [float(element.get("width", "0")) for element in drawing if element.tag == "rect"]
    assert widths == [220.0, 110.0, 1.5]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "unknown"), (0.0312, "31 ms"), (0.44, "0.4 s"), (12.4, "12 s"), (59.6, "1 min 0 s"), (200.0, "3 min 20 s")],
)
def test_durations_are_for_people(value: float | None, text: str) -> None:
    assert svg.seconds(value) == text


def test_long_names_take_two_lines() -> None:
    nodes = (Node("CheckFraudDetXGBEvaluation", "Condition", 0), Node("x" * 60, "Fail", 1))
    drawing = ET.fromstring(svg.run_graph(Graph(nodes, ()), {}))
    names = [element.text for element in drawing.iter("text") if element.get("class") == "name"]
    assert names[:2] == ["CheckFraudDetXGB", "Evaluation"]
    assert all(name and len(name) <= 20 for name in names)


SEVERAL = {
    "classification_metrics": {"accuracy": {"value": 0.75}, "macro_f1": {"value": 0.7}},
    "multiclass_classification_metrics": {
        "confusion_matrix": {
            "0": {"0": 3, "1": 1, "2": 0},
            "1": {"0": 0, "1": 2, "2": 0},
            "2": {"0": 1, "1": 0, "2": 1},
        }
    },
}


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
    text = " ".join(Page(html).text.split())
    assert "predicted 0 predicted 1 predicted 2" in text
    assert "actual 1 0 0.0 % of the row 2 100.0 % of the row 0 0.0 % of the row" in text
    assert "accuracy 0.7500 gate 0.9" in text
    assert "over HTTP 0.7500 of 8 test rows" in text
    assert "POST /endpoints/dev-knn/invocations" in text
    assert "Receiver operating characteristic" not in text


def test_the_summary_has_the_answers_over_http_where_there_are_any() -> None:
    assert "over_http" not in report().summary()
    assert report(over_http={"accuracy": 1.0}).summary()["over_http"] == {"accuracy": 1.0}
