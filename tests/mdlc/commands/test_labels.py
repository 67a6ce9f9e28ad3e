"""mdlc labels: a manifest of labels out of a job's answers, and sentences for what is none."""

import json
from pathlib import Path

import pytest

from tests.lambda_.labeling.labels.test_job import tree_of
from tests.lambda_.labeling.requests import boxes, classes
from tests.mdlc.conftest import Mdlc
from tests.mdlc.report.pages import Page


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """Six objects, five of them answered by three people of whom one always says carp."""
    answers = {
        number: {
            "ann": {"c": {"label": "carp" if number % 2 else "bream"}},
            "bob": {"c": {"label": "carp" if number % 2 else "bream"}},
            "cid": {"c": {"label": "carp"}},
        }
        for number in range(5)
    }
    return tree_of(tmp_path, [{"source-ref": f"s3://b/{number}.jpg"} for number in range(6)], answers)


def test_a_manifest_is_written_and_people_are_judged(mdlc: Mdlc, job: Path, tmp_path: Path) -> None:
    out, categories = tmp_path / "new.manifest", tmp_path / "categories.json"
    categories.write_text('{"document-version": "2018-11-28", "labels": [{"label": "carp"}, {"label": "bream"}]}')
    result = mdlc(
        "labels", "consolidate", str(job), "-a", "kind", "-o", str(out), "--categories", str(categories), "--json"
    )
    assert result.code == 0
    said = json.loads(result.stdout)
    assert said["labeled"] == 5
    assert said["failed"] == [{"line": 6, "reason": "Nobody answered."}]
    assert said["classes"] == ["carp", "bream"]
    assert next(each["worker"] for each in said["workers"]) == "cid"
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line.get("kind") for line in lines] == [1, 0, 1, 0, 1, None]
    again = mdlc("labels", "consolidate", str(job), "-a", "kind", "-o", str(tmp_path / "2"), "--manifest", str(out))
    assert "5 of 6 objects have a label" in again.stdout
    assert "cid" in again.stdout


def test_forms_are_kept_and_it_is_said_who_makes_one_of_them(mdlc: Mdlc, tmp_path: Path) -> None:
    job = tree_of(tmp_path, [{"source": "a"}], {0: {"ann": {"title": "b"}, "bob": {"title": "c"}}})
    result = mdlc("labels", "consolidate", str(job), "-a", "kind", "-o", str(tmp_path / "n"))
    assert result.code == 0
    assert "a function of yours" in result.stdout


def test_a_verification_job_writes_verdicts(mdlc: Mdlc, job: Path, tmp_path: Path) -> None:
    out = tmp_path / "n"
    refused = mdlc("labels", "consolidate", str(job), "-a", "kind", "-o", str(out), "--verifies", "box")
    assert refused.code == 2
    assert "'box'" in refused.stderr
    manifest = job / "manifests" / "output" / "output.manifest"
    manifest.write_text(manifest.read_text().replace("}", ', "box": {}}'))
    assert mdlc("labels", "consolidate", str(job), "-a", "kind", "-o", str(out), "--verifies", "box").code == 0
    first = json.loads(out.read_text(encoding="utf-8").splitlines()[0])
    assert first["kind-metadata"]["type"] == "groundtruth/label-verification"


@pytest.mark.parametrize(
    ("categories", "word"),
    [
        ("[]", "label category file"),
        ('{"labels": []}', "label category file"),
        ('{"labels": [{"label": "a"}, {"label": "a"}]}', "a twice"),
        ('{"labels": [{"label": "bream"}]}', "'carp'"),
        ("{", "label category file"),
    ],
)
def test_categories_that_are_none_are_refused(
    mdlc: Mdlc, job: Path, tmp_path: Path, categories: str, word: str
) -> None:
    file = tmp_path / "categories.json"
    file.write_text(categories)
    result = mdlc("labels", "consolidate", str(job), "-a", "kind", "-o", str(tmp_path / "n"), "--categories", str(file))
    assert result.code == 2
    assert word in result.stderr
    assert not (tmp_path / "n").exists()


@pytest.mark.parametrize(("attribute", "out"), [("kind-metadata", "n"), ("kind-ref", "n"), ("kind", "no/such/folder")])
def test_what_cannot_be_written_is_refused(mdlc: Mdlc, job: Path, tmp_path: Path, attribute: str, out: str) -> None:
    result = mdlc("labels", "consolidate", str(job), "-a", attribute, "-o", str(tmp_path / out))
    assert result.code == 2
    assert len(result.stderr.splitlines()) == 1


def test_a_folder_that_is_no_job_is_named(mdlc: Mdlc, tmp_path: Path) -> None:
    result = mdlc("labels", "consolidate", str(tmp_path), "-a", "kind", "-o", str(tmp_path / "n"))
    assert result.code == 2
    assert "worker-response" in result.stderr


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    """A request for boxes of three people."""
    file = tmp_path / "request.json"
    file.write_text(json.dumps(boxes()))
    return file


def test_a_request_is_checked_with_its_files(mdlc: Mdlc, request_file: Path, tmp_path: Path) -> None:
    lines, categories = tmp_path / "birds.manifest", tmp_path / "categories.json"
    lines.write_text('{"source-ref": "s3://bucket/1.jpg"}\n{"source": "a text"}\n{"source-ref": "s3://bucket/2.jpg"}\n')
    categories.write_text('{"labels": [{"label": "bird"}]}')
    asked = ("labels", "check", str(request_file), "--manifest", str(lines), "--categories", str(categories))
    result = mdlc(*asked, "--json")
    assert result.code == 1, "a line is refused"
    assert json.loads(result.stdout) == {
        "job": "birds",
        "type": "BoundingBox",
        "team": "birders",
        "workers": 3,
        "classes": ["bird"],
        "shows": None,
        "topics": [],
        "objects": 2,
        "answers": 6,
        "refused": ['Line 2 has "source", and this type of task needs "source-ref".'],
    }
    assert "2 objects, 6 answers." in mdlc(*asked).stdout
    assert mdlc("labels", "check", str(request_file)).code == 0


def test_a_template_says_what_a_request_does_not(mdlc: Mdlc, tmp_path: Path) -> None:
    request, template = tmp_path / "request.json", tmp_path / "page.liquid.html"
    request.write_text(json.dumps(classes()))
    template.write_text('<crowd-form><crowd-classifier name="mood"></crowd-classifier></crowd-form>')
    asked = ("labels", "check", str(request), "--json")
    assert json.loads(mdlc(*asked).stdout)["type"] == "Custom"
    assert json.loads(mdlc(*asked, "--template", str(template)).stdout)["type"] == "TextMultiClass"


def test_a_streaming_job_that_corrects_labels_is_checked_with_its_template(mdlc: Mdlc, tmp_path: Path) -> None:
    request, template, lines = (tmp_path / name for name in ("request.json", "page.liquid.html", "a.manifest"))
    topics = [f"arn:aws:sns:us-east-1:111122223333:dev-birds-{way}" for way in ("input", "output")]
    asked = classes("AdjustmentBoundingBox", "AdjustmentBoundingBox") | {
        "InputConfig": {"DataSource": {"SnsDataSource": {"SnsTopicArn": topics[0]}}},
        "OutputConfig": {"S3OutputPath": "s3://bucket/output/", "SnsTopicArn": topics[1]},
    }
    request.write_text(json.dumps(asked))
    template.write_text("<crowd-bounding-box initial-value='{{ task.input.manifestLine.drawn }}'></crowd-bounding-box>")
    lines.write_text(
        '{"source-ref": "s3://b/1.jpg", "drawn": {}, "drawn-metadata": {}}\n{"source-ref": "s3://b/2.jpg"}\n'
    )
    given = ("labels", "check", str(request), "--template", str(template))
    found = json.loads(mdlc(*given, "--json").stdout)
    assert (found["type"], found["shows"], found["topics"]) == ("AdjustmentBoundingBox", "drawn", topics)
    said = mdlc(*given, "--manifest", str(lines))
    assert said.code == 1
    assert "Line 2 has no label 'drawn' with its metadata" in said.stdout
    assert f"Labels leave by {topics[1]}." in said.stdout
    template.write_text("<crowd-bounding-box></crowd-bounding-box>")
    refused = mdlc(*given)
    assert (refused.code, "shows the labels of none: let it read those of one" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is no JSON"),
        ("{}", "Missing required parameter in the request"),
        (json.dumps(boxes(LabelAttributeName="a-metadata")), "choose another name"),
    ],
)
def test_a_request_that_is_refused_is_bad_input(mdlc: Mdlc, request_file: Path, text: str, sentence: str) -> None:
    request_file.write_text(text)
    result = mdlc("labels", "check", str(request_file))
    assert result.code == 2
    assert sentence in result.stderr


def test_quality_names_who_guesses_and_writes_a_page(mdlc: Mdlc, tmp_path: Path) -> None:
    """Of 24 objects, every third of a class, three people say the same and a fourth says carp always."""
    kinds = ("bream", "carp", "perch")
    answers = {
        number: {
            **{worker: {"c": {"label": kinds[number % 3]}} for worker in ("ann", "bob", "eve")},
            "cid": {"c": {"label": "carp"}},
        }
        for number in range(24)
    }
    job = tree_of(tmp_path, [{"source-ref": f"s3://b/{number}.jpg"} for number in range(24)], answers)
    known = tmp_path / "known.manifest"
    known.write_text('{"source-ref": "s3://b/1.jpg", "kind": 1, "kind-metadata": {"class-name": "carp"}}\n')
    asked = ("labels", "quality", str(job), "--output", str(tmp_path / "page"), "--rate", "12")
    result = mdlc(*asked, "--known", str(known), "-a", "kind", "--json")
    assert result.code == 0
    said = json.loads(result.stdout)
    assert said == {"report": said["report"], **json.loads((tmp_path / "page" / "summary.json").read_text())}
    cid = said["people"][0]
    assert (cid["worker"], cid["paused"]) == ("cid", "24 of 24 answers are carp, whatever was shown.")
    assert cid["gold"] == {"right": 1, "of": 1}
    assert cid["agreement"] == {"right": 24, "of": 72}
    assert {each["paused"] for each in said["people"][1:]} == {None}
    assert said["seconds"] == 9
    assert said["usd_of_a_correct_label"] == pytest.approx(96 * 9 / 3600 * 12 / (24 * said["accuracy"]), rel=1e-3)
    assert "cid is to be paused" in Page((tmp_path / "page" / "report.html").read_text(encoding="utf-8")).text
    text = mdlc(*asked).stdout
    assert "whatever was shown" in text
    assert "alpha" in text


@pytest.mark.parametrize(
    ("line", "attribute", "word"),
    [
        ('{"source-ref": "s3://b/1.jpg", "kind-metadata": {"class-name": "carp"}}', "", "--attribute"),
        ('{"source-ref": "s3://b/1.jpg"}', "kind", "line 1"),
        ('{"source-ref": "s3://c/1.jpg", "kind-metadata": {"class-name": "carp"}}', "kind", "No object"),
        ('{"source-ref": "s3://b/1.jpg", "kind-metadata": {"class-name": "ox"}}', "kind", "'ox'"),
        ("{", "kind", "line 1"),
    ],
)
def test_known_classes_that_are_none_are_refused(mdlc: Mdlc, job: Path, line: str, attribute: str, word: str) -> None:
    known = job / "known"
    known.write_text(line + "\n")
    out = ("--output", str(job / "p"))
    result = mdlc("labels", "quality", str(job), "--known", str(known), *out, "-a", attribute)
    assert result.code == 2
    assert word in result.stderr


def test_quality_of_boxes(mdlc: Mdlc, tmp_path: Path) -> None:
    def drawn(left: int) -> object:
        box = {"label": "fish", "left": left, "top": 0, "width": 100, "height": 100}
        return {"b": {"boundingBoxes": [box], "inputImageProperties": {"height": 600, "width": 800}}}

    answers = {0: {"ann": drawn(0), "bob": drawn(0), "cid": drawn(400)}}
    job = tree_of(tmp_path, [{"source-ref": "s3://b/1.jpg"}], answers)
    known = tmp_path / "known"
    label = {"annotations": [{"class_id": 0, "left": 0, "top": 0, "width": 100, "height": 100}]}
    known.write_text(
        json.dumps({"source-ref": "s3://b/1.jpg", "boxes": label, "boxes-metadata": {"class-map": {"0": "fish"}}})
        + "\n"
    )
    asked = ("labels", "quality", str(job), "--known", str(known), "-a", "boxes", "--output", str(tmp_path / "page"))
    said = json.loads(mdlc(*asked, "--json").stdout)
    assert said["overlap"] == pytest.approx(1 / 3, abs=1e-3)
    assert [(each["worker"], each["gold"]) for each in said["people"]] == [
        ("cid", {"right": 0, "of": 2}),
        ("ann", {"right": 1, "of": 1}),
        ("bob", {"right": 1, "of": 1}),
    ]
    assert {(each["actual"], each["said"]) for each in said["confusions"]} == {("fish", "nothing"), ("nothing", "fish")}
    assert "what two people's marks have in common: 0.33" in mdlc(*asked).stdout
    assert (
        "3 \N{MULTIPLICATION SIGN} fish" in Page((tmp_path / "page" / "report.html").read_text(encoding="utf-8")).text
    )


def test_forms_have_no_quality(mdlc: Mdlc, tmp_path: Path) -> None:
    job = tree_of(tmp_path, [{"source": "a"}], {0: {"ann": {"title": "b"}}})
    result = mdlc("labels", "quality", str(job), "--output", str(tmp_path / "p"))
    assert result.code == 2
    assert "form" in result.stderr
