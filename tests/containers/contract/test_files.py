"""Files that no person put into a channel are no data."""

from pathlib import Path

from contract.files import data_files
from vision.pictures import read_folder


def test_checkpoints_of_notebooks_and_marks_of_systems_are_left_out(tmp_path: Path) -> None:
    for name in (
        "b.csv",
        "a.csv",
        ".DS_Store",
        "._a.csv",
        "_SUCCESS",
        ".ipynb_checkpoints/a-checkpoint.csv",
        "x/c.csv",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.relative_to(tmp_path).as_posix() for path in data_files(tmp_path)] == ["a.csv", "b.csv", "x/c.csv"]
    assert len(data_files(tmp_path, "*.csv")) == 3


def test_they_are_no_class_and_no_picture(tmp_path: Path) -> None:
    for name in ("cat/1.png", "dog/1.png", ".ipynb_checkpoints/1.png", "cat/.ipynb_checkpoints/1.png", "cat/._1.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = read_folder(tmp_path, "pictures")
    assert (found.classes, len(found.paths)) == (("cat", "dog"), 2)
