"""The two files that a check leaves: summary.json for machines, report.html for people."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from checks.corpus import Defect
from checks.gates import Found, Gate
from checks.pages import LOOK
from checks.provenance import Provenance
from checks.synthesis import Synthesis
from checks.vectors import Coverage
from ml_rules.packs import NOT_ADOPTED

ACKNOWLEDGMENTS: Final = 29
"""How many reasons to accept a finding there may be, each a sentence in the code."""


@dataclass(frozen=True)
class Planted:
    """Which defects of the corpus were found, by which rules; `false_alarms` are findings without a defect."""

    found: dict[str, set[str]]
    missed: Sequence[Defect]
    false_alarms: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """Return the figures as summary.json shows them."""
        return {
            "found": len(self.found),
            "total": len(self.found) + len(self.missed),
            "false_alarms": len(self.false_alarms),
            "missed": [defect.name for defect in self.missed],
        }


@dataclass(frozen=True)
class Check:
    """All that a check found out."""

    gates: Sequence[Gate]
    synthesis: Synthesis
    controls: Sequence[Coverage]
    planted: Planted
    access: Mapping[str, Any]
    seconds: float
    provenance: Provenance

    @property
    def explained(self) -> int:
        """How many findings may stay, for a reason."""
        return sum(len(gate.found) - len(gate.open) for gate in self.gates)

    @property
    def passed(self) -> bool:
        """Whether nothing is unexplained, little acknowledged, every control covered, and planted defects are found."""
        covered = all(control.covered for control in self.controls)
        total = len(self.planted.found) + len(self.planted.missed)
        enough = len(self.planted.found) >= 0.95 * total and not self.planted.false_alarms
        few = len(self.synthesis.reasons) <= ACKNOWLEDGMENTS
        return covered and enough and few and all(gate.status == "passed" for gate in self.gates)

    def as_json(self) -> dict[str, Any]:
        """Return summary.json."""
        return {
            "status": "passed" if self.passed else "failed",
            "seconds": round(self.seconds, 1),
            "commit": self.provenance.commit,
            "versions": dict(self.provenance.versions),
            "gates": [gate.as_json() for gate in self.gates],
            "acknowledgments": len(self.synthesis.reasons),
            "not_adopted": [
                {"rule": rule, "findings": self.synthesis.left_out[rule], "reason": reason}
                for rule, reason in NOT_ADOPTED.items()
            ],
            "controls": {"covered": sum(control.covered for control in self.controls), "total": len(self.controls)},
            "iam": {
                "wildcard_actions": self._count("wildcard-action"),
                "star_resources": self._count("star-resource"),
                "managed_policies": self._count("managed-policy"),
            },
            "access": {name: self.access.get(name, 0) for name in ("assertions", "denials", "statements")}
            | {"survivors": self.access.get("survivors", [])},
            "planted": self.planted.as_json(),
        }

    def _count(self, rule: str) -> int:
        return sum(found.rule == rule for gate in self.gates for found in gate.open)


def write(check: Check, folder: Path) -> None:
    """Write both files into `folder`."""
    (folder / "summary.json").write_text(json.dumps(check.as_json(), indent=2) + "\n", encoding="utf-8")
    (folder / "report.html").write_text(render(check), encoding="utf-8")


def render(check: Check) -> str:
    """Return the page; it refers to nothing outside but the access matrix and the questions beside it."""
    loader = FileSystemLoader([Path(__file__).parent, LOOK])
    templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    return templates.get_template("report.html.jinja").render(
        made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        check=check,
        summary=check.as_json(),
        limit=ACKNOWLEDGMENTS,
        explained={gate.name: _reasons(gate) for gate in check.gates},
        acknowledged=_acknowledgments(check.synthesis),
    )


def _acknowledgments(synthesis: Synthesis) -> dict[tuple[str, str], list[str]]:
    """Return where each rule is acknowledged for the same reason."""
    places: dict[tuple[str, str], list[str]] = {}
    for each in sorted(synthesis.acknowledgments, key=lambda each: (each.rule, each.reason, each.at)):
        places.setdefault((each.rule, each.reason), []).append(each.at)
    return places


def _reasons(gate: Gate) -> list[tuple[str, str, int, str]]:
    """Return rule, reason, number and first place of what is explained, each reason once."""
    counted = Counter((found.rule, found.explained) for found in gate.found if found.explained)
    places: dict[tuple[str, str], Found] = {}
    for found in gate.found:
        places.setdefault((found.rule, found.explained), found)
    return [(rule, why, count, places[rule, why].where) for (rule, why), count in sorted(counted.items())]
