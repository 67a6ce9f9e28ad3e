"""What `mdlc new tabular` makes of a table."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdlc.errors import InputError
from mdlc.new.profile import Column, Profile, read
from mdlc.new.recipe import infer
from tabular.recipe_file import parse_recipe

CHURN = """customerID,gender,tenure,TotalCharges,joined,note,country,churned
a-1,F,1,29.85,2020-01-31,calls,DE,No
a-2,M,34,,2020-02-28,writes,DE,No
a-3,M,2,108.15,2021-03-01,,DE,Yes
a-4,M,45,1840.75,2019-12-24,calls,DE,No
"""


def profile(folder: Path, text: str, name: str = "churn.csv") -> Profile:
    (folder / name).write_text(text, encoding="utf-8")
    return read(folder / name)


def recipe(folder: Path, text: str, label: str, **given: Any) -> dict[str, Any]:
    return tomllib.loads(infer(profile(folder, text), label=label, **given).text)


def test_a_table_with_missing_values_dates_and_an_identifier(tmp_path: Path) -> None:
    assert recipe(tmp_path, CHURN, "churned") == {
        "objective": "binary",
        "label": "churned",
        "positive": "Yes",
        "identifier": "customerID",
        "tables": {
            "churn.csv": {
                "gender": "category",
                "tenure": "number",
                "TotalCharges": "number",
                "joined": "ignore",
                "note": "category",
                "country": "ignore",
            }
        },
        "bias": {"facet": "gender", "value": "F"},
    }


@pytest.mark.parametrize(
    ("labels", "objective"),
    [("No,Yes,No,No", "binary"), ("red,green,blue,red", "multiclass"), ("1.5,2.5,9,4.25", "regression")],
)
def test_what_is_written_is_what_the_image_reads(tmp_path: Path, labels: str, objective: str) -> None:
    header, *rows = CHURN.splitlines()
    given = [f"{row.rpartition(',')[0]},{label}" for row, label in zip(rows, labels.split(","), strict=True)]
    read_back = parse_recipe(infer(profile(tmp_path, "\n".join([header, *given, ""])), label="churned").text)
    assert (read_back.objective, read_back.label, read_back.identifier) == (objective, "churned", "customerid")
    assert read_back.categorical == {"gender", "note"}
    assert read_back.dropped_columns == {"joined", "country"}
    assert read_back.bias
    assert (read_back.bias.facet, read_back.bias.value) == ("gender", "F")


def test_the_reader_is_told_why(tmp_path: Path) -> None:
    text = infer(profile(tmp_path, CHURN), label="churned").text
    assert 'TotalCharges = "number" # 29.85 to 1840.75, 1 of 4 rows (25.0%) empty' in text
    assert 'positive = "Yes" # 1 of 4 rows (25.0%)' in text
    assert 'country = "ignore" # the same in every row' in text


def test_a_word_for_missing_is_pointed_at(tmp_path: Path) -> None:
    text = infer(profile(tmp_path, "a,b,y\n1,1,0\nNA,2,1\n3,4,0\n"), label="y").text
    assert "a = \"ignore\" # numbers but for 1 cells such as 'NA': leave these empty, and it is a number" in text


@pytest.mark.parametrize(
    ("labels", "objective"),
    [
        (["0", "1", "1"], "binary"),
        (["red", "green", "blue"], "multiclass"),
        (["1", "2", "3"], "multiclass"),
        (["1.5", "2.25", "3.0"], "regression"),
        ([str(number) for number in range(21)], "regression"),
        ([str(number) for number in range(20)], "multiclass"),
    ],
)
def test_what_is_predicted_follows_from_the_label(tmp_path: Path, labels: list[str], objective: str) -> None:
    rows = "".join(f"{number % 3},{label}\n" for number, label in enumerate(labels))
    assert recipe(tmp_path, f"x,y\n{rows}", "y")["objective"] == objective


def test_one_who_knows_better_is_heard(tmp_path: Path) -> None:
    found = recipe(tmp_path, "a,b,y\n1,7,1\n2,8,2\n3,9,3\n", "y", objective="regression", identifier="b")
    assert found == {
        "objective": "regression",
        "label": "y",
        "identifier": "b",
        "tables": {"churn.csv": {"a": "number"}},
    }


def test_the_positive_one_is_the_rarer_where_no_word_says_so(tmp_path: Path) -> None:
    assert recipe(tmp_path, "x,y\n1,good\n2,good\n3,poor\n", "y")["positive"] == "poor"


@pytest.mark.parametrize(
    ("text", "label", "sentence"),
    [
        ("a,b\n1,2\n", "c", "churn.csv has no column 'c' to be the label: it has a, b."),
        ("churn,b\n1,2\n", "churned", "Did you mean 'churn'?"),
        ("a,y\n1,\n2,1\n", "y", "1 of 2 rows have no y: leave them out"),
        (
            "a,y\n1,1\n2,1\n",
            "y",
            "y is '1' in every row, and a model learns from rows of two values at least: add such",
        ),
        ("a,y\n1,0\n1,1\n", "y", "has no column that y could be learned from"),
        ("a,y\n" + "".join(f"{n % 2},t{n}\n" for n in range(51)), "y", "text of more than 50 different values"),
        ("a;y\n1;2\n", "y", "is divided by ';': save it as CSV with commas"),
        ("a,a\n1,2\n", "a", "has the column a twice"),
        ("a,\n1,2\n", "a", "column 2 has no name"),
        ("a,y\n1\n", "y", "row 1: it has 1 cells, the header has 2"),
        ("a,y\n", "y", "has a header and no rows"),
        ("", "y", "is empty"),
        ("1,2\n3,4\n", "y", "has no header"),
        ("a,y\n1,0\n\0,1\n", "y", "row 2: a NUL character: the file is damaged, or not UTF-8"),
        (
            "\0".join("a,y\n1,0\n2,1\n"),
            "y",
            "has a NUL character: the file is damaged, or not UTF-8: save it as CSV in UTF-8",
        ),
        (
            "Total Price,total price,y\n1,2,0\n2,3,1\n",
            "y",
            "has the columns 'Total Price' and 'total price', which are both total_price to the platform",
        ),
        ("Y,y\n1,0\n2,1\n", "y", "has the columns 'Y' and 'y'"),
        (
            "a,y\n" + "".join(f'{n % 2},"{n + 1},234.00"\n' for n in range(51)),
            "y",
            "It has 51 cells such as '1,234.00': write digits and a decimal point alone.",
        ),
    ],
)
def test_what_cannot_be_learned_from_is_refused(tmp_path: Path, text: str, label: str, sentence: str) -> None:
    with pytest.raises(InputError) as error:
        infer(profile(tmp_path, text), label=label)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("identifier", "sentence"),
    [
        ("y", "'y' cannot be the label and the identifier"),
        ("a", "'a' identifies no rows: 2 of 3 rows (66.7%) have '1'."),
        ("b", "'b' identifies no rows: it is empty in 1 of 3 rows (33.3%)."),
        ("c", "has no column 'c' to be the identifier"),
    ],
)
def test_what_identifies_no_rows_is_no_identifier(tmp_path: Path, identifier: str, sentence: str) -> None:
    table = profile(tmp_path, "a,b,y\n1,x,0\n1.0,,1\n2,z,1\n")
    with pytest.raises(InputError) as error:
        infer(table, label="y", identifier=identifier)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("count", "claim"),
    [(10_000, "a value of its own in every row"), (10_001, "no value twice in the first 10000 rows")],
)
def test_what_was_not_counted_is_not_claimed(tmp_path: Path, count: int, claim: str) -> None:
    rows = "".join(f"{number},{number % 3},{number % 2}\n" for number in range(count))
    assert f'identifier = "id" # {claim}' in infer(profile(tmp_path, f"id,x,y\n{rows}"), label="y").text


@pytest.mark.parametrize("number", ["1,234.50", "1.234,5", "1 234", "1'234.5", "12,5", "€ 12", "12.5 %", "-1,234,567"])
def test_numbers_that_only_people_read_are_pointed_at(tmp_path: Path, number: str) -> None:
    rows = "".join(f'{n},"{number}",{n % 2}\n' for n in range(9)) + "".join(f"{n},{n},{n % 2}\n" for n in range(9))
    text = infer(profile(tmp_path, f"a,price,y\n{rows}"), label="y").text
    assert f"numbers but for 9 cells such as {number!r}: write digits and a decimal point alone" in text


@pytest.mark.parametrize("text", ["192.168.0.1", "A-12", "31/12/2020", "1,23,4"])
def test_other_texts_with_digits_are_none(text: str) -> None:
    column = Column("a")
    column.add(text)
    assert (column.numbers, column.written) == (0, 0)


def test_labels_that_are_one_to_the_image_are_one_here(tmp_path: Path) -> None:
    assert recipe(tmp_path, "a,y\n1,1\n2,1.0\n3,0\n", "y")["objective"] == "binary"


def test_a_table_is_named_like_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"churn\.txt is not named like a table: let its name end in \.csv"):
        profile(tmp_path, CHURN, "churn.txt")


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xfea\x00")
    with pytest.raises(InputError, match="is not in UTF-8"):
        read(tmp_path / "a.csv")
    with pytest.raises(InputError, match="is a folder"):
        read(tmp_path)


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00", exclude_categories=["Cs"]), min_size=1),
        min_size=1,
        max_size=5,
        unique_by=str.strip,
    ),
    st.lists(st.text(st.characters(codec="ascii", categories=["L", "N"])), min_size=2, max_size=9),
)
def test_any_name_of_a_column_can_be_written(names: list[str], values: list[str]) -> None:
    columns = [Column(name) for name in (*names, "the label")]
    for number, value in enumerate(values):
        for column in columns[:-1]:
            column.add(value)
        columns[-1].add("ab"[number % 2])
    made = Profile('a "table".csv', len(values), tuple(columns))
    try:
        text = infer(made, label="the label").text
    except InputError:
        return
    assert tomllib.loads(text)["tables"].keys() == {'a "table".csv'}
