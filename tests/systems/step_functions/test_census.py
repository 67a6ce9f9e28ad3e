"""The Step Functions pipeline end to end on the local cloud: one best run, and all that may go wrong with a run."""

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mdlc.systems import CENSUS, SCRIPTS
from tests.systems.workplace import Done, Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
STATES = ["Validate", "Preprocessing", "Training", "Evaluation", "Compare"]


@pytest.fixture(scope="module")
def census(demo: Workplace) -> Workplace:
    """The folder of the demo, with a small census published last."""
    folder = Path("small-census")
    demo.done("data", "generate", "census", str(folder), "--rows", "600", "--seed", "3")
    demo.done("data", "publish", "census", str(folder))
    return demo


def run(census: Workplace, *arguments: str) -> Done:
    """Start a run and wait for its end."""
    started = census.done("steps", "start", "census", *arguments)
    return census.mdlc("steps", "wait", "census", started["execution_id"])


@pytest.mark.end_to_end
def test_the_demo_flips_the_best_once(demo: Workplace) -> None:
    folder = demo.folder / "build" / "demo" / "steps"
    summary = demo.summary("steps")
    assert [step["status"] for step in summary["steps"]] == ["done"] * len(summary["steps"])
    assert summary["resources"]["created"] > 0
    assert summary["resources"]["refused"] == 0
    runs, best = summary["result"]["runs"], summary["result"]["best"]
    assert [[state["name"] for state in run["states"]] for run in runs] == [STATES] * 3
    assert [run["comparison"]["is_best"] for run in runs] == [True, True, False]
    assert best["execution"] == runs[1]["execution"]
    assert best["value"] == runs[1]["comparison"]["value"] > runs[0]["comparison"]["value"]
    assert summary["metrics"] == {"roc_auc": best["value"]}
    page = (folder / "report.html").read_text()
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", page)
    assert all(run["execution_id"] in page for run in runs)
    evaluation = demo.client("s3").get_object(
        Bucket=demo.output("dev-storage", "ArtifactBucketName"), Key=best["evaluation"].split("/", 3)[3]
    )
    report = json.loads(evaluation["Body"].read())
    assert report["classification_metrics"]["roc_auc"]["value"] == best["value"]
    asked = demo.done("steps", "best", "census", "--experiment", best["experiment"])
    assert asked == best


@pytest.mark.end_to_end
def test_the_runs_of_the_demo_are_in_mlflow_with_the_best_as_in_the_table(demo: Workplace, tmp_path: Path) -> None:
    summary = demo.summary("steps")
    names = [run["execution_id"] for run in summary["result"]["runs"]]
    experiment = f"dev-census/{summary['result']['experiment']}"
    assert summary["recorded"] == [{"experiment": experiment, "run": name} for name in names]
    recorded = [demo.recorded("census", name) for name in names]
    assert [run["is_best"] for run in recorded] == [False, True, False]
    best = demo.done("runs", "best", "census", "--experiment", experiment)
    assert (best["arn"], best["value"]) == (summary["result"]["best"]["execution"], summary["result"]["best"]["value"])
    for run, made in zip(recorded, summary["result"]["runs"], strict=True):
        given = made["input"]
        assert (run["comment"], run["data_version"], run["code_version"], run["training_job"]) == (
            given["Comment"],
            given["DataVersion"],
            given["ScriptVersion"],
            given["TrainingJobName"],
        )
        assert run["parameters"].items() >= given["Hyperparameters"].items()
        assert run["metrics"]["roc_auc"] == made["comparison"]["value"]
    page = tmp_path / "comparison.html"
    compared = demo.done("runs", "compare", "census", *names[:2], "--output", str(page))
    assert compared["changed"] == {"parameters": {"num_round": ["1", "150"], "max_depth": ["1", "3"]}}
    shown = page.read_text()
    assert 'class="line run-1"' in shown
    assert shown.count('<table class="matrix">') == 2
    assert "predicted above 50,000" in shown


def test_eight_runs_at_once_leave_one_best(census: Workplace) -> None:
    experiment = f"crowd-{uuid.uuid4().hex[:8]}"

    def one(number: int) -> Done:
        options = ("-H", f"num_round={1 + number}", "-H", "nfold=2", "--experiment", experiment)
        return run(census, *options)

    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(one, range(8)))
    assert [done.code for done in runs] == [0] * 8, [done.said for done in runs]
    values = {done.answer["execution"]: done.answer["comparison"]["value"] for done in runs}
    best = census.done("steps", "best", "census", "--experiment", experiment)
    assert best["value"] == max(values.values()) == values[best["execution"]]
    recorded = [census.recorded("census", done.answer["execution_id"]) for done in runs]
    until(
        lambda: [run["arn"] for run in listed(census, experiment) if run["is_best"]] == [best["execution"]],
    )
    assert {run["arn"] for run in recorded} == values.keys()


def test_a_failing_training_ends_in_the_fail_state_with_its_cause(census: Workplace) -> None:
    done = run(census, "-H", "num_round=0")
    assert done.code == 1
    assert "num_round must be at least 1" in done.said
    assert done.answer["status"] == "FAILED"
    assert [state["name"] for state in done.answer["states"]] == [*STATES[:3], "RunFailed"]


def test_throttled_requests_are_made_again_until_there_were_too_many(census: Workplace) -> None:
    def throttle(operation: str, times: int) -> None:
        census.done("local", "fail", operation, "--with", "throttle", "--times", str(times))

    throttle("CreateProcessingJob", 1)
    throttle("CreateTrainingJob", 2)
    done = run(census, "-H", "num_round=1", "-H", "nfold=2")
    assert done.code == 0, done.said
    throttle("CreateProcessingJob", 99)
    try:
        done = run(census, "-H", "num_round=1", "-H", "nfold=2")
    finally:
        census.done("local", "fail", "clear")
    assert done.code == 1
    assert "SageMaker.AmazonSageMakerException: Rate exceeded" in done.said
    assert "ThrottlingException" in done.said
    assert [state["name"] for state in done.answer["states"]] == ["Validate", "Preprocessing", "RunFailed"]
    wrong = census.mdlc("local", "fail", "StartTraining")
    assert (wrong.code, "StartTraining" in wrong.said) == (2, True)


def test_what_an_earlier_run_took_is_refused_before_anything_starts(census: Workplace) -> None:
    name = f"once-{uuid.uuid4().hex[:8]}"
    first = run(census, "-H", "num_round=1", "-H", "nfold=2", "--name", name)
    assert first.code == 0, first.said
    machine = census.output("dev-steps", "CensusStateMachineArn")
    states = census.client("stepfunctions")

    def refused(**change: Any) -> str:
        given = {key: value for key, value in {**first.answer["input"], **change}.items() if value is not None}
        arn = states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
        done = census.mdlc("steps", "wait", "census", arn)
        assert done.code == 1
        assert [state["name"] for state in done.answer["states"]] == ["Validate", "InputRefused"]
        return str(done.answer["reason"])

    fresh = {
        key: f"dev-census-{uuid.uuid4().hex[:8]}-{key[:4].lower()}"
        for key in ("PreprocessingJobName", "TrainingJobName", "EvaluationJobName")
    }
    assert f"PreprocessingJobName 'dev-census-{name}-prepare' was used before" in refused()
    assert f"OutputPrefix '{name}' was used before" in refused(**fresh)
    assert "lacks Comment" in refused(Comment=None)
    assert "unknown key 'Colour'" in refused(Colour="red")
    assert "is not published" in refused(DataVersion="0" * 16)
    again = census.mdlc("steps", "start", "census", "--name", name)
    assert (again.code, f"There was a run {name} before" in again.said) == (2, True)


def test_scripts_vary_without_a_deployment_and_malformed_output_is_a_failure(census: Workplace, tmp_path: Path) -> None:
    for name in SCRIPTS:
        assert CENSUS.scripts is not None
        (tmp_path / name).write_text((CENSUS.scripts / name).read_text())
    (tmp_path / "evaluate.py").write_text(
        "import os\nfrom pathlib import Path\n"
        'base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))\n'
        '(base / "processing/output/evaluation/evaluation.json").write_text("{}")\n'
    )
    done = run(census, "-H", "num_round=1", "-H", "nfold=2", "--scripts", str(tmp_path))
    assert done.code == 1
    assert "has no classification_metrics.roc_auc.value" in done.said
    assert done.answer["states"][-1]["name"] == "RunFailed"


@pytest.fixture
def impatient(census: Workplace) -> Iterator[None]:
    """The machine with a training task that times out after a second."""
    states, machine = census.client("stepfunctions"), census.output("dev-steps", "CensusStateMachineArn")
    definition = states.describe_state_machine(stateMachineArn=machine)["definition"]
    changed = json.loads(definition)
    changed["States"]["Training"]["TimeoutSeconds"] = 1
    states.update_state_machine(stateMachineArn=machine, definition=json.dumps(changed))
    yield
    states.update_state_machine(stateMachineArn=machine, definition=definition)


SLOW = ("-H", "num_round=5000", "-H", "nfold=40", "-H", "early_stopping_rounds=5000")
"""A training of minutes, which no test waits for."""


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def listed(census: Workplace, experiment: str) -> list[Any]:
    """The runs of an experiment in MLflow."""
    runs: list[Any] = census.done("runs", "list", "census", "--experiment", experiment)["runs"]
    return runs


def training(census: Workplace, execution: str) -> str:
    """Status of the training job of a run."""
    job = census.client("sagemaker").describe_training_job(TrainingJobName=f"dev-census-{execution}-train")
    return str(job["TrainingJobStatus"])


def test_a_task_that_times_out_ends_the_run_and_the_job(census: Workplace, impatient: None) -> None:
    del impatient
    done = run(census, *SLOW)
    assert done.code == 1
    assert "States.Timeout" in done.said
    assert done.answer["states"][-1]["name"] == "RunFailed"
    until(lambda: training(census, done.answer["execution_id"]) in {"Stopped", "Failed"})


def test_stopping_a_run_stops_its_job(census: Workplace) -> None:
    started = census.done("steps", "start", "census", *SLOW)["execution_id"]

    def state() -> str:
        return str(census.done("steps", "status", "census", started)["states"][-1]["name"])

    until(lambda: state() == "Training")
    census.done("steps", "stop", "census", started)
    until(lambda: training(census, started) in {"Stopped", "Failed"})
    assert census.done("steps", "status", "census", started)["status"] == "ABORTED"
    assert census.mdlc("steps", "stop", "census", started).code == 2


def test_a_job_that_somebody_stops_fails_the_run(census: Workplace) -> None:
    started = census.done("steps", "start", "census", *SLOW)["execution_id"]
    until(lambda: census.done("steps", "status", "census", started)["states"][-1]["name"] == "Training")
    sagemaker, job = census.client("sagemaker"), f"dev-census-{started}-train"
    until(lambda: job in [s["TrainingJobName"] for s in sagemaker.list_training_jobs()["TrainingJobSummaries"]])
    sagemaker.stop_training_job(TrainingJobName=job)
    done = census.mdlc("steps", "wait", "census", started)
    assert done.code == 1
    assert done.answer["states"][-1]["name"] == "RunFailed"


def test_a_missing_permission_fails_the_run_and_is_named(census: Workplace) -> None:
    iam = census.client("iam")
    machine = census.output("dev-steps", "CensusStateMachineArn")
    states = census.client("stepfunctions")
    role = states.describe_state_machine(stateMachineArn=machine)["roleArn"].rpartition("/")[2]
    denied = {"Effect": "Deny", "Action": "sagemaker:CreateTrainingJob", "Resource": "*"}
    iam.put_role_policy(
        RoleName=role,
        PolicyName="no-training",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [denied]}),
    )
    try:
        done = run(census, "-H", "num_round=1")
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="no-training")
    assert done.code == 1
    assert "sagemaker:CreateTrainingJob" in done.said
    assert "SageMaker.AmazonSageMakerException" in done.said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("start", "fraud", "-H", "eta=1"), "fraud is trained by a SageMaker pipeline"),
        (("start", "census", "-H", "eta"), "'eta' is no parameter"),
        (("start", "census", "--data", "latest"), "'latest' is no version"),
        (("start", "census", "--scripts", "nowhere"), "'nowhere' does not exist"),
        (("status", "census", "nope"), "There is no execution nope"),
        (("best", "census", "--experiment", "none"), "The experiment none has no evaluated run"),
    ],
)
def test_wrong_usage_is_a_sentence_and_exit_code_2(
    arguments: tuple[str, ...], sentence: str, census: Workplace
) -> None:
    done = census.mdlc("steps", *arguments)
    assert done.code == 2
    assert sentence in done.said


@pytest.mark.parametrize(
    ("income", "sentence"),
    [
        ("nan", "census.csv, row 1: the label income must be 0 or 1, it is 'nan'"),
        ("1", "census.csv has 0 rows with the label income = 0: at least 3 are needed"),
    ],
    ids=["nan-target", "one-class"],
)
def test_bad_data_fail_the_run_with_a_sentence(census: Workplace, tmp_path: Path, income: str, sentence: str) -> None:
    """The last test here: what is published last is what runs take that name no version."""
    lines = (census.folder / "small-census" / "census.csv").read_text().splitlines()
    rows = (f"{line.rpartition(',')[0]},{income}" for line in lines[1:])
    (tmp_path / "census.csv").write_text("\n".join([lines[0], *rows]) + "\n")
    version = census.done("data", "publish", "census", str(tmp_path))["version"]
    done = run(census, "--data", version)
    assert done.code == 1
    assert sentence in done.said
    assert "Traceback" not in done.said
    assert [state["name"] for state in done.answer["states"]] == ["Validate", "Preprocessing", "RunFailed"]
