"""The list of differences: written from the tables, and each test that it names is there."""

import ast
from pathlib import Path

import pytest

from localcloud.differences import page
from localcloud.differences.behaviour import BEHAVIOUR, Difference
from localcloud.differences.recorded_answers import FAMILIES

PROJECT = Path(__file__).parents[3]


def test_the_page_is_what_the_tables_say() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), "python -m localcloud.differences.page writes it"


@pytest.mark.parametrize("row", [each for each in BEHAVIOUR if each.shown_by], ids=lambda row: row.here[:40])
def test_what_shows_a_difference_is_a_test(row: Difference) -> None:
    file, _, name = str(row.shown_by).partition("::")
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_an_operation_is_provided_or_named() -> None:
    said = page.page().partition("## Operations")[2].partition("\n## ")[0]
    named = said.replace(".", "").split("\n")[-2].split(", ")
    assert "TrainingJob" not in named
    assert "AutoMLJob" in named


def test_what_does_not_give_the_recorded_answer_has_a_reason() -> None:
    assert all(each.essence <= each.same <= each.run for each in FAMILIES)
    assert [each.name for each in FAMILIES if bool(each.rest) is (each.same == each.essence == each.run)] == []


def test_recorded_answers_are_as_often_the_same_as_they_were() -> None:
    """The bars: 92 of 100 of the interpreter's, 75 in essence, and 70 of the rest."""
    machines = [each for each in FAMILIES if each.name.startswith("State machines")]
    others = [each for each in FAMILIES if each not in machines]
    run = sum(each.run for each in machines)
    assert sum(each.same for each in machines) >= 0.92 * run
    assert sum(each.essence for each in machines) >= 0.75 * run
    assert sum(each.same for each in others) >= 0.7 * sum(each.run for each in others)
