"""Tells people, through one topic, what failed in an environment, why, and with which command it goes on."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from notices import rollouts, runs, watches
from notices.ledger import Ledger
from notices.settings import Settings
from notices.telling import tell

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sns import SNSClient

    from notices.notice import Notice

PIPELINE = "SageMaker Model Building Pipeline Execution Status Change"
MACHINE = "Step Functions Execution Status Change"
BUILD = "CodeBuild Build State Change"
ALARM = "CloudWatch Alarm State Change"
ANSWERED = "Lambda Function Invocation Result - Success"
SCHEDULE = "Scheduled Event"

logger = Logger(service="notices")


class Aws:
    """What AWS knows and no event says. Every method raises `ClientError` where AWS denies, throttles or fails."""

    def __init__(
        self, sagemaker: "SageMakerClient", cloudwatch: "CloudWatchClient", events: "EventBridgeClient"
    ) -> None:
        self._sagemaker, self._cloudwatch, self._events = sagemaker, cloudwatch, events

    def failure(self, execution: str) -> str:
        """Return why an execution of a pipeline failed: what its steps say, for it says only that one failed."""
        pages = self._sagemaker.get_paginator("list_pipeline_execution_steps").paginate(PipelineExecutionArn=execution)
        steps = [step for page in pages for step in page["PipelineExecutionSteps"] if step.get("FailureReason")]
        if steps:
            return "; ".join(f"{step['StepName']}: {step['FailureReason']}" for step in steps)
        return self._sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution).get("FailureReason", "")

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a job."""
        pages = self._sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}

    def alarms(self, prefix: str) -> list[Mapping[str, Any]]:
        """Return the alarms whose names begin with `prefix`."""
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
        return [alarm for page in pages for alarm in page["MetricAlarms"]]

    def rules(self, prefix: str) -> list[Mapping[str, Any]]:
        """Return the rules whose names begin with `prefix`."""
        pages = self._events.get_paginator("list_rules").paginate(NamePrefix=prefix)
        return [rule for page in pages for rule in page["Rules"]]


def read(event: Mapping[str, Any], settings: Settings, aws: Aws, now: datetime) -> "Iterator[Notice]":
    """Yield the notices of an event: mostly one, or none where nothing failed or it is another environment's."""
    detail: Mapping[str, Any] = event.get("detail") or {}
    kind = str(event.get("detail-type"))
    readers: Mapping[str, Callable[[], Iterable[Notice | None]]] = {
        PIPELINE: lambda: [runs.of_pipeline(detail, settings, aws.failure)],
        MACHINE: lambda: [runs.of_machine(detail, settings)],
        BUILD: lambda: [runs.of_build(detail, settings)],
        ALARM: lambda: [watches.of_alarm(detail, settings)],
        ANSWERED: lambda: rollouts.of_rollout(detail, settings),
        SCHEDULE: lambda: [
            *watches.lasting(aws.alarms(settings.prefix), settings, now),
            *watches.disabled_rules(aws.rules(settings.prefix), settings, now),
        ],
        **dict.fromkeys(runs.JOBS, lambda: [runs.of_job(kind, detail, settings, aws.tags)]),
    }
    found = readers[kind]() if kind in readers else ()
    yield from (notice for notice in found if notice is not None)


@cache
def environment() -> "tuple[Settings, Aws, Ledger, SNSClient]":
    """Return the settings and clients of this execution environment."""
    settings = Settings.of(os.environ)
    aws = Aws(boto3.client("sagemaker"), boto3.client("cloudwatch"), boto3.client("events"))
    return settings, aws, Ledger(boto3.client("dynamodb"), settings.table), boto3.client("sns")


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Tell people what an event says; return what became of each notice by its id. Told before is not here."""
    settings, aws, ledger, sns = environment()
    now = datetime.now(UTC)

    def publish(subject: str, body: str, notice: "Notice") -> None:
        attributes = {"kind": notice.kind.value, "system": notice.system, "environment": notice.environment}
        sns.publish(
            TopicArn=settings.topic,
            Subject=subject,
            Message=body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )

    found: dict[str, str] = {}
    for notice in read(event, settings, aws, now):
        state = tell(notice, ledger, publish, now)
        logger.info("%s", notice.subject, extra={"id": notice.id, "state": state and state.value})
        if state is not None:
            found[notice.id] = state.value
    return found
