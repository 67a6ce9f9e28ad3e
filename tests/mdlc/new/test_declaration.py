"""What `mdlc new` writes below stacks/systems."""

import importlib.util
import json
import math
from pathlib import Path

import pytest

from mdlc.cli import main
from mdlc.errors import InputError
from mdlc.new import declaration
from mdlc.new.recipe import Objective, Recipe
from ml_constructs.systems.tabular import BINARY, MULTICLASS, REGRESSION
from stacks.systems import KINDS
from stacks.systems.system import FOLDERS, STACKS, System
from stacks.systems.tabular import TabularSystem


def declared(file: Path) -> System:
    """The system that a written module declares."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    system: System = module.SYSTEM
    return system


def systems(tmp_path: Path) -> Path:
    folder = tmp_path / "stacks" / "systems"
    folder.mkdir(parents=True)
    (tmp_path / "stacks" / "network.py").touch()
    (folder / "fraud.py").touch()
    return folder


@pytest.mark.parametrize(
    ("objective", "metric"), [("binary", "roc_auc"), ("multiclass", "macro_f1"), ("regression", "r2")]
)
def test_a_declaration_is_a_system(tmp_path: Path, objective: Objective, metric: str) -> None:
    folder = systems(tmp_path)
    recipe = Recipe("label = 'x'\n", "a.csv", 'ch"urned\\', objective, None, ())
    declaration.declare_tabular("churn", folder, recipe, gate=0.8).write()
    system = declared(folder / "churn.py")
    assert (system.name, system.metric, system.served, system.scripted) == ("churn", metric, True, False)
    assert (folder / "churn.toml").read_text() == "label = 'x'\n"


@pytest.mark.parametrize(("image", "metric"), [("tabular", "roc_auc"), ("vision", "macro_f1")])
def test_scripts_are_a_system_and_files_to_edit(tmp_path: Path, image: str, metric: str) -> None:
    folder = systems(tmp_path)
    declaration.declare_scripts("churn", folder, image=image, scripts=tmp_path / "mine").write()
    system = declared(folder / "churn.py")
    assert (system.image, system.metric, system.scripted, system.served) == (image, metric, True, True)
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["evaluate.py", "prepare.py", "train.py"]
    for script in (tmp_path / "mine").iterdir():
        compile(script.read_text(), script.name, "exec")


def test_a_recipe_lies_beside_the_scripts_which_compare_two_classes(tmp_path: Path) -> None:
    folder, scripts = systems(tmp_path), tmp_path / "mine"
    several = Recipe("label = 'x'\n", "a.csv", "x", "multiclass", None, ())
    with pytest.raises(InputError, match=r"x of a.csv is multiclass, .* declare it with mdlc new tabular"):
        declaration.declare_scripts("churn", folder, image="tabular", scripts=scripts, recipe=several)
    two = Recipe("label = 'x'\n", "a.csv", "x", "binary", None, ())
    with pytest.raises(InputError, match="The image vision reads no table: leave out --from and --label"):
        declaration.declare_scripts("churn", folder, image="vision", scripts=scripts, recipe=two)
    declaration.declare_scripts("churn", folder, image="tabular", scripts=scripts, recipe=two).write()
    assert (scripts / "recipe.toml").read_text() == "label = 'x'\n"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Churn", "'Churn' cannot name a system"),
        ("class", "'class' is a word of Python"),
        ("credit-risk", "cannot name a system"),
        ("fraud", "There is a system fraud already"),
        ("network", "is a name of the platform's own"),
    ],
)
def test_names_are_refused_before_anything_is_written(tmp_path: Path, name: str, sentence: str) -> None:
    folder = systems(tmp_path)
    with pytest.raises(InputError, match=sentence):
        declaration.declare_scripts(name, folder, image="tabular", scripts=tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_every_name_that_breaks_a_synthesis_is_refused_at_once(tmp_path: Path) -> None:
    assert declaration.TAKEN == STACKS | FOLDERS | KINDS
    for name in declaration.TAKEN:
        with pytest.raises(InputError, match=f"'{name}' is a name of the platform's own"):
            declaration.check_name(name, systems(tmp_path / name))


@pytest.mark.parametrize("objective", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("gate", [math.nan, math.inf, -math.inf, 1, 2, -1])
def test_a_gate_is_taken_where_the_platform_takes_it(tmp_path: Path, objective: Objective, gate: float) -> None:
    recipe = Recipe("", "a.csv", "y", objective, None, ())
    kind = {"binary": BINARY, "multiclass": MULTICLASS, "regression": REGRESSION}[objective]
    if objective == "regression" and gate == -1:  # worse than the mean: a coefficient of determination may be
        declaration.declare_tabular("churn", systems(tmp_path), recipe, gate=gate).write()
        assert declared(tmp_path / "stacks" / "systems" / "churn.py") == TabularSystem(
            name="churn", objective=REGRESSION, gate=gate
        )
        return
    with pytest.raises(InputError, match=f"{gate:g} is no gate: the {kind.metric} of a model is"):
        declaration.declare_tabular("churn", systems(tmp_path), recipe, gate=gate)
    with pytest.raises(ValueError, match="No model of churn could"):
        TabularSystem(name="churn", objective=kind, gate=gate)


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path) -> None:
    folder = systems(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "train.py").write_text("print('mine')\n")
    with pytest.raises(InputError, match=r"train\.py is there already"):
        declaration.declare_scripts("churn", folder, image="tabular", scripts=tmp_path / "mine").write()
    assert not (folder / "churn.py").exists()
    assert (tmp_path / "mine" / "train.py").read_text() == "print('mine')\n"


def test_nothing_stays_of_files_that_could_not_all_be_written(tmp_path: Path) -> None:
    folder = systems(tmp_path)
    (tmp_path / "mine").write_text("a file where the folder of the scripts should be")
    with pytest.raises(InputError, match=r"mine cannot be written \(File exists\), so nothing was: mend that first"):
        declaration.declare_scripts("churn", folder, image="tabular", scripts=tmp_path / "mine").write()
    assert not (folder / "churn.py").exists()


def test_the_command_says_what_it_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = systems(tmp_path)
    monkeypatch.setattr("mdlc.commands.new.SYSTEMS", folder)
    monkeypatch.setattr("mdlc.commands.new.ROOT", tmp_path)
    (tmp_path / "c.csv").write_text("id,age,same,y\n1,20,x,no\n2,30,x,yes\n3,40,x,no\n")
    ask = ["new", "tabular", "churn", "--from", str(tmp_path / "c.csv"), "--label", "y"]
    assert main([*ask[:2], "other", *ask[3:]]) == 0
    assert f"mdlc demo other --data {tmp_path / 'c.csv'} rehearses it all" in capsys.readouterr().out
    assert main([*ask, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "system": "churn",
        "objective": "binary",
        "rows": 3,
        "identifier": "id",
        "ignored": ["same"],
        "files": ["stacks/systems/churn.py", "stacks/systems/churn.toml"],
    }
    assert main(ask) == 2
    assert "There is a system churn already" in capsys.readouterr().err
    assert main([*ask[:2], "third", *ask[3:], "--objective", "ternary"]) == 2
    assert "There is no objective 'ternary': use binary, multiclass, regression." in capsys.readouterr().err


def test_the_command_says_what_data_the_scripts_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, file = systems(tmp_path), tmp_path / "c.csv"
    monkeypatch.setattr("mdlc.commands.new.SYSTEMS", folder)
    monkeypatch.setattr("mdlc.commands.new.ROOT", tmp_path)
    file.write_text("id,age,y\n1,20,no\n2,30,yes\n3,40,no\n")
    assert main(["new", "scripts", "one"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "they take a FOLDER that holds the table and its recipe.toml" in said
    assert main(["new", "scripts", "two", "--image", "vision"]) == 0
    assert "a folder of pictures for each class" in " ".join(capsys.readouterr().out.split())
    assert main(["new", "scripts", "three", "--from", str(file), "--label", "y", "--json"]) == 0
    files = [f"scripts/three/{name}" for name in ("prepare.py", "train.py", "evaluate.py", "recipe.toml")]
    assert json.loads(capsys.readouterr().out)["files"] == ["stacks/systems/three.py", *files]
    explains = ["explain" in (tmp_path / f"scripts/{name}/evaluate.py").read_text() for name in ("one", "two", "three")]
    assert explains == [True, False, True], "Shapley values are those of trees"
    assert main(["new", "scripts", "four", "--from", str(file)]) == 2
    assert "Give --from and --label together" in capsys.readouterr().err
