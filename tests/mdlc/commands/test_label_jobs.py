"""mdlc labels create, describe, list, stop, wait, progress and why, over a labeling service in this process."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from mdlc.labels import Client
from tests.lambda_.labeling.requests import classes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.mdlc.conftest import Mdlc
    from tests.mdlc.fake_aws import FakeAws

JOB = {
    "LabelingJobName": "birds",
    "LabelingJobArn": "arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/birds",
    "LabelingJobStatus": "Completed",
    "LabelCounters": {"TotalLabeled": 5, "HumanLabeled": 5, "FailedNonRetryableError": 1, "Unlabeled": 0},
    "CreationTime": 1_767_225_600,
    "LastModifiedTime": 1_767_225_660,
    "LabelingJobOutput": {"OutputDatasetS3Uri": "s3://data/labeling/out/birds/manifests/output/output.manifest"},
}


class Service:
    """Answers by operation; what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def invoke(self, request: dict[str, Any]) -> dict[str, Any]:
        assert request["FunctionName"] == "dev-labeling-jobs"
        event = json.loads(request["Payload"])
        self.asked.append((event["operation"], event["body"]))
        answer = self.answers[event["operation"]]
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def service(aws: FakeAws) -> Service:
    found = Service()
    aws.stacks["dev-labeling"] = {"LabelingFunctionName": "dev-labeling-jobs"}
    aws.answers["Invoke"] = found.invoke
    return found


def test_a_request_is_sent_as_it_is(service: Service, mdlc: Mdlc, tmp_path: Path) -> None:
    service.answers["CreateLabelingJob"] = {"answer": {"LabelingJobArn": JOB["LabelingJobArn"]}}
    (tmp_path / "request.json").write_text(json.dumps(classes()))
    ran = mdlc("labels", "create", str(tmp_path / "request.json"), "--yes", "--json")
    assert (ran.code, json.loads(ran.stdout)) == (0, {"job": "birds", "arn": JOB["LabelingJobArn"]})
    assert service.asked == [("CreateLabelingJob", classes())]


@pytest.mark.parametrize("text", ["no json", "[]"])
def test_what_is_no_request_is_not_sent(service: Service, mdlc: Mdlc, tmp_path: Path, text: str) -> None:
    (tmp_path / "request.json").write_text(text)
    assert mdlc("labels", "create", str(tmp_path / "request.json"), "--yes").code == 2
    assert service.asked == []


def test_a_refusal_is_told_in_its_own_sentence_and_raised_as_boto3_does(service: Service, mdlc: Mdlc) -> None:
    refused = {"Code": "ResourceNotFound", "Message": "There is no job birds."}
    service.answers["DescribeLabelingJob"] = {"error": refused}
    ran = mdlc("labels", "describe", "birds")
    assert (ran.code, ran.stderr.strip()) == (2, "mdlc: There is no job birds.")
    with pytest.raises(ClientError) as found:
        Client("dev").describe_labeling_job(LabelingJobName="birds")
    assert (found.value.operation_name, found.value.response["Error"]) == ("DescribeLabelingJob", refused)


def test_times_are_those_of_boto3_and_pages_are_followed(service: Service, mdlc: Mdlc) -> None:
    service.answers["ListLabelingJobs"] = {"answer": {"LabelingJobSummaryList": [JOB]}}
    (found,) = Client("dev").list_labeling_jobs(CreationTimeAfter=datetime(2025, 1, 1, tzinfo=UTC))[
        "LabelingJobSummaryList"
    ]
    assert found["CreationTime"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert service.asked == [("ListLabelingJobs", {"CreationTimeAfter": 1_735_689_600.0})]
    assert "birds" in mdlc("labels", "list").stdout


@pytest.mark.parametrize(("status", "code"), [("Completed", 0), ("Stopped", 0), ("Failed", 1)])
def test_waiting_ends_with_the_job(service: Service, mdlc: Mdlc, status: str, code: int) -> None:
    reason = {"FailureReason": "No object has a label."} if status == "Failed" else {}
    service.answers["DescribeLabelingJob"] = {"answer": JOB | {"LabelingJobStatus": status} | reason}
    ran = mdlc("labels", "wait", "birds")
    assert ran.code == code
    assert f"birds is {status}: 5 labeled, 1 without a label, 0 to come." in ran.stdout
    assert ("No object has a label." in ran.stderr) == (status == "Failed")


def test_progress_and_reasons_are_sentences(service: Service, mdlc: Mdlc) -> None:
    stages = {"unprepared": 0, "waiting": 0, "open": 2, "answered": 4, "labeled": 0, "failed": 0}
    progress = {"LabelingJobName": "birds", "LabelingJobStatus": "InProgress", "Objects": 6, "Stages": stages}
    service.answers["DescribeLabelingProgress"] = {"answer": progress}
    assert mdlc("labels", "progress", "birds").stdout.strip() == (
        "birds is InProgress; of 6 objects: 2 open, 4 answered."
    )
    said = [{"ObjectId": "3", "Sentence": "It has no label: Nobody answered."}]
    service.answers["ExplainLabelingObject"] = {"answer": {"Objects": said, "Unlabeled": 2}}
    assert mdlc("labels", "why", "birds").stdout.splitlines() == [
        "3: It has no label: Nobody answered.",
        "… and 1 more.",
    ]
    mdlc("labels", "why", "birds", "3")
    service.answers["StopLabelingJob"] = {"answer": {}}
    assert mdlc("labels", "stop", "birds", "--yes").code == 0
    assert [body for _, body in service.asked][-2:] == [
        {"LabelingJobName": "birds", "ObjectId": "3"},
        {"LabelingJobName": "birds"},
    ]


def test_progress_says_when_it_ends(service: Service, mdlc: Mdlc) -> None:
    forecast = {"Sentence": "4 answers are wanted, and people give 2.0 an hour.", "Ends": 1_767_232_800}
    times = {"Earliest": 1_767_229_200, "Latest": 1_767_236_400}
    stages = {"unprepared": 0, "waiting": 0, "open": 2, "answered": 4, "labeled": 0, "failed": 0}
    progress = {"LabelingJobName": "birds", "LabelingJobStatus": "InProgress", "Objects": 6, "Stages": stages}
    service.answers["DescribeLabelingProgress"] = {
        "answer": progress | {"Answers": 8, "Missing": 4, "Forecast": forecast | times, "Closing": 1}
    }
    assert mdlc("labels", "progress", "birds").stdout.splitlines()[1:] == [
        (
            "At this pace it ends at 2026-01-01 02:00 UTC, between 2026-01-01 01:00 and 2026-01-01 03:00."
            " 4 answers are wanted, and people give 2.0 an hour."
        ),
        "1 open objects are closed before that: more people would do.",
    ]
    found = json.loads(mdlc("labels", "progress", "birds", "--json").stdout)
    assert found["Forecast"]["Ends"] == "2026-01-01T02:00:00+00:00"


def test_questions_are_listed_and_answered(service: Service, mdlc: Mdlc) -> None:
    asked = {"QuestionId": "q1", "ObjectId": "3", "WorkerId": "w", "Text": "Is a kitten a cat?", "Asked": 1_767_225_600}
    done = asked | {"QuestionId": "q2", "Answer": "Yes.", "Answered": 1_767_225_660}
    service.answers["ListLabelingQuestions"] = {"answer": {"Questions": [asked, done]}}
    ran = mdlc("labels", "questions", "birds")
    assert "Is a kitten a cat?" in ran.stdout
    assert "q2" not in ran.stdout
    every = json.loads(mdlc("labels", "questions", "birds", "--all", "--json").stdout)["questions"]
    assert [each["QuestionId"] for each in every] == ["q1", "q2"]
    service.answers["AnswerLabelingQuestion"] = {"answer": {}}
    assert mdlc("labels", "answer", "birds", "q1", "Yes, it is.", "--yes").code == 0
    assert service.asked[-1] == (
        "AnswerLabelingQuestion",
        {"LabelingJobName": "birds", "QuestionId": "q1", "Text": "Yes, it is."},
    )
    service.answers["AnswerLabelingQuestion"] = {
        "error": {"Code": "ResourceNotFound", "Message": "birds has no question q9."}
    }
    ran = mdlc("labels", "answer", "birds", "q9", "Yes.", "--yes")
    assert (ran.code, ran.stderr.strip().splitlines()[-1]) == (2, "mdlc: birds has no question q9.")


def test_an_object_is_asked_about_again(service: Service, mdlc: Mdlc) -> None:
    service.answers["ReopenLabelingObject"] = {"answer": {}}
    ran = mdlc("labels", "reopen", "birds", "3", "--more", "2", "--yes")
    assert ran.stdout.strip() == "2 more people are asked about object 3 of birds."
    assert service.asked[-1] == ("ReopenLabelingObject", {"LabelingJobName": "birds", "ObjectId": "3", "More": 2})
