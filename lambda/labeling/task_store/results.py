"""What became of the objects of a job, as the table has it, for the files that the job leaves."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from labels.output import ObjectResult
from labels.task import Hold, Lease, Object
from labels.worker_response import Person, Response
from task_store.store import Store

AT_ONCE: Final = 16
"""How many objects are read at the same time."""


@dataclass(frozen=True)
class Pool:
    """The user pool that knows the people of a job."""

    region: str
    issuer: str

    def person(self, sub: str) -> Person:
        """Return a person, with an id as Ground Truth gives it to members of private teams."""
        return Person(f"private.{self.region}.{sha256(sub.encode()).hexdigest()[:16]}", sub, self.issuer)


class Subs(Pool):
    """A pool in which people are called by its own ids, where nobody else is told of them."""

    def person(self, sub: str) -> Person:
        """Return a person under the id of the pool."""
        return Person(sub, sub, self.issuer)


SUBS: Final = Subs("", "")


def results(store: Store, job: str, pool: Pool) -> Sequence[ObjectResult]:
    """Return what became of each object of a job, in the order of its manifest."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = threads.map(lambda each: result(store, job, pool, *each), store.lines(job))
        return sorted(found, key=lambda each: int(each.id))


def result(  # noqa: PLR0913, PLR0917 - of whom and what
    store: Store, job: str, pool: Pool, identity: str, thing: Object, line: Mapping[str, Any]
) -> ObjectResult:
    """Return what became of one object, with what people answered about it."""
    return result_of(pool, identity, thing, line, store.leases(job, identity))


def result_of(
    pool: Pool, identity: str, thing: Object, line: Mapping[str, Any], leases: Iterable[tuple[str, Lease]]
) -> ObjectResult:
    """Return what became of an object by its leases, each with who has it."""
    given: dict[int, list[Response]] = defaultdict(list)
    for worker, lease in leases:
        if lease.state is Hold.SUBMITTED:
            given[lease.round].append(_response(pool.person(worker), lease))
    ordered = {number: sorted(each, key=lambda response: response.submitted) for number, each in sorted(given.items())}
    return ObjectResult(identity, line, ordered, thing.reason)


def _response(person: Person, lease: Lease) -> Response:
    accepted, submitted = (datetime.fromtimestamp(moment, UTC) for moment in (lease.started, lease.submitted))
    return Response(person, json.loads(lease.answer), accepted, submitted, float(lease.active))
