"""Step caching: what a step that ran before is known by, and how long its result may be used again.

Source: "Caching pipeline steps" and "Default cache key attributes by pipeline step type" in the developer guide.
"""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

_DURATION = re.compile(
    r"P?(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.IGNORECASE,
)
_DAYS = {"years": 365, "months": 30}


@dataclass(frozen=True)
class CacheConfig:
    """Return whether a step may take the result of an earlier run, and of which age at most."""

    enabled: bool = False
    expire_after: timedelta = timedelta.max

    @classmethod
    def of(cls, written: object) -> Self:
        """Return what a definition says in `CacheConfig`; `ValueError` for what it cannot say."""
        if not isinstance(written, Mapping) or not isinstance(written.get("Enabled"), bool):
            raise ValueError("CacheConfig takes Enabled (true or false) and ExpireAfter")  # noqa: TRY004 - one kind of error
        if unknown := set(written) - {"Enabled", "ExpireAfter"}:
            raise ValueError(f"CacheConfig has unknown members: {', '.join(sorted(unknown))}")
        if not written["Enabled"]:
            return cls()
        if "ExpireAfter" not in written:
            raise ValueError("CacheConfig needs ExpireAfter where it is enabled, such as PT1H or P30D")
        return cls(enabled=True, expire_after=_duration(written["ExpireAfter"]))


def _duration(text: object) -> timedelta:
    """Return a duration of ISO 8601, also in the short form of the developer guide (`30d`, `T16m`)."""
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    given = {unit: int(number) for unit, number in (match.groupdict() if match else {}).items() if number}
    if not given:
        raise ValueError(f"ExpireAfter is {text!r}: it must be a duration of ISO 8601, such as PT1H or P30D")
    days = sum(given.pop(unit, 0) * length for unit, length in _DAYS.items())
    return timedelta(days=days) + timedelta(**given)


@dataclass(frozen=True)
class Result:
    """What a step that ran left behind."""

    execution_arn: str
    ended: datetime
    properties: Mapping[str, Any]
    metadata: Mapping[str, Any]


class StepCache:
    """The last result of every step of every pipeline, by the arguments that it ran with."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: dict[tuple[str, str, str], Result] = {}

    def find(self, pipeline: str, step: str, key: str, config: CacheConfig, moment: datetime) -> Result | None:
        """Return the result that a step may use at a moment; None where it has to run."""
        with self._lock:
            found = self._results.get((pipeline, step, key))
        if not config.enabled or found is None or moment - found.ended > config.expire_after:
            return None
        return found

    def keep(self, pipeline: str, step: str, key: str, result: Result) -> None:
        """Keep the result of a step that has succeeded, instead of an older one."""
        with self._lock:
            self._results[pipeline, step, key] = result

    def forget(self, pipeline: str) -> None:
        """Drop all results of a pipeline that is deleted."""
        with self._lock:
            self._results = {key: result for key, result in self._results.items() if key[0] != pipeline}


NO_CACHE = CacheConfig()


def cache_key(arguments: Mapping[str, Any], attributes: tuple[str, ...]) -> str:
    """Return what a run is known by: the named arguments, or all where none are named."""
    chosen = {name: arguments[name] for name in attributes or arguments if name in arguments}
    return json.dumps(chosen, sort_keys=True, default=str)
