"""Events, answers and files as AWS documents them, byte for byte."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from labels import answers, contract, worker_log, worker_response
from labels.answers import Single
from labels.contract import Annotation, ContractError, TaskInput
from labels.worker_log import Activity, Deed
from labels.worker_response import Person, Response

ARN = "arn:aws:sagemaker:us-west-2:111122223333:labeling-job/labeling-job-name"


def test_the_event_before() -> None:
    """The second example of the guide's, in the version that the service sends."""
    line = {"source": "Sue purchased 10 shares of the stock on April 10th, 2020"}
    assert contract.before(ARN, line) == {"version": "2018-10-06", "labelingJobArn": ARN, "dataObject": line}


@pytest.mark.parametrize(
    ("answer", "needed"),
    [
        ({"taskInput": {"a": 1}}, True),
        ({"taskInput": {"a": 1}, "isHumanAnnotationRequired": False}, False),
        ({"taskInput": {"a": 1}, "isHumanAnnotationRequired": "false"}, False),
        ({"taskInput": {"a": 1}, "humanAnnotationRequired": "true"}, True),  # the guide's last example
    ],
)
def test_answers_before(answer: Mapping[str, Any], needed: bool) -> None:  # noqa: FBT001 - a parameter of the table
    assert contract.task_input(answer) == TaskInput({"a": 1}, needed)


def test_what_templates_of_built_in_types_see() -> None:
    """The guide's templates, "Create an Image Classification Job (API)" and others, name these two members."""
    assert contract.built_in_input("s3://b/1.jpg", ("dog", "cat")) == TaskInput(
        {"taskObject": "s3://b/1.jpg", "labels": ["dog", "cat"]}
    )


@pytest.mark.parametrize("answer", [None, [], {"input": 1}, {"taskInput": {}, "isHumanAnnotationRequired": 3}])
def test_what_is_no_answer_before(answer: object) -> None:
    with pytest.raises(ContractError, match="The function before the task answered"):
        contract.task_input(answer)


def test_the_event_after() -> None:
    """The guide's example, with the members that events of the service have besides."""
    assert contract.after(
        job_arn=ARN,
        attribute="labeling-job-attribute-name",
        categories=["Ex Category1", "Ex Category2"],
        role="arn:aws:iam::111122223333:role/role-name",
        payload="s3://DOC-EXAMPLE-BUCKET/annotations.json",
        folder="s3://DOC-EXAMPLE-BUCKET/labeling-job-name",
        workers=1,
        kms_key="key",
    ) == {
        "version": "2018-10-06",
        "labelingJobArn": ARN,
        "labelCategories": ["Ex Category1", "Ex Category2"],
        "labelAttributeName": "labeling-job-attribute-name",
        "roleArn": "arn:aws:iam::111122223333:role/role-name",
        "payload": {"s3Uri": "s3://DOC-EXAMPLE-BUCKET/annotations.json"},
        "outputConfig": "s3://DOC-EXAMPLE-BUCKET/labeling-job-name/annotations",
        "maxHumanWorkersPerDataObject": 1,
        "kmsKeyId": "key",
    }


def test_the_payload() -> None:
    """The guide's example "Bounding Box Payload": what people drew is JSON in a text."""
    drawn = {
        "boundingBox": {
            "boundingBoxes": [{"height": 2052, "label": "Bird", "left": 583, "top": 302, "width": 1375}],
            "inputImageProperties": {"height": 2497, "width": 3745},
        }
    }
    line = {"source-ref": "s3://DOC-EXAMPLE-BUCKET/gt-input-data/images/bird1.jpg"}
    worker = "private.us-west-2.ab1234c5678a919d0"
    assert contract.payload({"0": (line, [Annotation(worker, drawn)])}) == [
        {
            "datasetObjectId": "0",
            "dataObject": {"s3Uri": "s3://DOC-EXAMPLE-BUCKET/gt-input-data/images/bird1.jpg"},
            "annotations": [
                {
                    "workerId": "private.us-west-2.ab1234c5678a919d0",
                    "annotationData": {
                        "content": '{"boundingBox":{"boundingBoxes":[{"height":2052,"label":"Bird","left":583,'
                        '"top":302,"width":1375}],"inputImageProperties":{"height":2497,"width":3745}}}'
                    },
                }
            ],
        }
    ]
    (text,) = contract.payload({"1": ({"source": "Sift 3 cups of flour into the bowl."}, [])})
    assert text["dataObject"] == {"content": "Sift 3 cups of flour into the bowl."}


def test_answers_after_and_why_an_object_has_none() -> None:
    answer = [
        {"datasetObjectId": "0", "consolidatedAnnotation": {"content": {"kind": {"a": 1}}}},
        {"datasetObjectId": "1", "consolidatedAnnotation": {"content": {"other": 1}}},
        {"datasetObjectId": "2"},
        {"datasetObjectId": "9", "consolidatedAnnotation": {"content": {"kind": 1}}},
        "nothing",
    ]
    found, failed = contract.annotations(answer, ["0", "1", "2", "3"], "kind")
    assert found == {"0": {"kind": {"a": 1}}}
    assert failed == {
        "1": 'The function after the task gave the object no "kind".',
        "2": 'The function after the task gave the object no "consolidatedAnnotation" with content.',
        "3": "The function after the task left the object out.",
    }
    with pytest.raises(ContractError, match="answered no list"):
        contract.annotations({"errorMessage": "no"}, ["0"], "kind")


def test_the_metadata_of_a_custom_job() -> None:
    """As in the README of AWS's amazon-comprehend-semi-structured-documents-annotation-tools, and the guide's URI."""
    when = datetime(2021, 8, 23, 22, 41, 12, 546000, tzinfo=UTC)
    expected = {
        "type": "groundtruth/custom",
        "job-name": "semi-structured-job",
        "human-annotated": "yes",
        "creation-date": "2021-08-23T22:41:12.546000",
    }
    assert contract.metadata("semi-structured-job", when) == expected
    uri = (
        "s3://amzn-s3-demo-bucket/test-labeling-job/annotations/worker-response/iteration-1/0/2021-03-08_23:06:49.json"
    )
    assert contract.metadata("semi-structured-job", when, uri) == expected | {"worker-response-ref": uri}


def test_a_worker_response() -> None:
    """The guide's example, "Worker Metadata"; `labels.answers` reads the file."""
    issuer = "https://cognito-idp.aws-region.amazonaws.com/aws-region_123456789"
    person = Person("a12b3cdefg4h5i67", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", issuer)
    accepted = datetime(2020, 12, 28, 18, 59, 15, 191000, tzinfo=UTC)
    submitted = datetime(2020, 12, 28, 18, 59, 58, 321000, tzinfo=UTC)
    response = Response(person, {"crowd-image-classifier": {"label": "Falcon"}}, accepted, submitted, 40.543)
    file = worker_response.file([response])
    assert json.loads(json.dumps(file)) == {
        "answers": [
            {
                "answerContent": {"crowd-image-classifier": {"label": "Falcon"}},
                "submissionTime": "2020-12-28T18:59:58.321Z",
                "acceptanceTime": "2020-12-28T18:59:15.191Z",
                "timeSpentInSeconds": 40.543,
                "workerId": "a12b3cdefg4h5i67",
                "workerMetadata": {
                    "identityData": {
                        "identityProviderType": "Cognito",
                        "issuer": "https://cognito-idp.aws-region.amazonaws.com/aws-region_123456789",
                        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
                    }
                },
            }
        ]
    }
    (read,) = answers.read(file)
    assert isinstance(read, Single)
    assert (read.worker, read.label, read.seconds, read.submitted) == ("a12b3cdefg4h5i67", "Falcon", 40.543, submitted)
    when = datetime(2021, 3, 8, 23, 6, 49, tzinfo=UTC)  # the guide's URI
    assert worker_response.key(1, "0", when) == "annotations/worker-response/iteration-1/0/2021-03-08_23:06:49.json"


def test_a_line_of_the_worker_log() -> None:
    """The guide's example, whose account it does not print."""
    activity = Activity(
        event=Deed.SUBMITTED,
        worker="cd449a289e129409",
        pool="us-east-2_IpicJXXXX",
        sub="d6947aeb-0650-447a-ab5d-894db61017fd",
        workteam="arn:aws:sagemaker:us-east-2:111122223333:workteam/private-crowd/Sample-labeling-team",
        job="arn:aws:sagemaker:us-east-2:111122223333:labeling-job/metrics-demo",
        account="111122223333",
        reference="123456789012",
        accepted=datetime(2019, 8, 14, 16, 0, 59, tzinfo=UTC),
        ended=datetime(2019, 8, 14, 16, 1, 4, tzinfo=UTC),
    )
    found = json.dumps(worker_log.line(activity), indent=2)
    assert (
        found
        == """{
  "worker_id": "cd449a289e129409",
  "cognito_user_pool_id": "us-east-2_IpicJXXXX",
  "cognito_sub_id": "d6947aeb-0650-447a-ab5d-894db61017fd",
  "task_accepted_time": "Wed Aug 14 16:00:59 UTC 2019",
  "task_submitted_time": "Wed Aug 14 16:01:04 UTC 2019",
  "task_returned_time": "",
  "workteam_arn": "arn:aws:sagemaker:us-east-2:111122223333:workteam/private-crowd/Sample-labeling-team",
  "labeling_job_arn": "arn:aws:sagemaker:us-east-2:111122223333:labeling-job/metrics-demo",
  "work_requester_account_id": "111122223333",
  "job_reference_code": "123456789012",
  "job_type": "Private",
  "event_type": "TasksSubmitted",
  "event_timestamp": "1565798464"
}"""
    )
    returned = worker_log.line(Activity(**{**vars(activity), "event": Deed.RETURNED}))
    assert (returned["task_submitted_time"], returned["task_returned_time"]) == ("", "Wed Aug 14 16:01:04 UTC 2019")
    assert re.fullmatch(r"\d{10}", returned["event_timestamp"])
