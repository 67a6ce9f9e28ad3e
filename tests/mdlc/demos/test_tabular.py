"""The demo where an environment leaves features out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mdlc.client.aws import Cloud
from mdlc.client.executions import Execution
from mdlc.demos import stages
from mdlc.demos.rehearsal import Rehearsal
from mdlc.demos.tabular import Demo
from mdlc.errors import CommandError
from mdlc.output import Output
from mdlc.report import data, render
from mdlc.report.data import Report
from mdlc.report.graph import read as read_graph
from mdlc.report.resources import Place
from mdlc.report.summary import Prediction
from mdlc.systems import FRAUD
from tests.mdlc.fake_aws import NOW, FakeAws

EXECUTION = Execution("arn", "dev-fraud", "Succeeded", "", NOW, NOW, {}, ())
TRAINED = ("publish", "run_pipeline")
REPORT = Report(
    system=FRAUD,
    environment="dev",
    place=Place("AWS"),
    made_at=NOW,
    execution=EXECUTION,
    graph=read_graph({"Steps": []}),
)


@pytest.mark.parametrize(
    ("stacks", "done"),
    [
        (("serving", "api"), [*TRAINED, "roll_out", "_predict"]),
        (("serving",), [*TRAINED, "roll_out"]),
        ((), [*TRAINED]),
    ],
)
def test_it_does_what_the_environment_has(
    aws: FakeAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stacks: tuple[str, ...], done: list[str]
) -> None:
    ran: list[str] = []

    def record(where: object, name: str, result: object) -> None:
        def work(*_: Any) -> object:
            ran.append(name)
            return result

        monkeypatch.setattr(where, name, work)

    record(stages, "publish", "v1")
    record(stages, "run_pipeline", EXECUTION)
    record(stages, "roll_out", None)
    record(Demo, "_predict", Prediction("fraud/predictions", {}, {"predictions": [{"score": 0.5}]}, 0.1))
    outputs = {
        "serving": {"FraudEndpointName": "dev-fraud"},
        "api": {"ApiUrl": "https://abc.execute-api.eu-west-1.amazonaws.com/v1/"},
    }
    aws.stacks |= {f"dev-{stack}": outputs[stack] for stack in stacks}
    monkeypatch.setattr(Rehearsal, "platform", lambda _: Cloud())
    monkeypatch.setattr(data, "read", lambda *_: REPORT)
    monkeypatch.setattr(render, "write", lambda *_: tmp_path / "report.html")
    summary = Demo(Rehearsal("dev", tmp_path, Output(as_json=False)), None).run().as_json()
    assert ran == done
    assert (summary["prediction"] is None) == ("api" not in stacks)


@pytest.mark.usefixtures("aws")
def test_a_pipeline_that_fails_is_reported_and_then_fails_the_demo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    failed = replace(EXECUTION, status="Failed", reason="roc_auc 0.5 is below the gate 0.7.")
    reported: list[Execution] = []

    def run(*_: Any) -> Execution:
        raise stages.PipelineError(failed)

    def read(*given: Any) -> Report:
        reported.append(given[-1])
        return REPORT

    monkeypatch.setattr(Rehearsal, "platform", lambda _: Cloud())
    monkeypatch.setattr(stages, "publish", lambda *_: "v1")
    monkeypatch.setattr(stages, "run_pipeline", run)
    monkeypatch.setattr(data, "read", read)
    monkeypatch.setattr(render, "write", lambda *_: tmp_path / "report.html")
    demo = Demo(Rehearsal("dev", tmp_path, Output(as_json=False)), None)
    with pytest.raises(CommandError, match=r"The pipeline failed: roc_auc 0\.5 is below the gate 0\.7\. The report is"):
        demo.run()
    assert reported == [failed]
