"""Generated pictures: half of each class, the same for the same seed."""

from pathlib import Path

import pytest
from PIL import Image

from mdlc.systems.images.generate import CLASSES, generate
from mdlc.systems.images.picture import SIDE


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_pictures(tmp_path: Path) -> None:
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        generate(tmp_path / name, seed=seed, rows=20)
    assert contents(tmp_path / "first") == contents(tmp_path / "again") != contents(tmp_path / "other")


def test_half_of_the_pictures_are_of_each_class(tmp_path: Path) -> None:
    generate(tmp_path, seed=1, rows=20)
    assert {entry.name: len(list(entry.iterdir())) for entry in tmp_path.iterdir()} == dict.fromkeys(CLASSES, 10)
    for path in tmp_path.rglob("*.png"):
        with Image.open(path) as image:
            assert (image.size, image.mode) == ((SIDE, SIDE), "RGB")


def test_shuffled_labels_keep_their_shares_and_move_pictures(tmp_path: Path) -> None:
    generate(tmp_path / "right", seed=1, rows=20)
    generate(tmp_path / "shuffled", seed=1, rows=20, shuffle_labels=True)
    right, shuffled = contents(tmp_path / "right"), contents(tmp_path / "shuffled")
    assert len(shuffled) == 20
    assert len(list((tmp_path / "shuffled/spots").iterdir())) == 10
    assert right.keys() != shuffled.keys()


def test_too_few_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="19 pictures are too few"):
        generate(tmp_path, seed=1, rows=19)
