"""What the labeling demo knows: read from a folder, refused with a sentence, and held against what people drew."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from labels.consolidation.boxes import Box
from labels.consolidation.marks import Mark
from mdlc.errors import InputError
from mdlc.systems.labels.crowd import PEOPLE, Labeler
from mdlc.systems.labels.generate import FISH, MOODS, generate
from mdlc.systems.labels.known import read, score
from mdlc.systems.labels.picture import picture

ONE = Mark("bream", Box(0, 0, 10, 10))


def test_equal_seeds_give_equal_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generate(tmp_path / name, seed=3, pictures=4, sentences=4)
    one, two = (
        {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*.*")}
        for folder in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two
    assert len(one) == 6


def test_what_is_generated_is_read_back(tmp_path: Path) -> None:
    generate(tmp_path, seed=3, pictures=5, sentences=20)
    known = read(tmp_path)
    assert (known.kinds, known.feelings) == (["bream", "pike"], ["happy", "sad"])
    assert len(known.pictures) == 5
    assert len({text for text, _ in known.sentences}) == 20
    for each in known.pictures:
        assert Image.open(tmp_path / each.file).size == each.size
        assert 1 <= len(each.marks) <= 4


@pytest.mark.parametrize("seed", range(20))
def test_a_fish_fills_its_box(seed: int) -> None:
    """A row or column beyond the box looks like water; the first and last within have something of the fish."""
    random = Random(seed)
    image, marks = picture(random)
    for mark in marks:
        left, top, width, height = (int(each) for each in mark.shape)
        skin = image.getpixel((left + width // 2, top + height // 2))
        inside = [(x, y) for x in range(left, left + width) for y in range(top, top + height)]
        same = [(x, y) for x, y in inside if image.getpixel((x, y)) == skin]
        columns, rows = [x for x, _ in same], [y for _, y in same]
        assert left + width - 1 - max(columns) <= 1
        assert min(columns) - left <= 1
        assert min(rows) - top <= 1
        assert top + height - 1 - max(rows) <= 1


def test_the_score_by_hand() -> None:
    shifted, far = Mark("bream", Box(2, 0, 10, 10)), Mark("bream", Box(6, 0, 10, 10))
    assert score([[ONE]], [[ONE]]) == (1.0, 1.0)
    assert score([[ONE]], [[shifted]]) == pytest.approx((1.0, 80 / 120))
    assert score([[ONE]], [[far]]) == (0.0, 0.0)  # 40 of 160 in common
    assert score([[ONE]], [[Mark("pike", ONE.shape)]]) == (0.0, 0.0)
    assert score([[ONE], []], [[ONE], [ONE]]) == pytest.approx((2 / 3, 1.0))
    assert score([[ONE]], [[ONE, shifted]]) == pytest.approx((2 / 3, 1.0))
    assert score([[]], [[]]) == (1.0, 0.0)


def test_people_are_as_good_as_they_are_said_to_be() -> None:
    random, who = Random(5), Labeler(name="x", right=0.8, finds=0.7, apart=0.0, seconds=1)
    answers = [who.draw([ONE], ["bream", "pike"], (100, 100), random)["annotatedResult"] for _ in range(4000)]
    found = [box for answer in answers for box in answer["boundingBoxes"]]
    assert len(found) / 4000 == pytest.approx(0.7, abs=0.03)  # 4 standard errors
    assert sum(box["label"] == "bream" for box in found) / len(found) == pytest.approx(0.8, abs=0.03)
    assert all((box["left"], box["top"], box["width"], box["height"]) == (0, 0, 10, 10) for box in found)


def test_who_does_not_look_says_the_same_of_everything() -> None:
    random, (idle,) = Random(5), [who for who in PEOPLE if not who.looks]
    said = {json.dumps(idle.choose(actual, ["happy", "sad"], random)) for actual in ("happy", "sad") for _ in range(50)}
    assert len(said) == 1


def test_boxes_stay_within_the_picture() -> None:
    random, who = Random(5), Labeler(name="x", right=1, finds=1, apart=0.5, seconds=1)
    for _ in range(500):
        (box,) = who.draw([ONE], ["bream"], (12, 12), random)["annotatedResult"]["boundingBoxes"]
        assert box["left"] >= 0 <= box["top"]
        assert box["width"] >= 1 <= box["height"]
        assert box["left"] + box["width"] <= 13


def spoil(change: Callable[[Path], object], folder: Path) -> str:
    generate(folder, seed=3, pictures=2, sentences=2)
    change(folder)
    with pytest.raises(InputError) as refused:
        read(folder)
    return str(refused.value)


def with_line(name: str, line: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(line)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / FISH).unlink(), "takes a folder with fish.manifest and moods.manifest"),
        (with_line(MOODS, ""), "moods.manifest has no line"),
        (with_line(MOODS, "{"), "moods.manifest, line 1 is no JSON"),
        (with_line(MOODS, "[]"), "moods.manifest, line 1 is no JSON object"),
        (with_line(MOODS, '{"source": "x"}'), 'line 1 needs "source", "known-mood"'),
        (with_line(FISH, '{"source-ref": "pictures/0000.png"}'), 'line 1 needs "source-ref" and "known-boxes"'),
        (lambda folder: (folder / "pictures/0001.png").unlink(), "line 2: pictures/0001.png is no file of the folder"),
    ],
)
def test_what_is_refused_names_its_place(change: Callable[[Path], object], said: str, tmp_path: Path) -> None:
    assert said in spoil(change, tmp_path)


def test_a_picture_outside_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    generate(folder, seed=3, pictures=1, sentences=1)
    (tmp_path / "other.png").write_bytes(b"x")
    line = json.loads((folder / FISH).read_text())
    (folder / FISH).write_text(json.dumps(line | {"source-ref": "../other.png"}) + "\n")
    with pytest.raises(InputError, match=r"other.png is no file of the folder"):
        read(folder)


def test_one_number_has_one_name(tmp_path: Path) -> None:
    generate(tmp_path, seed=3, pictures=2, sentences=1)
    lines = [json.loads(line) for line in (tmp_path / FISH).read_text().splitlines()]
    lines[1]["known-boxes-metadata"]["class-map"] = {"0": "carp", "1": "pike"}
    (tmp_path / FISH).write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(InputError, match="class 0 is 'carp' here, and 'bream' before"):
        read(tmp_path)
