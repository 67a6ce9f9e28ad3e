"""What each person did in a job: answers, skips with their reasons, tasks let go, time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from labels.task import Hold, Lease


@dataclass(frozen=True)
class Work:
    """What one person did."""

    worker: str
    answers: int
    held: int
    skips: int
    reasons: Mapping[str, int]
    """Why they skipped, and how often."""
    expired: int
    """How many tasks they let go without a word."""
    seconds: float | None
    """The median of their answers."""
    active: int
    """All seconds that they worked, those of tasks without an answer too."""
    seen: int
    """When they were heard of last."""

    @property
    def an_hour(self) -> float | None:
        """Answers in an hour of their work."""
        return self.answers * 3600 / self.active if self.active else None


def work_of(leases: Iterable[tuple[str, Lease]]) -> list[Work]:
    """Return what each person did, who answered most first; `leases` are of one job, each with its person."""
    by_worker: dict[str, list[Lease]] = defaultdict(list)
    for worker, lease in leases:
        by_worker[worker].append(lease)
    found = [_of(worker, given) for worker, given in by_worker.items()]
    return sorted(found, key=lambda each: (-each.answers, each.worker))


def _of(worker: str, leases: list[Lease]) -> Work:
    states = Counter(lease.state for lease in leases)
    times = [lease.active for lease in leases if lease.state is Hold.SUBMITTED]
    return Work(
        worker,
        states[Hold.SUBMITTED],
        states[Hold.HELD],
        states[Hold.DECLINED],
        Counter(lease.reason for lease in leases if lease.state is Hold.DECLINED),
        states[Hold.EXPIRED],
        median(times) if times else None,
        sum(lease.active for lease in leases),
        max(lease.seen for lease in leases),
    )
