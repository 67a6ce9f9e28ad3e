import json
from datetime import timedelta
from typing import Any

import pytest

from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import NOW, FakeAws, refuse

ARN = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/dev-fraud/execution/abc123"
DEFINITION = {"Parameters": [{"Name": "InputDataUri", "Type": "String"}, {"Name": "NumRound", "Type": "Integer"}]}
VERSION = "0123456789abcdef"


@pytest.fixture
def pipeline(aws: FakeAws) -> FakeAws:
    aws.stacks["dev-training"] = {"FraudPipelineName": "dev-fraud"}
    aws.stacks["dev-storage"] = {"DataBucketName": "data"}
    aws.objects[f"data/fraud/versions/{VERSION}/manifest.json"] = b"{}"
    aws.written[f"data/fraud/versions/{VERSION}/manifest.json"] = NOW
    aws.answers["DescribePipeline"] = lambda _: {"PipelineDefinition": json.dumps(DEFINITION)}
    aws.answers["StartPipelineExecution"] = lambda _: {"PipelineExecutionArn": ARN}
    aws.answers["ListPipelineExecutions"] = lambda _: {
        "PipelineExecutionSummaries": [{"PipelineExecutionArn": ARN}, {"PipelineExecutionArn": f"{ARN}-older"}]
    }
    return aws


def executions(aws: FakeAws, *statuses: str) -> None:
    """The execution shows these statuses, one look after the other; its evaluation fails when it does."""
    looks = iter(statuses)
    now = {"status": ""}

    def describe(_: dict[str, Any]) -> dict[str, Any]:
        now["status"] = next(looks)
        return {
            "PipelineArn": ARN.split("/execution", maxsplit=1)[0],
            "PipelineExecutionStatus": now["status"],
            "CreationTime": NOW,
            "LastModifiedTime": NOW + timedelta(seconds=12.5),
        }

    def steps(_: dict[str, Any]) -> dict[str, Any]:
        prepared = {
            "StepName": "DataProcessing",
            "StepStatus": "Succeeded",
            "StartTime": NOW,
            "EndTime": NOW + timedelta(seconds=3.25),
            "Metadata": {"ProcessingJob": {"Arn": "arn:aws:sagemaker:eu-west-1:111111111111:processing-job/p"}},
        }
        rejected = {
            "StepName": "FraudModelRejected",
            "StepStatus": "Failed",
            "FailureReason": "roc_auc 0.51 is below the gate 0.7: nothing was registered",
            "StartTime": NOW,
        }
        return {"PipelineExecutionSteps": [prepared] + ([rejected] if now["status"] == "Failed" else [])}

    aws.answers["DescribePipelineExecution"] = describe
    aws.answers["ListPipelineExecutionSteps"] = steps
    aws.answers["ListPipelineParametersForExecution"] = lambda _: {
        "PipelineParameters": [{"Name": "InputDataUri", "Value": "s3://data/x/"}]
    }


def test_start_runs_on_the_version_published_last(mdlc: Mdlc, pipeline: FakeAws) -> None:
    ran = mdlc("pipeline", "start", "fraud", "-p", "NumRound=5", "--json")
    uri = f"s3://data/fraud/versions/{VERSION}/"
    assert json.loads(ran.stdout) == {
        "execution": ARN,
        "execution_id": "abc123",
        "parameters": {"InputDataUri": uri, "NumRound": "5"},
    }
    (started,) = pipeline.called("StartPipelineExecution")
    assert started["PipelineName"] == "dev-fraud"
    assert {"Name": "InputDataUri", "Value": uri} in started["PipelineParameters"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("-p", "Rounds=5"), "dev-fraud has no parameter Rounds: it declares InputDataUri, NumRound."),
        (
            ("-p", "RocAucThreshold=nan"),
            "RocAucThreshold is a figure that models are held against, and 'nan' is no number.",
        ),
        (("-p", "NumRound"), "'NumRound' is no parameter: write NAME=VALUE."),
        (("-p", "NumRound=1", "-p", "NumRound=2"), "The parameter NumRound is given twice."),
        (("--data", "f" * 16), f"fraud has no complete version {'f' * 16}: publish it with mdlc data publish."),
        (("--data", "latest"), "'latest' is no version: its name is 16 hexadecimal digits."),
        (("--data", VERSION, "-p", "InputDataUri=s3://b/"), "Give either --data or the parameter InputDataUri."),
    ],
)
def test_start_refuses_what_the_pipeline_cannot_use(
    mdlc: Mdlc, pipeline: FakeAws, arguments: tuple[str, ...], sentence: str
) -> None:
    ran = mdlc("pipeline", "start", "fraud", *arguments)
    assert (ran.code, ran.stderr.splitlines()[-1]) == (2, f"mdlc: {sentence}")
    assert not pipeline.called("StartPipelineExecution")


def test_a_value_that_the_pipeline_does_not_take_is_wrong_input(mdlc: Mdlc, pipeline: FakeAws) -> None:
    def refused(_: dict[str, Any]) -> dict[str, Any]:
        raise refuse("StartPipelineExecution", "ValidationException", "parameter NumRound is 'x'")

    pipeline.answers["StartPipelineExecution"] = refused
    ran = mdlc("pipeline", "start", "fraud", "-p", "NumRound=x")
    assert ran.code == 2
    assert ran.stderr.endswith("was refused: parameter NumRound is 'x' (ValidationException)\n")


def test_status_shows_the_latest_execution_and_its_steps(mdlc: Mdlc, pipeline: FakeAws) -> None:
    executions(pipeline, "Executing", "Executing")
    shown = json.loads(mdlc("pipeline", "status", "fraud", "--json").stdout)
    assert shown["execution_id"] == "abc123"
    assert (shown["status"], shown["seconds"], shown["reason"]) == ("Executing", None, None)
    assert shown["parameters"] == {"InputDataUri": "s3://data/x/"}
    assert shown["steps"] == [
        {
            "name": "DataProcessing",
            "type": "ProcessingJob",
            "status": "Succeeded",
            "seconds": 3.25,
            "reason": None,
            "detail": {"Arn": "arn:aws:sagemaker:eu-west-1:111111111111:processing-job/p"},
        }
    ]
    text = mdlc("pipeline", "status", "fraud").stdout
    assert "DataProcessing" in text
    assert "3.2 s" in text


def test_status_of_an_execution_that_is_not_there(mdlc: Mdlc, pipeline: FakeAws) -> None:
    assert mdlc("pipeline", "status", "fraud", "nope").stderr == "mdlc: dev-fraud has no execution nope.\n"
    pipeline.answers["ListPipelineExecutions"] = lambda _: {"PipelineExecutionSummaries": []}
    assert mdlc("pipeline", "status", "fraud").stderr == "mdlc: dev-fraud was never started.\n"


def test_wait_ends_0_when_it_succeeded(mdlc: Mdlc, pipeline: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mdlc.client.aws.Cloud.poll_seconds", 0.0)
    executions(pipeline, "Executing", "Executing", "Succeeded")
    ran = mdlc("pipeline", "wait", "fraud", "abc123", "--json")
    assert ran.code == 0
    assert json.loads(ran.stdout)["seconds"] == 12.5


def test_wait_ends_1_and_names_metric_and_gate_when_it_failed(mdlc: Mdlc, pipeline: FakeAws) -> None:
    executions(pipeline, "Failed")
    ran = mdlc("pipeline", "wait", "fraud", "--json")
    assert ran.code == 1
    reason = "FraudModelRejected: roc_auc 0.51 is below the gate 0.7: nothing was registered"
    assert json.loads(ran.stdout)["reason"] == reason
    assert f"mdlc: dev-fraud failed: {reason}\n" in ran.stderr


def test_who_stops_waiting_is_told_that_the_execution_goes_on(
    mdlc: Mdlc, pipeline: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mdlc.client.waiting.time.sleep", interrupt)
    executions(pipeline, "Executing")
    ran = mdlc("pipeline", "wait", "fraud")
    assert (ran.code, ran.stderr.splitlines()[-1]) == (
        130,
        "abc123 goes on by itself: mdlc pipeline stop fraud -e dev ends it.",
    )


def test_wait_gives_up_after_its_time(mdlc: Mdlc, pipeline: FakeAws) -> None:
    executions(pipeline, "Executing")
    ran = mdlc("pipeline", "wait", "fraud", "--timeout", "0")
    assert ran.code == 1
    assert "abc123 is still Executing after 0 seconds." in ran.stderr


def test_what_aws_refuses_is_one_sentence(mdlc: Mdlc, pipeline: FakeAws) -> None:
    def refused(_: dict[str, Any]) -> dict[str, Any]:
        raise refuse("StartPipelineExecution", "AccessDeniedException", "User: x is not\nauthorized")

    pipeline.answers["StartPipelineExecution"] = refused
    ran = mdlc("pipeline", "start", "fraud", "--json")
    sentence = "StartPipelineExecution was refused: User: x is not authorized (AccessDeniedException)"
    assert ran.code == 1
    assert ran.stderr.splitlines()[-1] == f"mdlc: {sentence}"
    assert json.loads(ran.stdout) == {"error": sentence}


def test_what_was_stopped_says_so(mdlc: Mdlc, pipeline: FakeAws) -> None:
    executions(pipeline, "Stopped")
    ran = mdlc("pipeline", "wait", "fraud", "--json")
    assert (ran.code, json.loads(ran.stdout)["reason"]) == (1, "It was stopped.")
    assert ran.stderr.endswith("mdlc: dev-fraud stopped: It was stopped.\n")


def test_executions_are_listed_the_newest_first(mdlc: Mdlc, pipeline: FakeAws) -> None:
    """ListPipelineExecutions tells no end (API reference, PipelineExecutionSummary): the execution itself does."""
    executions(pipeline, "Succeeded")
    pipeline.answers["ListPipelineExecutions"] = lambda _: {
        "PipelineExecutionSummaries": [
            {"PipelineExecutionArn": f"{ARN}{older}", "StartTime": NOW, "PipelineExecutionStatus": status}
            for older, status in (("", "Executing"), ("-older", "Succeeded"))
        ]
    }
    listed = json.loads(mdlc("pipeline", "list", "fraud", "--json").stdout)["executions"]
    assert [(each["execution_id"], each["status"], each["ended"]) for each in listed] == [
        ("abc123", "Executing", None),
        ("abc123-older", "Succeeded", "2026-11-21T12:00:12.500000+00:00"),
    ]


def test_stop_asks_for_the_end_of_the_latest_execution(mdlc: Mdlc, pipeline: FakeAws) -> None:
    executions(pipeline, "Executing")
    pipeline.answers["StopPipelineExecution"] = lambda _: {"PipelineExecutionArn": ARN}
    ran = mdlc("pipeline", "stop", "fraud", "--json")
    assert json.loads(ran.stdout) == {"execution": ARN, "execution_id": "abc123"}
    (stopped,) = pipeline.called("StopPipelineExecution")
    assert stopped["PipelineExecutionArn"] == ARN


def test_what_has_ended_cannot_be_stopped(mdlc: Mdlc, pipeline: FakeAws) -> None:
    executions(pipeline, "Succeeded")
    ran = mdlc("pipeline", "stop", "fraud")
    assert ran.code == 2
    assert ran.stderr.endswith("mdlc: abc123 is Succeeded: there is nothing to stop.\n")
