"""Streaming jobs from a message to a published label, each function called as the queue and the table would."""

import json
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from labeling_arrivals.handler import messages, take_all
from labeling_arrivals.receiving import TRIES, Message
from labeling_jobs.operations import STOPPED, OperationError
from labels.task import Stage
from labels.tree import load
from task_store.jobs import State
from tests.lambda_.labeling.service.conftest import AFTER, BEFORE, TOPICS, Service
from tests.lambda_.labeling.service.streaming import (
    ADJUSTED,
    AGAIN,
    IN,
    MOVED,
    OUT,
    answer,
    body,
    deliver,
    draw,
    event,
    picture,
    published,
    request,
    start,
)

pytestmark = pytest.mark.slow
DAY = 24 * 3600
KEY = "dataset-objectid-attribute-name"
MANIFEST = "labeling/out/birds/manifests/output/output.manifest"


class Killed(BaseException):
    """What a killed process raises here."""


def killed(after: int) -> Callable[[], None]:
    left = iter(range(after))

    def before() -> None:
        if next(left, None) is None:
            raise Killed

    return before


def until_done(step: Callable[[Callable[[], None]], object]) -> int:
    """Do something again and again, killed a call later each time, until it comes to its end; return how often."""
    for after in range(300):
        try:
            step(killed(after))
        except Killed:
            continue
        return after
    raise AssertionError("it never ends")


def test_a_message_becomes_a_label_at_once_and_three_times_the_same_is_one(service: Service) -> None:
    start(service, request(service))
    line = picture(service)
    sent = body({**line, KEY: "name", "name": "first"})
    assert deliver(service, sent, sent, body({**line, KEY: "name", "name": "first"}, identity="id-2")) == []
    assert service.carry_on() is State.IN_PROGRESS
    assert service.store().stages("birds") == {Stage.OPEN: 1}
    assert draw(service) == 1
    assert service.carry_on() is State.IN_PROGRESS
    (found,) = published(service, OUT)
    assert (found["source-ref"], found["name"]) == (line["source-ref"], "first")
    assert found["drawn"]["annotations"] == [{"class_id": 0, "left": 10, "top": 10, "width": 20, "height": 20}]
    service.carry_on()
    assert len(published(service, OUT)) == 1, "told again, nothing is published again"
    identity = sha256(b"first").hexdigest()
    assert service.keys(f"labeling/out/birds/annotations/worker-response/iteration-1/{identity}/")


def test_one_event_of_a_bucket_is_one_adjusted_object_of_the_second_job(service: Service) -> None:
    """Card E: the topic of the labels of the first is the topic of the objects of the second."""
    start(service, request(service))
    start(service, request(service, "again", "AdjustmentBoundingBox", "fixed", AGAIN, (OUT, ADJUSTED)))
    happened = event(service, "a picture+1.jpg")
    assert deliver(service, body(happened)) == []
    service.carry_on()
    assert draw(service) == 1
    service.carry_on()
    (first,) = published(service, OUT)
    assert first["source-ref"].endswith("/labeling/streams/birds/a picture+1.jpg"), "the key is as it is"
    assert first["$sequencer"] == "0055AED6DCD90281E5"
    assert deliver(service, *[body(first, OUT, each) for each in ("id-2", "id-3")]) == []
    service.carry_on("again")
    assert draw(service, "again", MOVED) == 1
    service.carry_on("again")
    (second,) = published(service, ADJUSTED)
    assert second["fixed"]["annotations"][0]["left"] == MOVED["left"]
    assert second["fixed-metadata"]["adjustment-status"] == "adjusted"
    assert second["drawn"] == first["drawn"]
    assert second["$drawn-object-id"] == f"{first['source-ref']}#0055AED6DCD90281E5"
    assert service.post.letters == []


def poison(service: Service) -> dict[str, tuple[str, str]]:
    """Return bodies of which no object can be made, and what is said of each."""
    line, other = picture(service), dict(picture(service, "2.jpg"))
    gone = f"s3://{service.workshop.name}/labeling/streams/birds/gone.jpg"
    deleted = {**event(service, "3.jpg"), "detail-type": "Object Deleted"}
    own = event(service, "4.jpg")
    own["detail"]["object"]["key"] = "labeling/out/birds/manifests/x.jpg"
    unordered = event(service, "5.jpg")
    del unordered["detail"]["object"]["sequencer"]
    empty = event(service, "6.jpg")
    empty["detail"]["object"]["size"] = 0
    return {
        "not JSON": (body(str(line)), "birds: The message is no JSON"),
        "no source": (body({"name": 1}), 'birds: The message has neither of "source" and "source-ref"'),
        "two": (body({**line, "source": "a"}), 'birds: The message has source and source-ref of "source" and'),
        "a text for a job of pictures": (body({"source": "a text"}), 'birds: The message has "source", and this type'),
        "too long": (body({**line, "more": "a" * 20_001}), 'birds: The message has 20,001 characters in "more"'),
        "no id": (body({**other, KEY: "name"}), "birds: The message names 'name' for its id, and has no text there"),
        "deleted": (body(deleted), "birds: Object Deleted of s3://"),
        "output": (body(own), "is output of the job itself: let the bucket tell of another prefix."),
        "no sequencer": (body(unordered), "has no sequencer, by which it would be known again."),
        "empty": (body(empty), "is empty: there is nothing to show people."),
        "not there": (body({"source-ref": gone}), f"birds: The object {gone} is not there, or cannot be read"),
        "elsewhere": (body({"source-ref": "s3://elsewhere/1.jpg"}), "where jobs of this environment reach nothing"),
        "another topic": (body(line, f"{TOPICS}fish-input"), "is none of this environment's streams"),
        "nobody listens": (body(line, f"{TOPICS}boxes-input"), "No job listens to dev-boxes-input: create one, and"),
        "raw": (json.dumps(line), "does not say its TopicArn and MessageId"),
    }


def test_each_kind_of_poison_is_a_dead_letter_with_its_reason(service: Service) -> None:
    start(service, request(service))
    found = poison(service)
    assert deliver(service, *[each for each, _ in found.values()], body(picture(service, "good.jpg"))) == []
    assert len(service.post.letters) == len(found)
    for (sent, says), (kept, reason) in zip(found.values(), service.post.letters, strict=True):
        assert kept == sent
        assert says in reason
        assert reason.endswith(".")
    assert service.store().stages("birds") == {Stage.WAITING: 1}


def test_labels_that_nobody_listens_to_are_no_dead_letters(service: Service) -> None:
    assert deliver(service, body(picture(service), OUT), body({"Event": "s3:TestEvent", "Bucket": "b"}, OUT)) == []
    assert service.post.letters == []


def test_no_more_are_asked_about_at_once_than_the_request_says(service: Service) -> None:
    start(service, request(service, MaxConcurrentTaskCount=2))
    deliver(service, *[body(picture(service, f"{number}.jpg"), identity=f"id-{number}") for number in range(5)])
    service.carry_on()
    assert service.store().stages("birds") == {Stage.OPEN: 2, Stage.WAITING: 3}
    assert draw(service) == 2
    service.carry_on()
    assert service.store().stages("birds") == {Stage.LABELED: 2, Stage.OPEN: 2, Stage.WAITING: 1}


def test_a_job_that_is_stopped_keeps_what_there_is_and_takes_no_more(service: Service) -> None:
    start(service, request(service))
    deliver(service, body(picture(service)), body(picture(service, "2.jpg"), identity="id-2"))
    service.carry_on()
    store = service.store()
    (first,) = store.next(store.job("birds"), "ada", 1)
    draw(service, person="ada")
    service.carry_on()
    service.workshop.now += 1
    deliver(service, body(picture(service, "3.jpg"), identity="id-3"))
    service.do("StopLabelingJob", LabelingJobName="birds")
    deliver(service, body(picture(service, "4.jpg"), identity="id-4"))
    assert service.post.letters[0][1].startswith("No job listens to dev-birds-input")
    assert service.carry_on() is State.STOPPED
    lines = [json.loads(line) for line in service.read(MANIFEST).splitlines()]
    assert [line["drawn-metadata"].get("failure-reason") for line in lines] == [None, None, STOPPED]
    assert len(published(service, OUT)) == 2
    found = service.do("DescribeLabelingJob", LabelingJobName="birds")
    counters = found["LabelCounters"]
    assert (counters["HumanLabeled"], counters["FailedNonRetryableError"], counters["Unlabeled"]) == (2, 1, 0)
    assert list(store.listeners(IN)) == []
    assert first


def test_a_job_that_closes_between_the_look_and_the_writing_takes_nothing(service: Service) -> None:
    start(service, request(service))
    receiver = service.receiver()
    receiver._listening(IN)  # noqa: SLF001 - the moment between the two
    service.do("StopLabelingJob", LabelingJobName="birds")
    receiver.receive(Message("m", body(picture(service))))
    assert [reason for _, reason in service.post.letters] == [
        "birds: The job has ended, and takes no more objects: create another that listens."
    ]


def test_a_job_to_which_nothing_is_sent_ends_ten_days_after_its_last_label(service: Service) -> None:
    start(service, request(service))
    service.workshop.now += 9 * DAY
    deliver(service, body(picture(service)))
    assert service.carry_on() is State.IN_PROGRESS
    service.workshop.now += 9 * DAY
    assert draw(service) == 1
    assert service.carry_on() is State.IN_PROGRESS
    service.workshop.now += 10 * DAY - 60
    assert service.carry_on() is State.IN_PROGRESS
    service.workshop.now += 120
    assert service.carry_on() is State.STOPPING
    assert service.carry_on() is State.STOPPED
    assert service.store().job("birds").reason == "Nothing came for 10 days after the last object was labeled."


def test_an_object_that_people_have_before_them_keeps_a_job_from_its_end(service: Service) -> None:
    start(service, request(service))
    deliver(service, body(picture(service)))
    service.carry_on()
    service.workshop.now += 20 * DAY
    assert service.carry_on() is State.IN_PROGRESS


def test_the_manifest_is_written_from_time_to_time(service: Service) -> None:
    start(service, request(service))
    deliver(service, *[body(picture(service, f"{number}.jpg"), identity=f"id-{number}") for number in range(2)])
    service.carry_on()
    draw(service)
    service.workshop.now += 1000
    service.carry_on()
    lines = [json.loads(line) for line in service.read(MANIFEST).splitlines()]
    assert [line["source-ref"].rpartition("/")[2] for line in lines] == ["0.jpg", "1.jpg"] or len(lines) == 2
    assert all("drawn" in line for line in lines)


def test_a_job_may_begin_with_a_manifest(service: Service) -> None:
    asked = request(service)
    lines = "".join(json.dumps(picture(service, f"{number}.jpg")) + "\n" for number in range(2))
    asked["InputConfig"]["DataSource"]["S3DataSource"] = {"ManifestS3Uri": service.put("labeling/in", lines)}
    start(service, asked)
    deliver(service, body(picture(service, "3.jpg")))
    service.carry_on()
    assert draw(service) == 3
    service.carry_on()
    service.do("StopLabelingJob", LabelingJobName="birds")
    assert service.carry_on() is State.STOPPED
    written = [json.loads(line) for line in service.read(MANIFEST).splitlines()]
    assert [line["source-ref"].rpartition("/")[2] for line in written] == ["0.jpg", "1.jpg", "3.jpg"]
    assert [line["$drawn-object-id"] for line in written] == ["birds/0", "birds/1", "id-1"]


def test_users_functions_make_tasks_and_labels_of_batches(service: Service) -> None:
    asked = request(service, kind="", attribute="kind")
    asked["HumanTaskConfig"]["PreHumanTaskLambdaArn"] = BEFORE
    asked["HumanTaskConfig"]["AnnotationConsolidationConfig"] = {"AnnotationConsolidationLambdaArn": AFTER}
    batches: list[int] = []

    def after(event: Any, _: Any) -> Any:
        payload = json.loads(service.read(event["payload"]["s3Uri"].partition(f"{service.workshop.name}/")[2]))
        batches.append(len(payload))
        return [
            {"datasetObjectId": each["datasetObjectId"], "consolidatedAnnotation": {"content": {"kind": {"n": 1}}}}
            for each in payload
        ]

    service.functions.handlers |= {
        BEFORE: lambda event, _: {"taskInput": {"it": event["dataObject"]["source"]}},
        AFTER: after,
    }
    start(service, asked)
    deliver(service, *[body({"source": f"text {number}"}, identity=f"id-{number}") for number in range(3)])
    service.carry_on()
    assert answer(service, "birds", {"mood": {"label": "happy"}}) == 3
    service.carry_on()
    assert batches == [3]
    assert {line["source"] for line in published(service, OUT)} == {"text 0", "text 1", "text 2"}
    assert published(service, OUT)[0]["kind-metadata"]["type"] == "groundtruth/custom"


def test_a_users_function_that_fails_for_a_message_fails_its_object_and_says_why(service: Service) -> None:
    asked = request(service, kind="", page='<crowd-form><crowd-input name="mood"></crowd-input></crowd-form>')
    asked["HumanTaskConfig"]["PreHumanTaskLambdaArn"] = BEFORE
    start(service, asked)
    service.functions.handlers[BEFORE] = lambda *_: {"wrong": 1}
    deliver(service, body({"source": "a text"}))
    service.carry_on()
    (why,) = service.do("ExplainLabelingObject", LabelingJobName="birds")["Objects"]
    assert why["Sentence"].startswith('It has no label: the function before the task answered no "taskInput"')
    assert published(service, OUT) == []


def test_people_ask_about_objects_by_the_id_that_they_sent(service: Service) -> None:
    start(service, request(service))
    deliver(service, body({**picture(service), KEY: "name", "name": "first"}))
    (why,) = service.do("ExplainLabelingObject", LabelingJobName="birds", ObjectId="first")["Objects"]
    assert why == {
        "ObjectId": sha256(b"first").hexdigest(),
        "Sentence": "It waits for its turn: as many objects as may be are open before it.",
    }
    assert service.do("ExplainLabelingObject", LabelingJobName="birds")["Unlabeled"] == 1
    with pytest.raises(OperationError, match="birds has no object second: give its id in the line"):
        service.do("ExplainLabelingObject", LabelingJobName="birds", ObjectId="second")
    found = service.do("DescribeLabelingProgress", LabelingJobName="birds")
    assert (found["Objects"], found["Stages"]["waiting"], found["Stages"]["unprepared"]) == (1, 1, 0)
    counters = service.do("DescribeLabelingJob", LabelingJobName="birds")["LabelCounters"]
    assert (counters["Unlabeled"], counters["TotalLabeled"]) == (1, 0)


def test_the_tree_of_a_streaming_job_is_read_as_that_of_others(service: Service, tmp_path: Any) -> None:
    start(service, request(service))
    deliver(service, body(picture(service)))
    service.carry_on()
    draw(service)
    service.carry_on()
    service.do("StopLabelingJob", LabelingJobName="birds")
    service.carry_on()
    for name in service.keys("labeling/out/birds/"):
        file = tmp_path / name.removeprefix("labeling/out/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(service.read(name))
    assert [len(given) for given in load(tmp_path / "birds").answers.values()] == [1]


def test_whatever_is_killed_what_was_accepted_is_done_or_open_or_a_dead_letter(service: Service) -> None:
    """Every call to AWS is once the last that a function does; the queue and the table tell of the same again."""
    asked = request(service)
    assert until_done(lambda before: service.operations(before).do("CreateLabelingJob", asked))
    assert until_done(lambda before: service.prepare(before=before))
    good = [body(picture(service, f"{number}.jpg"), identity=f"id-{number}") for number in range(3)]
    bad = [body({"source": "a text"}, identity="bad-1"), body("{", identity="bad-2")]
    assert until_done(lambda before: deliver(service, good[0], bad[0], good[1], bad[1], good[2], before=before))
    assert until_done(lambda before: service.carry_on(before=before))
    assert draw(service) == 3
    assert until_done(lambda before: service.carry_on(before=before))
    deliver(service, body(picture(service, "4.jpg"), identity="id-4"))
    service.carry_on()
    service.workshop.now += 400
    assert service.store().look_again() == ["birds"], "what was lost on the way is found"
    accepted = {json.loads(each)["MessageId"] for each in good} | {"id-4"}
    stages = service.store().stages("birds")
    assert stages == {Stage.LABELED: 3, Stage.OPEN: 1}
    assert sum(stages.values()) == len(accepted)
    assert {text for text, _ in service.post.letters} == set(bad)
    lines = published(service, OUT)
    assert Counter(line["$drawn-object-id"] for line in lines).keys() == {"id-0", "id-1", "id-2"}
    assert len({json.dumps(line, sort_keys=True) for line in lines}) == 3, "what comes twice is the same"
    service.do("StopLabelingJob", LabelingJobName="birds")
    assert until_done(lambda before: service.carry_on(before=before))
    assert service.store().job("birds").state is State.STOPPED


def test_a_message_that_fails_again_and_again_is_given_up_with_the_reason(service: Service) -> None:
    start(service, request(service))

    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("the table is not there")

    receiver = service.receiver()
    receiver.files = Broken()  # type: ignore[assignment]
    sent = body(picture(service))
    assert take_all(receiver, [Message("m", sent, TRIES - 1)]) == {"m": "RuntimeError: the table is not there"}
    assert service.post.letters == []
    assert take_all(receiver, [Message("m", sent, TRIES)]) == {}
    assert service.post.letters == [
        (sent, f"It failed {TRIES} times, at last with RuntimeError: the table is not there")
    ]


def test_a_dead_letter_that_is_put_back_is_a_message_again() -> None:
    """As mdlc redrive does: the function is called with what stands in the letter."""
    letter = json.loads(body({"source": "a"}))
    (found,) = messages(letter)
    assert json.loads(found.body) == letter
    record = {"messageId": "m", "body": "b", "eventSource": "aws:sqs", "attributes": {"ApproximateReceiveCount": "3"}}
    assert [(each.id, each.body, each.tries) for each in messages({"Records": [record]})] == [("m", "b", 3)]


@pytest.mark.parametrize(
    ("topics", "says"),
    [
        ((f"{TOPICS}fish-input", OUT), "SnsTopicArn is .*fish-input, which is none of this environment's"),
        ((IN, f"{TOPICS}birds-input"), "OutputConfig.SnsTopicArn is the topic that the objects come by"),
        ((IN, f"{TOPICS}boxes-input"), "OutputConfig.SnsTopicArn is .*boxes-input, which is none of"),
        ((IN, OUT.replace("east", "west")), "OutputConfig.SnsTopicArn is in us-west-1"),
    ],
)
def test_topics_that_are_none_of_the_environments_are_refused(
    service: Service, topics: tuple[str, str], says: str
) -> None:
    with pytest.raises(OperationError, match=says):
        service.do("CreateLabelingJob", **request(service, topics=topics))
    assert service.do("ListLabelingJobs")["LabelingJobSummaryList"] == []
