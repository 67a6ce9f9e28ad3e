"""The page of a state machine's runs: the best one, what made it, and words in place of AWS's constants."""

import io
import json
import tarfile
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mdlc.client import artifacts
from mdlc.client.artifacts import Artifacts, Mistake
from mdlc.client.aws import Cloud
from mdlc.client.deployed import Deployed
from mdlc.client.registry import ModelVersion, Rollout
from mdlc.client.steps import Run, State
from mdlc.report import resources, runs
from mdlc.report.resources import Place, Resource
from mdlc.report.runs import Experiment
from mdlc.report.summary import Prediction, Timed, Way
from mdlc.systems import CENSUS, IMAGES
from tests.mdlc.fake_aws import NOW, FakeAws
from tests.mdlc.report.documents import EVALUATION, EXPLANATIONS, ORIGIN
from tests.mdlc.report.pages import Page

ARN = "arn:aws:states:eu-west-1:111111111111:execution:dev-census"
PICTURES: dict[str, Any] = {
    "classification_metrics": {
        name: {"value": 0.75} for name in ("accuracy", "macro_precision", "macro_recall", "macro_f1")
    },
    "multiclass_classification_metrics": {
        "confusion_matrix": {"spots": {"spots": 3, "stripes": 1}, "stripes": {"spots": 1, "stripes": 3}}
    },
}
EPOCH = {"train_loss": 0.5, "val_loss": 0.25, "train_accuracy": 0.5, "val_accuracy": 0.75}
PIXEL = "data:image/png;base64,iVBORw0KGgo="
WAY = Way((Timed("train: one tree", "done", 3.0),), (), 2.0, 8.0)


def run(name: str, value: float, *, best: bool) -> Run:
    given = {
        "ExperimentName": "trees",
        "Comment": f"{name} tree",
        "Hyperparameters": {"num_round": "1", "max_depth": "3"},
        "TrainingJobName": f"{name}-train",
        "DataVersion": "0123456789abcdef",
        "ScriptVersion": "fedcba9876543210",
    }
    comparison = {"is_best": best, "metric": "roc_auc", "value": value, "evaluation": f"s3://artifacts/{name}/e.json"}
    result = {"Comparison": comparison, "Training": {"Model": f"s3://artifacts/{name}/output/model.tar.gz"}}
    ended = NOW + timedelta(seconds=3)
    return Run(f"{ARN}:{name}", "dev-census", "SUCCEEDED", NOW, ended, given, result, "", "", (State("Train", 1.5),))


def failed(name: str) -> Run:
    return replace(run(name, 0.0, best=False), status="FAILED", result={}, error="JobFailed", cause="no rows")


RUNS = (run("one", 0.6821, best=True), run("two", 0.8123, best=True))
BEST = {
    "metric": "roc_auc",
    "value": 0.8123,
    "comment": "two tree",
    "execution": RUNS[1].arn,
    "execution_id": "two",
    "model": "s3://artifacts/two/model.tar.gz",
    "evaluation": "s3://artifacts/two/evaluation.json",
}


def experiment(**changes: Any) -> Experiment:
    evaluations = ({"m": {"roc_auc": {"value": 0.6821}}}, EVALUATION)
    found = [Artifacts(run=each, evaluation=known) for each, known in zip(RUNS, evaluations, strict=True)]
    made = Experiment(
        system=CENSUS,
        environment="dev",
        place=Place("AWS (eu-west-1)", [Resource("dev-steps", "Runs", "AWS::DynamoDB::Table", "created")]),
        made_at=NOW,
        name="trees",
        runs=found,
        best=BEST,
        origin=ORIGIN,
    )
    return replace(made, **changes)


def pictures(**changes: Any) -> Experiment:
    """Two runs of the classifier of pictures; both are registered, the second serves."""
    package = "arn:aws:sagemaker:eu-west-1:1:model-package/dev-images/1"
    registered = replace(RUNS[0], result={**RUNS[0].result, "Registration": {"ModelPackageArn": package}})
    left: dict[str, Any] = {
        "epochs": [EPOCH, EPOCH],
        "final": {"train:loss": 0.5},
        "evaluation": PICTURES,
        "mistakes": [Mistake("a.png", "spots", "stripes", 0.9, PIXEL)],
        "mistake_count": 2,
    }
    return experiment(
        system=IMAGES,
        runs=[Artifacts(run=registered, **left), Artifacts(run=RUNS[1], **left)],
        registers=True,
        model=ModelVersion(2, "arn", "Approved", NOW, {}, Rollout("serving")),
        prediction=Prediction(
            "images/predictions", {"file": "spots.png"}, {"predictions": [{"predicted_label": "spots"}]}, 0.1
        ),
        way=WAY,
        **changes,
    )


def page(shown: Experiment) -> Page:
    return Page(runs.render(shown))


def test_the_best_run_has_its_matrix_its_curves_and_what_made_it() -> None:
    shown = page(experiment())
    assert shown.row("actual up to 50,000") == ["actual up to 50,000", "79 92.9%", "6 7.1%"]
    assert shown.row("hyperparameters") == ["hyperparameters", "eta 0.1, max_depth 2"]
    assert "Area 0.8123 on 90 test rows, 5 of them positive." in shown.text
    assert "Average precision 0.1787" in shown.text


def test_words_stand_in_place_of_constants() -> None:
    shown = page(experiment())
    first = ["one", "one tree", "num_round 1, max_depth 3", "2026-11-21 12:00:00 UTC", "3.0 s", "0.6821"]
    assert shown.row("one") == [*first, "", "", "best so far"]
    assert shown.row("best two")[-4:] == ["0.8123", "0.2500", "0.4000", "best so far"]
    assert "SUCCEEDED" not in shown.text
    assert "is_best" not in shown.text


def test_an_evaluation_without_a_matrix_leaves_it_out() -> None:
    assert "Confusion matrix" not in page(experiment(runs=[Artifacts(run=each) for each in RUNS])).text


def test_what_explains_the_best_run_is_shown() -> None:
    explained = [Artifacts(run=each, evaluation=EVALUATION, explanations=EXPLANATIONS) for each in RUNS]
    assert "What the model looks at" in page(experiment(runs=explained)).text
    assert "What the model looks at" not in page(experiment()).text


def test_title_and_axis_agree() -> None:
    text = page(pictures()).text
    assert "Loss of the best run, by epoch" in text
    assert "1 2 epoch" in text
    assert " step " not in text


def test_a_version_says_that_it_was_registered_without_a_gate() -> None:
    shown = page(pictures())
    assert (shown.row("run")[-1], shown.row("one")[-1]) == ("registered, without a gate", "version 1")
    assert page(pictures()).row("best two")[-1] == "not registered"
    assert "There is no gate" in page(pictures()).text
    assert "There is no gate" not in page(experiment()).text


def test_a_classifier_of_pictures_has_its_matrix_its_mistakes_and_what_is_served() -> None:
    shown = page(pictures())
    assert shown.row("actual spots") == ["actual spots", "3 75.0%", "1 25.0%"]
    assert shown.row("code") == ["code", "scripts fedcba9876543210; image tabular, version 7f3a"]
    for words in ("2 of 8", "the surest 1", "model version 2 Approved, serving", "answered in 0.1 s. spots"):
        assert words in shown.text, words


def test_a_run_that_failed_says_why_and_an_experiment_without_a_best_has_no_model() -> None:
    broken = failed("three")
    shown = page(experiment(runs=[Artifacts(run=broken)], best=None, origin=None, asked=broken))
    assert "JobFailed: no rows" in shown.text
    assert "failed: JobFailed: no rows" in shown.row("three")[-1]
    assert "No run of the experiment was evaluated." in shown.text
    assert "runs 1 1 did not succeed" in shown.text


def test_the_summary_is_that_of_every_demo() -> None:
    found = experiment(way=WAY).summary().as_json()
    assert (found["system"], found["metrics"], found["run_seconds"]) == ("census", {"roc_auc": 0.8123}, 8.0)
    assert found["steps"] == [{"name": "train: one tree", "status": "done", "seconds": 3.0}]
    assert found["result"]["experiment"] == "trees"
    alone = experiment().summary().as_json()
    assert alone["steps"][0] == {"name": "one", "status": "SUCCEEDED", "seconds": 3.0}
    assert alone["run_seconds"] is None
    assert list(found) == list(alone)


def archive(**documents: object) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, document in documents.items():
            content = json.dumps(document).encode()
            entry = tarfile.TarInfo(f"{name}.json")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


@pytest.fixture
def left(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    """What the second run left in S3, and in the table of runs."""
    aws.objects |= {
        "artifacts/one/e.json": b"{}",
        "artifacts/two/e.json": json.dumps(EVALUATION).encode(),
        "artifacts/two/analysis.json": json.dumps(EXPLANATIONS).encode(),
        "artifacts/two/output/output.tar.gz": archive(
            history={"hyperparameters": {"num_round": 300, "objective": ""}, "epochs": [EPOCH]}, other=["x"]
        ),
    }
    aws.stacks["dev-steps"] = {"CensusRunsTableName": "runs"}
    aws.answers["DescribeTrainingJob"] = lambda given: {
        "TrainingJobName": given["TrainingJobName"],
        "FinalMetricDataList": [{"MetricName": "train:auc", "Value": 0.9, "Timestamp": NOW}],
    }
    item = {"Metric": "roc_auc", "Execution": RUNS[1].arn, "TrainingJobName": "two-train", "Model": "m"}
    texts = item | {"Evaluation": "e", "DataVersion": "d", "ScriptVersion": "s", "Comment": "c"}
    aws.answers["GetItem"] = lambda _: {
        "Item": {"Value": {"N": "0.8123"}, **{name: {"S": value} for name, value in texts.items()}}
    }
    monkeypatch.setattr(resources, "find", lambda *_: Place("AWS"))
    return aws


def test_it_is_read_of_what_the_runs_left(left: FakeAws) -> None:
    found = runs.read(Deployed(Cloud(), CENSUS, "dev"), [*RUNS, failed("three")])
    assert (found.name, found.best and found.best["execution"]) == ("trees", RUNS[1].arn)
    assert found.origin is not None
    assert (found.origin.data, found.origin.scripts) == ("0123456789abcdef", "fedcba9876543210")
    one, two, three = found.runs
    assert two.metrics["roc_auc"] == 0.8123
    assert (two.explanations, two.epochs, two.final) == (EXPLANATIONS, [EPOCH], {"train:auc": 0.9})
    assert (one.explanations, one.epochs, one.mistake_count) == (None, (), None)
    assert (three.metrics, three.final) == ({}, {})
    assert [each["TrainingJobName"] for each in left.called("DescribeTrainingJob")] == [
        "one-train",
        "two-train",
        "two-train",
    ]


@pytest.mark.usefixtures("left")
def test_a_training_job_tells_what_it_really_used() -> None:
    assert artifacts.read_used(Cloud(), "s3://artifacts/two/output/model.tar.gz") == {
        "num_round": "300",
        "objective": "",
    }
    assert artifacts.read_used(Cloud(), "s3://artifacts/one/output/model.tar.gz") == {}
    assert artifacts.read_used(Cloud(), "") == {}
