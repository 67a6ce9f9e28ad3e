"""The demo where an environment leaves features out."""

from pathlib import Path
from typing import Any

import pytest

from mdlc.aws import Cloud
from mdlc.executions import Execution
from mdlc.output import Output
from mdlc.rehearsal import Rehearsal
from mdlc.report import data, render
from mdlc.report.data import Prediction, Report
from mdlc.report.graph import read as read_graph
from mdlc.systems import FRAUD
from mdlc.systems.fraud.demo import Demo
from tests.mdlc.fake_aws import NOW, FakeAws

EXECUTION = Execution("arn", "dev-fraud", "Succeeded", "", NOW, NOW, {}, ())
REPORT = Report(
    system=FRAUD, environment="dev", cloud="AWS", made_at=NOW, execution=EXECUTION, graph=read_graph({"Steps": []})
)


@pytest.mark.parametrize(
    ("stacks", "done"),
    [
        (("serving", "api"), ["_pipeline", "_roll_out", "_predict"]),
        (("serving",), ["_pipeline", "_roll_out"]),
        ((), ["_pipeline"]),
    ],
)
def test_it_does_what_the_environment_has(
    aws: FakeAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stacks: tuple[str, ...], done: list[str]
) -> None:
    ran: list[str] = []

    def record(name: str) -> None:
        def work(demo: Demo, *_: Any) -> Prediction:
            ran.append(name)
            demo.execution = EXECUTION
            return Prediction("fraud/predictions", {}, {"predictions": [{"score": 0.5}]}, 0.1)

        monkeypatch.setattr(Demo, name, work)

    for name in ("_pipeline", "_roll_out", "_predict"):
        record(name)
    outputs = {"FraudEndpointName": "dev-fraud", "ApiUrl": "https://abc.execute-api.eu-west-1.amazonaws.com/v1/"}
    aws.stacks |= {f"dev-{stack}": outputs for stack in stacks}
    monkeypatch.setattr(Rehearsal, "platform", lambda _: Cloud())
    monkeypatch.setattr(data, "read", lambda *_: REPORT)
    monkeypatch.setattr(render, "write", lambda *_: tmp_path / "report.html")
    summary = Demo(Rehearsal("dev", tmp_path, Output(as_json=False)), None).run()
    assert ran == done
    assert (summary["prediction"] is None) == ("api" not in stacks)
