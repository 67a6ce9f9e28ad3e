"""What leaves a streaming job, and how the next one takes it; what a request says of both; and when a job ends."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from labels.service_model import RequestError
from labels.streaming import terms
from labels.streaming.arrivals import Arrival, Listener, read
from labels.streaming.envelope import MessageError, unwrap
from labels.streaming.output import dead_letter, line, message
from labels.streaming.terms import Streaming, idle_end
from tests.lambda_.labeling.labels.documented import BOXES, FAILED
from tests.lambda_.labeling.labels.streaming.deliveries import PUT, notification
from tests.lambda_.labeling.requests import boxes

LABEL = {name: value for name, value in BOXES.items() if name != "source-ref"}
NAME = "bounding-box-attribute-name"


def test_one_event_of_a_bucket_goes_through_two_jobs() -> None:
    """Card E: the line that job 1 publishes is the object of job 2, which adjusts it, under the same id."""
    [first] = read(unwrap(notification(PUT)), Listener(NAME, "source-ref"))
    assert isinstance(first, Arrival)
    published = message(line(first.line, LABEL), NAME)
    [second] = read(unwrap(notification(published, "another-id")), Listener("adjusted", "source-ref", adjusts=NAME))
    assert isinstance(second, Arrival)
    assert second.identity == first.identity
    assert second.line[NAME] == BOXES[NAME]
    adjusted = json.loads(message(line(second.line, {"adjusted": BOXES[NAME], "adjusted-metadata": {}}), "adjusted"))
    assert {*adjusted} == {
        *("source-ref", "dataset-objectid-attribute-name", f"${NAME}-object-id", "$sequencer"),
        *(NAME, f"{NAME}-metadata", "adjusted", "adjusted-metadata"),
    }


def test_a_message_that_comes_three_times_is_one_object() -> None:
    bodies = [notification(PUT), notification(PUT, "another"), notification(PUT)]
    arrivals = [each for body in bodies for each in read(unwrap(body), Listener("a")) if isinstance(each, Arrival)]
    assert len(arrivals) == 3
    assert len({each.digest for each in arrivals}) == 1


def test_a_line_without_a_label_is_not_published() -> None:
    """ "Each time a worker submits a labeled object, a notification with the output data is sent to that topic"."""
    assert message(FAILED, NAME) == ""


def test_a_line_that_no_topic_takes_is_refused() -> None:
    """ "262,144 bytes (256 KB)" (SNS developer guide, sns-batch-api-actions)."""
    edge = len(json.dumps({"a": ""}))
    text = "ä" * 1000 + "a" * (262_144 - edge - 2000)  # two bytes a letter, then one
    assert message({"a": text}, "a")
    with pytest.raises(MessageError, match="The labeled line has 262,145 bytes"):
        message({"a": f"{text}a"}, "a")


def test_a_dead_letter_has_its_reason_beside_it() -> None:
    letter = dead_letter(notification("{"), "The message\x00 is no JSON." + "a" * 2000)
    model = botocore.session.get_session().get_service_model("sqs").operation_model("SendMessage")
    assert model.input_shape
    assert not ParamValidator().validate({"QueueUrl": "q", **letter}, model.input_shape).has_errors()
    reason = letter["MessageAttributes"]["Reason"]["StringValue"]
    assert reason.startswith("The message� is no JSON.")
    assert len(reason) == 1000
    assert letter["MessageBody"] == notification("{")


IN, OUT = (f"arn:aws:sns:us-east-1:111122223333:birds-{name}" for name in ("in", "out"))


def streaming(source: dict[str, Any] | None = None, output: str = OUT, **changes: Any) -> dict[str, Any]:
    sns = {"SnsDataSource": {"SnsTopicArn": IN}} if source is None else source
    topic = {"SnsTopicArn": output} if output else {}
    return boxes(InputConfig={"DataSource": sns}, OutputConfig={"S3OutputPath": "s3://b/o", **topic}, **changes)


def test_the_topics_of_a_request() -> None:
    assert terms.read(streaming()) == Streaming(IN, OUT, "")
    both = {"SnsDataSource": {"SnsTopicArn": IN}, "S3DataSource": {"ManifestS3Uri": "s3://b/m"}}
    assert terms.read(streaming(both, "")) == Streaming(IN, "", "s3://b/m")
    assert terms.read(streaming(StoppingConditions={"MaxHumanLabeledObjectCount": 1})), "ignored, as the guide says"
    assert terms.read(boxes()) is None


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (streaming({"S3DataSource": {"ManifestS3Uri": "s3://b/m"}}), "OutputConfig.SnsTopicArn is for streaming jobs"),
        (streaming(output=IN), "is the topic that the objects come by"),
        (
            streaming(output=OUT.replace("east", "west")),
            "OutputConfig.SnsTopicArn is in us-west-1, and the job in us-",
        ),
    ],
)
def test_topics_that_cannot_be_are_refused(body: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        terms.read(body)


START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("unlabeled", "arrival", "label", "day"),
    [(0, None, None, 11), (0, 3, None, 13), (0, 3, 8, 18), (0, 9, 8, 19), (1, 3, 2, None)],
)
def test_a_job_ends_ten_days_after_its_last_object_is_labeled(
    unlabeled: int, arrival: int | None, label: int | None, day: int | None
) -> None:
    """ "All the objects fed to the labeling job are already labeled, Ground Truth starts a timer" (10 days)."""
    ends = idle_end(
        started=START,
        unlabeled=unlabeled,
        last_arrival=None if arrival is None else START.replace(day=arrival),
        last_label=None if label is None else START.replace(day=label),
    )
    assert ends == (None if day is None else START.replace(day=day))
    assert idle_end(
        started=START, unlabeled=0, last_arrival=None, last_label=None, idle=timedelta(days=1)
    ) == START.replace(day=2)
