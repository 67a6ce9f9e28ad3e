"""Jobs from their requests to their ends, each function called as the table's stream would have it called."""

import json
from typing import Any

import pytest

from labeling_jobs.operations import STOPPED, OperationError
from labels.task import Answer, Stage, Undo
from task_store.jobs import State
from tests.lambda_.labeling.conftest import Workshop
from tests.lambda_.labeling.functions import moods
from tests.lambda_.labeling.service.conftest import AFTER, BEFORE, Service, own

pytestmark = pytest.mark.slow
TEXTS = [{"source": f"text {number}", "id": number} for number in range(6)]


def says(identity: str) -> str:
    return "happy" if int(identity) % 2 else "sad"


def test_a_job_of_a_built_in_type_from_its_request_to_its_labels(service: Service) -> None:
    body = service.request(TEXTS)
    arn = service.do("CreateLabelingJob", **body)["LabelingJobArn"]
    assert arn == "arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/birds"
    assert service.do("DescribeLabelingJob", LabelingJobName="birds")["LabelingJobStatus"] == "Initializing"
    service.prepare()
    assert service.carry_on() is State.IN_PROGRESS
    assert [job.title for job in service.store().jobs_of_team("birders")] == ["Draw boxes around birds"]
    assert [service.answer(person, says) for person in ("ada", "bea")] == [6, 6]
    assert service.carry_on() is State.IN_PROGRESS, "one of three answers is missing"
    assert service.answer("cyd", lambda _: "happy") == 6
    assert service.carry_on() is State.COMPLETED
    assert [line["kind-metadata"]["class-name"] for line in service.lines()] == [says(str(n)) for n in range(6)]
    assert [line["id"] for line in service.lines()] == list(range(6))
    found = service.do("DescribeLabelingJob", LabelingJobName="birds")
    assert found["LabelCounters"] == {
        "TotalLabeled": 6,
        "HumanLabeled": 6,
        "MachineLabeled": 0,
        "FailedNonRetryableError": 0,
        "Unlabeled": 0,
    }
    made = found["LabelingJobOutput"]["OutputDatasetS3Uri"]
    assert made.endswith("/labeling/out/birds/manifests/output/output.manifest")
    assert len(service.keys("labeling/out/birds/annotations/worker-response/iteration-1/")) == 6
    assert service.carry_on() is State.COMPLETED, "told again, nothing is done"


def test_users_functions_make_the_tasks_and_the_labels(service: Service) -> None:
    own(service, moods)
    body = service.request([*TEXTS[:2], {"source": "nobody", "skip": True}], BEFORE, AFTER)
    plain = moods.before
    service.functions.handlers[BEFORE] = lambda event, context: (
        {"taskInput": {}, "humanAnnotationRequired": "false"}
        if event["dataObject"].get("skip")
        else plain(event, context)
    )
    service.do("CreateLabelingJob", **body)
    service.prepare()
    service.carry_on()
    for person in ("ada", "bea", "cyd"):
        store = service.store()
        job = store.job("birds")
        for identity in store.next(job, person, 3):
            content = json.dumps({"mood": {"label": "happy" if person == "ada" else "sad"}})
            store.act(job, identity, person, Answer(person, content, 1))
    assert service.carry_on() is State.COMPLETED
    first, second, third = service.lines()
    assert [line["kind"]["votes"] for line in (first, second)] == [2, 2]
    assert first["kind"]["label"] == "sad"
    assert third["kind-metadata"]["failure-reason"].startswith("The function before the task says that nobody")
    (asked,) = service.keys("labeling/out/birds/annotations/consolidated-annotation/consolidation-request/")
    assert [each["datasetObjectId"] for each in json.loads(service.read(asked))] == ["0", "1"]
    assert service.keys("labeling/out/birds/annotations/consolidated-annotation/consolidation-response/")
    assert service.functions.calls == [BEFORE] * 3 + [AFTER]


def test_a_users_function_that_fails_spoils_its_objects_and_says_why(service: Service) -> None:
    own(service, moods)

    def before(event: Any, context: Any) -> Any:
        if event["dataObject"]["id"] == 1:
            raise RuntimeError("no such picture")
        return moods.before(event, context)

    service.functions.handlers[BEFORE] = before
    service.functions.handlers[AFTER] = lambda *_: {"wrong": 1}
    service.do("CreateLabelingJob", **service.request(TEXTS[:2], BEFORE, AFTER, NumberOfHumanWorkersPerDataObject=1))
    service.prepare()
    service.carry_on()
    (why,) = service.do("ExplainLabelingObject", LabelingJobName="birds", ObjectId="1")["Objects"]
    assert why["Sentence"] == ("It has no label: the function before failed: no such picture; reopen it to ask again.")
    service.answer("ada", says)
    assert service.carry_on() is State.FAILED
    found = service.do("DescribeLabelingJob", LabelingJobName="birds")
    assert found["FailureReason"].startswith("No object has a label; of the first it is said: The function after")
    assert found["LabelCounters"]["FailedNonRetryableError"] == 2


def test_a_stop_in_the_middle_ends_with_what_there_is(service: Service) -> None:
    service.do("CreateLabelingJob", **service.request(TEXTS, NumberOfHumanWorkersPerDataObject=1))
    service.prepare()
    service.carry_on()
    assert service.answer("ada", says, 2) == 2
    service.do("StopLabelingJob", LabelingJobName="birds")
    assert service.do("DescribeLabelingJob", LabelingJobName="birds")["LabelingJobStatus"] == "Stopping"
    assert service.carry_on() is State.STOPPED
    counters = service.do("DescribeLabelingJob", LabelingJobName="birds")["LabelCounters"]
    assert (counters["HumanLabeled"], counters["FailedNonRetryableError"], counters["Unlabeled"]) == (2, 4, 0)
    reasons = [line["kind-metadata"].get("failure-reason") for line in service.lines()]
    assert sorted(map(str, reasons)) == ["None"] * 2 + [STOPPED] * 4
    service.do("StopLabelingJob", LabelingJobName="birds")  # a second time is the first one


def test_a_job_that_is_stopped_while_it_begins_asks_nobody(service: Service) -> None:
    service.do("CreateLabelingJob", **service.request(TEXTS))
    service.prepare(portion=2)
    service.do("StopLabelingJob", LabelingJobName="birds")
    service.prepare()
    assert service.carry_on() is State.STOPPED
    assert service.store().stages("birds") == {Stage.FAILED: 2}
    assert (
        service.do("ListLabelingJobs", StatusEquals="Stopped")["LabelingJobSummaryList"][0]["LabelingJobName"]
        == "birds"
    )


def test_no_more_are_asked_about_at_once_and_no_more_are_labeled_than_the_request_says(service: Service) -> None:
    body = service.request(TEXTS, MaxConcurrentTaskCount=2, NumberOfHumanWorkersPerDataObject=1)
    service.do("CreateLabelingJob", **body, StoppingConditions={"MaxHumanLabeledObjectCount": 3})
    service.prepare()
    service.carry_on()
    assert service.store().stages("birds") == {Stage.OPEN: 2, Stage.WAITING: 4}
    assert service.answer("ada", says) == 2
    service.carry_on()
    assert service.answer("ada", says) == 2
    assert [service.carry_on(), service.carry_on()] == [State.STOPPING, State.STOPPED]
    assert service.do("DescribeLabelingJob", LabelingJobName="birds")["LabelCounters"]["HumanLabeled"] == 4


def test_an_answer_taken_back_at_the_last_moment_keeps_the_job_open(service: Service) -> None:
    service.do("CreateLabelingJob", **service.request(TEXTS[:2], NumberOfHumanWorkersPerDataObject=1))
    service.prepare()
    service.carry_on()
    service.answer("ada", says)
    store, calls = service.store(), iter(range(10_000))

    def meddle() -> None:
        if next(calls) == 20:
            store.act(store.job("birds"), "0", "ada", Undo())

    assert service.carry_on(before=meddle) is State.IN_PROGRESS
    assert store.stages("birds")[Stage.OPEN] == 1
    assert service.answer("ada", says) == 1
    assert service.carry_on() is State.COMPLETED


def test_a_function_that_is_killed_anywhere_loses_nothing(service: Service) -> None:
    """Every call to AWS is once the last that a function does; the table tells of the same job again."""

    class Killed(BaseException):
        pass

    def killed(after: int) -> Any:
        left = iter(range(after))

        def before() -> None:
            if next(left, None) is None:
                raise Killed

        return before

    def until_done(step: Any) -> int:
        for after in range(0, 400, 3):
            try:
                step(killed(after))
            except Killed:
                continue
            return after
        raise AssertionError("it never ends")

    body = service.request(TEXTS, NumberOfHumanWorkersPerDataObject=1)
    assert until_done(lambda before: service.operations(before).do("CreateLabelingJob", body))
    assert until_done(lambda before: service.prepare(before=before))
    assert until_done(lambda before: service.carry_on(before=before))
    assert service.answer("ada", says) == 6
    assert until_done(lambda before: service.carry_on(before=before))
    assert service.store().job("birds").state is State.COMPLETED
    assert [line["kind-metadata"]["class-name"] for line in service.lines()] == [says(str(n)) for n in range(6)]


def test_a_job_that_nobody_carries_on_is_looked_at_again(workshop: Workshop) -> None:
    service = Service(workshop)
    service.do("CreateLabelingJob", **service.request(TEXTS))
    assert service.store().look_again() == []
    workshop.now += 301
    assert service.store().look_again() == ["birds"]
    assert service.store().look_again() == [], "it has been touched"


def test_the_same_request_again_is_the_same_job_and_another_is_refused(service: Service) -> None:
    body = service.request(TEXTS)
    assert service.do("CreateLabelingJob", **body) == service.do("CreateLabelingJob", **body)
    with pytest.raises(OperationError, match="There is a job birds already") as found:
        service.do("CreateLabelingJob", **body | {"LabelAttributeName": "other"})
    assert found.value.kind == "ResourceInUse"
