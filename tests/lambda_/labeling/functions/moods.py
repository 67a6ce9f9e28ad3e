"""Functions of a user's own, after the developer guide's examples: they know of Ground Truth, and not of mdlc."""

import json
from collections import Counter
from typing import Any
from urllib.parse import urlparse

import boto3


def before(event: Any, _context: Any) -> Any:
    """The guide's last example of a pre-annotation function, which answers a text under a name of its own."""
    source, source_ref = event["dataObject"].get("source"), event["dataObject"].get("source-ref")
    task_object = source if source is not None else source_ref
    output = {"taskInput": {"taskObject": task_object}, "humanAnnotationRequired": "true"}
    if task_object is None:
        output["humanAnnotationRequired"] = "false"
    return output


def after(event: Any, _context: Any) -> Any:
    """A vote, read as the guide's example of a post-annotation function reads answers."""
    place = urlparse(event["payload"]["s3Uri"])
    body = boto3.client("s3").get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))["Body"].read()
    consolidated = []
    for thing in json.loads(body):
        votes: Counter[str] = Counter()
        for annotation in thing["annotations"]:
            content = annotation["annotationData"].get("content")
            votes[json.loads(content)["mood"]["label"]] += 1
        label, count = votes.most_common(1)[0]
        consolidated.append({
            "datasetObjectId": thing["datasetObjectId"],
            "consolidatedAnnotation": {
                "content": {event["labelAttributeName"]: {"label": label, "votes": count, "text": thing["dataObject"]}}
            },
        })  # fmt: skip
    return consolidated
