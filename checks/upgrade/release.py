"""A release: of every environment, the resources that an upgrade must keep, and what decides whether it does."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from checks.synthesis import ROOT
from checks.upgrade.specification import decisive, is_kept
from ml_rules.templates import REFERENCE, Resource, Template, Templates

RELEASES: Final = ROOT / "releases"
DELIBERATE: Final = "deliberate.toml"
_SENTENCE: Final = re.compile(r"[A-Z].{20,}\.")


class ReleaseError(RuntimeError):
    """A release is not there, or is not what it must be; the message is one sentence."""


@dataclass(frozen=True)
class Entry:
    """One resource of a release; references in its properties are `${stack/LogicalId.Attribute}`."""

    type: str
    properties: Mapping[str, Any]
    retained: bool = False
    kept: bool = True
    """Whether users must not lose it: otherwise it is here because another resource refers to it."""
    readers: Sequence[str] = field(default_factory=list)
    """Other stacks that read it, and have its old value until they are deployed again."""

    def references(self) -> set[tuple[str, str]]:
        """Return the stack and logical id of every resource that its properties refer to."""
        return {(match[1], match[2]) for match in REFERENCE.finditer(json.dumps(self.properties))}


Release = Mapping[tuple[str, str], Entry]
"""Resources by stack and logical id."""


def release(templates: Mapping[str, Template]) -> dict[tuple[str, str], Entry]:
    """Return what an upgrade from `templates` must keep, and what that refers to."""
    every = {(each.stack, each.logical_id): each for each in Templates(templates).resources}
    readers = _readers(every)
    found = {where: _entry(each) for where, each in every.items() if is_kept(each.type, each.properties)}
    found |= {where: _entry(every[where], kept=False) for where in readers.keys() - found.keys()}
    pending = list(found.values())
    while pending:
        for where in pending.pop().references() - found.keys():
            if where in every:
                found[where] = _entry(every[where], kept=False)
                pending.append(found[where])
    return {where: replace(entry, readers=readers.get(where, [])) for where, entry in found.items()}


def _readers(every: Mapping[tuple[str, str], Resource]) -> Mapping[tuple[str, str], Sequence[str]]:
    """Return the stacks that read a resource of another stack, by that."""
    found: dict[tuple[str, str], set[str]] = {}
    for (stack, _), resource in every.items():
        for match in REFERENCE.finditer(json.dumps(resource.properties)):
            if match[1] != stack and (match[1], match[2]) in every:
                found.setdefault((match[1], match[2]), set()).add(stack)
    return {where: sorted(stacks) for where, stacks in found.items()}


def _entry(resource: Resource, *, kept: bool = True) -> Entry:
    names = decisive(resource.type)
    return Entry(
        resource.type,
        {name: value for name, value in sorted(resource.properties.items()) if name in names},
        retained=str(resource.attributes.get("DeletionPolicy", "")).startswith("Retain"),
        kept=kept,
    )


def write(found: Release, folder: Path) -> list[Path]:
    """Write a release into `folder`, a file for each environment and in it a line for each resource."""
    environments: dict[str, dict[str, list[str]]] = {}
    for (stack, logical_id), entry in sorted(found.items()):
        told: dict[str, Any] = {"type": entry.type, "properties": entry.properties, "retained": entry.retained}
        told |= {"kept": entry.kept, "readers": entry.readers}
        lines = environments.setdefault(stack.partition("-")[0], {}).setdefault(stack, [])
        lines.append(f"{json.dumps(logical_id)}: {json.dumps(told)}")
    folder.mkdir(parents=True)
    files = []
    for environment, stacks in environments.items():
        text = ",\n".join(f"{json.dumps(stack)}: {{\n " + ",\n ".join(lines) + "\n}" for stack, lines in stacks.items())
        files.append(folder / f"{environment}.json")
        files[-1].write_text(f"{{\n{text}\n}}\n", encoding="utf-8")
    return files


def read(folder: Path) -> dict[tuple[str, str], Entry]:
    """Return the release in `folder`."""
    return {
        (stack, logical_id): Entry(**entry)
        for file in sorted(folder.glob("*.json"))
        for stack, resources in json.loads(file.read_text(encoding="utf-8")).items()
        for logical_id, entry in resources.items()
    }


def last(releases: Path = RELEASES) -> Path:
    """Return the folder of the last release; raises `ReleaseError` where there is none."""
    folders = [folder for folder in releases.glob("*") if folder.is_dir()]
    if not folders:
        raise ReleaseError(f"There is no release in {releases.name}/: `make release` writes one.")
    return max(folders, key=lambda folder: [int(part) for part in folder.name.split(".")])


def deliberate(folder: Path) -> dict[str, str]:
    """Return what may be lost after the release in `folder`, and why, by `stack/LogicalId`."""
    file = folder / DELIBERATE
    reasons: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for where, reason in reasons.items():
        if not _SENTENCE.fullmatch(reason):
            raise ReleaseError(f"{folder.name}/{DELIBERATE}: {where} needs a reason in a full sentence.")
    return reasons
