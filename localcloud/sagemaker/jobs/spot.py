"""Managed spot training: what a request may ask for, and what an interruption is.

Source: developer guide, "Managed Spot Training"; API reference, StoppingCondition.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.sagemaker.jobs.job import Ending, Job
from localcloud.sagemaker.kernel.errors import ServiceError

WAIT_POLL_S = 0.1


@dataclass(frozen=True)
class Interruption:
    """Spot instances are taken back; there are others after `wait_s` seconds.

    With `notice` the container gets SIGTERM and its time to end, as on AWS, and what it saved then is copied; without,
    the instance is gone at once and with it what had not been copied.
    """

    notice: bool = True
    wait_s: float = 0.0


def longest_wait(request: Mapping[str, Any], limit_s: float) -> float | None:
    """Return in seconds how long a spot job may take, waiting included; None for a job on demand.

    ServiceError `ValidationException` for what AWS refuses.
    """
    longest: float | None = request.get("StoppingCondition", {}).get("MaxWaitTimeInSeconds")
    if not request.get("EnableManagedSpotTraining"):
        if longest is not None:
            raise ServiceError(
                "ValidationException",
                "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true",
            )
        return None
    if longest is None or longest < limit_s:
        raise ServiceError(
            "ValidationException",
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds",
        )
    return longest


class SpotJob(Job):
    """A job whose instances can be taken away while it runs, and which then starts again on others."""

    longest_wait_s: float | None = None
    """How long it may take, waiting for instances included; None on demand."""

    rehearsals: int = 0
    """How often it is interrupted without being asked to, each time when it has copied a checkpoint."""

    _interruption: Interruption | None = None
    _created: float
    _copied = 0

    def interrupt(self, interruption: Interruption) -> None:
        """Take its instances away; ServiceError `ValidationException` when it has none that could be."""
        if self.longest_wait_s is None:
            raise ServiceError(
                "ValidationException",
                f"{self.name} runs on demand (without EnableManagedSpotTraining): only spot jobs are interrupted.",
            )
        status = self._fields.get("SecondaryStatus", "Starting")
        if status not in {"Starting", "Downloading", "Training"}:
            raise ServiceError("ValidationException", f"{self.name} is {status}: there is nothing to interrupt.")
        self._interruption = interruption

    def _ordered(self) -> Ending | None:
        if self.longest_wait_s is not None and time.monotonic() > self._created + self.longest_wait_s:
            return "out of wait"
        if self.longest_wait_s is not None and self.rehearsals and self._copied:
            self.rehearsals -= 1
            self._interruption = Interruption()
        return super()._ordered() or ("interrupted" if self._interruption else None)

    def _grace(self, ending: Ending) -> float:
        lost = ending == "interrupted" and self._interruption and not self._interruption.notice
        return 0.0 if lost else super()._grace(ending)

    def _replace(self) -> Ending | None:
        self._progress("Interrupted")
        interruption, self._interruption, self._copied = self._interruption or Interruption(), None, 0
        again = time.monotonic() + interruption.wait_s
        while time.monotonic() < again:
            if self._stop.wait(WAIT_POLL_S):
                return "stopped"
            if self._ordered() == "out of wait":
                return "out of wait"
        return None
