"""Rules that deny by default: of every type, property and value somebody has decided that it may be there.

The decisions are data, a line each, in `decisions/`. A line names types and properties (`*` stands for a part of a
name, `**` for any number of names, and lists are looked through), and says what was decided:

| decision | meaning |
|---|---|
| `free` | any value may be there, for the reason beside it |
| `rule:NAME` | that rule judges it |
| `only:A|B` | it is one of these values, and may be left out |
| `need:A|B` | it is one of these values, and what AWS does without it is not safe; `need:` takes any value |
| `never:A|B` | it is any value but these; `never:` takes none |

Values are words, or numbers as `<=300` or `>=7`. `production`, `lasting` or `closed` before a decision restricts it to
such environments.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, number

Found = Iterator[tuple[Resource, str]]

FOLDER: Final = Path(__file__).with_name("decisions")
WHERE: Final = "constructs/ml_rules/decisions"
_NOTE: Final = "AWS::CDK::Metadata"
"""What the CDK writes of itself into every template that its command line makes: CloudFormation makes nothing of it."""
_TABLES: Final = f"{WHERE}/properties"
_ELSEWHERE: Final = re.compile(r"\$\{|\{\{resolve:")


@dataclass(frozen=True)
class PropertyDecision:
    """What was decided of some properties of some types."""

    types: tuple[str, ...]
    properties: tuple[str, ...]
    kind: str
    values: tuple[str, ...]
    environments: str
    why: str

    def means(self, type_: str) -> bool:
        """Return whether resources of `type_` are meant."""
        return any(_pattern(each).fullmatch(type_) for each in self.types)

    def decides(self, path: str) -> bool:
        """Return whether the property at `path` is meant, or what is inside of it."""
        return any(_pattern(each).fullmatch(path) for each in self.properties)

    def accepts(self, value: object) -> bool:
        """Return whether `value` may be there; what a template does not tell may."""
        if self.kind == "never":
            return bool(self.values) and not any(_is(value, wanted) for wanted in self.values)
        if self.kind not in {"only", "need"} or not self.values or _ELSEWHERE.search(str(value)):
            return True
        return any(_is(value, wanted) for wanted in self.values)

    def holds_in(self, resource: Resource) -> bool:
        """Return whether the environment of `resource` is one of those that are meant."""
        return not self.environments or bool(getattr(resource.environment, self.environments))


def read_rows(file: Path) -> Iterator[dict[str, str]]:
    """Yield the lines of a table of decisions, by the names of its columns."""
    yield from csv.DictReader(file.read_text(encoding="utf-8").splitlines())


@cache
def decisions() -> tuple[PropertyDecision, ...]:
    """Return every decision on properties."""
    found = []
    for file in sorted(FOLDER.glob("properties/*.csv")):
        for row in read_rows(file):
            environments, _, said = row["decision"].rpartition(" ")
            kind, _, values = said.partition(":")
            if kind not in {"free", "rule", "only", "need", "never"} or (kind != "rule" and not row["why"]):
                raise ValueError(f"{file.name} decides nothing, or gives no reason: {row}")
            given = tuple(filter(None, values.split("|")))
            types, names = tuple(row["types"].split()), tuple(row["properties"].split())
            found.append(PropertyDecision(types, names, kind, given, environments, row["why"]))
    return tuple(found)


@cache
def decisions_of(type_: str) -> tuple[PropertyDecision, ...]:
    """Return the decisions on the properties of a type, those on every type too."""
    return tuple(each for each in decisions() if each.means(type_))


def is_known(type_: str) -> bool:
    """Return whether somebody has decided that there may be resources of a type: a line names it."""
    return any(each.types != ("*",) for each in decisions_of(type_))


@cache
def _decisions_on(type_: str, path: str) -> tuple[PropertyDecision, ...]:
    return tuple(each for each in decisions_of(type_) if each.decides(path))


@rule
def accepted_value(templates: Templates) -> Found:
    """A property has a value that somebody has judged, and is there where AWS's own choice without it is not safe."""
    for resource in templates.resources:
        for path, value in leaves(resource.properties):
            for decision in _decisions_on(resource.type, path):
                if decision.holds_in(resource) and not decision.accepts(value):
                    yield resource, f"{path} is {str(value)[:80]}: {decision.why}."
        for decision in decisions_of(resource.type):
            if decision.kind == "need" and decision.holds_in(resource):
                for path in decision.properties:
                    if _is_missing(resource.properties, path.split(".")):
                        yield resource, f"{path} is not set: {decision.why}."


@rule
def decided(templates: Templates) -> Found:
    """Every type and every property of a resource of ours has been judged: a rule, or a reason, says that it may be."""
    for resource, words in find_undecided(templates):
        if resource.environment.name:
            yield resource, words


def find_undecided(templates: Templates) -> Found:
    """Yield the types and properties that nobody has judged, in templates of whatever environment."""
    for resource in templates.resources:
        if resource.type == _NOTE:
            continue
        if not is_known(resource.type):
            yield (
                resource,
                f"Nobody has judged {resource.type}: decide what its properties may be in {_TABLES}.",
            )
            continue
        for path in dict.fromkeys(path for path, _ in leaves(resource.properties)):
            if not _decisions_on(resource.type, path):
                yield (
                    resource,
                    f"Nobody has judged {path} of {resource.type}: name its rule, or why it is free, in {_TABLES}.",
                )


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - whatever a template holds
    """Yield every value that holds no others, and the names that lead to it, through lists."""
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            yield from leaves(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for item in value:
            yield from leaves(item, path)
    elif path:
        yield path, value


def _is_missing(value: Any, names: list[str]) -> bool:  # noqa: ANN401 - whatever a template holds
    """Return whether something that should have the last of `names` does not; what is not there need not have it."""
    *holders, name = names
    several = [value]
    for holder in holders:
        several = [
            item
            for each in several
            if isinstance(each, Mapping)
            for item in as_list(each.get(holder))
            if holder in each
        ]
    return any(isinstance(each, Mapping) and each.get(name) in (None, "", [], {}) for each in several)


def _is(value: object, wanted: str) -> bool:
    if wanted[:2] in {"<=", ">="}:
        given, limit = number(value), float(wanted[2:])
        return given is not None and (given <= limit if wanted[0] == "<" else given >= limit)
    return str(value).lower() == wanted.lower()


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Return what `text` means: `*` is a part of a name, `**` any number of names, or none."""
    if text.endswith(".**"):
        return re.compile(f"{_pattern(text[:-3]).pattern}(\\..*)?", re.DOTALL)
    if text.startswith("**."):
        return re.compile(f"(.*\\.)?{_pattern(text[3:]).pattern}", re.DOTALL)
    return re.compile(re.escape(text).replace(r"\*\*", ".*").replace(r"\*", "[^.]*"), re.DOTALL)


RULES: Final = (accepted_value, decided)
