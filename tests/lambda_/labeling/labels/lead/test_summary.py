"""The figures of a job that runs, in one JSON object: three people, of whom one errs, and one who only skipped."""

import json
from typing import Any

import pytest

from labels.lead.summary import of_job
from labels.task import Hold, Lease, Object, Stage
from labels.tree import Tree
from tests.lambda_.labeling.labels.test_quality_of_job import KINDS, job

NOW = 1_000_000
TREE = job({"w-ann": {"label": "fish"}, "w-bob": {"label": "fish"}, "w-cid": {"label": "bird"}}, objects=4)
THINGS = [Object(3, Stage.ANSWERED, answers=3)] * 4 + [Object(3, Stage.OPEN, left=3, until=NOW + 60)]


def lease(state: Hold, reason: str = "") -> Lease:
    return Lease(state, NOW - 3600, NOW, NOW, NOW - 5, 1, active=9, submitted=NOW - 10, reason=reason)


LEASES = [
    *((worker, lease(Hold.SUBMITTED)) for worker in ("ann", "bob", "cid") for _ in range(4)),
    ("cid", lease(Hold.DECLINED, "unclear")),
    ("dan", lease(Hold.DECLINED, "broken")),
]


def figures(tree: Tree = TREE, **more: Any) -> dict[str, Any]:
    found = of_job(THINGS, LEASES, tree, now=NOW, worker=lambda sub: f"w-{sub}", **more)
    assert json.loads(json.dumps(found)) == found, "it is JSON"
    return found


def test_progress_people_and_quality_stand_together() -> None:
    known = {0: {"source-ref": "s3://b/0", "kind": 0, "kind-metadata": {"class-name": "fish"}}}
    found = figures(categories=["fish", "bird"], known=known, attribute="kind", usd_an_hour=12.0)
    assert found["progress"]["missing"] == 3
    assert found["progress"]["forecast"]["ends"] == NOW + 900  # twelve answers in an hour
    assert found["progress"]["closing"] == 1
    people = {each["worker"]: each for each in found["people"]}
    assert people["w-cid"]["gold"] == {"right": 0, "of": 1}
    assert people["w-cid"]["skips"] == 1
    assert people["w-cid"]["work"]["reasons"] == {"unclear": 1}
    assert people["w-cid"]["confusions"][0]["said"] == "bird"
    assert people["w-dan"] == {"worker": "w-dan", "work": people["w-dan"]["work"]}
    assert people["w-ann"]["work"]["an_hour"] == 400
    assert found["disagreements"][-1]["object"] == "s3://b/0", "what is known is surest"
    assert len(found["disagreements"]) == 4
    assert found["usd_of_a_correct_label"] == pytest.approx(12 * 9 / 3600 * 12 / (4 * found["accuracy"]), rel=1e-3)


def test_where_quality_cannot_be_told_the_rest_is_and_it_is_said_why() -> None:
    mixed = Tree("fish", TREE.lines, {0: TREE.answers[0], 1: KINDS["boxes"].answers[0]}, {})
    found = figures(mixed)
    assert found["unmeasured"].endswith("here people give boxes and class.")
    assert [each["worker"] for each in found["people"]] == ["w-ann", "w-bob", "w-cid", "w-dan"]
    assert found["progress"]["answers"] == 12
