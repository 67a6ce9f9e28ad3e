"""Systems that a team declared with `mdlc new`: by the recipe of their table, or the folder of their scripts."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from mdlc.errors import InputError
from mdlc.systems.system import System

RECIPE: Final = "recipe.toml"
"""What a recipe is called in a version of the data."""
METRICS: Final = {"binary": "roc_auc", "multiclass": "macro_f1", "regression": "r2"}
GATES: Final = {"binary": "RocAucThreshold", "multiclass": "MacroF1Threshold", "regression": "R2Threshold"}
"""By objective: the figure that decides, and the pipeline's parameter of the least that is registered."""


def declared(systems: Path, scripts: Path) -> Iterator[System]:
    """Yield the systems that are declared in the folder `systems` with a recipe, or with a folder in `scripts`.

    A recipe or folder that outlived its declaration is none. Raise `InputError` for a recipe that cannot be read.
    """
    names = {file.stem for file in systems.glob("*.py")}
    for recipe in sorted(systems.glob("*.toml")):
        if recipe.stem in names:
            yield _tabular(recipe)
    for folder in sorted(script.parent for script in scripts.glob("*/train.py")):
        if folder.name in names:
            yield _scripted(folder)


def _tabular(recipe: Path) -> System:
    try:
        document = tomllib.loads(recipe.read_text(encoding="utf-8"))
        objective, label, tables = document["objective"], document["label"], tuple(document["tables"])
        metric, gate, first = METRICS[objective], GATES[objective], tables[0]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, LookupError, TypeError) as error:
        raise InputError(
            f"{recipe} is no recipe: {error!r}. Write it anew with mdlc new tabular, or mend it."
        ) from None
    name = recipe.stem
    return System(
        name=name,
        title=f"{label} of {first}",
        files=tables,
        label=label,
        classes=_classes(document),
        metric=metric,
        record_tables=tables,
        record_key=document.get("identifier", ""),
        ignored=_ignored(document),
        gate_parameter=gate,
        prediction_path=f"{name}/predictions",
        recipe=recipe,
    )


def _classes(document: Mapping[str, Any]) -> dict[str, str]:
    """Return what 1 and 0 stand for, where the label has two values."""
    positive = document.get("positive")
    return {"1": str(positive), "0": f"not {positive}"} if positive not in {None, "1"} else {}


def _ignored(document: Mapping[str, Any]) -> frozenset[str]:
    tables = (columns for columns in document["tables"].values() if isinstance(columns, dict))
    return frozenset(name for columns in tables for name, kind in columns.items() if kind == "ignore")


def _scripted(folder: Path) -> System:
    return System(
        name=folder.name,
        title=f"Scripts of {folder.name}",
        files=(),
        label="",
        scripts=folder,
        parameters={"seed": "42"},
    )
