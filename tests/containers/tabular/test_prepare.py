"""Raw tables to sets of numbers, and sentences about everything that is wrong with them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from sklearn.model_selection import train_test_split

from contract.errors import InputError
from mdlc.systems.census.generate import generate as census
from tabular.prepare import Split, prepare, split_examples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contract.paths import Paths

# The published example's 49 columns less the label, here in the order of the tables.
FEATURES = """
driver_relationship_child driver_relationship_na driver_relationship_other driver_relationship_self
driver_relationship_spouse incident_type_breakin incident_type_collision incident_type_theft collision_type_front
collision_type_na collision_type_rear collision_type_side incident_severity_major incident_severity_minor
incident_severity_totaled authorities_contacted_ambulance authorities_contacted_fire authorities_contacted_none
authorities_contacted_police num_vehicles_involved num_injuries num_witnesses police_report_available injury_claim
vehicle_claim total_claim_amount incident_month incident_day incident_dow incident_hour customer_age
months_as_customer num_claims_past_year num_insurers_past_5_years policy_state_az policy_state_ca policy_state_id
policy_state_nv policy_state_or policy_state_wa policy_deductable policy_annual_premium policy_liability
customer_gender_female customer_gender_male customer_gender_other customer_education auto_year
"""


def lines(paths: Paths, name: str) -> list[list[float]]:
    text = (paths.processing_output(name) / f"{name}.csv").read_text()
    return [[float(cell) for cell in line.split(",")] for line in text.splitlines()]


def test_5000_rows_become_4050_450_and_500(finished: Paths) -> None:
    assert [len(lines(finished, name)) for name in ("train", "validation", "test")] == [4050, 450, 500]


def test_the_features_are_the_published_examples(finished: Paths) -> None:
    document = json.loads((finished.processing_output("features") / "features.json").read_text())
    assert document["features"] == FEATURES.split()
    assert {len(row) for row in lines(finished, "train")} == {49}


def test_the_baseline_is_the_mean_of_the_training_features(finished: Paths) -> None:
    (row,) = lines(finished, "baseline")
    training = lines(finished, "train")
    assert row == pytest.approx([sum(column) / 4050 for column in zip(*training, strict=True)][1:])


def test_the_split_is_the_one_of_the_published_example() -> None:
    rows = list(range(5000))
    rest, test = train_test_split(rows, test_size=0.1, random_state=42)
    train, validation = train_test_split(rest, test_size=0.1, random_state=42)
    sets = split_examples([row % 2 for row in rows], Split(seed=42))
    assert sets == {"train": train, "validation": validation, "test": test}


@pytest.mark.parametrize("label", [0, 1])
def test_a_set_of_one_class_is_refused(label: int) -> None:
    sentence = (
        f"all 243 rows of the train set have the label {label}: both classes are needed \\({300 * label} of all 300"
    )
    with pytest.raises(InputError, match=sentence):
        split_examples([label] * 300, Split())


def test_every_class_is_in_every_set() -> None:
    labels = [0] * 3 + [1] * 40 + [2] * 200
    sets = split_examples(labels, Split(), ("rare", "some", "many"))
    assert [sorted({labels[row] for row in rows}) for rows in sets.values()] == [[0, 1, 2]] * 3
    assert sorted(row for rows in sets.values() for row in rows) == list(range(243))


def test_a_class_with_too_few_rows_is_named() -> None:
    with pytest.raises(InputError, match="class rare has 2 rows: at least 3 are needed"):
        split_examples([0] * 2 + [1] * 9 + [2] * 9, Split(), ("rare", "some", "many"))


def test_no_row_is_lost_or_used_twice() -> None:
    sets = split_examples([row % 3 // 2 for row in range(137)], Split(7, 0.2, 0.3))
    assert sorted(row for rows in sets.values() for row in rows) == list(range(137))
    assert [len(sets[name]) for name in ("test", "validation", "train")] == [28, 33, 76]


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, 2.0])
def test_fractions_that_leave_nothing_are_refused(fraction: float) -> None:
    with pytest.raises(InputError, match="test-fraction must be between 0 and 1"):
        Split(test_fraction=fraction)


def edit(file: str, change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    """Return a change of one file's lines."""

    def apply(folder: Path) -> None:
        path = folder / file
        path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")

    return apply


def cell(row: int, column: str, text: str) -> Callable[[list[str]], list[str]]:
    """Return a change of one cell; row 1 is the first after the header."""

    def apply(rows: list[str]) -> list[str]:
        cells = rows[row].split(",")
        cells[rows[0].split(",").index(column)] = text
        return [*rows[:row], ",".join(cells), *rows[row + 1 :]]

    return apply


def column(name: str, text: str) -> Callable[[list[str]], list[str]]:
    """Return a change of a whole column."""

    def apply(rows: list[str]) -> list[str]:
        for row in range(1, len(rows)):
            rows = cell(row, name, text)(rows)
        return rows

    return apply


BROKEN_LINES: list[tuple[str, Callable[[list[str]], list[str]], str]] = [
    ("claims.csv", lambda rows: rows[:1], "claims.csv has a header but no rows"),
    ("claims.csv", lambda rows: [rows[0][7:], *rows[1:]], "claims.csv has no column policy_id: it has id, driver"),
    (
        "claims.csv",
        lambda rows: [row.rpartition(",")[0] for row in rows],
        "claims.csv has no column fraud: it has policy",
    ),
    (
        "customers.csv",
        cell(8, "customer_age", "1e39"),
        "customers.csv, row 8: column customer_age must be a number of at most 3.40282e+38, not '1e39'",
    ),
    ("claims.csv", lambda rows: [rows[0] + ",colour"], "claims.csv has the unknown column 'colour'"),
    ("claims.csv", lambda rows: [rows[0] + ",fraud"], "claims.csv has the column fraud twice"),
    ("claims.csv", lambda rows: [*rows[:3], rows[3] + ",1"], "claims.csv, row 3: it has 19 fields, the header has 18"),
    ("claims.csv", lambda rows: [*rows[:2], '1,"x'], "claims.csv is not CSV: "),
    (
        "claims.csv",
        cell(7, "num_injuries", "many"),
        "claims.csv, row 7: column num_injuries must be a number, not the text 'many'",
    ),
    (
        "customers.csv",
        cell(8, "customer_age", "nan"),
        "customers.csv, row 8: column customer_age must be a finite number, not 'nan'",
    ),
    (
        "customers.csv",
        cell(5, "policy_liability", "9/9"),
        "customers.csv, row 5: column policy_liability has the unknown category '9/9': it must be one of 15/30, ",
    ),
    ("claims.csv", cell(9, "fraud", ""), "claims.csv, row 9: the label fraud must be 0 or 1, it is empty"),
    ("claims.csv", cell(9, "fraud", "nan"), "claims.csv, row 9: the label fraud must be 0 or 1, it is 'nan'"),
    ("claims.csv", cell(9, "policy_id", ""), "claims.csv, row 9: column policy_id is empty"),
    ("claims.csv", cell(9, "policy_id", "0"), "claims.csv, row 9: policy_id 0 is not in customers.csv"),
    ("customers.csv", lambda rows: [*rows, rows[3]], "customers.csv, row 301: policy_id 3 is there twice"),
    (
        "claims.csv",
        column("fraud", "0"),
        "claims.csv has 0 rows with the label fraud = 1: at least 3 are needed, one in each of the train, validation",
    ),
    ("claims.csv", column("fraud", "1"), "claims.csv has 0 rows with the label fraud = 0: at least 3 are needed"),
    ("claims.csv", lambda rows: rows[:2], "claims.csv has 1 row, which is too few: at least 6 are needed"),
    ("claims.csv", cell(58, "incident_type", "The\0ft"), "claims.csv, row 58: a NUL character"),
]
BROKEN: list[tuple[Callable[[Path], object], str]] = [
    (lambda folder: (folder / "customers.csv").unlink(), "customers.csv is missing: "),
    (lambda folder: (folder / "customers.csv").write_text(""), "customers.csv is empty"),
    (lambda folder: (folder / "claims.csv").write_bytes(b"policy_id\xff"), "claims.csv is not UTF-8: byte 9 is 0xff"),
    *((edit(file, change), sentence) for file, change, sentence in BROKEN_LINES),
]


@pytest.mark.parametrize(("damage", "sentence"), BROKEN, ids=[sentence for _, sentence in BROKEN])
def test_broken_data_is_refused_with_a_sentence(
    base: Paths, dataset: Path, damage: Callable[[Path], object], sentence: str
) -> None:
    folder = base.base / "processing/input/data"
    folder.mkdir(parents=True)
    for file in ("claims.csv", "customers.csv"):
        rows = (dataset / file).read_text().splitlines()[:301]
        (folder / file).write_text("\n".join(rows) + "\n")
    damage(folder)
    with pytest.raises(InputError) as caught:
        prepare(base, "fraud", Split())
    assert str(caught.value).startswith(sentence)


def test_order_and_case_of_columns_do_not_matter(base: Paths, dataset: Path, finished: Paths) -> None:
    folder = base.base / "processing/input/data"
    shutil.copytree(dataset, folder)
    rows = [line.split(",") for line in (folder / "customers.csv").read_text().splitlines()]
    rows[0] = [name.upper().replace("_", " ") for name in rows[0]]
    (folder / "customers.csv").write_text("\ufeff" + "\r\n".join(",".join(row[::-1]) for row in rows))
    prepare(base, "fraud", Split())
    assert lines(base, "test") == lines(finished, "test")


CENSUS: list[tuple[Callable[[list[str]], list[str]], str]] = [
    (lambda _: [""], "census.csv has no column person_id: it has "),
    (lambda rows: rows[:1], "census.csv has a header but no rows"),
    (
        lambda rows: [rows[0].replace("age", "years"), *rows[1:]],
        "census.csv has no column age: it has person_id, years",
    ),
    (lambda rows: [row.rpartition(",")[0] for row in rows], "census.csv has no column income: it has person_id, age"),
    (cell(3, "age", "old"), "census.csv, row 3: column age must be a number, not the text 'old'"),
    (cell(3, "income", "nan"), "census.csv, row 3: the label income must be 0 or 1, it is 'nan'"),
    (cell(3, "income", "50000+."), "census.csv, row 3: the label income must be 0 or 1, it is '50000+.'"),
    (column("income", "1"), "census.csv has 0 rows with the label income = 0: at least 3 are needed"),
    (cell(3, "person_id", "2"), "census.csv, row 3: person_id 2 is there twice"),
]


@pytest.mark.parametrize(("change", "sentence"), CENSUS, ids=[sentence for _, sentence in CENSUS])
def test_broken_data_of_the_census_are_refused_too(
    base: Paths, change: Callable[[list[str]], list[str]], sentence: str
) -> None:
    folder = base.base / "processing/input/data"
    census(folder, seed=3, rows=200)
    edit("census.csv", change)(folder)
    with pytest.raises(InputError) as caught:
        prepare(base, "census", Split())
    assert str(caught.value).startswith(sentence)


def test_an_unknown_recipe_lists_the_known_ones(base: Paths) -> None:
    with pytest.raises(InputError, match="there is no recipe churn: there are census, fraud"):
        prepare(base, "churn", Split())
