"""A release's cloud assembly is kept as it was, and nothing else of the folder that it was made in."""

import json
from pathlib import Path

import pytest

from checks.upgrade.__main__ import main
from checks.upgrade.assembly import ARCHIVE, pack, unpack
from checks.upgrade.release import ReleaseError


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """One stack with one template and one function, a stage of another environment, and what a deployment leaves."""
    files = {
        "assembly-dev/manifest.json": "{}",
        "assembly-dev/devapi.template.json": '{"Resources": {}}',
        "assembly-dev/.cache/a.zip": "of the CDK command line",
        "assembly-prod/manifest.json": "{}",
        "asset.a/handler.py": "def handler(): ...",
        "asset.b/handler.py": "of another environment",
        "asset.c.json": "{}",
    }
    sources = {"template": "devapi.template.json", "function": "../asset.a", "file": "../asset.c.json"}
    manifest = {"files": {name: {"source": {"path": path}} for name, path in sources.items()}}
    files["assembly-dev/devapi.assets.json"] = json.dumps(manifest)
    for name, content in files.items():
        file = tmp_path / "cdk.out" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return tmp_path / "cdk.out"


@pytest.fixture
def releases(assembly: Path, tmp_path: Path) -> Path:
    for version in ("0.1.0", "0.2.0"):
        (tmp_path / "releases" / version).mkdir(parents=True)
    pack(assembly, tmp_path / "releases" / "0.2.0")
    return tmp_path / "releases"


def test_what_deploys_dev_is_unpacked_as_it_was(assembly: Path, releases: Path, tmp_path: Path) -> None:
    stage = unpack("0.2.0", tmp_path / "there", releases)
    assert stage == tmp_path / "there" / "assembly-dev"
    found = {file.relative_to(tmp_path / "there") for file in (tmp_path / "there").rglob("*") if file.is_file()}
    names = ("manifest.json", "devapi.template.json", "devapi.assets.json")
    kept = {*(Path("assembly-dev", name) for name in names), Path("asset.a/handler.py"), Path("asset.c.json")}
    assert found == kept
    assert all((tmp_path / "there" / file).read_bytes() == (assembly / file).read_bytes() for file in kept)


def test_the_same_assembly_is_the_same_archive(assembly: Path, releases: Path, tmp_path: Path) -> None:
    (assembly / "asset.a" / "handler.py").touch(mode=0o755)
    assert pack(assembly, tmp_path).read_bytes() == (releases / "0.2.0" / ARCHIVE).read_bytes()


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("0.3.0", r"no release '0.3.0': releases/ has 0.1.0, 0.2.0"),
        ("..", r"no release '..'"),
        ("0.1.0", "0.1.0 has no dev.tar.xz"),
    ],
)
def test_what_cannot_be_unpacked_is_said(version: str, says: str, releases: Path, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=says):
        unpack(version, tmp_path / "there", releases)
    assert not (tmp_path / "there").exists()


def test_a_folder_that_is_there_is_left_alone(releases: Path, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="name a folder that is not"):
        unpack("0.2.0", tmp_path, releases)


def test_the_command_says_in_a_sentence_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["9.9.9", str(tmp_path / "there")]) == 2
    assert main(["9.9.9"]) == 2
    assert main([]) == 2, "the version in pyproject.toml is released"
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in said] == [
        "There is no release '9.9.9'",
        "Give nothing to keep a release, or a version and a folder to unpack one.",
        "releases/0.1.0 is there",
    ]
