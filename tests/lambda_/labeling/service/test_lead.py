"""What who leads a job does by the command line: looks how far it is, reopens objects, and answers questions."""

import pytest

from labeling_jobs.operations import OperationError
from labels.task import Close, Stage
from tests.lambda_.labeling.service.conftest import Service
from tests.lambda_.labeling.service.test_jobs import TEXTS, says

pytestmark = pytest.mark.slow


@pytest.fixture
def job(service: Service) -> Service:
    service.do("CreateLabelingJob", **service.request(TEXTS, NumberOfHumanWorkersPerDataObject=1))
    service.prepare()
    service.carry_on()
    return service


def test_progress_has_a_forecast_at_the_pace_of_the_last_day(job: Service) -> None:
    found = job.do("DescribeLabelingProgress", LabelingJobName="birds")
    assert (found["Answers"], found["Missing"]) == (0, 6)
    assert found["Forecast"] == {"Sentence": "Nobody has answered yet, and 6 answers are wanted."}
    begun = job.workshop.now
    assert job.store().next(job.store().job("birds"), "ada")
    job.workshop.now += 1800
    assert job.answer("ada", says, 2) == 2
    job.workshop.now += 1800
    found = job.do("DescribeLabelingProgress", LabelingJobName="birds")
    assert (found["Stages"]["open"], found["Stages"]["answered"], found["Missing"]) == (4, 2, 4)
    assert found["Forecast"]["Ends"] == begun + 3600 + 4 * 3600 // 2, "two answers in an hour, and four are missing"


def test_a_failed_object_is_asked_about_again_while_its_job_goes_on(job: Service) -> None:
    store = job.store()
    store.change(store.job("birds"), "3", Close("Nobody answered while there was time."))
    (why,) = job.do("ExplainLabelingObject", LabelingJobName="birds", ObjectId="3")["Objects"]
    assert why["Sentence"] == ("It has no label: nobody answered while there was time; reopen it to ask again.")
    assert job.do("ReopenLabelingObject", LabelingJobName="birds", ObjectId="3") == {}
    assert store.now(store.job("birds"), ["3"])["3"].stage is Stage.OPEN
    with pytest.raises(OperationError, match="The object is open: people are asked about it as it is") as found:
        job.do("ReopenLabelingObject", LabelingJobName="birds", ObjectId="3")
    assert found.value.kind == "ValidationException"
    with pytest.raises(OperationError, match="There is no such task") as found:
        job.do("ReopenLabelingObject", LabelingJobName="birds", ObjectId="99")
    assert found.value.kind == "ResourceNotFound"
    with pytest.raises(OperationError, match="More must be a number from 1 to 9"):
        job.do("ReopenLabelingObject", LabelingJobName="birds", ObjectId="3", More=0)
    job.answer("ada", says)
    job.carry_on()
    with pytest.raises(OperationError, match="birds is Completed: a new job of the object's line asks"):
        job.do("ReopenLabelingObject", LabelingJobName="birds", ObjectId="3")


def test_an_object_that_is_reopened_while_its_job_ends_keeps_it_open(job: Service) -> None:
    job.answer("ada", says)
    calls = iter(range(10_000))

    def meddle() -> None:
        if next(calls) == 60:
            job.do("ReopenLabelingObject", LabelingJobName="birds", ObjectId="0")

    assert job.carry_on(before=meddle).value == "InProgress"
    assert job.store().now(job.store().job("birds"), ["0"])["0"].stage is Stage.OPEN
    assert job.answer("bea", says) == 1
    assert job.carry_on().value == "Completed"


def test_questions_are_listed_and_answered(job: Service) -> None:
    store = job.store()
    assert job.do("ListLabelingQuestions", LabelingJobName="birds") == {"Questions": []}
    store.questions.ask("birds", "2", "ada", "Is this happy?", 1_000)
    store.questions.ask("birds", "1", "bea", "And this?", 999)
    older, newer = job.do("ListLabelingQuestions", LabelingJobName="birds")["Questions"]
    assert (older["Text"], newer["Text"], newer["ObjectId"], newer["Asked"]) == (
        "And this?",
        "Is this happy?",
        "2",
        1_000,
    )
    assert newer["WorkerId"].startswith("private.eu-west-1."), "as in the job's output"
    job.do("AnswerLabelingQuestion", LabelingJobName="birds", QuestionId=newer["QuestionId"], Text="Yes.")
    answered = {
        each["QuestionId"]: each.get("Answer")
        for each in job.do("ListLabelingQuestions", LabelingJobName="birds")["Questions"]
    }
    assert answered == {newer["QuestionId"]: "Yes.", older["QuestionId"]: None}
    with pytest.raises(OperationError, match="birds has no question none"):
        job.do("AnswerLabelingQuestion", LabelingJobName="birds", QuestionId="none", Text="Yes.")
    with pytest.raises(OperationError, match="Text must have 1 to 2,000 characters"):
        job.do("AnswerLabelingQuestion", LabelingJobName="birds", QuestionId=newer["QuestionId"], Text=" ")
