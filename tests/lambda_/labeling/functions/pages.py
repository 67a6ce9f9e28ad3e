"""Functions of a user's own, after aws-sagemaker-ground-truth-recipe: all annotations go on as they are."""

import json
import re
from typing import Any

import boto3


def before(event: Any, _context: Any) -> Any:
    """Ask people only about pictures that nobody has looked at."""
    line = event["dataObject"]
    return {"taskInput": line, "isHumanAnnotationRequired": not line.get("seen", False)}


def after(event: Any, _context: Any) -> Any:
    """Keep what every worker said; one object has no answer that can be used."""
    found = re.fullmatch(r"s3://([^/]+)/(.+)", event["payload"]["s3Uri"])
    assert found
    dataset = json.load(boto3.client("s3").get_object(Bucket=found[1], Key=found[2])["Body"])
    assert event["maxHumanWorkersPerDataObject"]
    answer = []
    for item in dataset:
        if item["dataObject"]["s3Uri"].endswith("/bad.jpg"):
            continue
        annotations = [
            {"workerId": each["workerId"], "annotation": json.loads(each["annotationData"]["content"])}
            for each in item["annotations"]
        ]
        attribute = event["labelAttributeName"]
        content = {attribute: {"annotationsFromAllWorkers": annotations}, f"{attribute}-metadata": {"pages": 1}}
        answer.append({
            "datasetObjectId": item["datasetObjectId"],
            "consolidatedAnnotation": {"content": content},
        })  # fmt: skip
    return answer
