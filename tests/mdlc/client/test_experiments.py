"""mdlc runs: lists, the best, and what changed, on MLflow's own store."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments.recorder import record
from experiments.run import Point, Run, Status, Tag
from experiments.tracking import TrackedRun, Tracking
from mdlc.client import experiments
from mdlc.client.experiments import Change, Recorded, compare
from mdlc.errors import CommandError
from tests.lambda_.experiments.mlflow_app import App
from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import FakeAws

BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
RUN = Run(
    arn="arn:1",
    experiment="dev-census/census",
    name="one",
    status=Status.FINISHED,
    started=BEGAN,
    ended=BEGAN + timedelta(seconds=30),
    parameters={"max_depth": "3", "eta": "0.1"},
    metrics={"roc_auc": 0.8, "loss": 0.5},
    series={"train-auc": (Point(0, 1, 0.5), Point(1, 2, 0.75))},
    tags={Tag.DATA_VERSION: "a" * 16, Tag.CODE_VERSION: "c" * 16, Tag.IS_BEST: "false", Tag.COMMENT: "first"},
)
RUNS = (
    RUN,
    replace(
        RUN,
        arn="arn:2",
        name="two",
        started=BEGAN + timedelta(minutes=1),
        parameters={"max_depth": "4", "eta": "0.1", "seed": "7"},
        metrics={"roc_auc": 0.9, "loss": 0.25},
        tags={**RUN.tags, Tag.DATA_VERSION: "b" * 16, Tag.IS_BEST: "true", Tag.COMMENT: "deeper"},
    ),
    replace(RUN, arn="arn:3", name="three", started=BEGAN + timedelta(minutes=2), metrics={"roc_auc": 0.9}),
    replace(
        RUN, arn="arn:4", name="four", started=BEGAN + timedelta(minutes=3), status=Status.FAILED, metrics={}, series={}
    ),
    replace(RUN, arn="arn:5", name="other", experiment="dev-fraud", metrics={"roc_auc": 0.99}),
    replace(RUN, arn="arn:6", name="alone", experiment="mine", metrics={"loss": 0.1}),
)


def recorded(parameters: Mapping[str, str], tags: Mapping[str, str]) -> Recorded:
    run = TrackedRun(
        id="1",
        experiment_id="1",
        name="run",
        status="FINISHED",
        started=BEGAN,
        ended=BEGAN,
        parameters=parameters,
        metrics={},
        tags=tags,
    )
    return Recorded("dev-census/census", run)


def test_what_changed_is_told_apart_from_what_did_not() -> None:
    changes = compare(
        [
            recorded({"eta": "0.1", "max_depth": "3"}, {"data_version": "a", "code_version": "c"}),
            recorded({"eta": "0.1", "max_depth": "4", "seed": "7"}, {"data_version": "b", "code_version": "c"}),
            recorded({"eta": "0.1", "max_depth": "3"}, {"data_version": "a", "code_version": "c"}),
        ]
    )
    assert changes.origins == (Change("data_version", ("a", "b", "a")),)
    assert changes.parameters == (
        Change("max_depth", ("3", "4", "3"), (False, False, False)),
        Change("seed", (None, "7", None), (True, False, True)),
    )
    assert changes.same == {"eta": "0.1"}


def test_a_parameter_that_was_not_given_has_what_the_training_job_used() -> None:
    changes = compare(
        [
            recorded({"num_round": "1", "eta": "1"}, {}),
            recorded({"num-classes": "3"}, {}),
        ],
        [{"num_round": "1", "num_classes": "2"}, {"num_round": "300", "eta": "1.0"}],
    )
    assert changes.parameters == (
        Change("num_round", ("1", "300"), (False, True)),
        Change("num-classes", ("2", "3"), (True, False)),
    )
    assert changes.same == {"eta": "1"}


def test_one_run_is_no_comparison() -> None:
    with pytest.raises(CommandError, match="two runs or more"):
        compare([recorded({}, {})])


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    app = App(tmp_path_factory.mktemp("mlflow"))
    for run in RUNS:
        record(Tracking(app), run)
    return app


@pytest.fixture
def mlflow(aws: FakeAws, app: App, monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    """An environment with the recorded runs."""
    arn = "arn:aws:sagemaker:eu-west-1:111111111111:mlflow-app/app-1"
    aws.stacks["dev-experiments"] = {"MlflowAppArn": arn}

    def transport(_session: object, to: str, _endpoint: str | None) -> App:
        assert to == arn
        return app

    monkeypatch.setattr(experiments, "SignedTransport", transport)
    return aws


def names(stdout: str) -> list[str]:
    return [run["name"] for run in json.loads(stdout)["runs"]]


@pytest.mark.slow
def test_runs_are_listed_by_system_the_newest_first(mlflow: FakeAws, mdlc: Mdlc) -> None:
    del mlflow
    assert names(mdlc("runs", "list", "census", "--json").stdout) == ["four", "three", "two", "one"]
    assert names(mdlc("runs", "list", "census", "--limit", "2", "--json").stdout) == ["four", "three"]
    assert names(mdlc("runs", "list", "fraud", "--json").stdout) == ["other"]
    assert names(mdlc("runs", "list", "jobs", "--json").stdout) == ["alone"]
    assert names(mdlc("runs", "list", "knn", "--json").stdout) == []
    two = json.loads(mdlc("runs", "list", "census", "--experiment", "census", "--json").stdout)["runs"][2]
    assert (two["is_best"], two["data_version"], two["comment"]) == (True, "b" * 16, "deeper")
    assert "two    finished  0.9000   yes" in mdlc("runs", "list", "census").stdout


@pytest.mark.slow
def test_the_best_run_is_the_first_with_the_best_value(mlflow: FakeAws, mdlc: Mdlc) -> None:
    del mlflow
    best = json.loads(mdlc("runs", "best", "census", "--json").stdout)
    assert (best["name"], best["metric"], best["value"]) == ("two", "roc_auc", 0.9)
    assert json.loads(mdlc("runs", "best", "census", "--metric", "loss", "--json").stdout)["name"] == "one"
    lowest = mdlc("runs", "best", "census", "--metric", "loss", "--lowest", "--json")
    assert json.loads(lowest.stdout)["name"] == "two"


@pytest.mark.slow
def test_a_comparison_says_what_changed_and_writes_a_page(mlflow: FakeAws, mdlc: Mdlc, tmp_path: Path) -> None:
    del mlflow
    page = tmp_path / "new" / "page.html"
    done = mdlc("runs", "compare", "census", "one", "two", "--output", str(page), "--json")
    assert json.loads(done.stdout)["changed"] == {
        "data_version": ["a" * 16, "b" * 16],
        "parameters": {"max_depth": ["3", "4"], "seed": [None, "7"]},
    }
    assert json.loads(done.stdout)["page"] == str(page)
    assert "max_depth" in page.read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("list", "nope"), "There is no system 'nope': runs are recorded of census, fraud, images, knn, jobs."),
        (("list", "census", "--experiment", "x"), "census has no experiment 'x': there is dev-census/census."),
        (("best", "census", "--metric", "x"), "No run of census has a metric 'x': there are loss, roc_auc, train-auc."),
        (("best", "knn"), "knn has no finished run."),
        (("best", "jobs"), "Say which metric decides: there are loss, train-auc."),
        (("compare", "census", "one", "x"), "census has no run 'x': there are four, three, two, one."),
        (("compare", "census", "one"), "Name two different runs or more"),
        (("compare", "census", "one", "one"), "Name two different runs or more"),
    ],
)
def test_wrong_usage_names_what_there_is(
    arguments: tuple[str, ...], sentence: str, mlflow: FakeAws, mdlc: Mdlc
) -> None:
    del mlflow
    done = mdlc("runs", *arguments)
    assert done.code == 2
    assert sentence in done.stderr


def test_an_environment_without_experiments_is_named(aws: FakeAws, mdlc: Mdlc) -> None:
    del aws
    done = mdlc("runs", "list", "census")
    assert (done.code, "has no MLflow app that records runs" in done.stderr) == (2, True)


def test_mlflows_client_gets_the_arn_on_aws_and_an_address_on_the_local_cloud(
    aws: FakeAws, mdlc: Mdlc, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = "arn:aws:sagemaker:eu-west-1:111111111111:mlflow-app/app-1"
    aws.stacks["dev-experiments"] = {"MlflowAppArn": arn}

    def variables() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(mdlc("runs", "env", "--json").stdout)
        return found

    assert variables() == {"MLFLOW_TRACKING_URI": arn}
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert variables()["MLFLOW_TRACKING_URI"] == "http://127.0.0.1:4566/_mdlc/mlflow/eu-west-1/app-1"
    assert variables()["MLFLOW_TRACKING_PASSWORD"] == "secret"
