"""The generated census: its documented schema, and a signal that boosted trees find."""

import csv
from pathlib import Path

import pytest

from contract.paths import Paths
from mdlc.systems.census.generate import FILE, HIGH_SHARE, table
from mdlc.systems.census.generate import generate as write
from tabular.prepare import Split, prepare
from tabular.recipes import CENSUS


def test_equal_seeds_give_equal_tables_and_others_do_not() -> None:
    assert table(seed=1, rows=300) == table(seed=1, rows=300)
    assert table(seed=1, rows=300) != table(seed=2, rows=300)


def test_the_table_has_the_columns_of_the_recipe_and_plausible_values() -> None:
    rows = table(seed=3, rows=2000)
    assert tuple(rows[0]) == CENSUS.tables["census.csv"]
    assert [row["person_id"] for row in rows] == list(range(1, 2001))
    assert all(16 <= int(row["age"]) <= 90 for row in rows)
    assert all(row["education"] in CENSUS.ordinal["education"] for row in rows)
    working = [row for row in rows if row["major_industry_code"] != "Not in universe"]
    assert all(int(row["num_persons_worked_for_employer"]) > 0 for row in working)
    assert sum(int(row["income"]) for row in rows) / 2000 == pytest.approx(HIGH_SHARE, abs=0.02)


def test_shuffled_labels_keep_their_share() -> None:
    labels = [row["income"] for row in table(seed=3, rows=500)]
    shuffled = [row["income"] for row in table(seed=3, rows=500, shuffle_labels=True)]
    assert sorted(labels, key=str) == sorted(shuffled, key=str)
    assert labels != shuffled


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 200"):
        table(seed=1, rows=199)


def test_the_recipe_takes_it(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    write(tmp_path / "processing" / "input" / "data", seed=5, rows=400)
    for name in ("train", "validation", "test", "baseline", "features"):
        (tmp_path / "processing" / "output" / name).mkdir(parents=True)
    prepare(paths, "census", Split(test_fraction=0.2))
    rows = {
        name: len((paths.processing_output(name) / f"{name}.csv").read_text().splitlines())
        for name in ("train", "validation", "test")
    }
    assert rows == {"train": 288, "validation": 32, "test": 80}
    with (paths.processing_input("data") / FILE).open() as file:
        assert len(list(csv.DictReader(file))) == 400
