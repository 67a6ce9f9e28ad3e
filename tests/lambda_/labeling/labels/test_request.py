"""Requests as botocore's model and the developer guide have them, and a sentence for each that is refused."""

import re
from typing import Any

import botocore.session
import pytest
from botocore.model import StructureShape

from labels import request, task_types
from labels.service_model import RequestError
from labels.task_types import CUSTOM, TYPES, UnknownTaskError
from tests.lambda_.labeling.requests import boxes, classes, task

PAGE = "arn:aws:sagemaker:us-west-1:394669845002:human-task-ui"
TOPIC = "arn:aws:sns:us-east-1:111122223333:topic"
STREAM = {"DataSource": {"SnsDataSource": {"SnsTopicArn": TOPIC}}}
OWN = "arn:aws:lambda:us-east-1:111122223333:function:mine"


def test_what_a_request_says() -> None:
    found = request.read(boxes())
    assert (found.job, found.attribute, found.team, found.folder) == (
        "birds",
        "boxes",
        "birders",
        "s3://bucket/output/birds",
    )
    assert found.task is TYPES["BoundingBox"]
    assert (found.before, found.after) == ("", "")
    assert (found.workers, found.limit) == (3, 300)
    assert (found.available, found.concurrent) == (2_592_000, 1000)  # the API reference's defaults for a private team


def test_the_type_is_known_by_either_function_of_any_account() -> None:
    assert request.read(classes(before="ImageMultiClass")).task is TYPES["ImageMultiClass"]
    assert request.read(classes(before=OWN, after="TextMultiClass")).task is TYPES["TextMultiClass"]
    china = "arn:aws-cn:lambda:cn-north-1:111122223333:function:PRE-NamedEntityRecognition"
    assert request.read(classes(before=china)).task is TYPES["NamedEntityRecognition"]


def test_a_job_of_own_functions_is_custom_and_one_without_any_is_told_by_its_template() -> None:
    own = request.read(classes(before=OWN, after=OWN))
    assert (own.task, own.before, own.after) == (CUSTOM, OWN, OWN)
    assert request.read(classes()).task is None
    assert (
        task_types.of_template('<crowd-form><crowd-image-classifier name="a"/></crowd-form>')
        is TYPES["ImageMultiClass"]
    )
    assert task_types.of_template("<crowd-form><crowd-input></crowd-input></crowd-form>") is CUSTOM
    assert task_types.of_template("<crowd-classifier/><crowd-bounding-box/>") is CUSTOM


def test_the_page_for_entities_is_its_type() -> None:
    page = {"HumanTaskUiArn": f"{PAGE}/NamedEntityRecognition"}
    assert request.read(classes(UiConfig=page)).task is TYPES["NamedEntityRecognition"]


def test_a_streaming_job_has_topics_and_needs_no_manifest() -> None:
    """The guide's request, sms-streaming-create-labeling-job-api: StoppingConditions are ignored there."""
    found = request.read(boxes(InputConfig=STREAM, StoppingConditions={"MaxHumanLabeledObjectCount": 1}))
    assert found.streaming is not None
    assert (found.streaming.objects, found.streaming.labels, found.manifest) == (TOPIC, "", "")
    assert found.most_labeled is None
    assert request.read(boxes()).streaming is None


def test_adjustment_and_verification_are_types_of_their_own() -> None:
    found = request.read(classes("AdjustmentBoundingBox", "AdjustmentBoundingBox")).task
    assert found is not None
    assert (found.kind, found.earlier) == ("boxes", "adjusts")
    found = request.read(classes("VerificationBoundingBox", "VerificationBoundingBox")).task
    assert found is not None
    assert (found.kind, found.earlier) == ("class", "verifies")
    assert task_types.of_template("<crowd-bounding-box/>") is TYPES["BoundingBox"], "a template alone says neither"


def test_every_built_in_function_is_offered_or_refused_by_name() -> None:
    """Of the names in AWS's own model none is unknown."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape = model.shape_for("HumanTaskConfig")
    assert isinstance(shape, StructureShape)
    text = shape.members["PreHumanTaskLambdaArn"].documentation
    names = {name for name in re.findall(r"PRE-(\w+)", text) if name != "PassThrough"}
    assert len(names) == 22
    for name in names - TYPES.keys():
        with pytest.raises(UnknownTaskError, match=rf"^{name} is not offered: .+\.$"):
            task_types.by_name(name)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ([], "The request is no object: give the body of CreateLabelingJob"),
        (boxes(LabelingJobName="-birds"), "LabelingJobName has not the form"),
        (boxes(LabelingJobName="b" * 64), "LabelingJobName is more than 63"),
        (boxes(Labels=[]), 'Unknown parameter in input: "Labels"'),
        ({name: value for name, value in boxes().items() if name != "RoleArn"}, 'request: "RoleArn"'),
        (boxes(HumanTaskConfig=task(NumberOfHumanWorkersPerDataObject=10)), "DataObject is more than 9"),
        (boxes(HumanTaskConfig=task(TaskTimeLimitInSeconds=29)), "valid min value: 30"),
        (boxes(HumanTaskConfig=task(TaskTimeLimitInSeconds="300")), "Invalid type for parameter HumanTask"),
        (boxes(HumanTaskConfig=task(TaskTimeLimitInSeconds=28_801)), "give 28800 seconds at most"),
        (boxes(HumanTaskConfig=task(TaskAvailabilityLifetimeInSeconds=2_592_001)), "give 2592000 seconds"),
        (boxes(HumanTaskConfig=task(UiConfig={})), "UiConfig needs one of UiTemplateS3Uri and HumanTaskUiArn"),
        (boxes(HumanTaskConfig=task(PublicWorkforceTaskPrice={})), "which is closed"),
        (boxes(LabelAttributeName="boxes-metadata"), "ends with -metadata"),
        (boxes(LabelAttributeName="boxes-ref"), "ends with -ref, which BoundingBox"),
        (boxes(LabelingJobAlgorithmsConfig={"LabelingJobAlgorithmSpecificationArn": "arn:x"}), "automated labeling"),
        (boxes(InputConfig={"DataSource": {}}), "has no S3DataSource"),
        (boxes(OutputConfig={"S3OutputPath": "s3://b/o", "SnsTopicArn": TOPIC}), "SnsTopicArn is for streaming jobs"),
        (boxes(InputConfig=STREAM, OutputConfig={"S3OutputPath": "s3://b/o", "SnsTopicArn": TOPIC}), "come by"),
        (classes(before="VideoObjectTracking"), "PreHumanTaskLambdaArn: VideoObjectTracking is not offered"),
        (classes(before="3DPointCloudObjectDetection"), "3DPointCloudObjectDetection is not offered: point clouds"),
        (classes(after="SemanticSegmentation"), "SemanticSegmentation is not offered: masks"),
        (classes(before="Nonsense"), "Nonsense is no type of Ground Truth's: use one of AdjustmentBoundingBox"),
        (classes(before="ImageMultiClass", after="TextMultiClass"), "give the pair of one type"),
        (classes(UiConfig={"HumanTaskUiArn": f"{PAGE}/PointCloudObjectTracking"}), "3DPointCloudObjectTracking is"),
    ],
)  # fmt: skip
def test_what_is_refused_and_what_it_says(body: Any, sentence: str) -> None:
    with pytest.raises(RequestError, match=re.escape(sentence)) as refused:
        request.read(body)
    assert str(refused.value).endswith(".")


def test_tags_are_held_against_the_pattern_of_the_model() -> None:
    assert request.read(boxes(Tags=[{"Key": "équipe", "Value": "birds"}])).job == "birds"
    with pytest.raises(RequestError, match=r"Tags\[0\].Key has not the form"):
        request.read(boxes(Tags=[{"Key": "a;b", "Value": ""}]))
