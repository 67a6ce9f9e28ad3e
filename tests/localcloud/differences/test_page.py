"""The list of differences: written from the tables, and each test that it names is there."""

import ast
from pathlib import Path

import pytest

from localcloud.differences import page
from localcloud.differences.behaviour import BEHAVIOUR, Difference

PROJECT = Path(__file__).parents[3]


def test_the_page_is_what_the_tables_say() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), "python -m localcloud.differences.page writes it"


@pytest.mark.parametrize("row", [each for each in BEHAVIOUR if each.shown_by], ids=lambda row: row.here[:40])
def test_what_shows_a_difference_is_a_test(row: Difference) -> None:
    file, _, name = str(row.shown_by).partition("::")
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_an_operation_is_provided_or_named() -> None:
    said = page.page()
    assert "CreateTrainingJob" not in said
    assert "AutoMLJob" in said
