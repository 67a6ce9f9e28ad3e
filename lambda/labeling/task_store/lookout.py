"""A whole job as it stands in the table: of each object, what people did with it and answered.

Leases lie beside their objects, so that reading them all takes a call for each object. What was read once is kept in a
file, and only objects whose version has changed since are read anew. Signs of life change no object: they are as old
as its last change.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import repeat
from typing import Any, Final

from labels.objects import order as by_line
from labels.task import Hold, Lease, Object
from task_store import items
from task_store.store import Store

AT_ONCE: Final = 16
"""How many objects are read at the same time,"""
PORTION: Final = 160
"""and how many before somebody asks whether there is time for more."""
_LEFT_OUT: Final = ("draft", "token")
"""What of a lease no figure is made of."""


@dataclass(frozen=True)
class Seen:
    """An object, its version, its line of the manifest, and its leases with who has them; drafts are left out."""

    thing: Object
    version: int
    line: Mapping[str, Any]
    leases: Sequence[tuple[str, Lease]]


@dataclass(frozen=True)
class Sight:
    """The objects of a job by their ids, in the order of its manifest; `unread` more have changed too lately."""

    objects: Mapping[str, Seen]
    unread: int

    def leases(self) -> Iterator[tuple[str, Lease]]:
        """Yield every lease, with who has it."""
        for each in self.objects.values():
            yield from each.leases


class Lookout:
    """Looks at the jobs of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def look(self, job: str, time_left: Callable[[], bool] = lambda: True) -> Sight:
        """Return a job; what there is no time left for is read by who looks the next time."""
        known = self._read_before(job)
        now = {identity: (thing, item) for identity, thing, item in self._store.objects(job)}
        changed = [
            identity
            for identity, (_, item) in now.items()
            if identity not in known or known[identity]["version"] != items.number(item, "Version")
        ]
        unread = len(changed)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for portion in (changed[first : first + PORTION] for first in range(0, len(changed), PORTION)):
                if not time_left():
                    break
                read = pool.map(self._read, portion, [now[each][1] for each in portion], repeat(job), repeat(known))
                known |= dict(zip(portion, read, strict=True))
                unread -= len(portion)
        if unread < len(changed):
            self._store.keep(json.dumps(known, ensure_ascii=False), _name(job))
        order = sorted((each for each in now if each in known), key=by_line)
        return Sight({identity: _as_seen(now[identity][0], known[identity]) for identity in order}, unread)

    def _read_before(self, job: str) -> dict[str, Any]:
        """Return what was read before; nothing where nobody has looked yet, or the file is of another form."""
        try:
            found = json.loads(self._store.find(_name(job)) or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _read(self, identity: str, item: Mapping[str, Any], job: str, known: Mapping[str, Any]) -> Mapping[str, Any]:
        before = known.get(identity)
        line = before["line"] if before else json.loads(self._store.text(items.text(item, "Line")))
        leases = [
            [worker, {name: value for name, value in asdict(lease).items() if name not in _LEFT_OUT}]
            for worker, lease in self._store.leases(job, identity)
        ]
        return {"version": items.number(item, "Version"), "line": line, "leases": leases}


def _name(job: str) -> str:
    return f"{job}/lookout.json"


def _as_seen(thing: Object, kept: Mapping[str, Any]) -> Seen:
    leases = [(worker, Lease(**lease | {"state": Hold(lease["state"])})) for worker, lease in kept["leases"]]
    return Seen(thing, kept["version"], kept["line"], leases)
