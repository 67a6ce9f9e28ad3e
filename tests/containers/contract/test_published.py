"""A job is given what was published under a version's name, or it refuses it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.errors import InputError
from contract.paths import Paths
from contract.published import MANIFEST, published_input
from mdlc.client.versions import DataVersion, read


@pytest.fixture
def published(tmp_path: Path) -> DataVersion:
    """A version of two files, as `mdlc data publish` names it."""
    folder = tmp_path / "data"
    for name, text in (("claims.csv", "a,b\n1,2\n"), ("more/customers.csv", "a,b\n3,4\n")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return read("fraud", folder, [])


def given(base: Path, version: DataVersion, uri: str) -> Path:
    """Put a version where SageMaker puts a processing input, with the request that it writes beside; the folder."""
    folder = base / "processing/input/data"
    for file in version.files:
        (folder / file.name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file.path, folder / file.name)
    (folder / MANIFEST).write_bytes(version.manifest)
    (base / "config").mkdir()
    inputs = [{"InputName": "code"}, {"InputName": "data", "S3Input": {"S3Uri": uri}}]
    (base / "config/processingjobconfig.json").write_text(json.dumps({"ProcessingInputs": inputs}))
    return folder


def test_what_was_published_is_read(tmp_path: Path, published: DataVersion) -> None:
    for end in ("", "/"):
        base = tmp_path / f"base{len(end)}"
        folder = given(base, published, f"s3://bucket/{published.prefix.rstrip('/')}{end}")
        assert published_input(Paths(base), "data") == folder


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda folder: (folder / "claims.csv").write_text("a,b\n9,2\n"), "claims.csv is changed"),
        (lambda folder: (folder / "more/customers.csv").unlink(), "more/customers.csv is missing"),
        (lambda folder: (folder / "more/z.csv").write_text("a,b\n"), "more/z.csv is new"),
        (lambda folder: (folder / "claims.csv").rename(folder / "b.csv"), "b.csv is new"),
    ],
)
def test_what_was_changed_since_is_refused(
    tmp_path: Path, published: DataVersion, change: Callable[[Path], object], problem: str
) -> None:
    change(given(tmp_path, published, f"s3://bucket/{published.prefix}"))
    with pytest.raises(InputError, match=f"not what was published as version {published.name}: {problem}"):
        published_input(Paths(tmp_path), "data")


@pytest.mark.parametrize("manifest", [None, "no JSON", "[]", '{"files": {}}', "rewritten"])
def test_a_manifest_that_was_changed_too_does_not_help(
    tmp_path: Path, published: DataVersion, manifest: str | None
) -> None:
    folder = given(tmp_path, published, f"s3://bucket/{published.prefix}")
    (folder / "claims.csv").write_text("a,b\n9,2\n")
    if manifest == "rewritten":
        names = [path.relative_to(folder).as_posix() for path in folder.rglob("*.csv")]
        (folder / MANIFEST).write_bytes(read("fraud", folder, names).manifest)
    elif manifest is None:
        (folder / MANIFEST).unlink()
    else:
        (folder / MANIFEST).write_text(manifest)
    with pytest.raises(InputError, match=r"its manifest\.json is missing or not its own"):
        published_input(Paths(tmp_path), "data")


@pytest.mark.parametrize("uri", ["s3://bucket/fraud/executions/e1/prepared/", "s3://bucket/versions/2026-11-29/"])
def test_other_data_has_no_name_to_be_held_against(tmp_path: Path, published: DataVersion, uri: str) -> None:
    folder = given(tmp_path, published, uri)
    (folder / "claims.csv").write_text("a,b\n9,2\n")
    assert published_input(Paths(tmp_path), "data") == folder


def test_who_runs_the_image_by_hand_gives_no_request(tmp_path: Path) -> None:
    (tmp_path / "processing/input/data").mkdir(parents=True)
    assert published_input(Paths(tmp_path), "data") == tmp_path / "processing/input/data"
