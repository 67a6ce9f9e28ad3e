"""Requests that make labeling jobs, for the tests."""

from typing import Any


def boxes(**changes: Any) -> dict[str, Any]:
    """Return the guide's request for bounding boxes, "Create a Labeling Job (API)", with members changed."""
    return {
        "LabelingJobName": "birds",
        "LabelAttributeName": "boxes",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://bucket/birds.manifest"}}},
        "OutputConfig": {"S3OutputPath": "s3://bucket/output/"},
        "RoleArn": "arn:aws:iam::111122223333:role/labeling",
        "LabelCategoryConfigS3Uri": "s3://bucket/categories.json",
        "HumanTaskConfig": task(),
    } | changes


def task(**changes: Any) -> dict[str, Any]:
    """Return the part of it that is about people."""
    return {
        "WorkteamArn": "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/birders",
        "UiConfig": {"UiTemplateS3Uri": "s3://bucket/boxes.liquid.html"},
        "PreHumanTaskLambdaArn": "arn:aws:lambda:us-east-1:432418664414:function:PRE-BoundingBox",
        "TaskTitle": "Draw boxes around birds",
        "TaskDescription": "A box around every bird",
        "NumberOfHumanWorkersPerDataObject": 3,
        "TaskTimeLimitInSeconds": 300,
        "AnnotationConsolidationConfig": {
            "AnnotationConsolidationLambdaArn": "arn:aws:lambda:us-east-1:432418664414:function:ACS-BoundingBox"
        },
    } | changes


def classes(before: str = "", after: str = "", **changes: Any) -> dict[str, Any]:
    """Return a request with these functions, ARNs or names of built-in types; without them one of a template alone."""
    account = "arn:aws:lambda:eu-west-1:568282634449:function"
    people = task(**changes)
    del people["PreHumanTaskLambdaArn"], people["AnnotationConsolidationConfig"]
    if before:
        people["PreHumanTaskLambdaArn"] = before if before.startswith("arn:") else f"{account}:PRE-{before}"
    if after:
        arn = after if after.startswith("arn:") else f"{account}:ACS-{after}"
        people["AnnotationConsolidationConfig"] = {"AnnotationConsolidationLambdaArn": arn}
    return boxes(LabelAttributeName="kind", HumanTaskConfig=people)
