"""When templates are synthesized, and when what was synthesized before is taken."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mdlc.demos import assembly
from mdlc.demos.assembly import KEPT, STORE, synthesize
from mdlc.errors import CommandError


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("stacks/network.py", "lambda/serving/rollout/handler.py", "containers/tabular/Dockerfile", "app.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    for name in ("cdk.json", "requirements.txt", "package.json", "package-lock.json"):
        (tmp_path / name).write_text("{}")
    monkeypatch.setattr(assembly, "PROJECT", tmp_path)
    monkeypatch.delenv("CDK_APP", raising=False)
    return tmp_path


@pytest.fixture
def synths(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The CDK CLI writes an assembly and remembers how it was called."""
    calls: list[dict[str, Any]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        calls.append({"command": command, **options})
        (Path(command[command.index("--output") + 1]) / "manifest.json").write_text(str(len(calls)))
        return subprocess.CompletedProcess(command, 0)

    del project
    monkeypatch.setattr("mdlc.demos.assembly.subprocess.run", run)
    return calls


def synthesized(project: Path, folder: str = "build/cdk.out") -> str:
    """What the assembly in a folder holds: which synthesis made it."""
    synthesize(project / folder, project / "synth.log")
    return (project / folder / "manifest.json").read_text()


def test_a_file_that_is_touched_changes_nothing(project: Path, synths: list[dict[str, Any]]) -> None:
    assert synthesized(project) == "1"
    for file in project.rglob("*.py"):
        os.utime(file, (2e9, 2e9))
    (project / "stacks/__pycache__").mkdir()
    (project / "stacks/__pycache__/network.cpython-313.pyc").write_bytes(b"compiled")
    assert synthesized(project) == "1"
    assert len(synths) == 1


@pytest.mark.parametrize(
    "source",
    [
        "app.py",
        "cdk.json",
        "requirements.txt",
        "package-lock.json",
        "stacks/network.py",
        "lambda/serving/rollout/handler.py",
        "containers/tabular/Dockerfile",
    ],
)
def test_a_changed_comment_is_a_change(project: Path, synths: list[dict[str, Any]], source: str) -> None:
    """Of a function and of an image it is in an asset; of the rest nobody can say before the synthesis."""
    assert synthesized(project) == "1"
    before = (project / source).stat()
    with (project / source).open("a") as file:
        file.write("  # a comment")
    os.utime(project / source, (before.st_atime, before.st_mtime))
    assert synthesized(project) == "2"
    assert len(synths) == 2


def test_a_source_that_comes_or_goes_or_moves_is_a_change(project: Path, synths: list[dict[str, Any]]) -> None:
    assert synthesized(project) == "1"
    (project / "stacks/churn.py").write_text("")
    assert synthesized(project) == "2"
    (project / "stacks/churn.py").rename(project / "stacks/stay.py")
    assert synthesized(project) == "3"
    (project / "stacks/stay.py").unlink()
    assert synthesized(project) == "1", "of these sources there is one already"
    assert len(synths) == 3


def test_another_folder_takes_what_one_has_made(project: Path, synths: list[dict[str, Any]]) -> None:
    assert synthesized(project) == "1"
    (project / "build/cdk.out/manifest.json").write_text("changed by who deployed it")
    assert synthesized(project, "elsewhere/cdk.out") == "1"
    assert len(synths) == 1


def test_another_application_is_another_assembly(
    project: Path, synths: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert synthesized(project) == "1"
    synthesize(project / "with-sandbox", project / "synth.log", sandbox=True)
    monkeypatch.setenv("CDK_APP", "python -m tests.environments")
    assert synthesized(project) == "3"
    assert [("--context" in each["command"]) for each in synths] == [False, True, False]


@pytest.mark.parametrize(
    ("app", "module"),
    [("python -m tests.environments", "tests/environments.py"), ("'/opt/my python' own/app.py", "own/app.py")],
)
def test_another_application_is_another_assembly_when_its_module_changes(
    app: str, module: str, project: Path, synths: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / module).parent.mkdir(exist_ok=True)
    (project / module).write_text("one")
    monkeypatch.setenv("CDK_APP", app)
    assert [synthesized(project), synthesized(project)] == ["1", "1"]
    (project / module).write_text("two")
    assert synthesized(project) == "2"
    assert len(synths) == 2


def test_the_newest_are_kept(project: Path, synths: list[dict[str, Any]]) -> None:
    for number in range(KEPT + 2):
        (project / "app.py").write_text(str(number))
        synthesized(project)
    assert len([each for each in (project / STORE).iterdir() if each.is_dir()]) == KEPT
    assert len(synths) == KEPT + 2


def test_synthesis_sees_no_credentials(
    project: Path, synths: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    synthesized(project)
    assert not [name for name in synths[0]["env"] if name.startswith("AWS_")]


def test_a_synthesis_that_fails_leaves_no_assembly_to_deploy(
    project: Path, synths: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesized(project)
    (project / "app.py").write_text("broken")
    run = subprocess.run

    def fail(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        run(command, **options)
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr("mdlc.demos.assembly.subprocess.run", fail)
    with pytest.raises(CommandError, match=r"cannot be synthesized: see .*synth\.log"):
        synthesize(project / "build/cdk.out", project / "synth.log")
    assert not (project / "build/cdk.out").exists()
    monkeypatch.setattr("mdlc.demos.assembly.subprocess.run", run)
    assert synthesized(project) == "3", "nothing is kept of it"
    assert len(synths) == 3
