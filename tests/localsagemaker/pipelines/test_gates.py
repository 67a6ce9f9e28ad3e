"""Gates: conditions and the steps that fail on purpose."""

import time
from collections.abc import Callable

import pytest

from tests.localsagemaker.fakes import FakeHost, FakeImages, Run, exits
from tests.localsagemaker.pipelines.bench import Bench, fail, gated, processing, write_report


def test_a_gate_that_is_passed_runs_its_branch(bench: Bench, images: FakeImages) -> None:
    images.programs["image"] = write_report(0.9)
    bench.create(*gated())
    arn = bench.start()
    assert bench.finish(arn)["PipelineExecutionStatus"] == "Succeeded"
    found = bench.steps(arn)
    assert set(found) == {"Evaluate", "Check", "Good"}
    assert found["Check"]["Metadata"] == {"Condition": {"Outcome": "True"}}


def test_a_gate_that_is_missed_fails_with_metric_and_threshold(bench: Bench, images: FakeImages) -> None:
    images.programs["image"] = write_report(0.25)
    bench.create(*gated())
    arn = bench.start(PipelineParameters=[{"Name": "Gate", "Value": "0.75"}])
    shown = bench.finish(arn)
    assert shown["PipelineExecutionStatus"] == "Failed"
    found = bench.steps(arn)
    assert set(found) == {"Evaluate", "Check", "Rejected"}
    assert found["Check"]["Metadata"] == {"Condition": {"Outcome": "False"}}
    assert found["Rejected"]["StepStatus"] == "Failed"
    assert found["Rejected"]["FailureReason"] == "auc 0.25 is below the gate 0.75"
    assert found["Rejected"]["Metadata"] == {"Fail": {"ErrorMessage": "auc 0.25 is below the gate 0.75"}}


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (write_report("NaN"), "'NaN' is not a number"),
        (write_report(float("nan")), "nan is not a number"),
        (exits(0), "cannot read s3://b/out/report.json: NoSuchKey"),
    ],
)
def test_a_gate_without_a_number_neither_opens_nor_closes(
    bench: Bench, images: FakeImages, program: Callable[[Run], int], words: str
) -> None:
    images.programs["image"] = program
    bench.create(*gated())
    arn = bench.start()
    assert bench.finish(arn)["PipelineExecutionStatus"] == "Failed"
    found = bench.steps(arn)
    assert set(found) == {"Evaluate", "Check"}
    assert words in found["Check"]["FailureReason"]


def test_a_fail_step_lets_nothing_start_any_more(bench: Bench, images: FakeImages, host: FakeHost) -> None:
    def program(run: Run) -> int:
        if run.arguments[0] == "Slow":
            deadline = time.monotonic() + 5
            while not any(detail.get("currentStepStatus") == "Failed" for _, detail, _ in host.events):
                assert time.monotonic() < deadline
                time.sleep(0.005)
        return 0

    images.programs["image"] = program
    bench.create(processing("Slow"), processing("After", DependsOn=["Slow"]), fail("Stop", "enough"))
    arn = bench.start()
    bench.finish(arn)
    assert {name: step["StepStatus"] for name, step in bench.steps(arn).items()} == {
        "Slow": "Succeeded",
        "Stop": "Failed",
    }
