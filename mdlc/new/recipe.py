"""The recipe of a table: what each column is, inferred from its values, in a text that people read and edit."""

import difflib
import json
import re
from dataclasses import dataclass
from typing import Final, Literal

from contract.errors import InputError as ContainerError
from mdlc.errors import InputError
from mdlc.new.profile import MOST_VALUES, Column, Profile, as_number
from tabular.recipe_file import parse_recipe

Objective = Literal["binary", "multiclass", "regression"]
MOST_CLASSES: Final = 50
MOST_CATEGORIES: Final = 50
"""Different values that a category may have; a column of more is left out."""
FEW: Final = 20
"""Whole numbers of at most so many different values are classes when they are the label."""
_IDENTIFIER: Final = re.compile(r"(^|[_\s-])(id|uuid|guid|key|index|number|no)$|[a-z](Id|ID|Uuid|UUID|Key)$", re.ASCII)
_PROTECTED: Final = re.compile(r"gender|sex|race|ethnic|nationality|religion|disab|marital", re.IGNORECASE)
_POSITIVE: Final = ("1", "1.0", "yes", "true", "y", "t", "positive", "bad", "fraud", "churned")
BINARY_VALUES: Final = 2
MOSTLY: Final = 0.5
"""Share of numbers from which a column of numbers and texts was meant to be one of numbers."""


@dataclass(frozen=True)
class Judgment:
    """What a column is to the model, and why, in words for the recipe's reader."""

    kind: Literal["number", "category", "ignore"]
    reason: str


@dataclass(frozen=True)
class Recipe:
    """The recipe of one table, as text, with what it decided for those who ask."""

    text: str
    table: str
    label: str
    objective: Objective
    identifier: str | None
    ignored: tuple[str, ...]


def infer(profile: Profile, *, label: str, objective: Objective | None = None, identifier: str | None = None) -> Recipe:
    """Return the recipe of a table whose column `label` is to be predicted.

    What is not given is inferred. Raise `InputError` for a label that is not there or that nothing can be learned from,
    or for a table without a column to learn from.
    """
    target = _find(profile, label, "label")
    if target.empty:
        raise InputError(
            f"{profile.name}: {target.empty} of {profile.rows} rows have no {label}: leave them out, since nothing is"
            " learned from them."
        )
    key = _take(profile, identifier, label) if identifier else _identifier(profile, label)
    chosen = objective or _objective(profile, target)
    judged = {column.name: judge(column) for column in profile.columns if column is not target and column is not key}
    if all(judgment.kind == "ignore" for judgment in judged.values()):
        raise InputError(f"{profile.name} has no column that {label} could be learned from.")
    lines = [
        f"# Inferred from {profile.name}, {profile.rows} rows, by `mdlc new tabular`. Edit what is wrong, and publish",
        "# the data again: every version of the data carries the recipe that it was published with.",
        f'objective = "{chosen}"',
        f"label = {_text(label)}",
        *_classes(chosen, target),
        *([f"identifier = {_text(key.name)} # {_own(key)}: nothing is learned from it"] if key else []),
        "",
        f"[tables.{_text(profile.name)}] # number, category, ignore, or {{ order = [lowest, …, highest] }}",
        *(f'{_key(name)} = "{judgment.kind}" # {judgment.reason}' for name, judgment in judged.items()),
        *_bias(profile, judged, chosen, target),
    ]
    ignored = tuple(name for name, judgment in judged.items() if judgment.kind == "ignore")
    text = "\n".join(lines) + "\n"
    try:
        parse_recipe(text)
    except ContainerError as error:
        raise InputError(f"{profile.name} has what no recipe can say: {error}.") from None
    return Recipe(text, profile.name, label, chosen, key.name if key else None, ignored)


def judge(column: Column) -> Judgment:
    """Decide what a column is to the model: a number, a category, or nothing."""
    if reason := _useless(column):
        return Judgment("ignore", reason)
    missing = f", {_share(column.empty, column.rows)} empty" if column.empty else ""
    if column.is_number:
        return Judgment("number", f"{column.lowest:g} to {column.highest:g}{missing}")
    return Judgment("category", f"{len(column.values)} different values{missing}")


def _useless(column: Column) -> str:
    """Say why nothing can be learned from a column as it is; empty where something can."""
    reason = ""
    if not column.filled:
        reason = "empty in every row"
    elif len(column.values) == 1 and not column.empty:
        reason = "the same in every row"
    elif column.is_number:
        pass
    elif column.dates == column.filled:
        reason = "dates: a model learns from numbers made of them, such as days since"
    elif MOSTLY * column.filled <= column.numbers:
        odd = next(value for value in column.values if as_number(value) is None)
        texts = column.filled - column.numbers
        remedy = _hint(column) or f"{texts} cells such as {odd!r}: leave these empty"
        reason = f"numbers but for {remedy}, and it is a number"
    elif column.more or len(column.values) > MOST_CATEGORIES:
        reason = "; ".join(filter(None, (f"text, more than {MOST_CATEGORIES} different values", _hint(column))))
    return reason


def _hint(column: Column) -> str:
    """Say how cells are to be written that are numbers to people alone; empty where a column was not meant to be one.

    A program reads 1234.5, and neither 1,234.5 nor 1234,5 nor 1234.5 %.
    """
    if column.written and MOSTLY * column.filled <= column.numbers + column.written:
        return f"{column.written} cells such as {column.example!r}: write digits and a decimal point alone"
    return ""


def _find(profile: Profile, name: str, role: str) -> Column:
    if column := profile.column(name):
        return column
    names = [column.name for column in profile.columns]
    close = difflib.get_close_matches(name, names, n=1)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    raise InputError(f"{profile.name} has no column {name!r} to be the {role}: it has {', '.join(names)}.{meant}")


def _take(profile: Profile, identifier: str, label: str) -> Column:
    """Return the column that was said to identify rows; raise `InputError` where it does not."""
    if identifier == label:
        raise InputError(f"{label!r} cannot be the label and the identifier: nothing is learned from an identifier.")
    column = _find(profile, identifier, "identifier")
    if column.empty:
        raise InputError(f"{identifier!r} identifies no rows: it is empty in {_share(column.empty, column.rows)}.")
    if (value := column.repeated) is not None:
        raise InputError(
            f"{identifier!r} identifies no rows: {_share(column.values[value], column.rows)} have {value!r}. Name a"
            " column with a value of its own in every row, or none."
        )
    return column


def _own(column: Column) -> str:
    """Say that a column has other values in other rows, as far as that is known."""
    return f"no value twice in the first {MOST_VALUES} rows" if column.more else "a value of its own in every row"


def _identifier(profile: Profile, label: str) -> Column | None:
    """Return the column that identifies rows: each has a value of its own, and its name or its being text says so."""
    for column in profile.columns:
        named = _IDENTIFIER.search(column.name) is not None
        if column.name != label and column.is_unique and (named or not (column.numbers or column.dates)):
            return column
    return None


def _objective(profile: Profile, target: Column) -> Objective:
    count = len(target.values)
    if count == 1:
        raise InputError(
            f"{profile.name}: {target.name} is {next(iter(target.values))!r} in every row, and a model learns"
            " from rows of two values at least: add such rows, or name another label."
        )
    if count == BINARY_VALUES:
        return "binary"
    if target.is_number and (count > FEW or target.whole < target.filled):
        return "regression"
    if target.more or count > MOST_CLASSES:
        hint = _hint(target)
        raise InputError(
            f"{profile.name}: {target.name} is text of more than {MOST_CLASSES} different values: a model tells up to"
            f" {MOST_CLASSES} classes apart. {f'It has {hint}.' if hint else 'Is it the label?'}"
        )
    return "multiclass"


def _classes(objective: Objective, target: Column) -> list[str]:
    values = sorted(target.values)
    if objective == "binary":
        if len(values) != BINARY_VALUES:
            raise InputError(f"{target.name} has {len(values)} different values: a binary label has two.")
        known = next((value for word in _POSITIVE for value in values if value.lower() == word), None)
        positive = known or min(values, key=lambda value: target.values[value])
        share = _share(target.values[positive], target.rows)
        return [f"positive = {_text(positive)} # {share}; the score is its probability"]
    if objective == "multiclass":
        if len(values) > MOST_CLASSES:
            raise InputError(f"{target.name} has more than {MOST_CLASSES} different values: is it a number?")
        return [f"classes = [{', '.join(map(_text, values))}]"]
    if not target.is_number:
        hint = _hint(target)
        raise InputError(
            f"{target.name} is no number in {target.filled - target.numbers} rows: it cannot be regressed"
            f"{f', for it has {hint}' if hint else ''}."
        )
    return []


def _bias(profile: Profile, judged: dict[str, Judgment], objective: Objective, target: Column) -> list[str]:
    """Return the section that names two groups of people to be compared, where a column looks like one of people."""
    facet = next(
        (
            column
            for column in profile.columns
            if column.name in judged and judged[column.name].kind == "category" and _PROTECTED.search(column.name)
        ),
        None,
    )
    if facet is None:
        return []
    value, count = facet.values.most_common()[-1]
    lines = [
        "",
        "[bias] # are these people treated like all others?",
        f"facet = {_text(facet.name)}",
        f"value = {_text(value)} # {_share(count, facet.rows)}",
    ]
    if objective == "multiclass":
        lines.append(f"favorable = [{_text(target.values.most_common(1)[0][0])}] # classes that are good for people")
    if objective == "regression":
        middle = (target.lowest + target.highest) / 2
        lines.append(f"favorable = {middle:g} # from here on a prediction is good for people")
    return lines


def _share(count: int, rows: int) -> str:
    return f"{count} of {rows} rows ({count / rows:.1%})"


def _text(value: str) -> str:
    """Write a TOML string: its escapes are JSON's, which leaves DEL as it is."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)
