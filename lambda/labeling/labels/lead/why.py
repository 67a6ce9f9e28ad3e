"""Why an object has no label, or what its label is of: one sentence for every object of a job."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from labels.task import Hold, Lease, Object, Stage

AGAIN: Final = "reopen it to ask again"
ANOTHER: Final = "a new job of its line asks again"


def why(  # noqa: PLR0913 - keyword-only
    thing: Object, leases: Mapping[str, Lease], now: int, *, paused: str = "", ended: bool = False, flows: bool = False
) -> str:
    """Return one sentence about an object; `leases` by person, `paused` why its job gives out nothing, if it does.

    In a job that has `ended` nothing is asked again; in one that `flows` an object is labeled once it is answered.
    """
    given = f"{thing.answers} of {thing.wanted} answers"
    match thing.stage:
        case Stage.WAITING:
            return f"It waits for its turn: {paused or 'as many objects as may be are open before it'}."
        case Stage.OPEN if now >= thing.until:
            return f"Its time was over at {_moment(thing.until)} with {given}, and it is about to be closed."
        case Stage.OPEN:
            return _of_open(thing, leases, paused)
        case Stage.ANSWERED:
            made = "is being made" if flows else "is made when the job ends"
            return f"It has {given}{_round(thing)}, and its label {made}."
        case Stage.LABELED:
            return f"It is labeled, by {given}{_round(thing)}."
        case Stage.FAILED:
            reason = (thing.reason or "nobody said why").removesuffix(".")
            return f"It has no label: {reason[:1].lower()}{reason[1:]}; {ANOTHER if ended else AGAIN}."


def _of_open(thing: Object, leases: Mapping[str, Lease], paused: str) -> str:
    current = {worker: lease for worker, lease in leases.items() if lease.round == thing.round}
    parts = [
        f"{worker} works on it until {_moment(lease.until)}"
        for worker, lease in sorted(current.items())
        if lease.state is Hold.HELD
    ]
    if thing.left:
        parts.append(f"{_count(thing.left, 'place is', 'places are')} free until {_moment(thing.until)}")
    reasons = Counter(lease.reason for lease in leases.values() if lease.state is Hold.DECLINED)
    if reasons:
        said = ", ".join(reason for reason, _ in reasons.most_common())
        parts.append(f"{_count(reasons.total(), 'person', 'people')} skipped it ({said})")
    if expired := sum(lease.state is Hold.EXPIRED for lease in leases.values()):
        parts.append(f"{_count(expired, 'person', 'people')} let it go")
    if paused:
        parts.append(f"nobody gets it now: {paused.removesuffix('.')}")
    return f"It has {thing.answers} of {thing.wanted} answers{_round(thing)}: {'; '.join(parts)}."


def _round(thing: Object) -> str:
    return f" in round {thing.round}" if thing.round > 1 else ""


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
