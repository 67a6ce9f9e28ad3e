"""The page of a state machine's runs: the best one, what made it, and words in place of AWS's constants."""

from datetime import timedelta
from typing import Any

from mdlc.client.aws import Cloud
from mdlc.client.steps import Run, State
from mdlc.report import scripted
from mdlc.report.scripted import Scripted
from mdlc.systems import CENSUS
from tests.mdlc.fake_aws import NOW, FakeAws
from tests.mdlc.report.documents import EVALUATION, ORIGIN
from tests.mdlc.report.pages import Page

ARN = "arn:aws:states:eu-west-1:111111111111:execution:dev-census"


def run(name: str, value: float, *, best: bool) -> Run:
    given = {
        "Comment": f"{name} tree",
        "Hyperparameters": {"num_round": "1", "max_depth": "3"},
        "TrainingJobName": f"{name}-train",
        "DataVersion": "0123456789abcdef",
        "ScriptVersion": "fedcba9876543210",
    }
    result = {"Comparison": {"is_best": best, "metric": "roc_auc", "value": value}}
    ended = NOW + timedelta(seconds=3)
    return Run(f"{ARN}:{name}", "dev-census", "SUCCEEDED", NOW, ended, given, result, "", "", (State("Train", 1.5),))


RUNS = (run("one", 0.6821, best=True), run("two", 0.8123, best=True))
SUMMARY: dict[str, Any] = {
    "environment": "dev",
    "cloud": "AWS (eu-west-1)",
    "steps": [{"name": "train: one tree", "status": "done", "seconds": 3.0}],
    "resources": {"created": 5, "recorded": 1, "refused": 0},
    "run_seconds": 8.0,
    "result": {
        "experiment": "trees",
        "best": {
            "metric": "roc_auc",
            "value": 0.8123,
            "comment": "two tree",
            "execution": RUNS[1].arn,
            "execution_id": "two",
            "model": "s3://artifacts/two/model.tar.gz",
            "evaluation": "s3://artifacts/two/evaluation.json",
        },
    },
}


def test_the_best_run_has_its_matrix_its_curves_and_what_made_it() -> None:
    page = Page(
        scripted.render(Scripted(system=CENSUS, summary=SUMMARY, runs=RUNS, origin=ORIGIN, evaluation=EVALUATION))
    )
    assert page.row("actual up to 50,000") == ["actual up to 50,000", "79 92.9 %", "6 7.1 %"]
    assert page.row("hyperparameters") == ["hyperparameters", "eta 0.1, max_depth 2"]
    assert "Area 0.8123 on 90 test rows, 5 of them positive." in page.text
    assert "Average precision 0.1787" in page.text


def test_words_stand_in_place_of_constants() -> None:
    page = Page(
        scripted.render(Scripted(system=CENSUS, summary=SUMMARY, runs=RUNS, origin=ORIGIN, evaluation=EVALUATION))
    )
    first = ["one", "one tree", "num_round 1, max_depth 3", "succeeded", "2026-11-21 12:00:00 UTC", "0.6821"]
    assert page.row("one") == [*first, "best so far", ""]
    assert page.row("two")[-2:] == ["best so far", "best"]
    assert "SUCCEEDED" not in page.text
    assert "is_best" not in page.text


def test_an_evaluation_without_a_matrix_leaves_it_out() -> None:
    page = Page(scripted.render(Scripted(system=CENSUS, summary=SUMMARY, runs=RUNS, origin=ORIGIN, evaluation={})))
    assert "Confusion matrix" not in page.text


def test_it_is_read_of_the_best_run(aws: FakeAws) -> None:
    aws.objects["artifacts/two/evaluation.json"] = b'{"decision": {}}'
    aws.answers["DescribeTrainingJob"] = lambda given: {"TrainingJobName": given["TrainingJobName"]}
    found = scripted.read(Cloud(), CENSUS, SUMMARY, RUNS)
    assert aws.called("DescribeTrainingJob") == [{"TrainingJobName": "two-train"}]
    assert (found.origin.data, found.origin.scripts) == ("0123456789abcdef", "fedcba9876543210")
    assert found.evaluation == {"decision": {}}
