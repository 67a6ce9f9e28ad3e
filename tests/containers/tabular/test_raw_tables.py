"""check_rows: every bad row of a table, by file, row and column, in one sentence."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabular.raw_tables import MOST_CATEGORIES, Problem, check_rows
from tabular.recipe_file import parse_recipe
from tabular.recipes import Recipe

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = parse_recipe("""
objective = "binary"
label = "churned"
identifier = "id"
positive = "yes"
[tables."churn.csv"]
age = "number"
plan = "category"
grade = { order = ["low", "high"] }
remarks = "ignore"
""")
HEADER = "id,age,plan,grade,remarks,churned"
GOOD = [f"{i},{20 + i},basic,low,x,{'yes' if i % 2 else 'no'}" for i in range(1, 9)]


def checked(folder: Path, lines: list[str], recipe: Recipe = RECIPE, most: int = 100) -> list[str]:
    file = folder / "churn.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [str(problem) for problem in check_rows(recipe, {"churn.csv": file}, most)]


def test_a_good_table_has_no_problems_and_missing_values_are_none(tmp_path: Path) -> None:
    assert checked(tmp_path, [HEADER, *GOOD]) == []
    assert checked(tmp_path, [HEADER, *GOOD, "9,,,,,no", "", "10, , ,high,,yes"]) == []


def test_every_bad_row_is_named_in_the_order_of_the_file(tmp_path: Path) -> None:
    bad = [
        "9,old,basic,low,x,yes",
        "10,1e400,basic,mid,x,no",
        "11,3,basic,low,x",
        ",3,basic,low,x,no",
        "1,3,basic,low,x,no",
        "14,3,ba\0sic,low,x,no",
        "15,3,basic,low,x,maybe",
        "16,3,basic,low,x,",
    ]
    assert checked(tmp_path, [HEADER, *GOOD, *bad]) == [
        "churn.csv, row 9: column age must be a number, not the text 'old'",
        "churn.csv, row 10: column age must be a finite number, not '1e400'",
        "churn.csv, row 10: column grade has the unknown category 'mid': it must be one of low, high",
        "churn.csv, row 11: it has 5 fields, the header has 6",
        "churn.csv, row 12: column id is empty",
        "churn.csv, row 13: id 1 is there twice",
        "churn.csv, row 14: a NUL character: the file is damaged, or not UTF-8",
        "churn.csv, row 15: the label churned must be no or yes, it is 'maybe'",
        "churn.csv, row 16: the label churned must be no or yes, it is empty",
    ]


def test_a_problem_names_its_place(tmp_path: Path) -> None:
    (tmp_path / "churn.csv").write_text("\n".join([HEADER, *GOOD, "9,old,basic,low,x,yes"]))
    (problem,) = check_rows(RECIPE, {"churn.csv": tmp_path / "churn.csv"})
    assert problem == Problem("churn.csv", "column age must be a number, not the text 'old'", 9, "age")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([HEADER], "churn.csv has a header but no rows"),
        ([HEADER, GOOD[0]], "churn.csv has 1 row, which is too few: at least 6 are needed"),
        ([HEADER, *GOOD[::2], *["9,1,,,,no"]], "churn.csv has 5 rows, which is too few: at least 6 are needed"),
        (
            [HEADER, "0,1,,,,yes", *(f"{i},1,,,,no" for i in range(1, 9))],
            "churn.csv has 1 rows with the label churned = yes: at least 3 are needed, one in each of the train, valid",
        ),
        (["age"], "churn.csv has no column id: it has age"),
        (
            [HEADER + ",\x07\x1b[31m"],
            "churn.csv has the unknown column '\\x07\\x1b[31m': the recipe knows id, age, plan",
        ),
        (
            ["\0".join(HEADER)],
            "churn.csv has a NUL character: the file is damaged, or not UTF-8",
        ),  # UTF-16 without a mark
        ([HEADER + ",age"], "churn.csv has the column age twice"),
        (["id;age;plan"], "churn.csv is divided by ';': save it as CSV with commas"),
        (["id\tage\tplan"], "churn.csv is divided by tabs: save it as CSV with commas"),
        ([HEADER, '1,"x'], "churn.csv is not CSV: unexpected end of data (after row 0)"),
    ],
)
def test_a_table_that_is_wrong_as_a_whole(tmp_path: Path, lines: list[str], sentence: str) -> None:
    (found,) = checked(tmp_path, lines)
    assert found.startswith(sentence)
    assert found.isprintable()


def test_a_bad_byte_is_found_wherever_it_is(tmp_path: Path) -> None:
    content = (HEADER + "\n" + "\n".join(GOOD)).encode() + b"\n" + "é".encode() * 700_000 + b"\xff"
    (tmp_path / "churn.csv").write_bytes(content)
    found = check_rows(RECIPE, {"churn.csv": tmp_path / "churn.csv"})
    assert str(found[-1]) == f"churn.csv is not UTF-8: byte {len(content) - 1} is 0xff, so save it as CSV in UTF-8"


def test_too_many_categories_are_refused(tmp_path: Path) -> None:
    rows = [f"{i},1,plan {i},low,x,{'yes' if i % 2 else 'no'}" for i in range(MOST_CATEGORIES + 1)]
    (found,) = checked(tmp_path, [HEADER, *rows])
    assert found.startswith("churn.csv has more than 1000 categories in the column plan, and each becomes a feature: ")
    assert checked(tmp_path, [HEADER, *rows[:-1]]) == []


def test_rows_of_joined_tables_must_match(tmp_path: Path) -> None:
    recipe = Recipe({"a.csv": ("id", "y"), "b.csv": ("id", "x")}, label="y", identifier="id")
    (tmp_path / "a.csv").write_text("id,y\n" + "".join(f"{i % 4},{i % 2}\n" for i in range(8)) + "9,1\n")
    (tmp_path / "b.csv").write_text("id,x\n0,1\n1,1\n2,1\n3,1\n3,2\n")
    tables = {name: tmp_path / name for name in recipe.tables}
    assert list(map(str, check_rows(recipe, tables))) == [
        "a.csv, row 9: id 9 is not in b.csv",
        "b.csv, row 5: id 3 is there twice",
    ]
    (tmp_path / "b.csv").unlink()
    assert list(map(str, check_rows(recipe, tables))) == [f"b.csv is missing: {tmp_path} has a.csv"]


def test_other_objectives_check_their_labels(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n1,2.5\n1,many\n1,\n1,inf\n")
    regression = Recipe({"t.csv": ("x", "y")}, label="y", objective="regression")
    assert list(map(str, check_rows(regression, {"t.csv": tmp_path / "t.csv"}))) == [
        "t.csv, row 2: the label y must be a number, not the text 'many'",
        "t.csv, row 3: the label y must be a number, it is empty",
        "t.csv, row 4: the label y must be a finite number, not 'inf'",
    ]
    classes = Recipe({"t.csv": ("x", "y")}, label="y", objective="multiclass", classes=("a", "b", "3"))
    (tmp_path / "t.csv").write_text("x,y\n" + "1,a\n1, b\n1,3.0\n" * 3 + "1,d\n")
    assert list(map(str, check_rows(classes, {"t.csv": tmp_path / "t.csv"}))) == [
        "t.csv, row 10: the label y must be a, b or 3, it is 'd'"
    ]


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_checked_and_no_sentence_holds_raw_control_characters(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("bytes") / "churn.csv"
    file.write_bytes(HEADER.encode() + b"\n" + content)
    found = check_rows(RECIPE, {"churn.csv": file})
    assert found
    assert all(str(problem).isprintable() for problem in found)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    recipe = Recipe({"t.csv": ("x", "y")}, label="y", objective="regression")

    def peak(rows: int) -> int:
        (tmp_path / "t.csv").write_text("x,y\n" + "many,none\n" * rows)
        tracemalloc.start()
        assert len(check_rows(recipe, {"t.csv": tmp_path / "t.csv"})) == 100
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1000)
    assert peak(50_000) < 2 * peak(2_000)
