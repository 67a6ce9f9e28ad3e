"""Which objects a data source means, and where they lie."""

import json
from pathlib import Path

import pytest

from localsagemaker.jobs.channels import InputError, Source, fetch, join, normal
from tests.localsagemaker.folder_host import FolderObjects


@pytest.fixture
def s3(tmp_path: Path) -> FolderObjects:
    objects = FolderObjects(tmp_path / "s3")
    for name in ("a/train/1.csv", "a/train/2.csv", "a/train/deep/3.csv", "a/train-old/4.csv", "a/one.json"):
        objects.put(f"s3://bucket/{name}", name)
    return objects


def laid(s3: FolderObjects, folder: Path, wanted: Source, index: int = 0, count: int = 1) -> list[str]:
    fetch(s3, wanted, folder, index=index, count=count)
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize(
    ("uri", "files"),
    [
        ("s3://bucket/a/train/", ["1.csv", "2.csv", "deep/3.csv"]),
        ("s3://bucket/a/one.json", ["one.json"]),
        ("s3://bucket/a/train", ["train-old/4.csv", "train/1.csv", "train/2.csv", "train/deep/3.csv"]),
        ("s3://bucket/a/train/deep", ["3.csv"]),
        ("s3://bucket/a", ["one.json", "train-old/4.csv", "train/1.csv", "train/2.csv", "train/deep/3.csv"]),
    ],
)
def test_a_prefix_lies_below_its_last_whole_folder(
    s3: FolderObjects, tmp_path: Path, uri: str, files: list[str]
) -> None:
    assert laid(s3, tmp_path / "in", Source(uri)) == files


def test_sharded_objects_are_shared_out_and_none_is_lost(s3: FolderObjects, tmp_path: Path) -> None:
    wanted = Source("s3://bucket/a/train/", sharded=True)
    assert laid(s3, tmp_path / "one", wanted, 0, 2) == ["1.csv", "deep/3.csv"]
    assert laid(s3, tmp_path / "two", wanted, 1, 2) == ["2.csv"]


def test_a_manifest_lists_its_objects(s3: FolderObjects, tmp_path: Path) -> None:
    s3.put("s3://bucket/list", json.dumps([{"prefix": "s3://bucket/a/"}, "one.json", "train/2.csv"]))
    assert laid(s3, tmp_path / "in", Source("s3://bucket/list", manifest=True)) == ["one.json", "train/2.csv"]


@pytest.mark.parametrize("content", ["", "[]", '{"prefix": 1}', '["a"]'])
def test_a_broken_manifest_is_named(s3: FolderObjects, tmp_path: Path, content: str) -> None:
    s3.put("s3://bucket/list", content)
    with pytest.raises(InputError, match="Manifest file s3://bucket/list is not a list"):
        fetch(s3, Source("s3://bucket/list", manifest=True), tmp_path / "in")


def test_nothing_under_a_prefix_is_an_error_that_names_it(s3: FolderObjects, tmp_path: Path) -> None:
    with pytest.raises(InputError, match='No S3 objects found under S3 URL "s3://bucket/none/"'):
        fetch(s3, Source("s3://bucket/none/"), tmp_path / "in")


def test_what_the_role_may_not_read_is_named(s3: FolderObjects, tmp_path: Path) -> None:
    s3.denied.add("read s3://bucket/a/train/2.csv")
    with pytest.raises(InputError, match=r"s3://bucket/a/train/: AccessDenied: .* not authorized to read .*2\.csv"):
        fetch(s3, Source("s3://bucket/a/train/"), tmp_path / "in")


def test_no_key_leads_out_of_its_folder(s3: FolderObjects, tmp_path: Path) -> None:
    s3.put("s3://bucket/list", json.dumps([{"prefix": "s3://bucket/a/train/"}, "../one.json"]))
    with pytest.raises(InputError, match="leads out of the folder"):
        fetch(s3, Source("s3://bucket/list", manifest=True), tmp_path / "in")
    assert not (tmp_path / "one.json").exists()


def test_both_forms_of_a_uri_are_one() -> None:
    assert normal("https://s3.eu-west-1.amazonaws.com/bucket/a/b.csv") == "s3://bucket/a/b.csv"
    assert normal("s3://bucket/a/b.csv") == "s3://bucket/a/b.csv"
    assert join("https://s3.amazonaws.com/bucket/out/", "job", "output") == "s3://bucket/out/job/output"


def test_an_object_that_is_a_folder_of_another_is_named(s3: FolderObjects, tmp_path: Path) -> None:
    s3.put("s3://bucket/list", json.dumps([{"prefix": "s3://bucket/a/"}, "x", "x/y.csv"]))
    with pytest.raises(InputError, match=r"s3://bucket/a/x and s3://bucket/a/x/y\.csv cannot both be files"):
        fetch(s3, Source("s3://bucket/list", manifest=True), tmp_path / "in")
