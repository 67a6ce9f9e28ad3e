"""Checkpoints: whole or not at all, on this disk and after any part of an upload; never those of another job."""

from __future__ import annotations

import itertools
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from contract.checkpoints import MANIFEST, Checkpoints, identity_of
from contract.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IDENTITY = {"hyperparameters": "1", "channel train": "2"}


def writing(text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "trees.bin").write_text(text)
        (folder / "folds").mkdir()
        (folder / "folds/1.bin").write_text(text * 3)

    return write


def saved(folder: Path, *steps: int, keep: int = 2) -> Checkpoints:
    checkpoints = Checkpoints(folder, IDENTITY, keep)
    for step in steps:
        checkpoints.save(step, writing(f"state {step}"))
    return checkpoints


def names(folder: Path) -> list[str]:
    return sorted(each.name.rpartition("-")[0] for each in folder.iterdir())


def test_the_newest_comes_back(tmp_path: Path) -> None:
    found = saved(tmp_path, 1, 2, 10).latest()
    assert found is not None
    assert (found.step, (found.folder / "trees.bin").read_text()) == (10, "state 10")
    assert (found.folder / "folds/1.bin").read_text() == "state 10" * 3


def test_older_ones_are_pruned(tmp_path: Path) -> None:
    saved(tmp_path, 1, 2, 3, 4)
    assert names(tmp_path) == ["step-00000003", "step-00000004"]
    saved(tmp_path, 5, keep=1)
    assert names(tmp_path) == ["step-00000005"]
    with pytest.raises(ValueError, match="at least one checkpoint is kept, not 0"):
        Checkpoints(tmp_path, IDENTITY, keep=0)


def test_saving_pauses_but_for_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("contract.checkpoints.time.monotonic", lambda: now[0])
    checkpoints = Checkpoints(tmp_path, IDENTITY, pause_s=10)
    for step in range(1, 8):
        now[0] += 4
        checkpoints.save(step, writing("x"))  # at 4, 8, 12, … seconds
    assert names(tmp_path) == ["step-00000003", "step-00000006"]
    checkpoints.save(7, writing("x"), last=True)
    assert names(tmp_path) == ["step-00000006", "step-00000007"]


def test_one_that_is_saved_again_replaces_those_that_came_after_it(tmp_path: Path) -> None:
    checkpoints = saved(tmp_path, 1, 2, 3)
    checkpoints.save(2, writing("again"))
    found = checkpoints.latest()
    assert found is not None
    assert (found.step, (found.folder / "trees.bin").read_text()) == (2, "again")
    assert names(tmp_path) == ["step-00000002"]


def test_a_job_without_the_folder_saves_nothing(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "ml")
    without = Checkpoints.of(paths, IDENTITY)
    without.save(1, writing("x"))
    assert without.latest() is None
    assert not paths.base.exists()
    paths.checkpoints.mkdir(parents=True)
    within = Checkpoints.of(paths, IDENTITY)
    assert within.latest() is None
    within.save(1, writing("x"))
    assert within.latest() is not None


def test_an_interrupted_save_leaves_the_one_before(tmp_path: Path) -> None:
    checkpoints = saved(tmp_path, 1)

    def killed(folder: Path) -> None:
        (folder / "trees.bin").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(2, killed)
    found = saved(tmp_path).latest()
    assert found is not None
    assert found.step == 1
    saved(tmp_path, 2)
    assert names(tmp_path) == ["step-00000001", "step-00000002"]


def test_a_save_that_fails_costs_a_line_and_not_the_job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoints = saved(tmp_path, 1)

    def full(folder: Path) -> None:
        (folder / "trees.bin").write_text("half")
        raise OSError(28, "No space left on device")

    checkpoints.save(2, full)
    assert names(tmp_path) == ["step-00000001"]
    line = capsys.readouterr().out
    assert "could not be saved, the job goes on without it: [Errno 28] No space left on device" in line


def uploads() -> list[tuple[str, ...]]:
    """Every set of files that an upload of one checkpoint may have got through, but for all of them."""
    files = (MANIFEST, "folds/1.bin", "trees.bin")
    return [each for count in range(3) for each in itertools.combinations(files, count)]


@pytest.mark.parametrize("arrived", uploads(), ids=lambda files: "+".join(files) or "none")
def test_a_part_of_an_upload_is_passed_over(
    tmp_path: Path, arrived: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    saved(tmp_path / "instance", 1, 2)
    restored = tmp_path / "next"
    newest = max((tmp_path / "instance").iterdir())
    shutil.copytree(tmp_path / "instance", restored, ignore=lambda *_: [newest.name])
    for name in arrived:
        (restored / newest.name / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(newest / name, restored / newest.name / name)
    found = saved(restored).latest()
    assert found is not None
    assert found.step == 1
    log = capsys.readouterr().out
    assert ("is not resumed" in log) == bool(arrived)
    assert "resuming from checkpoint step-00000001" in log


@pytest.mark.parametrize("content", ["", "state", "state 3", "State 2"])
def test_a_file_that_is_not_what_was_written_is_noticed(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoints = saved(tmp_path, 1, 2)
    (max(tmp_path.iterdir()) / "trees.bin").write_text(content)
    found = checkpoints.latest()
    assert found is not None
    assert found.step == 1
    assert "is not resumed: its file trees.bin is not what was written" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{", "[]", '{"identity": {}}', '{"identity": 3, "files": {}}'])
def test_a_manifest_that_cannot_be_read_is_noticed(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoints = saved(tmp_path, 1)
    (max(tmp_path.iterdir()) / MANIFEST).write_text(text)
    assert checkpoints.latest() is None
    assert f"is not resumed: its {MANIFEST} cannot be read" in capsys.readouterr().out


def test_another_job_s_checkpoint_is_neither_resumed_nor_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved(tmp_path, 7, 8)
    other = Checkpoints(tmp_path, {"hyperparameters": "1", "channel train": "3", "code": "4"})
    assert other.latest() is None
    assert "is not resumed: it was made with other channel train, code" in capsys.readouterr().out
    for step in (1, 2, 7):
        other.save(step, writing("other"))
    found = other.latest()
    assert found is not None
    assert (found.step, (found.folder / "trees.bin").read_text()) == (7, "other")
    first = saved(tmp_path).latest()
    assert first is not None
    assert (first.step, (first.folder / "trees.bin").read_text()) == (8, "state 8")


def test_an_identity_is_that_of_settings_and_of_contents(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "inner").mkdir(parents=True)
        (tmp_path / name / "inner/rows.csv").write_text("1,2\n")
    (tmp_path / "b/x.pyc").write_text("bytecode")

    def identity(folder: Path, **settings: object) -> dict[str, str]:
        return identity_of({"hyperparameters": settings}, {"channel train": folder})

    first = identity(tmp_path / "a", eta=0.1, rounds=3)
    assert first == identity(tmp_path / "b", rounds=3, eta=0.1)
    changed = identity(tmp_path / "a", eta=0.2, rounds=3)
    assert [name for name in first if first[name] != changed[name]] == ["hyperparameters"]
    (tmp_path / "b/inner/rows.csv").rename(tmp_path / "b/inner/other.csv")
    renamed = identity(tmp_path / "b", eta=0.1, rounds=3)
    assert [name for name in first if first[name] != renamed[name]] == ["channel train"]


def test_the_manifest_is_written_last(tmp_path: Path) -> None:
    """A reader of the folder, such as the copying to S3, never sees a manifest beside unfinished files."""
    seen: list[bool] = []

    def write(folder: Path) -> None:
        (folder / "trees.bin").write_text("x")
        seen.append((folder / MANIFEST).exists())

    Checkpoints(tmp_path, IDENTITY).save(3, write)
    assert seen == [False]
    manifest = json.loads((max(tmp_path.iterdir()) / MANIFEST).read_text())
    assert manifest["step"] == 3
    assert manifest["files"]["trees.bin"]["size"] == 1
