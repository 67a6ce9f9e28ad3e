"""The image classifier end to end on the local cloud: two runs, the better one registered, served and asked."""

import re
from pathlib import Path

import pytest

from tests.systems import notebook
from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
STATES = ["Validate", "Preprocessing", "Training", "Evaluation", "Compare", "BestSoFar"]
SERIES = {"train:loss", "train:accuracy", "val:loss", "val:accuracy"}


@pytest.mark.end_to_end
def test_ten_epochs_become_the_best_and_are_served(demo: Workplace) -> None:
    summary = demo.summary("images")
    assert [step["status"] for step in summary["steps"]] == ["done"] * len(summary["steps"])
    assert summary["resources"]["refused"] == 0
    once, often = summary["result"]["runs"]
    assert [state["name"] for state in often["states"]] == [*STATES, "Registration"]
    assert [run["comparison"]["is_best"] for run in (once, often)] == [True, True]
    assert often["metrics"]["macro_f1"] > once["metrics"]["macro_f1"]
    assert summary["result"]["best"]["execution"] == often["execution"]
    for run, epochs in ((once, 1), (often, 10)):
        assert set(run["final_metrics"]) == SERIES
        assert len(run["epochs"]) == epochs
        assert run["final_metrics"]["val:loss"] == pytest.approx(run["epochs"][-1]["val_loss"], rel=1e-4)
    answer = summary["prediction"]["response"]["predictions"][0]
    assert answer["predicted_label"] in {"spots", "stripes"}
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    folder = demo.folder / "build" / "demo" / "images"
    page = (folder / "report.html").read_text()
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", page)
    assert page.count("data:image/png;base64,") == sum(min(run["misclassified"], 12) for run in (once, often))
    picture = folder / summary["prediction"]["request"]["file"]
    assert demo.done("predict", "images", str(picture))["predictions"][0] == answer
    package = demo.client("sagemaker").describe_model_package(
        ModelPackageName=f"arn:aws:sagemaker:eu-west-1:111111111111:model-package/dev-images/{summary['model_version']}"
    )
    assert package["CustomerMetadataProperties"]["TrainingJobName"] == summary["result"]["best"]["training_job"]


@pytest.mark.end_to_end
def test_the_first_notebook_shows_a_picture_and_asks_about_one(demo: Workplace, tmp_path: Path) -> None:
    (first,) = notebook.start(demo, "data-scientist", tmp_path)
    said = notebook.run(first, demo.somebody_like("dev", "Studio user data-scientist, data scientist"))
    assert "with an approved model: images. This is images." in said
    assert "a picture of " in said
    assert "macro_f1" in said
    assert re.search(r"In the data it is (spots|stripes)\. The model says: .*\"predicted_label\": \"", said), said


def test_a_worse_run_is_not_registered(demo: Workplace) -> None:
    summary = demo.summary("images")
    experiment = summary["result"]["experiment"]
    options = ("-H", "epochs=1", "-H", "image-size=72", "-H", "augment=false", "--experiment", experiment)
    started = demo.done("steps", "start", "images", *options)
    done = demo.done("steps", "wait", "images", started["execution_id"])
    assert [state["name"] for state in done["states"]] == [*STATES, "NotBetter"]
    assert done["comparison"]["is_best"] is False


def test_a_picture_that_is_none_fails_the_run_by_its_name(demo: Workplace) -> None:
    folder = demo.folder / "broken"
    demo.done("data", "generate", "images", str(folder), "--rows", "20")
    (folder / "stripes/0001.png").write_bytes(b"no picture")
    demo.done("data", "publish", "images", str(folder))
    started = demo.done("steps", "start", "images")
    done = demo.mdlc("steps", "wait", "images", started["execution_id"])
    assert done.code == 1
    assert "stripes/0001.png is no PNG or JPEG picture" in done.said
    assert [state["name"] for state in done.answer["states"]] == ["Validate", "Preprocessing", "RunFailed"]
