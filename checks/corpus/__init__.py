"""Planted defects: templates that are well built, each broken in one place."""

import copy
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from ml_rules.catalogue import findings
from ml_rules.templates import Target, Template, Templates

HERE: Final = Path(__file__).parent
BASE_STACK: Final = "base"


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One thing broken in one template; `text` is what it violates."""

    name: str
    text: str
    base: str
    at: str = ""
    set: Mapping[str, Any] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    replace: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    attribute: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    template: Mapping[str, Any] = field(default_factory=dict)
    repaired: Mapping[str, Any] = field(default_factory=dict)
    """What is set or added in its place where it is well built, as far as the base has nothing of the kind."""

    @property
    def twin(self) -> "Defect":
        """The same place well built, which no rule finds."""
        return Defect(name=f"{self.name}, repaired", text=self.text, base=self.base, at=self.at, **self.repaired)

    def plant(self, template: Template) -> Template:
        """Return `template` with the defect; raises `LookupError` where it has no such resource or property."""
        broken: dict[str, Any] = copy.deepcopy(dict(template))
        broken.update(self.template)
        if self.add:
            broken["Resources"]["Planted"] = self.add
        if not self.at:
            return broken
        resource = _resource(broken, self.at)
        resource.update(self.attribute)
        properties = resource["Properties"]
        for path in self.remove:
            holder, key = _holder(properties, path)
            del holder[key]
        for path, value in self.set.items():
            holder, key = _holder(properties, path)
            holder[key] = value
        for path, (old, new) in self.replace.items():
            holder, key = _holder(properties, path)
            if old not in holder[key]:
                raise LookupError(f"{self.name}: {path} does not hold {old}.")
            holder[key] = holder[key].replace(old, new)
        return broken


def defects() -> Iterator[Defect]:
    """Yield every defect of the corpus."""
    for base, entries in tomllib.loads((HERE / "defects.toml").read_text(encoding="utf-8")).items():
        for entry in entries:
            yield Defect(base=base, **entry)


def bases() -> dict[str, Template]:
    """Return the well-built templates by name."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted((HERE / "bases").glob("*.json"))}


def can_be_planted(defect: Defect, platform: Mapping[str, Template]) -> bool:
    """Return whether there is what `defect` breaks: a team's environments need not have what ours have."""
    if defect.base in bases():
        return True
    resources = platform.get(defect.base, {}).get("Resources", {})
    return defect.base in platform and (not defect.at or any(_is_called(each, defect.at) for each in resources))


def surroundings(defect: Defect, platform: Mapping[str, Template]) -> tuple[str, dict[str, Template]]:
    """Return the stack that `defect` goes into, and all templates that it is judged with."""
    if defect.base in platform:
        environment = defect.base.partition("-")[0]
        return defect.base, {name: t for name, t in platform.items() if name.startswith(f"{environment}-")}
    return BASE_STACK, {BASE_STACK: bases()[defect.base]}


def find_with_own_rules(defect: Defect, platform: Mapping[str, Template], environments: tuple[Target, ...]) -> set[str]:
    """Return the rules that find `defect`, and that find nothing there without it."""
    stack, templates = surroundings(defect, platform)
    of_base = stack == BASE_STACK
    before = _findings_of_base(defect.base, environments) if of_base else _findings(templates, environments)
    templates[stack] = defect.plant(templates[stack])
    return {rule for rule, _ in _findings(templates, environments) - before}


@cache
def _findings_of_base(base: str, environments: tuple[Target, ...]) -> set[tuple[str, str]]:
    return _findings({BASE_STACK: bases()[base]}, environments)


def _findings(templates: Mapping[str, Template], environments: tuple[Target, ...]) -> set[tuple[str, str]]:
    return {(finding.rule, finding.resource.logical_id) for finding in findings(Templates(templates, environments))}


def _resource(template: Mapping[str, Any], at: str) -> dict[str, Any]:
    resources: Mapping[str, dict[str, Any]] = template["Resources"]
    for logical_id, resource in resources.items():
        if _is_called(logical_id, at):
            return resource
    raise LookupError(f"There is no {at} in the template: the platform has changed, and the corpus has not.")


def _is_called(logical_id: str, at: str) -> bool:
    return re.fullmatch(rf"{at}([0-9A-F]{{8}})?", logical_id) is not None


def _holder(value: Any, path: str) -> tuple[Any, Any]:  # noqa: ANN401 - part of a template
    keys: list[Any] = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in keys[:-1]:
        value = value[key]
    return value, keys[-1]
