"""The synthesized templates of an environment, and where it is deployed to."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mdlc.errors import InputError

Template = Mapping[str, Any]
Properties = Mapping[str, Any]

_TARGET: Final = re.compile(r"aws://\d{12}/(?P<region>[a-z0-9-]+)")
_STAGE: Final = "assembly-"


@dataclass(frozen=True)
class Stacks:
    """The templates of one environment, by the names of their stacks without the environment's."""

    environment: str
    region: str
    templates: Mapping[str, Template]


def load(assembly: Path, environment: str) -> Stacks:
    """Read the templates of an environment; raise `InputError` when the assembly has none of that name."""
    folder = assembly / f"{_STAGE}{environment}"
    if not (folder / "manifest.json").is_file():
        known = sorted(each.name.removeprefix(_STAGE) for each in assembly.glob(f"{_STAGE}*"))
        if not known:
            raise InputError(f"{assembly} holds no synthesized environments: write some with make synth.")
        raise InputError(f"There is no environment {environment}: the templates are of {', '.join(known)}.")
    artifacts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"].values()
    stacks = [artifact for artifact in artifacts if artifact["type"] == "aws:cloudformation:stack"]
    regions = {found["region"] for stack in stacks if (found := _TARGET.fullmatch(stack["environment"]))}
    if len(regions) != 1:
        raise InputError(f"The stacks of {environment} are not in one region that the templates name.")
    templates = {
        stack["properties"]["stackName"].removeprefix(f"{environment}-"): json.loads(
            (folder / stack["properties"]["templateFile"]).read_text(encoding="utf-8")
        )
        for stack in stacks
    }
    return Stacks(environment, regions.pop(), templates)


def resources(template: Template, kind: str) -> Mapping[str, Properties]:
    """Return the properties of the resources of a type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template.get("Resources", {}).items()
        if resource["Type"] == kind
    }
