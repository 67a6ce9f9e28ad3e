"""Streaming labeling jobs on the local cloud: from a new object of the bucket to an adjusted label of the second job.

People act on the store as their functions do; everything else goes by itself: bucket, bus, topics, queue, table.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aws_cdk
import psutil
import pytest

from app import build
from labels.task import Answer, Stage
from localcloud.cdk import Cdk
from stacks.labeling_settings import Labeling as Settings
from stacks.settings import Feature
from tests.checks.upgrade.conftest import Platform
from tests.environments import DEV
from tests.lambda_.labeling.requests import classes
from tests.lambda_.labeling.service.streaming import AGAIN, DRAWN, MOVED, PAGE, SIZE
from tests.systems.test_labeling import TEAM, Labeling

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
TOPICS = f"arn:aws:sns:{DEV.region}:{DEV.account}:dev-"
IN, OUT, FIXED = f"{TOPICS}birds-input", f"{TOPICS}birds-output", f"{TOPICS}fixed-output"


@dataclass
class Chain(Labeling):
    """Two streaming jobs, the second of which corrects the labels of the first; and a queue that hears its labels."""

    heard: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    """The dead letters that were seen, by the topic's id of their message: a queue may bring one twice."""

    def stream(  # noqa: PLR0913, PLR0917 - what jobs differ by
        self, folder: Path, name: str, kind: str, attribute: str, page: str, topics: tuple[str, str]
    ) -> None:
        """Make a job of the command line, and wait until it is in progress."""
        categories = json.dumps({"labels": [{"label": "bird"}, {"label": "nest"}]})
        people = {
            "UiConfig": {"UiTemplateS3Uri": self.put(f"labeling/{name}.liquid.html", page)},
            "WorkteamArn": TEAM,
            "NumberOfHumanWorkersPerDataObject": 1,
        }
        request = classes(kind, kind, **people) | {
            "LabelingJobName": name,
            "LabelAttributeName": attribute,
            "InputConfig": {"DataSource": {"SnsDataSource": {"SnsTopicArn": topics[0]}}},
            "OutputConfig": {"S3OutputPath": f"s3://{self.bucket}/labeling/out", "SnsTopicArn": topics[1]},
            "LabelCategoryConfigS3Uri": self.put(f"labeling/{name}.categories.json", categories),
        }
        file = folder / "request.json"
        file.write_text(json.dumps(request))
        checked = self.here.done("labels", "check", str(file))
        assert checked["topics"] == list(topics)
        self.here.done("labels", "create", str(file))
        self.until(lambda: self.status(name) == "InProgress")

    def status(self, name: str) -> str:
        return str(self.here.done("labels", "describe", name)["LabelingJobStatus"])

    def send(self, *lines: Any, topic: str = IN) -> None:
        """Publish lines as programs do."""
        for line in lines:
            text = line if isinstance(line, str) else json.dumps(line)
            self.here.client("sns").publish(TopicArn=topic, Message=text)

    def draw(self, name: str, box: Any) -> int:
        """Let somebody draw a box around whatever they are given; return how many objects it was."""
        store, done = self.store, 0
        job = store.job(name)
        content = json.dumps({"boxes": {"boundingBoxes": [box], "inputImageProperties": SIZE}})
        while given := store.next(job, "ada", 5):
            for identity in given:
                store.act(job, identity, "ada", Answer(f"ada-{identity}", content, 2))
                done += 1
        return done

    def count(self, name: str) -> int:
        """Return how many objects a job has, wherever they are."""
        return sum(self.store.stages(name).values())

    def hear(self) -> list[dict[str, Any]]:
        """Return the lines that were published to the topic of the second job's labels."""
        sqs = self.here.client("sqs")
        while got := sqs.receive_message(QueueUrl=self.heard, MaxNumberOfMessages=10).get("Messages"):
            for each in got:
                self.lines.append(json.loads(each["Body"]))
                sqs.delete_message(QueueUrl=self.heard, ReceiptHandle=each["ReceiptHandle"])
        return self.lines

    @property
    def queue(self) -> str:
        """The address of the queue of dead letters."""
        urls = self.here.client("sqs").list_queues()["QueueUrls"]
        (url,) = [each for each in urls if "StreamsDeadLetters" in each]
        return str(url)

    @property
    def letters(self) -> dict[str, str]:
        """The dead letters that there were until now."""
        sqs = self.here.client("sqs")
        asked = {"QueueUrl": self.queue, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        while got := sqs.receive_message(**asked).get("Messages"):
            self.seen |= {
                json.loads(each["Body"])["MessageId"]: each["MessageAttributes"]["Reason"]["StringValue"]
                for each in got
            }
        return self.seen

    def kill(self, part: str) -> int:
        """End the processes of a function of this local cloud with SIGKILL; return how many there were."""
        server = psutil.Process(self.here.local.running().pid)
        ended = 0
        for process in server.children(recursive=True):
            with suppress(psutil.Error):
                if process.environ().get("AWS_LAMBDA_FUNCTION_NAME", "").startswith(f"dev-labeling-{part}"):
                    process.kill()
                    ended += 1
        return ended


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> Iterator[Chain]:
    here = Platform(tmp_path_factory.mktemp("streams"))
    here.local.up(account=DEV.account)
    try:
        Cdk(here.variables, assembly=here.folder).bootstrap(DEV.account, DEV.region)
        app = aws_cdk.App(outdir=str(tmp_path_factory.mktemp("assembly")), context=cdk_context)
        settings = Settings(workteams=("birds",), streams=("birds", "fixed"))
        build(app, [replace(DEV, systems=(), features=frozenset({Feature.LABELING}), labeling=settings)])
        here.cdk(Path(app.synth().directory) / "assembly-dev", "deploy", "dev/*")
        sqs = here.client("sqs")
        for url in sqs.list_queues()["QueueUrls"]:
            if "StreamsQueue" in url:  # what is killed comes again soon
                sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "20"})
        heard = sqs.create_queue(QueueName="heard")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=heard, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        send = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{**send, "Resource": arn}]})
        sqs.set_queue_attributes(QueueUrl=heard, Attributes={"Policy": policy})
        here.client("sns").subscribe(
            TopicArn=FIXED, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
        )
        found = Chain(here, heard)
        folder = tmp_path_factory.mktemp("requests")
        found.stream(folder, "first", "BoundingBox", "drawn", PAGE, (IN, OUT))
        found.stream(folder, "second", "AdjustmentBoundingBox", "fixed", AGAIN, (OUT, FIXED))
        yield found
    finally:
        here.local.down()


def eventually(chain: Chain, what: Callable[[], bool]) -> None:
    chain.until(what, 90)


@pytest.mark.end_to_end
def test_one_event_of_the_bucket_is_one_adjusted_object_of_the_second_job(chain: Chain) -> None:
    chain.put("labeling/streams/birds/a bird+1.jpg", "a picture")
    eventually(chain, lambda: chain.store.stages("first")[Stage.OPEN] == 1)
    assert chain.draw("first", DRAWN) == 1
    eventually(chain, lambda: chain.store.stages("second")[Stage.OPEN] == 1)
    assert chain.draw("second", MOVED) == 1
    eventually(chain, lambda: bool(chain.hear()))
    (line,) = chain.lines
    assert line["source-ref"] == f"s3://{chain.bucket}/labeling/streams/birds/a bird+1.jpg"
    assert line["drawn"]["annotations"][0]["left"] == DRAWN["left"]
    assert line["fixed"]["annotations"][0]["left"] == MOVED["left"]
    assert line["fixed-metadata"]["adjustment-status"] == "adjusted"
    said = chain.here.done("labels", "why", "second", str(line["$drawn-object-id"]))["Objects"]
    assert said[0]["Sentence"] == "It is labeled, by 1 of 1 answers."
    assert chain.letters == {}


def test_a_message_sent_three_times_counts_once(chain: Chain) -> None:
    before = chain.count("first")
    line = {"source-ref": chain.put("labeling/thrice.jpg", "a picture")}
    named = {**line, "dataset-objectid-attribute-name": "name", "name": "thrice"}
    chain.send(named, named, named)
    eventually(chain, lambda: chain.count("first") == before + 1)
    time.sleep(3)
    assert chain.count("first") == before + 1
    assert chain.letters == {}


def test_ten_kinds_of_poison_are_dead_letters_with_a_reason(chain: Chain) -> None:
    before, line = chain.count("first"), {"source-ref": chain.put("labeling/poison.jpg", "a picture")}
    key = "dataset-objectid-attribute-name"
    bad = {
        str(line): "first: The message is no JSON",
        "[]": "first: The message is no JSON object",
        json.dumps({"name": 1}): 'first: The message has neither of "source" and "source-ref"',
        json.dumps({**line, "source": "a"}): "first: The message has source and source-ref of",
        json.dumps({"source": "a text"}): 'first: The message has "source", and this type of task needs',
        json.dumps({**line, "more": "a" * 20_001}): 'first: The message has 20,001 characters in "more"',
        json.dumps({**line, key: "name"}): "first: The message names 'name' for its id, and has no text there",
        json.dumps({"source-ref": f"s3://{chain.bucket}/labeling/gone.jpg"}): "gone.jpg is not there, or cannot be",
        json.dumps({"source-ref": "s3://elsewhere/1.jpg"}): "where jobs of this environment reach nothing",
        json.dumps({"Records": []}): "first: The event of the bucket has no record: it is about no object.",
    }
    chain.send(*bad)
    chain.send(line, topic=f"{TOPICS}fixed-input")
    with suppress(AssertionError):  # what is missing is named below
        eventually(chain, lambda: len(chain.letters) > len(bad))
    reasons = sorted(chain.letters.values())
    for says in (*bad.values(), "No job listens to dev-fixed-input"):
        assert any(says in reason for reason in reasons), (says, reasons)
    assert len(reasons) == len(bad) + 1
    assert chain.count("first") == before


def test_what_nobody_waited_for_is_taken_in_when_it_is_put_back(chain: Chain, tmp_path: Path) -> None:
    chain.send({"source-ref": chain.put("labeling/early.jpg", "a picture")}, topic=f"{TOPICS}fixed-input")
    eventually(chain, lambda: "dev-fixed-input" in str(chain.letters.values()))
    chain.stream(tmp_path, "third", "BoundingBox", "drawn", PAGE, (f"{TOPICS}fixed-input", OUT))
    name = chain.queue.rpartition("/")[2]
    eventually(chain, lambda: chain.here.mdlc("redrive", name).code == 0 and chain.count("third") > 0)


def test_what_was_accepted_is_done_or_open_or_a_dead_letter_though_functions_are_killed(chain: Chain) -> None:
    before, letters = chain.count("first"), len(chain.letters)
    lines = [{"source-ref": chain.put(f"labeling/killed/{number}.jpg", "a picture")} for number in range(30)]
    killed = 0
    for number, line in enumerate(lines):
        chain.send(line)
        if number % 10 == 9:
            chain.send("{")
            killed += chain.kill("Streams")
    assert killed, "a function was at work"
    eventually(chain, lambda: chain.count("first") - before + len(chain.letters) - letters >= 33)
    assert chain.count("first") == before + 30
    assert len(chain.letters) == letters + 3
    eventually(chain, lambda: chain.store.stages("first")[Stage.WAITING] == 0)
    answered = chain.draw("first", DRAWN)
    assert answered >= 30
    chain.kill("Service")
    chain.here.done("labels", "stop", "first")
    eventually(chain, lambda: chain.status("first") == "Stopped")
    found = chain.here.done("labels", "describe", "first")["LabelCounters"]
    assert (found["HumanLabeled"], found["Unlabeled"]) == (chain.count("first"), 0)
    eventually(chain, lambda: chain.count("second") == found["HumanLabeled"])
