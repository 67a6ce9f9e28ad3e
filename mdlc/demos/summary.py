"""What a demo tells of itself when it is done: one summary for all of them, as summary.json has it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud.lifecycle import LocalCloud
from mdlc.client.aws import Cloud
from mdlc.demos.rehearsal import Rehearsal
from mdlc.output import spelled
from mdlc.report.data import Prediction
from mdlc.report.text import seconds


@dataclass
class Clock:
    """How long a demo took: from its start to the platform that is deployed, and from there to its end."""

    begun: float = field(default_factory=time.monotonic)
    deployed: float = 0.0
    ended: float = 0.0

    def platform(self, rehearsal: Rehearsal) -> Cloud:
        """Bring the platform up, and start to count what comes after it."""
        cloud = rehearsal.platform()
        self.deployed = time.monotonic()
        return cloud

    def end(self) -> None:
        """Stop counting: what comes now is the report."""
        self.ended = time.monotonic()

    @property
    def setup_seconds(self) -> float:
        """From the start to the platform."""
        return round(self.deployed - self.begun, 3)

    @property
    def run_seconds(self) -> float:
        """From the platform to the end."""
        return round((self.ended or time.monotonic()) - self.deployed, 3)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What every demo has, in `more` what only some have, and in `headline` what came of it, in a line each."""

    system: str
    rehearsal: Rehearsal
    cloud: Cloud
    clock: Clock
    metrics: Mapping[str, float]
    resources: Mapping[str, int]
    headline: Sequence[str]
    more: Mapping[str, Any] = field(default_factory=dict)
    report: Path | None = None
    """The page, once it is written."""

    def as_json(self) -> dict[str, Any]:
        """Return the summary as summary.json shows it."""
        return {
            **({"report": str(self.report)} if self.report else {}),
            "system": self.system,
            "environment": self.rehearsal.environment,
            "cloud": self.cloud.description,
            "steps": [step.as_json() for step in self.rehearsal.steps],
            "metrics": dict(self.metrics),
            "resources": dict(self.resources),
            "replaced": list(self.rehearsal.replaced),
            "setup_seconds": self.clock.setup_seconds,
            "run_seconds": self.clock.run_seconds,
            **self.more,
        }

    def as_text(self) -> str:
        """Return the summary as a person reads it."""
        counts = ", ".join(f"{count} {status}" for status, count in self.resources.items())
        return "\n".join(
            (
                *self.headline,
                f"resources: {counts}, {len(self.rehearsal.replaced)} replaced",
                f"platform {seconds(self.clock.setup_seconds)}, then {seconds(self.clock.run_seconds)}",
                f"report {self.report}; the local cloud stays up until mdlc local down",
            )
        )


def answer(prediction: Prediction | None) -> str:
    """Return the first answer of a prediction as one line."""
    return spelled(prediction.response["predictions"][0]) if prediction else "no API to ask"


def figures(metrics: Mapping[str, float]) -> str:
    """Return metrics as one line."""
    return ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())


def resources(environment: str) -> dict[str, int]:
    """Count the resources of the environment that were created, recorded and refused."""
    statuses = [line["status"] for line in LocalCloud().resources() if line["stack"].startswith(f"{environment}-")]
    return {status: statuses.count(status) for status in ("created", "recorded", "refused")}
