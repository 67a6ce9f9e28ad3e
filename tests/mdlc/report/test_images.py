"""The page of the image classifier's runs."""

from dataclasses import replace
from typing import Any

from mdlc.client.vision_runs import Artifacts, Mistake
from mdlc.report import images
from mdlc.report.images import Images
from tests.mdlc.report.documents import ORIGIN
from tests.mdlc.report.pages import Page
from tests.mdlc.report.test_scripted import SUMMARY, run

EVALUATION: dict[str, Any] = {
    "classification_metrics": {
        name: {"value": 0.75} for name in ("accuracy", "macro_precision", "macro_recall", "macro_f1")
    },
    "multiclass_classification_metrics": {
        "confusion_matrix": {"spots": {"spots": 3, "stripes": 1}, "stripes": {"spots": 1, "stripes": 3}}
    },
}
EPOCH = {"train_loss": 0.5, "val_loss": 0.25, "train_accuracy": 0.5, "val_accuracy": 0.75}
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def found(name: str, version: int | None) -> Artifacts:
    ran = run(name, 0.75, best=True)
    package = {"ModelPackageArn": f"arn:aws:sagemaker:eu-west-1:1:model-package/dev-images/{version}"}
    registered = {"Registration": package} if version else {}
    return Artifacts(
        run=replace(ran, result={**ran.result, **registered}),
        epochs=[EPOCH, EPOCH],
        final={"train:loss": 0.5},
        evaluation=EVALUATION,
        mistakes=[Mistake(PIXEL, "a.png", "spots", "stripes", 0.9)],
        mistake_count=2,
    )


def page() -> Page:
    summary = SUMMARY | {
        "model_version": 2,
        "prediction": {
            "path": "images/predictions",
            "request": {"file": "spots.png", "actual": "spots"},
            "response": {"predictions": [{"predicted_label": "spots"}]},
            "seconds": 0.1,
        },
    }
    runs = (found("one", 1), found("two", None))
    return Page(images.render(Images(summary=summary, runs=runs, origin=ORIGIN)))


def test_title_and_axis_agree() -> None:
    text = page().text
    assert "Loss of the best run, by epoch" in text
    assert "1 2 epoch" in text
    assert " step " not in text


def test_a_version_says_that_it_was_registered_without_a_gate() -> None:
    assert page().row("one")[-1] == "version 1, without a gate"
    assert page().row("two")[-1] == "not registered"
    assert "There is no gate" in page().text


def test_the_best_run_has_its_matrix_and_what_made_it() -> None:
    assert page().row("actual spots") == ["actual spots", "3 75.0 %", "1 25.0 %"]
    assert page().row("code") == ["code", "scripts fedcba9876543210; image tabular, version 7f3a"]
    assert "2 of 8" in page().text
