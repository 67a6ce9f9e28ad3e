"""Systems of a team's own, as the command line knows them."""

from pathlib import Path

import pytest

from mdlc.client import tables, versions
from mdlc.errors import InputError
from mdlc.new.profile import read
from mdlc.new.recipe import infer
from mdlc.systems.declared import declared_systems

TABLE = "id,age,kind,y\n1,20,a,1.5\n2,30,b,2.5\n3,40,a,9.25\n"


def test_a_recipe_is_a_system(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(TABLE)
    (tmp_path / "prices.py").touch()
    recipe = tmp_path / "prices.toml"
    recipe.write_text(infer(read(tmp_path / "prices.csv"), label="y", objective="regression").text)
    (system,) = declared_systems(tmp_path, tmp_path / "scripts")
    assert (system.name, system.files, system.label) == ("prices", ("prices.csv",), "y")
    assert (system.metric, system.gate_parameter, system.record_key) == ("r2", "R2Threshold", "id")
    version = versions.read(system.name, tmp_path, system.files, recipe=system.recipe)
    assert [file.name for file in version.files] == ["prices.csv", "recipe.toml"]


def test_an_edited_recipe_makes_another_version_of_the_data(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(TABLE)
    recipe = tmp_path / "prices.toml"
    recipe.write_text("one")
    before = versions.read("prices", tmp_path, ("prices.csv",), recipe=recipe).name
    recipe.write_text("other")
    assert versions.read("prices", tmp_path, ("prices.csv",), recipe=recipe).name != before


def test_one_table_may_come_from_a_file_of_any_name(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(TABLE)
    (tmp_path / "prices-2026.csv").write_text(TABLE)
    named = versions.read("prices", tmp_path / "prices-2026.csv", ("prices.csv",))
    assert named.name == versions.read("prices", tmp_path, ("prices.csv",)).name


def test_a_folder_of_scripts_is_a_system(tmp_path: Path) -> None:
    (tmp_path / "scripts" / "mine").mkdir(parents=True)
    (tmp_path / "scripts" / "mine" / "train.py").touch()
    (tmp_path / "scripts" / "notes").mkdir()
    (tmp_path / "mine.py").touch()
    (system,) = declared_systems(tmp_path, tmp_path / "scripts")
    assert (system.name, system.scripts) == ("mine", tmp_path / "scripts" / "mine")
    assert (system.files, system.recipe, system.prediction_path) == ((), None, "mine/predictions")


def test_scripts_with_a_recipe_know_their_table_and_check_it(tmp_path: Path) -> None:
    folder, table = tmp_path / "scripts" / "mine", tmp_path / "left.csv"
    folder.mkdir(parents=True)
    (folder / "train.py").touch()
    (tmp_path / "mine.py").touch()
    rows = "".join(f"{number},{20 + number},a,{'yes' if number % 2 else 'no'}\n" for number in range(10))
    table.write_text(f"id,age,kind,left\n{rows.replace('3,23,a', '3,23,b')}")
    (folder / "recipe.toml").write_text(infer(read(table), label="left").text)
    (system,) = declared_systems(tmp_path, tmp_path / "scripts")
    assert (system.scripts, system.recipe) == (folder, folder / "recipe.toml")
    assert (system.files, system.label, system.metric, system.gate_parameter) == (("left.csv",), "left", "roc_auc", "")
    version = versions.read(system.name, table, system.files, recipe=system.recipe)
    assert [file.name for file in version.files] == ["left.csv", "recipe.toml"]
    told: list[str] = []
    tables.check(system, version, told.append)
    table.write_text(f"id,age,kind,left\n{rows.replace('5,25,', '5,twenty,')}")
    with pytest.raises(InputError, match="Nothing was published: 1 of its rows"):
        tables.check(system, versions.read(system.name, table, system.files, recipe=system.recipe), told.append)
    assert len(told) == 1


def test_what_outlives_its_declaration_is_no_system(tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text("objective = 'regression'\nlabel = 'y'\n[tables.'a.csv']\n")
    (tmp_path / "scripts" / "mine").mkdir(parents=True)
    (tmp_path / "scripts" / "mine" / "train.py").touch()
    assert list(declared_systems(tmp_path, tmp_path / "scripts")) == []


@pytest.mark.parametrize(
    "text",
    [
        "label =",
        "label = 'y'\n",
        "objective = 'ternary'\nlabel = 'y'\n[tables.'a.csv']\n",
        "objective = 'binary'\nlabel = 'y'\n[tables]\n",
        "objective = ['binary']\nlabel = 'y'\n[tables.'a.csv']\n",
    ],
)
def test_what_is_no_recipe_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.py").touch()
    (tmp_path / "broken.toml").write_text(text)
    with pytest.raises(InputError, match=r"broken\.toml is no recipe: "):
        list(declared_systems(tmp_path, tmp_path))
