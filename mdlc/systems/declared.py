"""Systems that a team declared with `mdlc new`: by the recipe of their table, or the folder of their scripts."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from mdlc.errors import InputError
from mdlc.systems.system import System

RECIPE: Final = "recipe.toml"
"""What a recipe is called in a version of the data."""
METRICS: Final = {"binary": "roc_auc", "multiclass": "macro_f1", "regression": "r2"}
GATES: Final = {"binary": "RocAucThreshold", "multiclass": "MacroF1Threshold", "regression": "R2Threshold"}
"""By objective: the figure that decides, and the pipeline's parameter of the least that is registered."""
_PARAMETERS: Final = {"seed": "42"}


def declared_systems(systems: Path, scripts: Path) -> Iterator[System]:
    """Yield the systems that are declared in the folder `systems` with a recipe, or with a folder in `scripts`.

    A recipe or folder that outlived its declaration is none. Raise `InputError` for a recipe that cannot be read.
    """
    names = {file.stem for file in systems.glob("*.py")}
    for recipe in sorted(systems.glob("*.toml")):
        if recipe.stem in names:
            yield _read_tabular(recipe.stem, recipe)
    for folder in sorted(script.parent for script in scripts.glob("*/train.py")):
        if folder.name in names:
            yield _read_scripts(folder)


def _read_tabular(name: str, recipe: Path) -> System:
    try:
        document = tomllib.loads(recipe.read_text(encoding="utf-8"))
        objective, label, tables = document["objective"], document["label"], tuple(document["tables"])
        metric, gate, first = METRICS[objective], GATES[objective], tables[0]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, LookupError, TypeError) as error:
        raise InputError(
            f"{recipe} is no recipe: {error!r}. Write it anew with mdlc new tabular, or mend it."
        ) from None
    return System(
        name=name,
        title=f"{label}, learned from {first}",
        files=tables,
        label=label,
        classes=_classes(document),
        metric=metric,
        record_tables=tables,
        record_key=document.get("identifier", ""),
        ignored=_read_ignored(document),
        gate_parameter=gate,
        prediction_path=f"{name}/predictions",
        recipe=recipe,
    )


def _classes(document: Mapping[str, Any]) -> dict[str, str]:
    """Return what 1 and 0 stand for, where the label has two values."""
    positive = document.get("positive")
    return {"1": str(positive), "0": f"not {positive}"} if positive not in {None, "1"} else {}


def _read_ignored(document: Mapping[str, Any]) -> frozenset[str]:
    tables = (columns for columns in document["tables"].values() if isinstance(columns, dict))
    return frozenset(name for columns in tables for name, kind in columns.items() if kind == "ignore")


def _read_scripts(folder: Path) -> System:
    name, recipe = folder.name, folder / RECIPE
    if recipe.exists():
        return replace(_read_tabular(name, recipe), scripts=folder, parameters=_PARAMETERS, gate_parameter="")
    return System(
        name=name,
        title=f"Scripts of {name}",
        files=(),
        label="",
        prediction_path=f"{name}/predictions",
        scripts=folder,
        parameters=_PARAMETERS,
    )
