"""How long a demo takes, and what it says in a line."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from mdlc.client.aws import Cloud
from mdlc.demos.rehearsal import Rehearsal
from mdlc.output import spell
from mdlc.report.summary import Prediction, Way


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

    def way(self, rehearsal: Rehearsal) -> Way:
        """Return what the demo did, and how long that took."""
        return Way(
            steps=tuple(rehearsal.steps),
            replaced=tuple(rehearsal.replaced),
            setup_seconds=round(self.deployed - self.begun, 3),
            run_seconds=round((self.ended or time.monotonic()) - self.deployed, 3),
        )


def answer(prediction: Prediction | None) -> str:
    """Return the first answer of a prediction as one line."""
    return spell(prediction.response["predictions"][0]) if prediction else "no API to ask"


def figures(metrics: Mapping[str, float]) -> str:
    """Return metrics as one line."""
    return ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())
