"""recipe.toml: what a person writes, what is refused and in which words, and that nothing is lost on the way."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import InputError
from tabular.encoding import column_name
from tabular.recipe_file import parse_recipe, read_recipe, write_recipe
from tabular.recipes import CENSUS, FRAUD, OBJECTIVES, Bias, Recipe, same_text

if TYPE_CHECKING:
    from pathlib import Path

CHURN = """
objective = "binary"
label = "Churned"
identifier = "Customer ID"
positive = "yes"
[tables."churn.csv"]
age = "number"
plan = "category"
remarks = "ignore"
education = { order = ["low", "middle", "high"] }
[tables."calls.csv"]
"Minutes Used" = "number"
[bias]
facet = "plan"
value = "basic"
"""
SPECIES = """
objective = "multiclass"
label = "species"
classes = ["a", "b", "c"]
[tables."flowers.csv"]
width = "number"
[bias]
facet = "width"
value = 3
favorable = ["a", "c"]
"""


def test_a_recipe_is_read_as_it_is_meant() -> None:
    assert parse_recipe(CHURN) == Recipe(
        tables={
            "churn.csv": ("customer_id", "age", "plan", "remarks", "education", "churned"),
            "calls.csv": ("customer_id", "minutes_used"),
        },
        label="churned",
        identifier="customer_id",
        ordinal={"education": {"low": 0, "middle": 1, "high": 2}},
        categorical=frozenset({"plan"}),
        dropped_columns=frozenset({"remarks"}),
        positive="yes",
        bias=Bias("plan", "basic"),
    )


def test_several_classes_and_a_group_of_numbers() -> None:
    recipe = parse_recipe(SPECIES)
    assert (recipe.objective, recipe.classes, recipe.identifier) == ("multiclass", ("a", "b", "c"), "")
    assert recipe.bias == Bias("width", 3.0, ("a", "c"))


@pytest.mark.parametrize("recipe", [FRAUD, CENSUS], ids=["fraud", "census"])
def test_the_built_in_recipes_can_be_written_as_files(recipe: Recipe) -> None:
    read = parse_recipe(write_recipe(recipe))
    # The file lists the identifier first and the label last, wherever the table has them.
    assert {file: set(columns) for file, columns in read.tables.items()} == {
        file: set(columns) for file, columns in recipe.tables.items()
    }
    assert read.columns == recipe.columns
    assert (read.ordinal, read.categorical, read.ignored) == (recipe.ordinal, recipe.categorical, recipe.ignored)
    assert read.dropped_features == recipe.dropped_features


WRONG = [
    ("objective = ", "it is not TOML: "),
    (CHURN.replace('objective = "binary"', ""), 'objective is missing: write objective = "…"'),
    (
        CHURN.replace('"binary"', '"ranking"'),
        "objective must be one of binary, multiclass, regression, not 'ranking'",
    ),
    (CHURN.replace('label = "Churned"', "label = 3"), 'label must be a text that is not empty, as label = "…", not 3'),
    (CHURN.replace('positive = "yes"', ""), "positive is missing: the objective binary needs it, for example positive"),
    (CHURN.replace('"Customer ID"', '"churned"'), "identifier and label are both churned: name another column"),
    ('colour = "red"\n' + CHURN, "colour is unknown: there are objective, label, identifier, positive, classes, "),
    ('classes = ["a"]\n' + CHURN, "classes belongs to the objective multiclass, and this one is binary: take classes"),
    (CHURN.replace("[tables", "[x.tables"), "x is unknown: "),
    (CHURN.partition("[tables")[0], 'there is no table: add one, for example [tables."churn.csv"]'),
    (CHURN.replace('"Customer ID"', '"id"').replace('identifier = "id"', ""), "there are 2 tables and no identifier"),
    (CHURN.replace("calls.csv", "calls"), "tables.calls must be named like its file"),
    (CHURN.replace("calls.csv", "../calls.csv"), 'tables."../calls.csv" must be named like its file'),
    (
        CHURN.replace('age = "number"', 'age = "integer"'),
        'tables."churn.csv".age must be "number", "category", "ignore"',
    ),
    (CHURN.replace('age = "number"', "age = 1"), 'tables."churn.csv".age must be "number", "category", "ignore" or { '),
    (CHURN.replace('["low", "middle", "high"]', '["low", "low"]'), 'tables."churn.csv".education: order must name at'),
    (CHURN.replace("order =", "ranks ="), 'tables."churn.csv".education must be "number"'),
    (CHURN.replace('age = "number"', 'churned = "number"'), 'tables."churn.csv".churned: churned is the label already'),
    (
        CHURN.replace('"Minutes Used"', "Age"),
        'tables."calls.csv".Age: age is a column of churn.csv already: take this line out',
    ),
    (CHURN.replace('facet = "plan"', 'facet = "remarks"'), "bias.facet is remarks, and no feature is made of it"),
    (CHURN.replace('facet = "plan"', ""), 'bias.facet is missing: write facet = "…"'),
    (
        CHURN.replace('value = "basic"', "value = 1"),
        "bias.value must be a text, the value of plan that marks the ",
    ),
    (CHURN.replace('facet = "plan"', 'facet = "age"'), "bias.value must be a number, as age has numbers: the group is"),
    (CHURN.replace('facet = "plan"', 'facet = "education"'), "bias.value is 'basic', and education has the values low"),
    (CHURN + 'favorable = ["yes", "no"]', "bias.favorable must name one of the label's two values"),
    (CHURN + "wanted = 1", "bias.wanted is unknown: there are facet, value, favorable"),
    (SPECIES.replace('["a", "b", "c"]', '["a", "b"]'), "classes must name at least 3 classes, each once: for two, the"),
    (SPECIES.replace('["a", "b", "c"]', '["1", "1.0", "2"]'), "classes must name at least 3 classes, each once"),
    (SPECIES.replace('["a", "b", "c"]', "[1, 2, 3]"), 'classes must be a list of texts, as classes = ["a", "b"], not'),
    (SPECIES.replace('["a", "c"]', '["d"]'), "bias.favorable must name some of the classes, a, b, c, and not all"),
    (SPECIES.replace('favorable = ["a", "c"]', ""), "bias.favorable must list the labels that a person wants"),
    (
        SPECIES.replace("multiclass", "regression").replace('classes = ["a", "b", "c"]', ""),
        "bias.favorable must be the number above which a label is wanted",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_what_is_wrong_is_named_with_what_to_do(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_recipe(text)
    assert str(caught.value).startswith(sentence)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no recipe\.toml in .*: put one beside the tables, or name a built"):
        read_recipe(tmp_path / "recipe.toml")
    (tmp_path / "recipe.toml").write_bytes(b"label\xff")
    with pytest.raises(InputError, match=r"recipe\.toml is not UTF-8: byte 5 is 0xff"):
        read_recipe(tmp_path / "recipe.toml")
    (tmp_path / "recipe.toml").write_text("label = 1")
    with pytest.raises(InputError, match=r"recipe\.toml: objective is missing"):
        read_recipe(tmp_path / "recipe.toml")


# Texts with quotes, controls and other scripts, as they are after reading: names are lower case, values trimmed.
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
names = texts.map(column_name).filter(lambda name: bool(name) and column_name(name) == name)
values = texts.map(same_text).filter(lambda text: bool(text) and same_text(text) == text)
files = st.text("abc -_é\"'.", max_size=5).map(lambda stem: f"x{stem}.csv")


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    label, identifier, *columns = draw(st.lists(names, min_size=4, max_size=9, unique=True))
    kinds = {name: draw(st.sampled_from(["number", "category", "ignore", "order"])) for name in columns}
    kinds[columns[0]] = "category"
    half = draw(st.integers(1, len(columns) - 1))
    first, second = draw(st.lists(files, min_size=2, max_size=2, unique=True))
    objective = draw(st.sampled_from(OBJECTIVES))
    classes = tuple(draw(st.lists(values, min_size=3, max_size=5, unique=True))) if objective == "multiclass" else ()
    favorable = draw(st.floats(-1e9, 1e9)) if objective == "regression" else classes[:1]
    return Recipe(
        tables={first: (identifier, *columns[:half], label), second: (identifier, *columns[half:])},
        label=label,
        identifier=identifier,
        ordinal={
            name: {value: float(i) for i, value in enumerate(draw(st.lists(values, min_size=2, unique=True)))}
            for name, kind in kinds.items()
            if kind == "order"
        },
        categorical=frozenset(name for name, kind in kinds.items() if kind == "category"),
        dropped_columns=frozenset(name for name, kind in kinds.items() if kind == "ignore"),
        dropped_features=draw(st.frozensets(texts, max_size=2)),
        objective=objective,
        positive=draw(values) if objective == "binary" else "1",
        classes=classes,
        bias=draw(st.none() | st.just(Bias(columns[0], draw(values), favorable))),
    )


@settings(deadline=None)
@given(recipes())
def test_what_is_written_is_read_back(recipe: Recipe) -> None:
    assert parse_recipe(write_recipe(recipe)) == recipe


@settings(deadline=None)
@given(st.text(max_size=200) | st.text('objective="binary"\n[]{}.tables', max_size=80))
def test_any_text_is_a_recipe_or_refused_with_a_sentence(text: str) -> None:
    try:
        parse_recipe(text)
    except InputError as error:
        assert str(error)  # noqa: PT017 - either outcome is right, but no other error


def test_checking_needs_no_numeric_library() -> None:
    code = (
        "import sys, tabular.recipe_file, tabular.raw_tables\n"
        "print(sorted({'numpy', 'xgboost', 'orjson'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
