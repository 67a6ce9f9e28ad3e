"""mdlc manifest: files in, files out, and sentences for what is none."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lambda_.labeling.labels.documented import BOXES, FAILED, IMAGE_CLASS
from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import FakeAws


def write(file: Path, *lines: object) -> Path:
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return file


def read(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    return write(tmp_path / "boxes.manifest", BOXES, FAILED)


def test_a_manifest_is_checked(mdlc: Mdlc, boxes: Path, tmp_path: Path) -> None:
    result = mdlc("manifest", "check", str(boxes))
    assert result.code == 0
    assert "has 2 objects." in result.stdout
    assert "1 have a label 'bounding-box-attribute-name': dog, bone." in result.stdout
    bad = write(tmp_path / "bad", *({"source": "a", "$b": 1} for _ in range(12)))
    result = mdlc("manifest", "check", str(bad))
    assert result.code == 1
    assert "Line 10 has the attribute" in result.stdout
    assert "… and 2 more; --json has all." in result.stdout
    result = mdlc("manifest", "check", str(bad), "--json")
    assert len(json.loads(result.stdout)["faults"]) == 12
    assert mdlc("manifest", "check", str(bad), "--source", "text").code == 2
    (tmp_path / "latin").write_bytes(b'{"source": "\xff"}')
    result = mdlc("manifest", "check", str(tmp_path / "latin"))
    assert (result.code, "no UTF-8 at byte 12" in result.stderr) == (2, True)


def test_a_label_is_dropped(mdlc: Mdlc, boxes: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = mdlc("manifest", "adjust", str(boxes), "--drop", "bone", "--drop", "dog", "-o", str(out))
    assert result.code == 0
    assert "3 marked labels are removed from 1 of 2 lines" in result.stdout
    assert "Line 1 has nothing left that is labeled." in result.stdout
    assert read(out)[1] == FAILED
    result = mdlc("manifest", "adjust", str(boxes), "--drop", "cat", "-o", str(tmp_path / "none"))
    assert result.code == 2
    assert f"{boxes}: No line has the class 'cat'" in result.stderr
    assert not (tmp_path / "none").exists()


def test_manifests_are_merged(mdlc: Mdlc, boxes: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", {**IMAGE_CLASS, "species": 3}, {**IMAGE_CLASS, "source-ref": "s3://b/2"})
    out = tmp_path / "out"
    result = mdlc("manifest", "merge", str(boxes), str(other), "-o", str(out), "--json")
    assert result.code == 0
    said = json.loads(result.stdout)
    assert said["objects"] == 4
    assert said["classes"]["species"] == {"dog": 3}
    assert said["renumbered"] == [
        {"attribute": "species", "class": "dog", "before": 0, "after": 3, "place": f"{other}, line 2"}
    ]
    assert (
        f"dog of species has number 3, and 0 in {other}, line 2."
        in mdlc("manifest", "merge", str(boxes), str(other), "-o", str(out)).stdout
    )
    categories = tmp_path / "categories.json"
    categories.write_text('{"labels": [{"label": "cat"}]}')
    result = mdlc("manifest", "merge", str(other), "-o", str(out), "--categories", str(categories))
    assert (result.code, "is none of cat" in result.stderr) == (2, True)


def test_a_manifest_is_split(mdlc: Mdlc, tmp_path: Path) -> None:
    file = write(tmp_path / "all", *({**IMAGE_CLASS, "source-ref": f"s3://b/{number}"} for number in range(10)))
    arguments = ("manifest", "split", str(file), "--part", "train=0.8", "-o", str(tmp_path / "parts"))
    result = mdlc(*arguments, "--part", "test=0.2", "--stratify", "species", "--seed", "7")
    assert result.code == 0
    train, test = (read(tmp_path / "parts" / f"{name}.manifest") for name in ("train", "test"))
    assert (len(train), len(test)) == (8, 2)
    assert sorted(line["source-ref"] for line in train + test) == [f"s3://b/{number}" for number in range(10)]
    for part, sentence in {
        "test": "'test' is no part",
        "test=1.2": "such as train=0.8",
        "../test=0.2": "is no part",
        "test=0.3": "make 1 together",
        "train=0.2": "Two parts have the same name",
    }.items():
        result = mdlc(*arguments, "--part", part)
        assert (result.code, sentence in result.stderr) == (2, True)


def test_a_manifest_is_made_of_a_folder(mdlc: Mdlc, tmp_path: Path) -> None:
    folder, out = tmp_path / "pictures", tmp_path / "out"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "1.jpg").write_bytes(b"1")
    (folder / "notes.txt").write_text("good\nbad\n")
    result = mdlc("manifest", "make", str(folder), "--uri", "s3://b/in/", "-o", str(out))
    assert result.code == 0
    assert "notes.txt is left out: It ends with none of" in result.stdout
    assert read(out) == [{"source-ref": "s3://b/in/a/1.jpg"}]
    assert mdlc("manifest", "make", str(folder), "--texts", "-o", str(out)).code == 0
    assert read(out) == [{"source": "good"}, {"source": "bad"}]
    for arguments, sentence in {
        (str(folder),): "--uri s3://",
        (str(tmp_path / "none"),): "is no folder",
        (str(folder / "a"), "--texts"): "has nothing to label: It is no .txt file",
    }.items():
        result = mdlc("manifest", "make", *arguments, "-o", str(out))
        assert (result.code, sentence in result.stderr) == (2, True)


def test_a_manifest_is_made_of_a_bucket(mdlc: Mdlc, aws: FakeAws, tmp_path: Path) -> None:
    def listed(parameters: dict[str, Any]) -> dict[str, Any]:
        found = [key for key in aws.objects if key.startswith(f"{parameters['Bucket']}/{parameters['Prefix']}")]
        contents = [{"Key": key.partition("/")[2], "Size": len(aws.objects[key])} for key in found]
        return {"Contents": contents, "IsTruncated": False}

    aws.answers["ListObjectsV2"] = listed
    aws.objects |= {"b/in/1.png": b"1", "b/in/2.txt": "schön".encode(), "b/out/3.png": b"3", "b/in/4.txt": b"\xff"}
    out = tmp_path / "out"
    assert mdlc("manifest", "make", "s3://b/in/", "-o", str(out)).code == 0
    assert read(out) == [{"source-ref": "s3://b/in/1.png"}]
    result = mdlc("manifest", "make", "s3://b/in/2", "--texts", "-o", str(out))
    assert (result.code, read(out)) == (0, [{"source": "schön"}])
    result = mdlc("manifest", "make", "s3://b/in/4", "--texts", "-o", str(out))
    assert (result.code, "in/4.txt is no UTF-8 at byte 0" in result.stderr) == (2, True)


def test_a_place_that_cannot_be_written_to_is_named(mdlc: Mdlc, boxes: Path, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "none" / "out")
    for arguments in (("adjust", str(boxes), "--drop", "dog"), ("merge", str(boxes))):
        result = mdlc("manifest", *arguments, "-o", nowhere)
        assert (result.code, f"{nowhere} cannot be written: No such file" in result.stderr) == (2, True)
    result = mdlc("manifest", "split", str(boxes), "--part", "a=0.5", "--part", "b=0.5", "-o", str(boxes))
    assert (result.code, f"{boxes} cannot be a folder" in result.stderr) == (2, True)


def test_a_manifest_is_made_of_reviews(mdlc: Mdlc, tmp_path: Path) -> None:
    """The folder of a flow definition, as A2I lays it out."""
    flow, out = tmp_path / "flow", tmp_path / "out"
    for second, (picture, answers) in enumerate({"1": [{"label": "pike"}], "2": [{"label": "carp"}], "3": []}.items()):
        document = {
            "flowDefinitionArn": "arn:aws:sagemaker:us-west-2:111122223333:flow-definition/flow",
            "humanAnswers": [{"answerContent": {"c": each}, "workerId": "w"} for each in answers],
            "humanLoopName": f"loop-{picture}",
            "inputContent": {"taskObject": f"s3://b/{picture}.jpg"},
        }
        place = flow / "2026/11/30/12/00" / f"{second:02d}" / f"loop-{picture}" / "output.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(document))
    categories = tmp_path / "categories.json"
    categories.write_text('{"labels": [{"label": "carp"}, {"label": "pike"}]}')
    arguments = ("manifest", "from-reviews", str(flow), "-a", "kind", "-o", str(out))
    result = mdlc(*arguments, "--categories", str(categories))
    assert (result.code, "has 3 objects, 2 with a label." in result.stdout) == (0, True)
    assert "loop-3/output.json: Nobody answered." in result.stdout
    assert [line.get("kind") for line in read(out)] == [1, 0, None]
    assert read(out)[0]["kind-metadata"]["job-name"] == "human-loop/loop-1"
    result = mdlc("manifest", "from-reviews", str(flow), "-a", "kind-metadata", "-o", str(out))
    assert (result.code, "is no name for labels" in result.stderr) == (2, True)
    (flow / "output.json").write_text("[]")
    assert "is no JSON object" in mdlc(*arguments).stderr
    (flow / "output.json").write_text("{}")
    assert "has not the members of A2I's output.json" in mdlc(*arguments).stderr
    (tmp_path / "empty").mkdir()
    result = mdlc("manifest", "from-reviews", str(tmp_path / "empty"), "-a", "kind", "-o", str(out))
    assert (result.code, "has no output.json" in result.stderr) == (2, True)
