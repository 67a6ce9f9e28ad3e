"""mdlc pipeline with a state machine: the same commands as with a pipeline, and `mdlc steps` as their other name."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mdlc.report import resources
from mdlc.report.resources import Place
from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import NOW, FakeAws

MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:dev-census"
RUN = "arn:aws:states:eu-west-1:111111111111:execution:dev-census:one"
VERSION = "0123456789abcdef"


@pytest.fixture
def census(aws: FakeAws) -> FakeAws:
    aws.stacks["dev-steps"] = {
        "CensusStateMachineArn": MACHINE,
        "CensusJobPrefix": "dev-census-",
        "CensusRunsTableName": "runs",
    }
    aws.stacks["dev-storage"] = {"DataBucketName": "data"}
    aws.objects[f"data/census/versions/{VERSION}/manifest.json"] = b"{}"
    aws.written[f"data/census/versions/{VERSION}/manifest.json"] = NOW
    aws.answers["StartExecution"] = lambda parameters: {
        "executionArn": f"{RUN.rpartition(':')[0]}:{parameters['name']}",
        "startDate": NOW,
    }
    aws.answers["ListExecutions"] = lambda _: {
        "executions": [
            {"executionArn": RUN, "status": "FAILED", "startDate": NOW, "stopDate": NOW, "name": "one"},
            {"executionArn": f"{RUN}-older", "status": "SUCCEEDED", "startDate": NOW, "stopDate": NOW, "name": "old"},
        ]
    }
    return aws


def failed(aws: FakeAws, given: str = "{}") -> None:
    """The run failed in its training, at the second attempt of its preparation."""
    aws.answers["DescribeExecution"] = lambda _: {
        "executionArn": RUN,
        "stateMachineArn": MACHINE,
        "status": "FAILED",
        "startDate": NOW,
        "stopDate": NOW + timedelta(seconds=9),
        "input": given,
        "error": "States.TaskFailed",
        "cause": json.dumps({"FailureReason": "AlgorithmError: num_round must be at least 1"}),
    }
    throttled = {"taskSubmitFailedEventDetails": {"error": "Throttling", "cause": "slow down"}}
    broken = {"taskFailedEventDetails": {"error": "X", "cause": '{"FailureReason": "num_round must be at least 1"}'}}

    def event(kind: str, details: dict[str, Any]) -> dict[str, Any]:
        return {"timestamp": NOW, "type": kind, "id": 1, **details}

    aws.answers["GetExecutionHistory"] = lambda _: {
        "events": [
            event("TaskStateEntered", {"stateEnteredEventDetails": {"name": "Preprocessing"}}),
            event("TaskSubmitFailed", throttled),
            event("TaskSucceeded", {}),
            event("TaskStateExited", {"stateExitedEventDetails": {"name": "Preprocessing"}}),
            event("TaskStateEntered", {"stateEnteredEventDetails": {"name": "Training"}}),
            event("TaskFailed", broken),
            event("TaskStateExited", {"stateExitedEventDetails": {"name": "Training"}}),
            event("FailStateEntered", {"stateEnteredEventDetails": {"name": "RunFailed"}}),
            event("ExecutionFailed", {}),
        ]
    }


@pytest.mark.parametrize("door", ["pipeline", "steps"])
def test_both_names_start_a_run(mdlc: Mdlc, census: FakeAws, door: str) -> None:
    ran = mdlc(door, "start", "census", "-H", "eta=0.1", "-p", "seed=7", "--name", "one", "--json")
    answer = json.loads(ran.stdout)
    assert (ran.code, answer["execution"], answer["execution_id"]) == (0, RUN, "one")
    (started,) = census.called("StartExecution")
    given = json.loads(started["input"])
    assert given == answer["input"]
    assert (given["DataVersion"], given["Hyperparameters"]) == (VERSION, {"eta": "0.1"})
    assert given["PreprocessingParameters"] == {"seed": "7", "test-fraction": "0.2"}
    assert given["TrainingJobName"] == "dev-census-one-train"


def test_a_failed_run_shows_the_state_that_failed_and_why(mdlc: Mdlc, census: FakeAws) -> None:
    failed(census)
    ran = mdlc("pipeline", "status", "census")
    assert ran.code == 0
    assert "dev-census one: FAILED after 9.0 s" in ran.stdout
    lines = {line.split()[0]: line.split()[1:] for line in ran.stdout.splitlines()[2:5]}
    assert lines["Preprocessing"][0] == "Succeeded"
    assert (lines["Training"][0], " ".join(lines["Training"][3:])) == ("Failed", "num_round must be at least 1")
    assert ran.stdout.splitlines()[-1] == ("reason: States.TaskFailed: AlgorithmError: num_round must be at least 1")


def test_an_input_that_is_no_json_is_shown_as_none(mdlc: Mdlc, census: FakeAws) -> None:
    failed(census, "{oops")
    for command in ("status", "wait"):
        ran = mdlc("steps", command, "census", "--json")
        assert json.loads(ran.stdout)["input"] == {}
        assert "Traceback" not in ran.stderr
    assert mdlc("steps", "stop", "census").stderr.endswith("one is FAILED: there is nothing to stop.\n")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--name", "bad name!"), "'bad name!' cannot name a run: use letters, digits, and hyphens between them."),
        (("--name", "ends-"), "'ends-' cannot name a run"),
        (("--name", "x" * 44), "is too long to name a run: it may have 43 characters."),
        (("--experiment", "a/b"), "'a/b' cannot name an experiment"),
        (("--experiment", "x" * 121), "is too long to name an experiment: it may have 120 characters."),
        (("--data", "s3://data/fraud/versions/0123456789abcdef/"), "is no version of census: it begins with"),
        (("-H", "eta"), "'eta' is no parameter: write NAME=VALUE."),
    ],
)
def test_what_a_run_cannot_have_is_refused_before_it_starts(
    mdlc: Mdlc, census: FakeAws, options: tuple[str, ...], sentence: str
) -> None:
    ran = mdlc("pipeline", "start", "census", *options)
    assert ran.code == 2
    assert sentence in ran.stderr
    assert not census.called("StartExecution")


def test_the_longest_name_is_taken(mdlc: Mdlc, census: FakeAws) -> None:
    assert mdlc("pipeline", "start", "census", "--name", "x" * 43).code == 0
    given = json.loads(census.called("StartExecution")[0]["input"])
    assert len(given["EvaluationJobName"]) == 63


def test_the_address_that_publish_prints_is_a_version(mdlc: Mdlc, census: FakeAws) -> None:
    assert mdlc("pipeline", "start", "census", "--data", f"s3://data/census/versions/{VERSION}/").code == 0
    assert json.loads(census.called("StartExecution")[0]["input"])["DataVersion"] == VERSION


def test_options_of_a_state_machine_are_refused_for_a_pipeline(mdlc: Mdlc, aws: FakeAws) -> None:
    aws.stacks["dev-training"] = {"FraudPipelineName": "dev-fraud"}
    ran = mdlc("pipeline", "start", "fraud", "-H", "eta=1", "--comment", "why")
    assert ran.code == 2
    assert ran.stderr.splitlines()[-1] == (
        "mdlc: fraud is trained by a SageMaker pipeline, which takes --data and --parameter: "
        "leave out --hyperparameter and --comment."
    )


def test_runs_are_listed_the_newest_first(mdlc: Mdlc, census: FakeAws) -> None:
    del census
    listed = json.loads(mdlc("pipeline", "list", "census", "--json").stdout)["executions"]
    assert [(each["execution_id"], each["status"]) for each in listed] == [
        ("one", "FAILED"),
        ("one-older", "SUCCEEDED"),
    ]
    assert len(json.loads(mdlc("pipeline", "list", "census", "--limit", "1", "--json").stdout)["executions"]) == 1
    assert "2026-11-21 12:00:00 UTC" in mdlc("pipeline", "list", "census").stdout


@pytest.mark.parametrize("door", ["runs", "steps"])
def test_both_names_of_best_ask_what_the_machine_decided(mdlc: Mdlc, census: FakeAws, door: str) -> None:
    texts = {
        "Key": "experiment/census",
        "Execution": RUN,
        "TrainingJobName": "dev-census-one-train",
        "Metric": "roc_auc",
        "Model": "s3://m",
        "Evaluation": "s3://e",
        "DataVersion": VERSION,
        "ScriptVersion": VERSION,
        "Comment": "",
    }
    item = {name: {"S": value} for name, value in texts.items()} | {"Value": {"N": "0.9"}}
    census.answers["GetItem"] = lambda parameters: (
        {"Item": item} if parameters["Key"] == {"Key": {"S": "experiment/census"}} else {}
    )
    best = json.loads(mdlc(door, "best", "census", "--json").stdout)
    assert (best["execution"], best["name"], best["experiment"], best["value"]) == (RUN, "one", "census", 0.9)
    none = mdlc(door, "best", "census", "--experiment", "other")
    assert (none.code, none.stderr) == (2, "mdlc: The experiment other has no evaluated run.\n")


def test_a_report_is_about_the_experiment_of_a_run(
    mdlc: Mdlc, census: FakeAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    failed(census, json.dumps({"ExperimentName": "trees", "Comment": "one tree"}))
    census.answers["GetItem"] = lambda _: {}
    monkeypatch.setattr(resources, "find", lambda *_: Place("AWS (eu-west-1)"))
    ran = mdlc("report", "census", "--output", str(tmp_path), "--json")
    assert ran.code == 0, ran.stdout
    said = json.loads(ran.stdout)
    assert (said["report"], said["system"]) == (str(tmp_path / "report.html"), "census")
    assert (said["result"]["experiment"], said["result"]["best"]) == ("trees", None)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "num_round must be at least 1" in page
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["steps"] == said["steps"]
