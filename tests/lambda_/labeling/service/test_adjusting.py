"""Batch jobs in which people correct, or judge, the labels of a job before."""

import json
from typing import Any

import pytest

from labeling_jobs.operations import OperationError
from task_store.jobs import State
from tests.lambda_.labeling.service.conftest import Service
from tests.lambda_.labeling.service.streaming import AGAIN, DRAWN, MOVED, PAGE, VERDICT, answer, draw, request

pytestmark = pytest.mark.slow
METADATA = {
    "objects": [{"confidence": 0.9}],
    "class-map": {"0": "bird"},
    "type": "groundtruth/object-detection",
    "human-annotated": "yes",
    "creation-date": "2026-01-01T00:00:00.000000",
    "job-name": "labeling-job/first",
}


def line(service: Service, number: int) -> dict[str, Any]:
    box = {name: value for name, value in DRAWN.items() if name != "label"}
    return {
        "source-ref": service.put(f"labeling/{number}.jpg", "a picture"),
        "drawn": {
            "image_size": [{"width": 100, "height": 80, "depth": 3}],
            "annotations": [{**box, "class_id": 0}],
        },
        "drawn-metadata": METADATA,
    }


def job(service: Service, lines: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """Return the request of a batch job about these lines."""
    body = request(service, topics=("", ""), **changes)
    text = "".join(f"{json.dumps(each)}\n" for each in lines)
    manifest = {"ManifestS3Uri": service.put("labeling/again.manifest", text)}
    return body | {"InputConfig": {"DataSource": {"S3DataSource": manifest}}}


def test_people_correct_the_boxes_of_a_job_before(service: Service) -> None:
    failed = {"source-ref": "s3://b/failed.jpg", "drawn-metadata": {"failure-reason": "Nobody answered."}}
    body = job(
        service,
        [line(service, 0), line(service, 1), failed],
        kind="AdjustmentBoundingBox",
        attribute="again",
        page=AGAIN,
    )
    service.do("CreateLabelingJob", **body)
    service.prepare()
    service.carry_on()
    (why,) = service.do("ExplainLabelingObject", LabelingJobName="birds", ObjectId="2")["Objects"]
    assert why["Sentence"] == (
        "It has no label: the line has no label 'drawn' with its metadata (Nobody answered.): "
        "this job shows people those of the job before; reopen it to ask again."
    )
    store = service.store()
    shown = json.loads(store.read(store.job("birds"), "0", "").item["Input"]["S"])
    assert (shown["labels"], shown["manifestLine"]["drawn-metadata"]["class-map"]) == (["bird", "nest"], {"0": "bird"})
    moved = next(iter(store.next(store.job("birds"), "ada", 1)))
    assert draw(service, box=DRAWN, person="bea") == 1, "the other is ada's"
    assert draw(service, box=MOVED) == 1
    assert service.carry_on() is State.COMPLETED
    lines = service.lines()
    status = [each["again-metadata"].get("adjustment-status") for each in lines]
    assert status[int(moved)] == "adjusted"
    assert status[1 - int(moved)] == "unadjusted"
    assert lines[2]["again-metadata"]["failure-reason"].startswith("The line has no label 'drawn'")
    assert lines[0]["drawn-metadata"] == METADATA, "the labels of the job before stay"


def test_people_judge_the_boxes_of_a_job_before(service: Service) -> None:
    body = job(
        service,
        [line(service, 0)],
        kind="VerificationBoundingBox",
        attribute="audit",
        page=VERDICT,
        labels=("right", "wrong"),
    )
    service.do("CreateLabelingJob", **body)
    service.prepare()
    service.carry_on()
    assert answer(service, "birds", {"ok": {"label": "wrong", "workerComment": "too small"}}) == 1
    assert service.carry_on() is State.COMPLETED
    (found,) = service.lines()
    assert found["audit"] == "1"
    assert found["audit-metadata"]["type"] == "groundtruth/label-verification"
    assert found["audit-metadata"]["worker-feedback"] == [{"comment": "too small"}]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"page": PAGE}, "The template shows the labels of none"),
        ({"attribute": "drawn"}, "LabelAttributeName is drawn, which holds the labels that people are shown"),
        ({"page": AGAIN.replace("drawn", "other")}, "Line 1 of the manifest, like all others, has no label 'other'"),
    ],
)
def test_what_shows_no_labels_is_refused(service: Service, changes: dict[str, Any], says: str) -> None:
    usual = {"kind": "AdjustmentBoundingBox", "attribute": "again", "page": AGAIN}
    with pytest.raises(OperationError, match=says):
        service.do("CreateLabelingJob", **job(service, [line(service, 0)], **usual | changes))
