"""Recording in MLflow's own store: once each, completely, with one best."""

import math
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from experiments.recorder import highest, mark_best, record
from experiments.run import Dataset, Point, Run, Status, Tag
from experiments.tracking import Tracking, TrackingError
from tests.lambda_.experiments.mlflow_app import App

pytestmark = pytest.mark.slow
BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
RUN = Run(
    arn="arn:aws:states:eu-west-1:111122223333:execution:dev-census:one",
    experiment="dev-census/census",
    name="one",
    status=Status.FINISHED,
    started=BEGAN,
    ended=BEGAN + timedelta(seconds=90),
    parameters={"eta": "0.1", "objective": "binary:logistic"},
    metrics={"roc_auc": 0.875, "train Loss": 0.25},
    series={"train Loss": (Point(0, 1, 0.5), Point(1, 2, math.nan), Point(2, 3, 1e-05))},
    tags={Tag.COMMENT: "first", Tag.REASON: "", Tag.IS_BEST: "false"},
    datasets=(Dataset("data", "0123456789abcdef", "s3://data/census/versions/0123456789abcdef"),),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    return App(tmp_path_factory.mktemp("mlflow"))


@pytest.fixture
def tracking(app: App) -> Tracking:
    return Tracking(app)


@pytest.fixture
def run() -> Run:
    """A run in an experiment of its own."""
    return replace(RUN, experiment=f"dev-census/{uuid.uuid4().hex}")


def test_all_of_a_run_is_recorded(run: Run, tracking: Tracking) -> None:
    tracked = record(tracking, run)
    [found] = tracking.runs([tracked.experiment_id])
    assert (found.name, found.status, found.started, found.ended) == ("one", "FINISHED", run.started, run.ended)
    assert found.parameters == run.parameters
    assert found.metrics == {"roc_auc": 0.875, "train Loss": 1e-05}
    assert found.tags[Tag.COMMENT] == "first"
    assert Tag.REASON not in found.tags
    first, second, third = tracking.history(found.id, "train Loss")
    assert (first, third) == (Point(0, 1, 0.5), Point(2, 3, 1e-05))
    assert math.isnan(second.value)


def test_runs_on_one_data_set_are_recorded_at_once(run: Run, tracking: Tracking) -> None:
    runs = [replace(run, arn=f"{run.arn}-{number}", name=str(number)) for number in range(8)]
    with ThreadPoolExecutor(len(runs)) as pool:
        recorded = list(pool.map(lambda each: record(tracking, each), runs))
    found = tracking.runs([recorded[0].experiment_id])
    assert sorted((each.name, each.status) for each in found) == [(each.name, "FINISHED") for each in runs]


def test_the_same_event_twice_is_one_run(run: Run, tracking: Tracking, app: App) -> None:
    first = record(tracking, run)
    written = len(app.requests)
    assert record(tracking, run).id == first.id
    assert {path for _, path in app.requests[written:]} == {
        "/api/2.0/mlflow/experiments/get-by-name",
        "/api/2.0/mlflow/runs/search",
    }


def test_the_same_event_many_times_at_once_is_one_run(run: Run, tracking: Tracking) -> None:
    def deliver(_: int) -> None:
        for _attempt in range(3):  # as Lambda does where the run that it writes to was deleted as a double
            with suppress(TrackingError):
                record(tracking, run)
                return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(deliver, range(4)))
    experiment = tracking.experiment(run.experiment)
    assert experiment is not None
    [found] = tracking.runs([experiment.id])
    assert found.tags[Tag.RECORDED] == "true"
    assert len(tracking.history(found.id, "train Loss")) == 3


@pytest.mark.parametrize("lost", ["experiments/create", "runs/create", "runs/log-batch", "runs/update", "runs/set-tag"])
def test_a_recording_that_breaks_off_is_completed(run: Run, tracking: Tracking, app: App, lost: str) -> None:
    app.lost.add(f"/api/2.0/mlflow/{lost}")
    with pytest.raises(TrackingError):
        record(tracking, run)
    tracked = record(tracking, run)
    [found] = tracking.runs([tracked.experiment_id])
    assert found.tags[Tag.RECORDED] == "true"
    assert found.metrics == {"roc_auc": 0.875, "train Loss": 1e-05}
    assert found.status == "FINISHED"


def best(tracking: Tracking, experiment: str) -> set[str]:
    return {run.name for run in tracking.runs([experiment], "tags.is_best = 'true'")}


def test_a_better_run_takes_the_mark_whichever_event_comes_first(run: Run, tracking: Tracking) -> None:
    other = replace(run, arn="two", name="two")
    experiment = record(tracking, other).experiment_id
    mark_best(tracking, experiment, lambda: "two")
    assert best(tracking, experiment) == {"two"}
    record(tracking, run)  # an older event, late
    mark_best(tracking, experiment, lambda: "two")
    assert best(tracking, experiment) == {"two"}
    mark_best(tracking, experiment, lambda: run.arn)
    assert best(tracking, experiment) == {"one"}


def test_the_best_may_change_while_it_is_marked(run: Run, tracking: Tracking) -> None:
    record(tracking, replace(run, arn="two", name="two"))
    experiment = record(tracking, run).experiment_id
    told = iter([run.arn, "two", "two"])
    mark_best(tracking, experiment, lambda: next(told))
    assert best(tracking, experiment) == {"two"}


def test_no_best_marks_nothing(run: Run, tracking: Tracking) -> None:
    experiment = record(tracking, run).experiment_id
    mark_best(tracking, experiment, lambda: None)
    assert best(tracking, experiment) == set()


def test_the_highest_finished_run_is_found_and_of_equal_ones_the_first(run: Run, tracking: Tracking) -> None:
    for name, value, status in (
        ("low", 0.5, Status.FINISHED),
        ("first", 0.9, Status.FINISHED),
        ("equal", 0.9, Status.FINISHED),
        ("failed", 0.95, Status.FAILED),
        ("undefined", math.nan, Status.FINISHED),
    ):
        later = timedelta(seconds={"first": 1, "equal": 2}.get(name, 0))
        run = replace(
            run, arn=name, name=name, started=BEGAN + later, status=status, metrics={"test:accuracy": value}, series={}
        )
        experiment = record(tracking, run).experiment_id
    assert highest(tracking, experiment, "test:accuracy") == "first"
    assert highest(tracking, experiment, "roc_auc") is None


def test_what_is_too_long_for_mlflow_is_cut(run: Run, tracking: Tracking) -> None:
    long = replace(
        run,
        parameters={f"p{number}": "x" * 9000 for number in range(120)},
        series={"loss": tuple(Point(step, step, step) for step in range(2500))},
        tags={Tag.REASON: "r" * 9000},
    )
    tracked = record(tracking, long)
    [found] = tracking.runs([tracked.experiment_id])
    assert len(found.parameters) == 120
    assert {len(value) for value in found.parameters.values()} == {6000}
    assert len(tracking.history(found.id, "loss")) == 2500
    assert len(found.tags[Tag.REASON]) == 5000
