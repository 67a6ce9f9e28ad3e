"""Custom jobs: users' own functions run unchanged, and lines say what became of each object."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import boto3
import pytest

from labels import contract, custom, request
from labels.custom import Consolidate
from labels.output import ObjectResult
from labels.worker_response import Person, Response
from tests.lambda_.labeling.functions import moods, pages
from tests.lambda_.labeling.requests import classes

OWN = "arn:aws:lambda:us-east-1:111122223333:function:mine"
JOB = request.read(classes(before=OWN, after=OWN))
ARN = "arn:aws:sagemaker:us-east-1:111122223333:labeling-job/birds"
PAYLOAD = "annotations/consolidated-annotation/consolidation-request/iteration-1/2026-01-01_00:00:00.json"
WHEN = datetime(2026, 1, 1, tzinfo=UTC)
FACTS = {
    "type": "groundtruth/custom",
    "job-name": "birds",
    "human-annotated": "yes",
    "creation-date": "2026-01-01T00:00:00.000000",
}


def result(identity: str, line: Mapping[str, Any], *given: Mapping[str, Any], reason: str = "") -> ObjectResult:
    """Return an object that ada, bea, ... answered a second after each other."""
    responses = [
        Response(Person(f"private.{name}", name, "issuer"), content, WHEN, WHEN.replace(second=number), 1.0)
        for number, (name, content) in enumerate(zip(("ada", "bea", "cyd"), given, strict=False), 1)
    ]
    return ObjectResult(identity, line, {1: responses}, reason)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a user's function as the service does: with the event of the contract, and the payload in S3."""

    class Bucket:
        body = b""

        def get_object(self, *, Bucket: str, Key: str) -> Mapping[str, Any]:  # noqa: N803 - boto3's names
            assert (Bucket, Key) == ("bucket", f"output/birds/{PAYLOAD}")
            return {"Body": io.BytesIO(self.body)}

    s3 = Bucket()
    monkeypatch.setattr(boto3, "client", lambda _: s3)

    def after(function: ModuleType) -> Consolidate:
        def consolidate(payload: Sequence[Mapping[str, Any]]) -> object:
            s3.body = json.dumps(payload).encode()
            event = contract.after(
                job_arn=ARN,
                attribute=JOB.attribute,
                categories=(),
                role=JOB.role,
                payload=f"{JOB.folder}/{PAYLOAD}",
                folder=JOB.folder,
                workers=JOB.workers,
            )
            return function.after(json.loads(json.dumps(event)), None)

        return consolidate

    return after


def test_the_moods_of_texts(call: Any) -> None:
    line = {"source": "What a day", "id": 7}
    found = contract.task_input(moods.before(contract.before(ARN, line), None))
    assert (found.value, found.needed) == ({"taskObject": "What a day"}, True)
    happy, sad = {"mood": {"label": "happy"}}, {"mood": {"label": "sad"}}
    (made,) = custom.lines(JOB, [result("0", line, happy, sad, happy)], call(moods), when=WHEN)
    assert made == {
        "source": "What a day",
        "id": 7,
        "kind": {"label": "happy", "votes": 2, "text": {"content": "What a day"}},
        "kind-metadata": FACTS,
    }


def test_pages_with_all_that_people_said(call: Any) -> None:
    seen = {"source-ref": "s3://b/1.jpg", "seen": True}
    assert not contract.task_input(pages.before(contract.before(ARN, seen), None)).needed
    results = [
        result("0", {"source-ref": "s3://b/good.jpg"}, {"a": 1}),
        result("1", {"source-ref": "s3://b/bad.jpg"}, {"a": 2}),
        result("2", {"source-ref": "s3://b/late.jpg"}, reason="Nobody answered while there was time."),
    ]
    good, bad, late = custom.lines(JOB, results, call(pages), when=WHEN)
    assert good["kind"] == {"annotationsFromAllWorkers": [{"workerId": "private.ada", "annotation": {"a": 1}}]}
    assert good["kind-metadata"] == FACTS | {"pages": 1}
    assert bad["kind-metadata"]["failure-reason"] == "The function after the task left the object out."
    assert late["kind-metadata"] == FACTS | {"failure-reason": "Nobody answered while there was time."}


def test_without_a_function_a_line_says_where_the_answers_are() -> None:
    """As the guide's example, "Output data and your task template"."""
    (made,) = custom.lines(JOB, [result("0", {"source": "a"}, {"b": 1})], None, when=WHEN)
    name = "s3://bucket/output/birds/annotations/worker-response/iteration-1/0/2026-01-01_00:00:01.json"
    assert made == {"source": "a", "kind": {}, "kind-metadata": FACTS | {"worker-response-ref": name}}


def test_a_function_that_fails_loses_no_object() -> None:
    results = [result("0", {"source": "a", "kind": "old"}, {"b": 1}), result("1", {"source": "b"})]
    first, second = custom.lines(JOB, results, lambda _: {"errorMessage": "KeyError"}, when=WHEN)
    assert first["kind-metadata"]["failure-reason"].startswith("The function after the task answered no list")
    assert "kind" not in first
    assert second["kind-metadata"]["failure-reason"] == "Nobody answered."
