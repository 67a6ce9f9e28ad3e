"""Messages of a streaming job: objects, known again when they come again, and poison with its reason."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.streaming.arrivals import Arrival, Listener, Probe, read
from labels.streaming.envelope import Envelope, MessageError, unwrap
from tests.lambda_.labeling.labels.documented import BOXES, FAILED
from tests.lambda_.labeling.labels.streaming.deliveries import ID, PROBE, PUT, TOPIC, notification, put

PICTURES = Listener("label", "source-ref", "s3://bucket/output/job")
KEY = "dataset-objectid-attribute-name"


def arrive(published: object, listener: Listener = PICTURES) -> list[Arrival | Probe | MessageError]:
    return list(read(unwrap(notification(published)), listener))


def arrived(published: object, listener: Listener = PICTURES) -> Arrival:
    [found] = arrive(published, listener)
    assert isinstance(found, Arrival), found
    return found


def test_a_message_of_a_topic_is_an_object_known_by_its_id() -> None:
    """ "If object was fed to SNS directly, Ground Truth use the SNS message ID" (sms-streaming-labeling-job)."""
    assert unwrap(notification({"source-ref": "s3://b/1"})).topic == TOPIC
    assert arrived({"source-ref": "s3://bucket/prefix/object1"}) == Arrival(
        ID,
        {
            "source-ref": "s3://bucket/prefix/object1",
            "dataset-objectid-attribute-name": "$label-object-id",
            "$label-object-id": ID,
        },
    )


def test_an_id_of_ones_own() -> None:
    """The two examples of "Specify A Deduplication Key and ID in an Amazon SNS Message"."""
    own = {"source-ref": "s3://bucket/prefix/object1", KEY: "byo-key", "byo-key": "UniqueId"}
    assert arrived(own) == Arrival("UniqueId", own)
    existing = {"source-ref": "s3://bucket/prefix/object1", KEY: "source-ref"}
    assert arrived(existing) == Arrival("s3://bucket/prefix/object1", existing)


def test_an_event_of_a_bucket_is_an_object_known_by_its_uri_and_sequencer() -> None:
    found = arrived(PUT)
    assert found.line == {
        "source-ref": "s3://mybucket/HappyFace.jpg",
        "dataset-objectid-attribute-name": "$label-object-id",
        "$label-object-id": found.identity,
        "$sequencer": "0055AED6DCD90281E5",
    }
    newer = deepcopy(PUT)
    newer["Records"][0]["s3"]["object"]["sequencer"] = "0055AED6DCD90281E6"
    assert arrived(newer).identity != found.identity
    assert arrived(PUT).digest == found.digest


def test_keys_are_decoded_and_every_record_is_an_object() -> None:
    """ "The object key name value is URL encoded. For example, "red flower.jpg" becomes "red+flower.jpg"."""
    both = {"Records": [*put("red+flower.jpg")["Records"], *put("sch%C3%B6n.jpg")["Records"], {}]}
    first, second, none = arrive(both)
    assert isinstance(first, Arrival)
    assert isinstance(second, Arrival)
    assert (first.line["source-ref"], second.line["source-ref"]) == (
        "s3://mybucket/red flower.jpg",
        "s3://mybucket/schön.jpg",
    )
    assert isinstance(none, MessageError)


def test_a_bucket_that_tries_the_topic_is_no_object_and_no_fault() -> None:
    assert arrive(PROBE) == [Probe("bucketname")]


def test_a_raw_message_needs_what_it_does_not_say() -> None:
    text = json.dumps({"source-ref": "s3://b/1"})
    assert unwrap(text, TOPIC, "sqs-id") == Envelope(TOPIC, "sqs-id", text)
    with pytest.raises(MessageError, match="does not say its TopicArn and MessageId"):
        unwrap(text)


LABELED = Listener("adjusted", "source-ref", adjusts="bounding-box-attribute-name")


def test_the_labels_of_one_job_are_the_objects_of_the_next() -> None:
    labeled = {**BOXES, KEY: "$first-object-id", "$first-object-id": "id-1", "$sequencer": "00"}
    assert arrived(labeled, LABELED) == Arrival("id-1", labeled)


TEXTS = Listener("label", "source")
POISON: list[tuple[str, Listener, str]] = [
    ("{'source-ref': 's3://b/1'}", PICTURES, "The message is no JSON (Expecting property name"),
    ("[]", PICTURES, "The message is no JSON object: write one object a line."),
    ("{}", PICTURES, 'The message has neither of "source" and "source-ref": give one.'),
    ('{"source": "a"}', PICTURES, 'has "source", and this type of task needs "source-ref".'),
    ('{"source-ref": "https://b/1"}', PICTURES, "begin it with s3://"),
    (json.dumps({"source": "a" * 20_001}), TEXTS, '20,001 characters in "source": 20,000 are the most.'),
    (json.dumps({"source-ref": "s3://b/1", KEY: "id"}), PICTURES, "The message names 'id' for its id, and has no text"),
    (json.dumps({"source-ref": "s3://b/1", KEY: "a_b", "a_b": "1"}), PICTURES, "in letters, digits and hyphens"),
    (json.dumps({"source-ref": "s3://b/1", KEY: "a", "a": "1" * 1025}), PICTURES, "no text there of 1 to 1,024"),
    (json.dumps({"source-ref": "s3://b/1", KEY: "a" * 141, "a" * 141: "1"}), PICTURES, "140 at most"),
    ('{"source-ref": "s3://b/1", "$a": 1}', PICTURES, "no name may begin with $"),
    ('{"source": "\\ud800"}', TEXTS, "half of a character"),
    ('{"source": "a", "b": NaN}', TEXTS, "NaN is no value"),
    (json.dumps({"source-ref": "s3://b/1"}), LABELED, "has no label 'bounding-box-attribute-name' with"),
    (json.dumps(FAILED), LABELED, "(Nobody answered.): this job shows people those of the job before."),
    (json.dumps(put(eventName="ObjectRemoved:Delete")), PICTURES, "ObjectRemoved:Delete of s3://mybucket/HappyFace.jpg"),
    (json.dumps(put(eventVersion="3.0")), PICTURES, "has version 3.0, and only 2.x is read"),
    (json.dumps(put(eventSource="aws:sqs")), PICTURES, "A record of the event is none of a bucket's"),
    (json.dumps(put(s3={"bucket": {"name": "b"}, "object": {}})), PICTURES, "no sequencer"),
    (json.dumps(put("folder/")), PICTURES, "s3://mybucket/folder/ is empty"),
    (json.dumps(put()).replace("1024", "0"), PICTURES, "s3://mybucket/HappyFace.jpg is empty"),
    (json.dumps({"source-ref": "s3://b/1", KEY: "a", "a": ""}), PICTURES, "no text there of 1 to 1,024"),
    (json.dumps(put("\ud800")), PICTURES, "half of a character"),
    (json.dumps(put()), TEXTS, "has no text, which this job needs: publish lines of a manifest."),
    (json.dumps(put()), LABELED, "has no labels 'bounding-box-attribute-name', which this job needs"),
    (json.dumps(put()), Listener("label", output="s3://mybucket/"), "is output of the job itself"),
    ('{"Records": []}', PICTURES, "has no record"),
]  # fmt: skip


@pytest.mark.parametrize(("published", "listener", "reason"), POISON)
def test_poison_is_refused_with_its_reason(published: str, listener: Listener, reason: str) -> None:
    [found] = arrive(published, listener)
    assert isinstance(found, MessageError), found
    assert reason in str(found)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("Hello world!", "The message is no JSON"),
        ("[" * 100_000, "The message is no JSON"),
        ("[]", "does not say its TopicArn"),
        (json.dumps({"Type": "SubscriptionConfirmation", "TopicArn": TOPIC, "Token": "a"}), "is a SubscriptionConfirm"),
        (
            json.dumps({"Type": "Notification", "TopicArn": TOPIC, "Message": "{}"}),
            "does not say its TopicArn and",
        ),
    ],
)
def test_what_is_no_message_of_a_topic_is_refused(body: str, reason: str) -> None:
    with pytest.raises(MessageError, match=reason):
        unwrap(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["s3://b/1", "aws:s3", "2.1"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["source", "source-ref", KEY, "Records", "s3", "name"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(JSON | st.lists(JSON).map(lambda records: {"Records": records}), st.sampled_from([PICTURES, TEXTS, LABELED]))
def test_whatever_is_published_is_an_object_or_has_a_reason(published: Any, listener: Listener) -> None:
    for found in arrive(json.dumps(published), listener):
        if isinstance(found, Arrival):
            assert found.identity
            assert json.loads(json.dumps(found.line)) == found.line
        elif isinstance(found, MessageError):
            assert str(found).endswith((".", ":", ")")), found


def test_an_event_that_came_by_the_bus_is_an_object_as_the_buckets_own() -> None:
    """The example of the S3 user guide, ev-events; the key is not coded there."""
    event = {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "detail": {
            "version": "0",
            "bucket": {"name": "amzn-s3-demo-bucket1"},
            "object": {"key": "a key+1", "size": 5, "etag": "b1946ac9", "sequencer": "617f08299329d189"},
            "reason": "PutObject",
        },
    }
    [found] = read(unwrap(notification(event)), PICTURES)
    assert isinstance(found, Arrival)
    assert found.identity == "s3://amzn-s3-demo-bucket1/a key+1#617f08299329d189"
    assert found.line["source-ref"] == "s3://amzn-s3-demo-bucket1/a key+1"
    [gone] = read(unwrap(notification({**event, "detail-type": "Object Deleted"})), PICTURES)
    assert isinstance(gone, MessageError)
    assert str(gone).startswith("Object Deleted of s3://amzn-s3-demo-bucket1/a key+1 brings no object")
