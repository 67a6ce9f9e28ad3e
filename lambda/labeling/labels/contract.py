"""What the functions of users' own are sent before and after people answer, and what they answer.

Sources: SageMaker developer guide, "Pre-annotation and Post-annotation Lambda Function Requirements"
(sms-custom-templates-step3-lambda-requirements) and "Creating a custom worker task template" (metadata of jobs without
a function after). The version is the one that the service sends, 2018-10-06 in the events of AWS's own
aws-sagemaker-ground-truth-recipe; the guide prints 2018-10-16. So with the metadata of custom jobs: in manifests of the
service its names have hyphens and its type small letters, which the guide prints otherwise.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

VERSION: Final = "2018-10-06"
_NEEDED: Final = ("isHumanAnnotationRequired", "humanAnnotationRequired")
"""The second is what an example of the guide's answers, which functions have copied."""


class ContractError(ValueError):
    """A function answered something else than Ground Truth asks of it; one sentence."""


@dataclass(frozen=True)
class TaskInput:
    """What a function makes of a line: what the template sees as `task.input`, and whether people are to answer."""

    value: Any
    needed: bool = True


@dataclass(frozen=True)
class Annotation:
    """What one person answered."""

    worker: str
    content: Mapping[str, Any]


def before(job_arn: str, line: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the event of the function that makes a task of a line of the manifest."""
    return {"version": VERSION, "labelingJobArn": job_arn, "dataObject": line}


def task_input(answer: object) -> TaskInput:
    """Return what that function answered. Raises ContractError."""
    if not isinstance(answer, Mapping) or "taskInput" not in answer:
        raise ContractError('The function before the task answered no "taskInput": return {"taskInput": {…}}.')
    for name in _NEEDED:
        match answer.get(name):
            case None:
                continue
            case bool(needed):
                return TaskInput(answer["taskInput"], needed)
            case str(text) if text.lower() in {"true", "false"}:
                return TaskInput(answer["taskInput"], text.lower() == "true")
            case other:
                raise ContractError(f'The function before the task answered "{name}": {other!r}: return true or false.')
    return TaskInput(answer["taskInput"])


def built_in_input(source: str, labels: Sequence[str]) -> TaskInput:
    """Return what Ground Truth's own functions make of a line: the object, and the classes to choose from."""
    return TaskInput({"taskObject": source, "labels": list(labels)})


def after(  # noqa: PLR0913 - the members of the event
    *,
    job_arn: str,
    attribute: str,
    categories: Sequence[str],
    role: str,
    payload: str,
    folder: str,
    workers: int,
    kms_key: str = "",
) -> Mapping[str, Any]:
    """Return the event of the function that makes labels of answers; `payload` is the URI of the answers' file.

    `kms_key` is the OutputConfig's; the event has it, and the categories, where the request has.
    """
    event = {
        "version": VERSION,
        "labelingJobArn": job_arn,
        "payload": {"s3Uri": payload},
        "labelAttributeName": attribute,
        "roleArn": role,
        "outputConfig": f"{folder}/annotations",
        "maxHumanWorkersPerDataObject": workers,
    }
    return (
        event
        | ({"labelCategories": list(categories)} if categories else {})
        | ({"kmsKeyId": kms_key} if kms_key else {})
    )


def payload(objects: Mapping[str, tuple[Mapping[str, Any], Sequence[Annotation]]]) -> Sequence[Mapping[str, Any]]:
    """Return what the answers' file says: of each object by its id its line, and what people answered."""
    return [
        {
            "datasetObjectId": identity,
            "dataObject": {"s3Uri": line["source-ref"]} if "source-ref" in line else {"content": line["source"]},
            "annotations": [
                {
                    "workerId": each.worker,
                    "annotationData": {"content": json.dumps(each.content, separators=(",", ":"), ensure_ascii=False)},
                }
                for each in annotations
            ],
        }
        for identity, (line, annotations) in objects.items()
    ]


def annotations(answer: object, asked: Sequence[str], attribute: str) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """Return the members that each object's line gets, and why others get none, by the ids that were `asked` about.

    Raises ContractError where nothing of the answer can be read.
    """
    if not isinstance(answer, Sequence) or isinstance(answer, str | bytes):
        raise ContractError('The function after the task answered no list: return [{"datasetObjectId": …}, …].')
    found: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for each in answer:
        match each:
            case {"datasetObjectId": str(identity), "consolidatedAnnotation": {"content": {**content}}}:
                if identity in asked and attribute in content:
                    found[identity] = content
                elif identity in asked:
                    failed[identity] = f'The function after the task gave the object no "{attribute}".'
            case {"datasetObjectId": str(identity)} if identity in asked:
                failed[identity] = (
                    'The function after the task gave the object no "consolidatedAnnotation" with content.'
                )
    for identity in asked:
        if identity not in found:
            failed.setdefault(identity, "The function after the task left the object out.")
    return found, failed


def metadata(job: str, when: datetime, response: str = "") -> Mapping[str, Any]:
    """Return what a custom job's label is said to come from; `response` is the URI of answers that nothing read."""
    moment = when.astimezone(UTC).replace(tzinfo=None)
    members = {
        "type": "groundtruth/custom",
        "job-name": job,
        "human-annotated": "yes",
        "creation-date": moment.isoformat(timespec="microseconds"),
    }
    return members | ({"worker-response-ref": response} if response else {})
