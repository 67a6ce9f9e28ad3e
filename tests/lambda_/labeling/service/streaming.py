"""Streaming jobs for the tests: their requests, and messages as the queue has them."""

import json
from typing import Any

from labeling_arrivals.handler import take_all
from labeling_arrivals.receiving import Message
from labels.task import Answer
from tests.lambda_.labeling.requests import classes
from tests.lambda_.labeling.service.conftest import TOPICS, Service

IN, OUT = f"{TOPICS}birds-input", f"{TOPICS}birds-output"
ADJUSTED = f"{TOPICS}boxes-output"
SIZE = {"width": 100, "height": 80}
DRAWN = {"label": "bird", "left": 10, "top": 10, "width": 20, "height": 20}
MOVED = {**DRAWN, "left": 30}
PAGE = (
    '<crowd-form><crowd-bounding-box name="boxes" src="{{ task.input.taskObject }}"></crowd-bounding-box></crowd-form>'
)
AGAIN = PAGE.replace('name="boxes"', 'name="boxes" initial-value="{{ task.input.manifestLine.drawn.annotations }}"')
VERDICT = (
    '<crowd-image-classifier name="ok" categories="{{ task.input.labels }}">'
    "{{ task.input.manifestLine.drawn }}</crowd-image-classifier>"
)


def request(  # noqa: PLR0913, PLR0917 - what jobs differ by
    service: Service,
    name: str = "birds",
    kind: str = "BoundingBox",
    attribute: str = "drawn",
    page: str = PAGE,
    topics: tuple[str, str] = (IN, OUT),
    labels: tuple[str, ...] = ("bird", "nest"),
    **task: Any,
) -> dict[str, Any]:
    """Return the request of a streaming job in which one person answers, whose files are there."""
    objects, output = topics
    files = {
        "page": service.put(f"labeling/{name}.liquid.html", page),
        "categories": service.put(
            f"labeling/{name}-categories.json", json.dumps({"labels": [{"label": label} for label in labels]})
        ),
    }
    people = {"UiConfig": {"UiTemplateS3Uri": files["page"]}, "NumberOfHumanWorkersPerDataObject": 1} | task
    return classes(kind, kind, **people) | {
        "LabelingJobName": name,
        "LabelAttributeName": attribute,
        "InputConfig": {"DataSource": {"SnsDataSource": {"SnsTopicArn": objects}}},
        "OutputConfig": {"S3OutputPath": f"s3://{service.workshop.name}/labeling/out"}
        | ({"SnsTopicArn": output} if output else {}),
        "LabelCategoryConfigS3Uri": files["categories"],
    }


def start(service: Service, body: dict[str, Any]) -> None:
    """Make a job, and prepare it."""
    service.do("CreateLabelingJob", **body)
    service.prepare(body["LabelingJobName"])


def picture(service: Service, name: str = "1.jpg") -> dict[str, Any]:
    """Return the line of a picture that is there."""
    return {"source-ref": service.put(f"labeling/streams/birds/{name}", "a picture")}


def event(service: Service, name: str, sequencer: str = "0055AED6DCD90281E5") -> dict[str, Any]:
    """Return the event of EventBridge's that a picture is there (S3 user guide, ev-events)."""
    uri = service.put(f"labeling/streams/birds/{name}", "a picture")
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2021-11-12T00:00:00Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{service.workshop.name}"],
        "detail": {
            "version": "0",
            "bucket": {"name": service.workshop.name},
            "object": {
                "key": uri.partition(f"{service.workshop.name}/")[2],
                "size": 9,
                "etag": "b1946ac92492d2347c6235b4d2611184",
                "sequencer": sequencer,
            },
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "111122223333",
            "source-ip-address": "1.2.3.4",
            "reason": "PutObject",
        },
    }


def body(published: object, topic: str = IN, identity: str = "id-1") -> str:
    """Return the body of a message that somebody published to a topic."""
    text = published if isinstance(published, str) else json.dumps(published)
    return json.dumps({"Type": "Notification", "MessageId": identity, "TopicArn": topic, "Message": text})


def deliver(service: Service, *bodies: str, before: Any = None) -> list[str]:
    """Take messages in, as one invocation does; return which come again."""
    found = [Message(f"m{number}", each) for number, each in enumerate(bodies)]
    return list(take_all(service.receiver(before), found))


def draw(service: Service, name: str = "birds", box: Any = DRAWN, person: str = "ada") -> int:
    """Let somebody draw a box around whatever they are given; return how many objects it was."""
    return answer(service, name, {"boxes": {"boundingBoxes": [box], "inputImageProperties": SIZE}}, person)


def answer(service: Service, name: str, content: Any, person: str = "ada") -> int:
    """Let somebody answer whatever they are given with the same; return how many objects it was."""
    store, done = service.store(), 0
    job = store.job(name)
    while given := store.next(job, person, 5):
        for identity in given:
            store.act(job, identity, person, Answer(f"{person}-{identity}", json.dumps(content), 1))
            done += 1
    return done


def published(service: Service, topic: str) -> list[dict[str, Any]]:
    """Return the lines that were published to a topic."""
    return [json.loads(text) for to, text in service.post.published if to == topic]
