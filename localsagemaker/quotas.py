"""The quotas of the accounts of a local cloud: what each starts with, and what was asked for since."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from account import quotas
from account.quotas import Profile

GRANT_S: Final = 600.0
"""How long Service Quotas takes to approve an increase; on AWS minutes or days, and sometimes it does not."""


@dataclass(frozen=True)
class Increase:
    """An increase that somebody asked for: it is pending until `granted`, in seconds since the epoch."""

    quota: str
    value: float
    requester: str
    created: float
    granted: float
    identifier: str = field(default_factory=lambda: uuid.uuid4().hex)


class Quotas:
    """What every account and region may use; increases that are asked for are granted after a while."""

    def __init__(
        self, profile: Profile = Profile.ESTABLISHED, time_scale: float = 1.0, clock: Callable[[], float] = time.time
    ) -> None:
        self.profile = profile
        self._grant_s, self._clock = GRANT_S / time_scale, clock
        self._lock = threading.Lock()
        self._increases: dict[tuple[str, str], list[Increase]] = {}

    def value(self, account: str, region: str, name: str) -> float | None:
        """Return how much an account has of a quota; None where nothing limits it."""
        quota = quotas.find(name)
        value = quota.value(self.profile) if quota else None
        if value is None:
            return None
        granted = [each.value for each in self.increases(account, region) if each.quota == name and self.has(each)]
        return max([value, *granted])

    def has(self, increase: Increase) -> bool:
        """Return whether an increase has been granted."""
        return self._clock() >= increase.granted

    def increases(self, account: str, region: str) -> Iterator[Increase]:
        """Yield the increases that an account has asked for, the oldest first."""
        with self._lock:
            yield from list(self._increases.get((account, region), ()))

    def increase(self, account: str, region: str, name: str, value: float, requester: str) -> Increase:
        """Ask for more of a quota."""
        moment = self._clock()
        asked = Increase(name, value, requester, moment, moment + self._grant_s)
        with self._lock:
            self._increases.setdefault((account, region), []).append(asked)
        return asked
