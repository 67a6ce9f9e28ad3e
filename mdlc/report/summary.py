"""What came of a demo or of a report: one summary for all of them, as summary.json has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mdlc.report.text import seconds


@dataclass(frozen=True)
class Timed:
    """One step of a longer piece of work, and how long it took."""

    name: str
    status: str
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the step as summary.json shows it."""
        return {"name": self.name, "status": self.status, "seconds": round(self.seconds, 3)}


@dataclass(frozen=True)
class Prediction:
    """One question to the API and its answer."""

    path: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the exchange as summary.json shows it."""
        return {
            "path": self.path,
            "request": dict(self.request),
            "response": dict(self.response),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True)
class Way:
    """What a demo does around its executions: from nothing to the platform, and from there to the result."""

    steps: Sequence[Timed]
    replaced: Sequence[str]
    """Resources that the deployment replaced, as `stack/logical id`."""
    setup_seconds: float
    run_seconds: float


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What every demo and report has, and in `more` what only some have."""

    system: str
    environment: str
    cloud: str
    steps: Sequence[Timed]
    """Those of the demo; of a report alone, those of what it reports on."""
    metrics: Mapping[str, float]
    resources: Mapping[str, int]
    properties: Mapping[str, int] = field(default_factory=dict)
    way: Way | None = None
    """None for a report alone."""
    headline: Sequence[str] = ()
    """What came of it, in a line each."""
    more: Mapping[str, Any] = field(default_factory=dict)
    report: Path | None = None
    """The page, once it is written."""

    def as_json(self) -> dict[str, Any]:
        """Return the summary as summary.json shows it."""
        return {
            **({"report": str(self.report)} if self.report else {}),
            "system": self.system,
            "environment": self.environment,
            "cloud": self.cloud,
            "steps": [step.as_json() for step in self.steps],
            "metrics": dict(self.metrics),
            "resources": dict(self.resources),
            "properties": dict(self.properties),
            "replaced": list(self.way.replaced) if self.way else [],
            "setup_seconds": self.way.setup_seconds if self.way else None,
            "run_seconds": self.way.run_seconds if self.way else None,
            **self.more,
        }

    def as_text(self) -> str:
        """Return the summary as a person reads it."""
        lines = [*self.headline]
        if self.way:
            counts = _as_words(self.resources)
            lines += [
                f"resources: {counts}, {len(self.way.replaced)} replaced",
                *([f"properties: {_as_words(self.properties)}"] if self.properties else []),
                f"platform {seconds(self.way.setup_seconds)}, then {seconds(self.way.run_seconds)}",
                f"report {self.report}; the local cloud stays up until mdlc local down",
            ]
        else:
            lines.append(f"The report is {self.report}.")
        return "\n".join(lines)


def _as_words(counts: Mapping[str, int]) -> str:
    """Return counts in words: `268 created, 71 recorded`."""
    return ", ".join(f"{count} {status}" for status, count in counts.items())
