"""Managed spot training: what a request may ask for, and what an interruption is.

Source: developer guide, "Managed Spot Training"; API reference, StoppingCondition.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.jobs.job import Ending

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


class Spot:
    """Instances of a job that can be taken away; on demand, without `longest_wait_s`, they never are.

    `longest_wait_s` is how long the job may take, waiting for instances included. `rehearsals` is how often they are
    taken away without being asked to, each time when a checkpoint has been copied.
    """

    def __init__(self, longest_wait_s: float | None) -> None:
        self.rehearsals = 0
        self._longest_wait_s = longest_wait_s
        self._created = time.monotonic()
        self._interruption: Interruption | None = None

    @property
    def is_used(self) -> bool:
        """Return whether the job runs on spot instances."""
        return self._longest_wait_s is not None

    @property
    def is_lost_at_once(self) -> bool:
        """Return whether the instances are taken away without notice."""
        return self._interruption is not None and not self._interruption.notice

    def interrupt(self, interruption: Interruption) -> None:
        """Take the instances away."""
        self._interruption = interruption

    def look(self, *, has_copied: bool) -> Ending | None:
        """Return how the instances that run must end now, if they must."""
        if self._longest_wait_s is None:
            return None
        if time.monotonic() > self._created + self._longest_wait_s:
            return "out of wait"
        if self.rehearsals and has_copied:
            self.rehearsals -= 1
            self._interruption = Interruption()
        return "interrupted" if self._interruption else None

    def wait(self, stop: Event) -> Ending | None:
        """Wait until there are other instances; how the job ends instead, if it does."""
        interruption, self._interruption = self._interruption or Interruption(), None
        again = time.monotonic() + interruption.wait_s
        while time.monotonic() < again:
            if stop.wait(WAIT_POLL_S):
                return "stopped"
            if self.look(has_copied=False) == "out of wait":
                return "out of wait"
        return None
