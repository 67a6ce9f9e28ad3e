"""The service on a local cloud's table and bucket, with users' functions that run here, and people who answer."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import boto3
import pytest

from labeling_arrivals.letters import Letters
from labeling_arrivals.receiving import Receiver
from labeling_finish.carrying_on import carry_on
from labeling_finish.ending import Ending
from labeling_finish.flowing import StreamLabels, flow_on
from labeling_jobs.operations import Operations
from labeling_prepare.preparing import prepare
from labels.request import Request
from labels.task import Answer
from reach.files import Files
from reach.functions import Functions
from reach.settings import Settings
from reach.streams import Streams
from reach.topics import Topics
from task_store.jobs import Job, State
from task_store.stream_store import StreamStore
from tests.lambda_.labeling.conftest import Workshop
from tests.lambda_.labeling.requests import classes

BEFORE, AFTER = (f"arn:aws:lambda:eu-west-1:111122223333:function:{name}" for name in ("before", "after"))
PAGE = '<crowd-form><crowd-classifier name="kind" categories="{{ task.input.labels }}"></crowd-classifier></crowd-form>'
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Lambda:
    """Users' functions by ARN, as Lambda calls them."""

    handlers: dict[str, Callable[[Any, Any], Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Mapping[str, Any]:  # noqa: N803 - boto3's names
        self.calls.append(FunctionName)
        try:
            answer, failed = self.handlers[FunctionName](json.loads(Payload), None), {}
        except Exception as error:  # noqa: BLE001 - whatever a user's function raises
            answer, failed = {"errorMessage": str(error)}, {"FunctionError": "Unhandled"}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **failed}


@dataclass
class Post:
    """What is published to topics, and put into the dead-letter queue; `before` is called before and after each."""

    published: list[tuple[str, str]] = field(default_factory=list)
    letters: list[tuple[str, str]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def publish(self, *, TopicArn: str, Message: str) -> None:  # noqa: N803 - boto3's names
        self.before()
        self.published.append((TopicArn, Message))
        self.before()

    def send_message(self, *, QueueUrl: str, MessageBody: str, MessageAttributes: Any) -> None:  # noqa: ARG002, N803
        self.before()
        self.letters.append((MessageBody, MessageAttributes["Reason"]["StringValue"]))
        self.before()


TOPICS = "arn:aws:sns:us-east-1:111122223333:dev-"
"""In the Region of the workteam of the requests."""


@dataclass
class Service:
    """The service, and what it works on."""

    workshop: Workshop
    functions: Lambda = field(default_factory=Lambda)
    post: Post = field(default_factory=Post)

    @property
    def settings(self) -> Settings:
        return Settings(
            bucket=self.workshop.name,
            teams=("birders",),
            inputs=("images/versions",),
            functions=(BEFORE, AFTER),
            template_hosts=("cdn.example.com",),
            patience=60,
            arns="arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/",
            region="eu-west-1",
            issuer="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf",
            streams=Streams(("birds", "boxes"), TOPICS, 10),
        )

    @property
    def files(self) -> Files:
        return Files(self.workshop.client("s3"), self.workshop.name, self.settings.inputs)

    def operations(self, before: Callable[[], None] | None = None) -> Operations:
        calls: Any = Functions(self.functions, self.settings.functions)  # type: ignore[arg-type]
        return Operations(self.workshop.store(before), self.files, calls, self.settings)

    def do(self, operation: str, **body: Any) -> Mapping[str, Any]:
        return self.operations().do(operation, body)

    def put(self, name: str, text: str) -> str:
        """Put a file into the data bucket and return its URI."""
        self.workshop.client("s3").put_object(Bucket=self.workshop.name, Key=name, Body=text.encode())
        return f"s3://{self.workshop.name}/{name}"

    def read(self, name: str) -> str:
        return str(self.workshop.client("s3").get_object(Bucket=self.workshop.name, Key=name)["Body"].read().decode())

    def keys(self, prefix: str) -> list[str]:
        found = self.workshop.client("s3").list_objects_v2(Bucket=self.workshop.name, Prefix=prefix)
        return [each["Key"] for each in found.get("Contents", ())]

    def request(
        self, lines: list[dict[str, Any]], before: str = "TextMultiClass", after: str = "TextMultiClass", **task: Any
    ) -> dict[str, Any]:
        """Return the request of a job about these lines, whose files are there."""
        manifest = "".join(f"{json.dumps(line)}\n" for line in lines)
        page = self.put("labeling/page.liquid.html", PAGE)
        categories = json.dumps({"document-version": "2018-11-28", "labels": [{"label": "happy"}, {"label": "sad"}]})
        return classes(before, after, UiConfig={"UiTemplateS3Uri": page}, **task) | {
            "InputConfig": {
                "DataSource": {"S3DataSource": {"ManifestS3Uri": self.put("labeling/in.manifest", manifest)}}
            },
            "OutputConfig": {"S3OutputPath": f"s3://{self.workshop.name}/labeling/out/"},
            "LabelCategoryConfigS3Uri": self.put("labeling/categories.json", categories),
        }

    def prepare(self, name: str = "birds", portion: int = 100, before: Callable[[], None] | None = None) -> None:
        functions = Functions(self.functions, self.settings.functions)  # type: ignore[arg-type]
        prepare(self.workshop.store(before), name, functions, self.settings, portion)

    def carry_on(self, name: str = "birds", before: Callable[[], None] | None = None) -> State:
        store = self.workshop.store(before)
        functions = Functions(self.functions, self.settings.functions)  # type: ignore[arg-type]

        def ending(job: Job, request: Request) -> Ending:
            return Ending(store, job, request, self.files, functions, self.settings)

        def labels(job: Job, request: Request) -> StreamLabels:
            return StreamLabels(store, job, request, self.files, functions, self.settings)

        job = store.job(name)
        if job.stream:
            post: Any = self.post
            post.before = before or (lambda: None)
            return flow_on(store, job, labels, Topics(post), timedelta(days=10), self.now)
        return carry_on(store, name, ending, WHEN)

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.workshop.now, UTC)

    def receiver(self, before: Callable[[], None] | None = None) -> Receiver:
        """Return what one invocation takes messages in with."""
        post: Any = self.post
        post.before = before or (lambda: None)
        functions = Functions(self.functions, self.settings.functions)  # type: ignore[arg-type]
        return Receiver(self.workshop.store(before), self.files, functions, Letters(post, "letters"), self.settings)

    def answer(self, person: str, say: Callable[[str], str], most: int = 1000, name: str = "birds") -> int:
        """Let a person answer what they are given, a few at a time; return how many."""
        store, done = self.workshop.store(), 0
        job = store.job(name)
        while done < most and (given := store.next(job, person, min(3, most - done))):
            for identity in given:
                content = json.dumps({"kind": {"label": say(identity)}})
                store.act(job, identity, person, Answer(f"{person}-{identity}", content, 1))
                done += 1
        return done

    def store(self) -> StreamStore:
        return self.workshop.store()

    def lines(self, name: str = "birds") -> list[dict[str, Any]]:
        """Return the lines of the output manifest."""
        text = self.read(f"labeling/out/{name}/manifests/output/output.manifest")
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def service(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service with nothing in it."""
    monkeypatch.setattr(boto3, "client", workshop.client)  # what users' functions call
    return Service(workshop)


def own(service: Service, functions: ModuleType) -> None:
    """Have users' functions of these names."""
    service.functions.handlers |= {BEFORE: functions.before, AFTER: functions.after}
