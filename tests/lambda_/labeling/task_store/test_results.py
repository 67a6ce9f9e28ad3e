"""A job from the first task to its output tree, which `mdlc labels consolidate` reads."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labels import job as whole
from labels import output
from labels.objects import DataObject, split
from labels.objects import read as read_objects
from labels.task import Answer, Close, Open
from labels.tree import load
from task_store.results import Pool, results
from tests.lambda_.labeling.conftest import Workshop

KINDS = ("carp", "bream")
POOL = Pool("eu-west-1", "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf")


@pytest.mark.slow
def test_what_people_answer_becomes_the_tree_that_is_read_back(workshop: Workshop, tmp_path: Path) -> None:
    store, job, chance = workshop.store(), workshop.job(wanted=3), random.Random(0)
    text = "".join(f'{{"source-ref":"s3://b/{number}.jpg","id":{number}}}\n' for number in range(12))
    lines = [each for each in read_objects(split(text)) if isinstance(each, DataObject)]
    truth = {line.id: chance.choice(KINDS) for line in lines}
    for line in lines:
        store.add(job, line, {"taskObject": line.source, "labels": list(KINDS)})
        store.change(job, line.id, Open())
    for person in ("ada", "bea", "cyd"):  # who are right in 11 of 12
        wrong, count = chance.choice(sorted(truth)), 12 if person == "ada" else 11
        for identity in store.next(job, person, count):
            workshop.now += 7
            said = KINDS[0] if truth[identity] == KINDS[1] and identity == wrong else truth[identity]
            store.act(job, identity, person, Answer(f"{person}-{identity}", json.dumps({"k": {"label": said}}), 5))
    for line in lines:
        store.change(job, line.id, Close("The job was stopped."))

    found = results(store, "birds", POOL)
    when = datetime(2026, 1, 1, tzinfo=UTC)
    made = whole.consolidate(output.tree("birds", found), "kind", KINDS, when=when)
    folder = tmp_path / "birds"
    files = dict(file for each in found for file in each.files()) | {output.MANIFEST: output.manifest(made.lines)}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")

    read = load(folder)
    assert sum(len(given) for given in read.answers.values()) == 12 + 11 + 11
    again = whole.consolidate(read, "kind", KINDS, when=when)
    assert again.lines == made.lines, "the tree says all that the labels were made of"
    assert [line["id"] for line in made.lines] == list(range(12)), "what lines say beside is kept"
    assert [line["kind-metadata"]["class-name"] for line in made.lines] == [truth[line.id] for line in lines]


def test_an_object_that_nobody_answered_says_why_in_its_line() -> None:
    silent = output.ObjectResult("0", {"source": "a"}, {}, "Nobody answered while there was time.")
    assert (silent.latest, list(silent.files())) == ("", [])
    tree = output.tree("birds", [silent])
    assert tree.unread == {0: "Nobody answered while there was time."}
