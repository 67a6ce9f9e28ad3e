"""Requests that no job is made of: each with one sentence that names what is wrong, and nothing is left."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from labeling_jobs.operations import OperationError
from tests.lambda_.labeling.requests import task
from tests.lambda_.labeling.service.conftest import Service

pytestmark = pytest.mark.slow
LINES = [{"source": "one"}, {"source": "two"}]
Change = Callable[[Service, dict[str, Any]], None]


def people(**changes: Any) -> Change:
    return lambda _, body: body["HumanTaskConfig"].update(changes)


def manifest(text: str) -> Change:
    def change(service: Service, body: dict[str, Any]) -> None:
        uri = service.put("labeling/other.manifest", text)
        body["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] = uri

    return change


def page(text: str) -> Change:
    return lambda service, _: (service.put("labeling/page.liquid.html", text), None)[1]


def member(**changes: Any) -> Change:
    return lambda _, body: body.update(changes)


def pictures(service: Service, body: dict[str, Any]) -> None:
    account = "arn:aws:lambda:eu-west-1:568282634449:function"
    people(
        PreHumanTaskLambdaArn=f"{account}:PRE-ImageMultiClass",
        AnnotationConsolidationConfig={"AnnotationConsolidationLambdaArn": f"{account}:ACS-ImageMultiClass"},
    )(service, body)
    manifest(json.dumps({"source-ref": f"s3://{service.workshop.name}/labeling/gone.jpg"}))(service, body)


def unlisted(service: Service, body: dict[str, Any]) -> None:
    people(PreHumanTaskLambdaArn="arn:aws:lambda:eu-west-1:111122223333:function:evil")(service, body)


TEAM = str(task()["WorkteamArn"]).replace("birders", "others")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (people(WorkteamArn=TEAM), "names others: the teams of this environment are birders"),
        (people(NumberOfHumanWorkersPerDataObject=99), "NumberOfHumanWorkersPerDataObject"),
        (unlisted, "function:evil, which this environment calls for nobody"),
        (page('<script src="https://evil.example.com/x.js">'), "loads something from evil.example.com"),
        (page(""), "The worker template is empty"),
        (manifest("no json\n"), "The manifest is refused: Line 1 is no JSON"),
        (manifest('{"source":"a"}\n{"source":"a"}\n'), "Line 2 says the same as line 1"),
        (manifest('{"source-ref":"s3://b/a.jpg"}\n'), 'has "source-ref", and this type of task needs "source"'),
        (pictures, "The first object s3://[^ ]+/labeling/gone.jpg is not there"),
        (member(LabelCategoryConfigS3Uri="s3://elsewhere/c.json"), "where jobs of this environment reach nothing"),
        (member(OutputConfig={"S3OutputPath": "s3://elsewhere/out"}), "S3OutputPath is s3://elsewhere/out/"),
        (member(LabelAttributeName="kind-metadata"), "ends with -metadata"),
    ],
)
def test_a_request_is_refused_in_one_sentence(service: Service, change: Change, says: str) -> None:
    body = service.request(LINES)
    change(service, body)
    with pytest.raises(OperationError, match=says) as found:
        service.do("CreateLabelingJob", **body)
    assert found.value.kind == "ValidationException"
    assert service.do("ListLabelingJobs")["LabelingJobSummaryList"] == []


def test_a_key_of_the_requests_own_and_missing_classes_are_refused(service: Service) -> None:
    body = service.request(LINES)
    with pytest.raises(OperationError, match="KmsKeyId is not kept"):
        service.do("CreateLabelingJob", **body | {"OutputConfig": {**body["OutputConfig"], "KmsKeyId": "alias/own"}})
    del body["LabelCategoryConfigS3Uri"]
    with pytest.raises(OperationError, match="LabelCategoryConfigS3Uri is missing"):
        service.do("CreateLabelingJob", **body)


@pytest.mark.parametrize(
    ("operation", "body", "kind"),
    [
        ("DescribeLabelingJob", {"LabelingJobName": "none"}, "ResourceNotFound"),
        ("StopLabelingJob", {}, "ValidationException"),
        ("StopLabelingJob", {"LabelingJobName": "reviews_birds"}, "ResourceNotFound"),
        ("DeleteLabelingJob", {}, "UnknownOperationException"),
    ],
)
def test_what_is_asked_wrongly_has_sagemakers_name(service: Service, operation: str, body: Any, kind: str) -> None:
    with pytest.raises(OperationError) as found:
        service.do(operation, **body)
    assert found.value.kind == kind
