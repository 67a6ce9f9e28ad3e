from collections import Counter
from pathlib import Path

import pytest
from sklearn.datasets import load_iris

from mdlc.systems.knn.generate import generate


def read(folder: Path) -> list[list[float]]:
    return [[float(cell) for cell in line.split(",")] for line in (folder / "iris.csv").read_text().splitlines()]


def test_the_rows_are_scikit_learns_with_the_label_first(tmp_path: Path) -> None:
    generate(tmp_path, seed=0, rows=150)
    data = load_iris()
    assert read(tmp_path) == [[label, *row] for label, row in zip(data.target, data.data.tolist(), strict=True)]


def test_a_sample_is_repeatable(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / name, seed=seed, rows=20)
    assert len(read(tmp_path / "a")) == 20
    assert read(tmp_path / "a") == read(tmp_path / "b") != read(tmp_path / "c")


def test_shuffled_labels_keep_the_rows_and_the_counts(tmp_path: Path) -> None:
    generate(tmp_path / "plain", seed=0, rows=150)
    generate(tmp_path / "shuffled", seed=0, rows=150, shuffle_labels=True)
    plain, shuffled = read(tmp_path / "plain"), read(tmp_path / "shuffled")
    assert [row[1:] for row in plain] == [row[1:] for row in shuffled]
    assert Counter(row[0] for row in shuffled) == {0: 50, 1: 50, 2: 50}
    assert sum(a[0] == b[0] for a, b in zip(plain, shuffled, strict=True)) < 80


@pytest.mark.parametrize("rows", [0, 151])
def test_other_numbers_of_rows_are_refused(tmp_path: Path, rows: int) -> None:
    with pytest.raises(ValueError, match=f"Iris has 150 rows, so that {rows} cannot be made"):
        generate(tmp_path, seed=0, rows=rows)
