"""Which notice an event becomes. Events are those of AWS's documentation, with names of the platform's.

Sources: SageMaker developer guide, "Events that Amazon SageMaker AI sends to Amazon EventBridge"; Step Functions
developer guide, "Automating Step Functions event delivery with EventBridge"; CloudWatch user guide, "Alarm events and
EventBridge"; CodeBuild user guide, "Build notifications input format reference".
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from notices import handler
from notices.notice import Kind, Notice
from notices.settings import Settings

NOW = datetime(2026, 11, 29, 18, 30, tzinfo=UTC)
ARN = "arn:aws:{}:eu-west-1:111122223333:{}"
EXECUTION = ARN.format("sagemaker", "pipeline/dev-fraud/execution/p4jn9xou8a8s")
MACHINE = ARN.format("states", "stateMachine:dev-census")
JOB = ARN.format("sagemaker", "processing-job/dev-fraud-look")
SETTINGS = Settings(
    environment="dev",
    region="eu-west-1",
    topic=ARN.format("sns", "notices"),
    table="ledger",
    systems={"fraud": "fraud", "serving": "fraud", "census": "census", "steps": "census"},
)


class FakeAws:
    """What AWS says beside the events."""

    def __init__(self, **found: Any) -> None:
        self._found = found

    def failure(self, execution: str) -> str:
        assert execution == EXECUTION
        return "Step failure: One or multiple steps failed."

    def tags(self, arn: str) -> Mapping[str, str]:
        assert arn
        return cast("Mapping[str, str]", self._found.get("tags", {}))

    def alarms(self, prefix: str) -> list[Mapping[str, Any]]:
        assert prefix == "dev-"
        return list(self._found.get("alarms", ()))

    def rules(self, prefix: str) -> list[Mapping[str, Any]]:
        assert prefix == "dev-"
        return list(self._found.get("rules", ()))


def read(kind: str, detail: Mapping[str, Any], **found: Any) -> list[Notice]:
    event = {"detail-type": kind, "detail": detail}
    return list(handler.read(event, SETTINGS, cast("handler.Aws", FakeAws(**found)), NOW))


def pipeline(status: str = "Failed", name: str = "dev-fraud") -> dict[str, Any]:
    return {
        "currentPipelineExecutionStatus": status,
        "previousPipelineExecutionStatus": "Executing",
        "executionStartTime": "2021-03-15T16:03:13Z",
        "executionEndTime": "2021-03-15T16:10:10Z",
        "pipelineArn": ARN.format("sagemaker", f"pipeline/{name}"),
        "pipelineExecutionArn": EXECUTION,
    }


def test_a_failed_execution_of_a_pipeline() -> None:
    [notice] = read(handler.PIPELINE, pipeline())
    assert (notice.kind, notice.system, notice.id) == (Kind.RUN, "fraud", f"run/{EXECUTION}")
    assert notice.reason == "Step failure: One or multiple steps failed."
    assert notice.commands == ("mdlc pipeline status fraud p4jn9xou8a8s -e dev", "mdlc pipeline start fraud -e dev")


@pytest.mark.parametrize(
    "detail", [pipeline("Succeeded"), pipeline("Stopped"), pipeline("Executing"), pipeline(name="prod-fraud"), {}]
)
def test_what_did_not_fail_or_is_of_another_environment_is_no_notice(detail: dict[str, Any]) -> None:
    assert read(handler.PIPELINE, detail) == []


@pytest.mark.parametrize(
    ("status", "more", "reason"),
    [
        (
            "FAILED",
            {"error": "InvalidInput", "cause": "DataVersion v9 is not there"},
            "InvalidInput: DataVersion v9 is not there",
        ),
        ("TIMED_OUT", {"error": None, "cause": None}, "It took longer than it may."),
    ],
)
def test_a_failed_execution_of_a_state_machine(status: str, more: dict[str, Any], reason: str) -> None:
    arn = ARN.format("states", "execution:dev-census:one")
    detail = {"executionArn": arn, "stateMachineArn": MACHINE, "name": "one", "status": status, **more}
    [notice] = read(handler.MACHINE, detail)
    assert (notice.system, notice.reason, notice.id) == ("census", reason, f"run/{arn}")
    assert notice.commands[0] == "mdlc pipeline status census one -e dev"
    assert notice.link.endswith(f"#/v2/executions/details/{arn}")
    assert read(handler.MACHINE, {**detail, "status": "ABORTED"}) == []  # somebody stopped it
    assert read(handler.MACHINE, {**detail, "stateMachineArn": MACHINE.replace("dev", "prod")}) == []


def job(status: str = "Failed", name: str = "dev-fraud-look") -> dict[str, Any]:
    reason = "InternalServerError: We encountered an internal error.  Please try again."
    arn = JOB.replace("dev-fraud-look", name)
    return {"ProcessingJobName": name, "ProcessingJobArn": arn, "ProcessingJobStatus": status, "FailureReason": reason}


def test_a_job_that_somebody_started_alone() -> None:
    kind = "SageMaker Processing Job State Change"
    [notice] = read(kind, job())
    assert (notice.kind, notice.system) == (Kind.JOB, "fraud")
    assert notice.reason.startswith("InternalServerError")
    assert notice.commands == ("mdlc logs dev-fraud-look -e dev",)
    assert read(kind, job("Completed")) == []


@pytest.mark.parametrize(
    "tag", ["sagemaker:pipeline-execution-arn", "AWS_STEP_FUNCTIONS_EXECUTION_ARN", "MANAGED_BY_AWS"]
)
def test_of_a_job_in_a_run_the_run_alone_is_told(tag: str) -> None:
    assert read("SageMaker Processing Job State Change", job(), tags={tag: "x"}) == []


def test_a_job_is_of_the_system_and_environment_of_its_tags_before_those_of_its_name() -> None:
    kind = "SageMaker Processing Job State Change"
    [notice] = read(kind, job(name="anything"), tags={"environment": "dev", "system": "census"})
    assert notice.system == "census"
    assert read(kind, job(name="anything")) == []
    assert read(kind, job(), tags={"environment": "staging"}) == []


@pytest.mark.parametrize(
    ("kind", "prefix", "command"),
    [
        ("Transform", "TransformJob", "aws sagemaker describe-transform-job --transform-job-name dev-fraud-x"),
        ("Training", "TrainingJob", "mdlc logs dev-fraud-x -e dev"),
        (
            "HyperParameter Tuning",
            "HyperParameterTuningJob",
            "aws sagemaker describe-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name dev-fraud-x",
        ),
    ],
)
def test_every_kind_of_job_has_a_command(kind: str, prefix: str, command: str) -> None:
    detail = {f"{prefix}Name": "dev-fraud-x", f"{prefix}Arn": "arn", f"{prefix}Status": "Failed"}
    [notice] = read(f"SageMaker {kind} Job State Change", detail)
    assert notice.commands == (command,)


def alarm(state: str, name: str = "dev-serving-FraudDeadLettersNotEmpty", **dimensions: str) -> dict[str, Any]:
    metric = {
        "namespace": "AWS/SQS",
        "name": "ApproximateNumberOfMessagesVisible" if "QueueName" in dimensions else "Invocation5XXErrors",
        "dimensions": dimensions,
    }
    stat = {"metric": metric, "period": 300, "stat": "Maximum"}
    return {
        "alarmName": name,
        "configuration": {
            "description": "Events could not be delivered",
            "metrics": [{"id": "30b6c6b2", "metricStat": stat, "returnData": True}],
        },
        "previousState": {"value": "OK", "timestamp": "2019-10-01T13:56:40.985+0000"},
        "state": {"value": state, "reason": "Threshold Crossed", "timestamp": "2019-10-02T17:04:40.989+0000"},
    }


def test_dead_letters_name_the_command_that_puts_them_back() -> None:
    [notice] = read(handler.ALARM, alarm("ALARM", QueueName="dev-serving-FraudDeadLetters-1A2B"))
    assert (notice.kind, notice.system) == (Kind.DEAD_LETTER, "fraud")
    assert notice.commands == ("mdlc redrive dev-serving-FraudDeadLetters-1A2B -e dev",)
    assert notice.reason == "Threshold Crossed"


def test_an_endpoint_in_alarm_and_an_alarm_without_data() -> None:
    [notice] = read(handler.ALARM, alarm("ALARM", EndpointName="dev-fraud", VariantName="AllTraffic"))
    assert (notice.kind, notice.system, notice.commands) == (Kind.ALARM, "fraud", ("mdlc logs dev-fraud -e dev",))
    [watch] = read(handler.ALARM, alarm("INSUFFICIENT_DATA", EndpointName="dev-fraud"))
    assert (watch.kind, watch.title) == (Kind.WATCH, "an alarm gets no data")
    assert read(handler.ALARM, alarm("OK", EndpointName="dev-fraud")) == []
    assert read(handler.ALARM, alarm("ALARM", name="prod-serving-x", EndpointName="prod-fraud")) == []


def test_an_alarm_that_lasts_is_told_again_each_day() -> None:
    def lasting(hours: float, state: str = "ALARM") -> list[Notice]:
        since = NOW - timedelta(hours=hours)
        found = {
            "AlarmName": "dev-serving-FraudDeadLettersNotEmpty",
            "StateValue": state,
            "StateTransitionedTimestamp": since,
            "StateUpdatedTimestamp": since,
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": "dev-serving-FraudDeadLetters-1A2B"}],
        }
        return read(handler.SCHEDULE, {}, alarms=[found])

    assert lasting(23.9) == []
    assert lasting(30, "OK") == []
    [notice] = lasting(25)
    assert notice.commands == ("mdlc redrive dev-serving-FraudDeadLetters-1A2B -e dev",)
    assert lasting(49)[0].reason.startswith("For 2 days now")


def test_a_disabled_rule_is_a_broken_watch_once_a_day() -> None:
    rules = [
        {"Name": "dev-serving-FraudPackageChanged", "State": "DISABLED", "Description": "Model packages -> roll-out"},
        {"Name": "dev-serving-FraudDue", "State": "ENABLED"},
    ]
    [notice] = read(handler.SCHEDULE, {}, rules=rules)
    assert (notice.kind, notice.system) == (Kind.WATCH, "fraud")
    assert notice.id == "rule/dev-serving-FraudPackageChanged/2026-11-29"
    assert notice.commands == ("aws events enable-rule --name dev-serving-FraudPackageChanged --region eu-west-1",)


def test_a_failed_build() -> None:
    build = ARN.format("codebuild", "build/BuilderProject:6bdced96")
    more = {
        "logs": {"deep-link": "https://console/log"},
        "phases": [{"phase-type": "BUILD", "phase-context": ["X: no space"]}],
    }
    detail = {
        "build-status": "FAILED",
        "project-name": "BuilderProject",
        "build-id": build,
        "additional-information": more,
    }
    [notice] = read(handler.BUILD, detail)
    assert (notice.kind, notice.system, notice.reason) == (Kind.BUILD, "platform", "X: no space")
    assert (notice.commands, notice.link) == (("cdk deploy --app cdk.out 'dev/images'",), "https://console/log")
    assert read(handler.BUILD, {**detail, "build-status": "SUCCEEDED"}) == []


def test_roll_outs_that_were_turned_down_are_told_by_their_configuration() -> None:
    """What the roll-out function answers, in the record that Lambda makes of it."""
    refused = {
        "endpoint": "dev-fraud",
        "config": "dev-fraud-v3-0a1b2c3d",
        "version": 3,
        "rollout": "failed",
        "reason": "too big",
    }
    undone = {**refused, "config": "dev-fraud-v2-4e5f6a7b", "version": 2, "rollout": "rolled-back"}
    foreign = {**refused, "endpoint": "prod-fraud"}
    detail = {"responsePayload": {"step": "nothing", "reason": "", "turned_down": [refused, undone, foreign]}}
    first, second = read(handler.ANSWERED, detail)
    assert first.subject == "dev fraud: the roll-out of version 3 was refused"
    assert (first.id, first.reason) == ("rollout/dev-fraud-v3-0a1b2c3d/failed", "too big")
    assert first.commands == ("mdlc model show fraud 3 -e dev", "mdlc model approve fraud 3 -e dev --wait")
    assert second.subject == "dev fraud: the roll-out of version 2 was undone"
    assert read(handler.ANSWERED, {"responsePayload": None}) == []


def test_other_events_are_nothing() -> None:
    assert read("SageMaker Endpoint State Change", {"EndpointName": "dev-fraud"}) == []
    assert list(handler.read({}, SETTINGS, cast("handler.Aws", FakeAws()), NOW)) == []
