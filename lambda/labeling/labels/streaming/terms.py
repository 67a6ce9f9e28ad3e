"""What a request says of streaming, and when a streaming job that nobody sends anything ends.

Sources: API reference, CreateLabelingJob; SageMaker developer guide, "Example: Use SageMaker API To Create Streaming
Labeling Job" (sms-streaming-create-labeling-job-api) and "Stop a Streaming Labeling Job"
(sms-streaming-stop-labeling-job).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from labels.service_model import RequestError

IDLE: Final = timedelta(days=10)
"""How long a job waits for another object, as Ground Truth's do."""


@dataclass(frozen=True)
class Streaming:
    """The topics of a streaming job: objects come by one, labels leave by the other, if there is one."""

    objects: str
    labels: str
    manifest: str
    """S3 URI of the objects that it begins with; may be empty."""


def read(body: Mapping[str, Any]) -> Streaming | None:
    """Return what a request that the service model takes says of streaming; None for a job of a manifest alone.

    StoppingConditions of a streaming job are ignored, as Ground Truth ignores them. Raises RequestError.
    """
    source, output = body["InputConfig"]["DataSource"], body["OutputConfig"]
    topic = source.get("SnsDataSource", {}).get("SnsTopicArn", "")
    if not topic:
        if "SnsTopicArn" in output:
            raise RequestError(
                "OutputConfig.SnsTopicArn is for streaming jobs: give InputConfig.DataSource.SnsDataSource as well, or "
                "leave it out."
            )
        return None
    streaming = Streaming(topic, output.get("SnsTopicArn", ""), source.get("S3DataSource", {}).get("ManifestS3Uri", ""))
    for sentence in _refusals(streaming, body["HumanTaskConfig"]["WorkteamArn"]):
        raise RequestError(sentence)
    return streaming


def _refusals(streaming: Streaming, workteam: str) -> Iterator[str]:
    if streaming.objects == streaming.labels:
        yield (
            "OutputConfig.SnsTopicArn is the topic that the objects come by, so that each label would come back as an "
            "object: give another."
        )
    home = _region(workteam)
    for name, topic in (
        ("InputConfig.DataSource.SnsDataSource.SnsTopicArn", streaming.objects),
        ("OutputConfig.SnsTopicArn", streaming.labels),
    ):
        if topic and _region(topic) != home:
            yield f"{name} is in {_region(topic)}, and the job in {home}: give a topic of the same Region."


def _region(arn: str) -> str:
    return arn.split(":")[3]


def idle_end(
    *,
    started: datetime,
    unlabeled: int,
    last_arrival: datetime | None,
    last_label: datetime | None,
    idle: timedelta = IDLE,
) -> datetime | None:
    """Return when a job ends to which nothing more is sent; None while people have objects to label.

    The time counts from when the last object was labeled, or had come, whichever is later.
    """
    if unlabeled:
        return None
    return max(each for each in (started, last_arrival, last_label) if each is not None) + idle
