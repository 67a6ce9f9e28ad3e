"""Whether the rule of every SageMaker control agrees with its vectors."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ml_rules.controls import CONTROLS, Control
from ml_rules.templates import Templates

LEAST: Final = 2
"""Vectors that a control must pass, and that it must fail, to be covered."""


@dataclass(frozen=True)
class Coverage:
    """Vectors of one control, and those that its rule judges wrongly."""

    control: str
    passing: int
    failing: int
    wrong: tuple[str, ...]

    @property
    def covered(self) -> bool:
        """Whether there are enough vectors, and the rule agrees with all."""
        return self.passing >= LEAST and self.failing >= LEAST and not self.wrong


def coverage() -> list[Coverage]:
    """Return the coverage of every control that has vectors."""
    known = {control.id: control for control in CONTROLS}
    file = Path(__file__).with_name("vectors.toml")
    covered = []
    for name, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
        kind = f"AWS::SageMaker::{entry['type']}"
        wrong = [
            f"{verdict} {number}"
            for verdict, fails in (("pass", False), ("fail", True))
            for number, properties in enumerate(entry[verdict])
            if _fails(known[name], kind, properties) is not fails
        ]
        covered.append(Coverage(name, len(entry["pass"]), len(entry["fail"]), tuple(wrong)))
    return covered


def _fails(control: Control, kind: str, properties: dict[str, object]) -> bool:
    templates = Templates({"vector": {"Resources": {"Judged": {"Type": kind, "Properties": properties}}}})
    return control.fails(templates.resources[0])
