"""``recipe.toml``: the recipe that a person reads and edits, beside the tables that it describes.

Nothing but the standard library is imported, so that whoever publishes data can check it before a job does.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from contract.errors import InputError
from tabular.encoding import column_name
from tabular.recipes import OBJECTIVES, Bias, Objective, Recipe, same_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Levels: TypeAlias = "Mapping[str, float]"
Kind: TypeAlias = "str | Levels"

FILE = "recipe.toml"
KINDS = ("number", "category", "ignore")
FEWEST_CLASSES = 3
_KEYS = ("objective", "label", "identifier", "positive", "classes", "dropped_features", "tables", "bias")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_EXPECTED_KIND = '"number", "category", "ignore" or { order = ["lowest", "highest"] }'


def read_recipe(path: Path) -> Recipe:
    """Read a recipe file; InputError names the entry that is wrong and says what to write instead."""
    try:
        return parse_recipe(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(
            f"there is no {path.name} in {path.parent}: put one beside the tables, or name a built-in recipe"
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not UTF-8: byte {error.start} is {error.object[error.start]:#04x}") from None
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


LARGEST = 500_000
"""Characters of a recipe: thousands of columns."""


def parse_recipe(text: str) -> Recipe:
    """Return the recipe that a TOML text describes; InputError names the entry that is wrong."""
    if len(text) > LARGEST:
        raise InputError(f"it has {len(text)} characters: a recipe has at most {LARGEST}")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"it is not TOML: {error}") from None
    except RecursionError:
        raise InputError("it is not TOML that can be read: its lists or tables are nested too deep") from None
    _refuse_unknown(document, _KEYS, "")
    objective = _objective(document)
    label = _name(document, "label")
    identifier = _name(document, "identifier") if "identifier" in document else ""
    if identifier == label:
        raise InputError(f"identifier and label are both {label}: name another column, or leave the identifier out")
    tables = _tables(document, label, identifier)
    kinds = {name: kind for columns in tables.values() for name, kind in columns.items()}
    classes = _classes(document, objective)
    return Recipe(
        tables={file: _with_keys(tuple(columns), file == next(iter(tables)), label, identifier)
                for file, columns in tables.items()},
        label=label,
        identifier=identifier,
        ordinal={name: kind for name, kind in kinds.items() if not isinstance(kind, str)},
        categorical=frozenset(name for name, kind in kinds.items() if kind == "category"),
        dropped_columns=frozenset(name for name, kind in kinds.items() if kind == "ignore"),
        dropped_features=frozenset(_texts(document, "dropped_features") if "dropped_features" in document else ()),
        objective=objective,
        positive=_positive(document, objective),
        classes=classes,
        bias=_bias(document, objective, classes, kinds),
    )  # fmt: skip


def write_recipe(recipe: Recipe) -> str:
    """Return the TOML text of a recipe; parse_recipe gives the same recipe back."""
    lines = [f"objective = {_quote(recipe.objective)}", f"label = {_quote(recipe.label)}"]
    if recipe.identifier:
        lines.append(f"identifier = {_quote(recipe.identifier)}")
    if recipe.objective == "binary":
        lines.append(f"positive = {_quote(recipe.positive)}")
    if recipe.objective == "multiclass":
        lines.append(f"classes = {_list(recipe.classes)}")
    if recipe.dropped_features:
        lines.append(f"dropped_features = {_list(sorted(recipe.dropped_features))}")
    for file, columns in recipe.tables.items():
        lines += ["", f"[tables.{_key(file)}]"]
        lines += [
            f"{_key(name)} = {_write_kind(recipe, name)}"
            for name in columns
            if name not in {recipe.label, recipe.identifier}
        ]
    if recipe.bias:
        lines += ["", "[bias]", f"facet = {_quote(recipe.bias.facet)}", f"value = {_value(recipe.bias.value)}"]
        if recipe.bias.favorable != ():
            lines.append(f"favorable = {_value(recipe.bias.favorable)}")
    return "\n".join(lines) + "\n"


def _with_keys(columns: tuple[str, ...], is_first: bool, label: str, identifier: str) -> tuple[str, ...]:  # noqa: FBT001 - a column set's parts
    return (*([identifier] if identifier else []), *columns, *([label] if is_first else []))


def _objective(document: Mapping[str, object]) -> Objective:
    text = _text(document, "objective")
    for objective in OBJECTIVES:
        if text == objective:
            return objective
    raise InputError(f"objective must be one of {', '.join(OBJECTIVES)}, not {text!r}")


def _positive(document: Mapping[str, object], objective: Objective) -> str:
    _check_key_of_objective(document, "positive", "binary", objective, '"yes", the value of the label that counts as 1')
    return same_text(_text(document, "positive")) if objective == "binary" else "1"


def _classes(document: Mapping[str, object], objective: Objective) -> tuple[str, ...]:
    _check_key_of_objective(document, "classes", "multiclass", objective, '["a", "b", "c"]')
    if objective != "multiclass":
        return ()
    classes = tuple(same_text(each) for each in _texts(document, "classes"))
    if len(classes) < FEWEST_CLASSES or len(set(classes)) < len(classes) or "" in classes:
        raise InputError(
            f"classes must name at least {FEWEST_CLASSES} classes, each once: for two, the objective is binary"
        )
    return classes


def _check_key_of_objective(
    document: Mapping[str, object], key: str, owner: Objective, objective: Objective, example: str
) -> None:
    if key in document and objective != owner:
        raise InputError(f"{key} belongs to the objective {owner}, and this one is {objective}: take {key} out")
    if key not in document and objective == owner:
        raise InputError(f"{key} is missing: the objective {owner} needs it, for example {key} = {example}")


def _tables(document: Mapping[str, object], label: str, identifier: str) -> dict[str, dict[str, Kind]]:
    found = document.get("tables")
    if not isinstance(found, dict) or not found:
        raise InputError('there is no table: add one, for example [tables."churn.csv"], with a line for each column')
    if len(found) > 1 and not identifier:
        raise InputError(f"there are {len(found)} tables and no identifier: name the column that joins them")
    tables: dict[str, dict[str, Kind]] = {}
    seen = {label: "the label", **({identifier: "the identifier"} if identifier else {})}
    for file, columns in found.items():
        if file != file.strip() or not file.endswith(".csv") or "/" in file or "\\" in file:
            raise InputError(f'tables.{_key(file)} must be named like its file, for example [tables."churn.csv"]')
        if not isinstance(columns, dict) or not columns:
            raise InputError(f'tables.{_key(file)} must have a line for each column, for example age = "number"')
        tables[file] = {}
        for key, value in columns.items():
            name, place = column_name(key), f"tables.{_key(file)}.{_key(key)}"
            if not name:
                raise InputError(f"{place}: a column must have a name")
            if name in seen:
                raise InputError(f"{place}: {name} is {seen[name]} already: take this line out")
            seen[name] = f"a column of {file}"
            tables[file][name] = _kind(value, place)
    return tables


def _kind(value: object, place: str) -> Kind:
    if isinstance(value, str) and value in KINDS:
        return value
    if isinstance(value, dict) and value.keys() == {"order"} and _are_texts(value["order"]):
        levels: dict[str, float] = {same_text(text): float(level) for level, text in enumerate(value["order"])}
        if len(levels) == len(value["order"]) > 1 and "" not in levels:
            return levels
        raise InputError(f"{place}: order must name at least 2 values, each once, from the lowest to the highest")
    if isinstance(value, dict) and value.keys() == {"levels"} and isinstance(value["levels"], dict):
        levels = {same_text(text): float(level) for text, level in value["levels"].items() if _is_number(level)}
        if len(levels) == len(value["levels"]) > 1 and "" not in levels:
            return levels
        raise InputError(f"{place}: levels must give at least 2 values a number, each value once")
    raise InputError(f"{place} must be {_EXPECTED_KIND}, not {_show(value)}")


def _bias(
    document: Mapping[str, object], objective: Objective, classes: tuple[str, ...], kinds: Mapping[str, Kind]
) -> Bias | None:
    if "bias" not in document:
        return None
    section = document["bias"]
    if not isinstance(section, dict):
        raise InputError("bias must be a section, [bias], with facet and value")
    _refuse_unknown(section, ("facet", "value", "favorable"), "bias.")
    facet = column_name(_text(section, "facet", "bias."))
    if kinds.get(facet, "ignore") == "ignore":
        raise InputError(f"bias.facet is {facet}, and no feature is made of it: name a column that is not ignored")
    return Bias(facet, _facet_value(section, facet, kinds[facet]), _favorable(section, objective, classes))


def _facet_value(section: Mapping[str, object], facet: str, kind: Kind) -> str | float:
    value = section.get("value")
    if kind == "number":
        if not _is_number(value):
            raise InputError(
                f"bias.value must be a number, as {facet} has numbers: the group is the rows above it. It is"
                f" {_show(value)}"
            )
        return float(value)
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"bias.value must be a text, the value of {facet} that marks the group, not {_show(value)}")
    if not isinstance(kind, str) and same_text(value) not in kind:
        raise InputError(f"bias.value is {value!r}, and {facet} has the values {', '.join(kind)}")
    return same_text(value)


def _favorable(
    section: Mapping[str, object], objective: Objective, classes: tuple[str, ...]
) -> tuple[str, ...] | float:
    value = section.get("favorable")
    if objective == "regression":
        if _is_number(value):
            return float(value)
        raise InputError(f"bias.favorable must be the number above which a label is wanted, not {_show(value)}")
    if value is None and objective == "binary":
        return ()
    if not _are_texts(value) or not value:
        raise InputError(f'bias.favorable must list the labels that a person wants, as ["a"], not {_show(value)}')
    wanted = tuple(same_text(each) for each in value)
    if objective == "binary" and len(wanted) > 1:
        raise InputError("bias.favorable must name one of the label's two values: with both there is no question")
    unknown = [each for each in wanted if each not in classes]
    if objective == "multiclass" and (unknown or len(set(wanted)) >= len(classes)):
        raise InputError(f"bias.favorable must name some of the classes, {', '.join(classes)}, and not all of them")
    return wanted


def _refuse_unknown(table: Mapping[str, object], known: Iterable[str], place: str) -> None:
    for key in table:
        if key not in known:
            raise InputError(f"{place}{_key(key)} is unknown: there are {', '.join(known)}; correct it or take it out")


def _name(document: Mapping[str, object], key: str) -> str:
    return column_name(_text(document, key))


def _text(table: Mapping[str, object], key: str, place: str = "") -> str:
    value = table.get(key)
    if value is None:
        raise InputError(f'{place}{key} is missing: write {key} = "…"')
    if not isinstance(value, str) or not value.strip():
        raise InputError(f'{place}{key} must be a text that is not empty, as {key} = "…", not {_show(value)}')
    return value


def _texts(table: Mapping[str, object], key: str) -> list[str]:
    value = table.get(key)
    if not _are_texts(value):
        raise InputError(f'{key} must be a list of texts, as {key} = ["a", "b"], not {_show(value)}')
    return value


def _are_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _show(value: object) -> str:
    return "nothing" if value is None else f"{value!r}"[:80]


def _write_kind(recipe: Recipe, name: str) -> str:
    if name in recipe.ordinal:
        levels = recipe.ordinal[name]
        if list(levels.values()) == list(range(len(levels))):
            return f"{{ order = {_list(levels)} }}"
        pairs = ", ".join(f"{_quote(text)} = {_value(level)}" for text, level in levels.items())
        return f"{{ levels = {{ {pairs} }} }}"
    if name in recipe.dropped_columns:
        return '"ignore"'
    return '"category"' if name in recipe.categorical else '"number"'


def _value(value: str | float | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return _list(value)
    return _quote(value) if isinstance(value, str) else repr(value)


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quote, texts))}]"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON's escapes are TOML's, but for DEL


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quote(name)
