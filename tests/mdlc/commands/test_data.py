import json
from pathlib import Path

import pytest

from mdlc.client import versions
from mdlc.client.aws import Cloud
from mdlc.new.profile import read
from mdlc.new.recipe import infer
from mdlc.systems import System
from mdlc.systems.declared import declared_systems
from mdlc.systems.fraud.generate import generate
from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import NOW, FakeAws


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    generate(tmp_path, seed=1, rows=200)
    return tmp_path


def test_generate_writes_both_files(mdlc: Mdlc, tmp_path: Path) -> None:
    ran = mdlc("data", "generate", "fraud", str(tmp_path / "new"), "--rows", "200", "--json")
    assert ran.code == 0
    assert json.loads(ran.stdout) == {
        "system": "fraud",
        "folder": str(tmp_path / "new"),
        "files": ["claims.csv", "customers.csv"],
        "rows": 200,
        "seed": 42,
    }
    assert len((tmp_path / "new/claims.csv").read_text().splitlines()) == 201


def test_generate_never_overwrites(mdlc: Mdlc, folder: Path) -> None:
    ran = mdlc("data", "generate", "fraud", str(folder))
    assert ran.code == 2
    assert ran.stderr == f"mdlc: {folder} already holds claims.csv and customers.csv: choose another folder.\n"


def test_generate_refuses_too_few_rows(mdlc: Mdlc, tmp_path: Path) -> None:
    ran = mdlc("data", "generate", "fraud", str(tmp_path), "--rows", "10")
    assert ran.code == 2
    assert "at least 200" in ran.stderr


def test_generate_announces_nothing_that_nothing_makes(
    mdlc: Mdlc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    churn = System(name="churn", title="Churn", files=("churn.csv",), label="churned")
    monkeypatch.setattr("mdlc.systems.SYSTEMS", {"churn": churn})
    assert mdlc("data", "generate", "churn", str(tmp_path)).stderr == (
        "mdlc: mdlc makes no data for churn: bring a folder with churn.csv.\n"
    )


def test_publish_names_the_version_and_repeats_without_change(mdlc: Mdlc, aws: FakeAws, folder: Path) -> None:
    aws.stacks["dev-storage"] = {"DataBucketName": "data"}
    first = json.loads(mdlc("data", "publish", "fraud", str(folder), "--json").stdout)
    again = json.loads(mdlc("data", "publish", "fraud", str(folder), "--json").stdout)
    assert first["uri"] == f"s3://data/fraud/versions/{first['version']}/"
    assert first["files"]["claims.csv"]["bytes"] == (folder / "claims.csv").stat().st_size
    assert (first["created"], again["created"]) == (True, False)
    assert {**again, "created": True} == first
    said = mdlc("data", "publish", "fraud", str(folder))
    assert said.stdout.startswith(f"{first['version']} is published at {first['uri']}, as it was before")
    assert "{" not in said.stdout


def test_what_is_published_again_is_the_one_published_last(mdlc: Mdlc, aws: FakeAws, tmp_path: Path) -> None:
    aws.stacks["dev-storage"] = {"DataBucketName": "data"}

    def publish(seed: int) -> str:
        generate(tmp_path, seed=seed, rows=200)
        version: str = json.loads(mdlc("data", "publish", "fraud", str(tmp_path), "--json").stdout)["version"]
        return version

    def listed() -> list[str]:
        found = json.loads(mdlc("data", "list", "fraud", "--json").stdout)["versions"]
        return [version["version"] for version in found]

    a, b = publish(0), publish(1)
    assert listed() == [b, a]
    before = {key: content for key, content in aws.objects.items() if "/published/" not in key}
    assert publish(0) == a
    assert listed() == [a, b]
    assert before == {key: content for key, content in aws.objects.items() if "/published/" not in key}


def test_publications_of_the_same_second_keep_their_order(aws: FakeAws) -> None:
    for version in ("a" * 16, "b" * 16):
        aws.objects[f"data/fraud/versions/{version}/manifest.json"] = b"{}"
    marks = [f"20261121T120000.{micro:06d}Z-{each * 16}" for micro, each in ((1, "b"), (2, "a"))]
    for mark in marks:
        aws.objects[f"data/fraud/versions/published/{mark}"] = b""
    aws.written.update(dict.fromkeys(aws.objects, NOW))
    assert versions.latest(Cloud().s3, "data", "fraud") == "a" * 16


def test_versions_are_listed_with_files_and_bytes(mdlc: Mdlc, aws: FakeAws, folder: Path) -> None:
    aws.stacks["dev-storage"] = {"DataBucketName": "data"}
    assert mdlc("data", "list", "fraud").stdout == "fraud has no data yet.\n"
    mdlc("data", "publish", "fraud", str(folder))
    (version,) = json.loads(mdlc("data", "list", "fraud", "--json").stdout)["versions"]
    assert (version["files"], version["bytes"]) == (2, sum(file.stat().st_size for file in folder.glob("*.csv")))
    assert version["version"] in mdlc("data", "list", "fraud").stdout


def test_publish_to_another_environment(mdlc: Mdlc, aws: FakeAws, folder: Path) -> None:
    aws.stacks["prod-storage"] = {"DataBucketName": "prod-data"}
    ran = mdlc("data", "publish", "fraud", str(folder), "-e", "prod", "--json")
    assert json.loads(ran.stdout)["uri"].startswith("s3://prod-data/")


def test_publish_without_the_platform_says_how_to_deploy_it(mdlc: Mdlc, aws: FakeAws, folder: Path) -> None:
    ran = mdlc("data", "publish", "fraud", str(folder))
    assert ran.code == 2
    assert "dev in AWS (eu-west-1) has no bucket for data: nothing of it is deployed, cdk deploy 'dev/*'" in ran.stderr
    assert not aws.called("PutObject")


def test_publish_of_a_folder_without_the_files_touches_no_cloud(mdlc: Mdlc, aws: FakeAws, tmp_path: Path) -> None:
    ran = mdlc("data", "publish", "fraud", str(tmp_path))
    assert ran.code == 2
    files = "a version of fraud is claims.csv and customers.csv."
    assert ran.stderr == f"mdlc: {tmp_path} has no claims.csv and no customers.csv: {files}\n"
    assert not aws.calls


def test_the_file_is_named_that_was_given(
    mdlc: Mdlc, aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version has the recipe's name of a table, and a file of any name may be it."""
    table = "id,age,y\n" + "".join(f"{n},{n % 7},{n % 5}.5\n" for n in range(30))
    (tmp_path / "prices.csv").write_text(table)
    (tmp_path / "prices.py").touch()
    (tmp_path / "prices.toml").write_text(infer(read(tmp_path / "prices.csv"), label="y", objective="regression").text)
    (tmp_path / "march.csv").write_text(table.replace("3,3,", "3,three,", 1))
    (prices,) = declared_systems(tmp_path, tmp_path / "scripts")
    monkeypatch.setattr("mdlc.systems.SYSTEMS", {"prices": prices})
    ran = mdlc("data", "publish", "prices", str(tmp_path / "march.csv"))
    assert (ran.code, "march.csv, row 4: column age must be a number" in ran.stderr) == (2, True)
    assert "prices.csv" not in ran.stderr
    assert not aws.calls


def test_every_row_that_does_not_fit_is_named_and_nothing_is_published(mdlc: Mdlc, aws: FakeAws, folder: Path) -> None:
    aws.stacks["dev-storage"] = {"DataBucketName": "data"}
    header, *rows = (folder / "claims.csv").read_text().splitlines()
    place = header.split(",").index("num_injuries")
    for number, text in ((3, "many"), (7, "1e999"), (11, "a\x00b")):
        cells = rows[number - 1].split(",")
        cells[place] = text
        rows[number - 1] = ",".join(cells)
    (folder / "claims.csv").write_text("\n".join([header, *rows]) + "\n")
    ran = mdlc("data", "publish", "fraud", str(folder))
    assert ran.code == 2
    for number in (3, 7, 11):
        assert f"claims.csv, row {number}: " in ran.stderr
    assert "\x00" not in ran.stderr
    assert "Nothing was published: 3 of its rows and files do not fit fraud." in ran.stderr
    assert aws.objects == {}
