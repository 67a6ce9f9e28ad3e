"""How objects and leases stand in the table.

| key | is |
|---|---|
| `JOBS`, `JOB#name` | a job: its request, its terms, its state; in the index `team`, and in `due` until it ends |
| `FLOWS`, `JOB#reviews_name` | a flow definition: a job whose objects are human loops (`task_store.reviews`) |
| `JOB#name`, `OBJECT#id` | an object; in `stage` always, in `open` and `due` while people can take it up |
| `JOB#name#id`, `WORKER#sub` | the lease of one person; in the index `due` while it is held, in `by-worker` always |
| `WORKER#sub`, `ME` | a person: why they are given nothing now, the keys they like |
| `TOPIC#arn`, `JOB#name` | a streaming job that listens to a topic: when something came, was labeled, was written |
| `SOURCE#digest`, `OBJECT#name#id` | an object that shows a text, or a picture, by the digest of it |
| `WORKER#sub`, `NOTE#name#id` | what who leads a job wrote to a person about their answer |
| `QUESTIONS#name`, `time#id#sub` | what a person asked about an object, and the answer of who leads the job |
| `PAUSES#name`, `WORKER#sub` | that a person was paused in a job for guessing: it happens once |
| `TURNS`, `JOB#name` | what was done last in carrying a job on |

Every item has a version, which each change of it counts up, and without which none is written.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from labels.task import Hold, Lease, Object, Stage

OPEN, DUE, BY_WORKER, STAGE, TEAM = "open", "due", "by-worker", "stage", "team"
"""The names of the indexes: hash and range keys are below."""
KEYS: Final = {
    "": ("PK", "SK"),
    OPEN: ("OpenJob", "Rank"),
    DUE: ("Due", "Until"),
    BY_WORKER: ("Worker", "Seen"),
    STAGE: ("JobStage", "Queue"),
    TEAM: ("Team", "Name"),
}
NUMBERS: Final = {"Until", "Seen"}
"""Keys that are numbers; the others are texts."""
COPIED: Final = {
    OPEN: ("Id",),
    DUE: ("Id", "Job", "Object", "Worker"),
    BY_WORKER: ("Job", "Object", "State"),
    STAGE: ("Id",),
    TEAM: ("State",),
}
"""What an index has of an item beside keys: no content, which may be large."""
JOBS, FLOWS = "JOBS", "FLOWS"
REVIEWS: Final = "reviews_"
"""How the name of a job begins whose objects are human loops; names of labeling jobs have no such letter."""
Item = dict[str, Any]
"""An item as DynamoDB's low-level client has it."""


class Due(StrEnum):
    """What ends at its `Until`."""

    LEASE = "lease"
    OBJECT = "object"
    JOB = "job"
    """Somebody has to look at it again: what was to be done may have been lost."""
    LABEL = "label"
    """It is to be published: until then it is due, whatever its `Until` says."""
    LOOP = "loop"
    """The same of a human loop."""


def key(partition: str, sort: str) -> Item:
    """Return the key of an item."""
    return {"PK": {"S": partition}, "SK": {"S": sort}}


def key_of_job(job: str) -> Item:
    """Return the key of a job."""
    return key(FLOWS if job.startswith(REVIEWS) else JOBS, f"JOB#{job}")


def key_of_object(job: str, identity: str) -> Item:
    """Return the key of an object."""
    return key(f"JOB#{job}", f"OBJECT#{identity}")


def key_of_lease(job: str, identity: str, worker: str) -> Item:
    """Return the key of what one person has to do with an object."""
    return key(f"JOB#{job}#{identity}", f"WORKER#{worker}")


def key_of_listener(topic: str, job: str) -> Item:
    """Return the key of a streaming job among those that listen to a topic."""
    return key(f"TOPIC#{topic}", f"JOB#{job}")


def key_of_source(source: str, job: str, identity: str) -> Item:
    """Return the key by which an object is found whose text, or whose picture's URI, is `source`."""
    return key(partition_of_source(source), f"OBJECT#{job}#{identity}")


def partition_of_source(source: str) -> str:
    """Return what the objects of all jobs have in common that show the same."""
    return f"SOURCE#{sha256(source.encode()).hexdigest()}"


def key_of_worker(worker: str) -> Item:
    """Return the key of a person."""
    return key(f"WORKER#{worker}", "ME")


def key_of_question(job: str, identity: str, worker: str, when: int) -> Item:
    """Return the key of what a person asked about an object."""
    return key(questions_of(job), f"{when:012d}#{identity}#{worker}")


def questions_of(job: str) -> str:
    """Return what the questions of a job have in common."""
    return f"QUESTIONS#{job}"


def key_of_note(job: str, identity: str, worker: str) -> Item:
    """Return the key of what a person is told about their answer."""
    return key(f"WORKER#{worker}", f"NOTE#{job}#{identity}")


def key_of_pause(job: str, worker: str) -> Item:
    """Return the key of a person's pause in a job."""
    return key(f"PAUSES#{job}", f"WORKER#{worker}")


def key_of_turn(job: str) -> Item:
    """Return the key of what was done last in carrying a job on."""
    return key("TURNS", f"JOB#{job}")


def rank(priority: int, identity: str) -> str:
    """Return where an object stands in the queue of its job: the lowest first, within a priority in no order."""
    return f"{priority:04d}#{sha256(identity.encode()).hexdigest()[:16]}"


def stage_key(job: str, stage: Stage) -> str:
    """Return what the objects of a job that are in a stage have in common."""
    return f"{job}#{stage.value}"


def of_object(thing: Object, job: str, place: str) -> Item:
    """Return the attributes of an object, with those that put it into indexes."""
    found = _attributes(thing) | {"JobStage": {"S": stage_key(job, thing.stage)}}
    if thing.stage is Stage.OPEN and thing.left > 0:
        found |= {"OpenJob": {"S": job}, "Rank": {"S": place}, "Due": {"S": Due.OBJECT.value}}
    return found


def of_lease(lease: Lease, job: str, identity: str, worker: str) -> Item:
    """Return the attributes of a lease, with those that put it into indexes."""
    found = _attributes(lease) | {"Job": {"S": job}, "Object": {"S": identity}, "Worker": {"S": worker}}
    return found | ({"Due": {"S": Due.LEASE.value}} if lease.state is Hold.HELD else {})


def object_of(item: Mapping[str, Any]) -> Object:
    """Return the object of an item."""
    return Object(**(_values(Object, item) | {"stage": Stage(item["Stage"]["S"])}))


def lease_of(item: Mapping[str, Any]) -> Lease:
    """Return the lease of an item."""
    return Lease(**(_values(Lease, item) | {"state": Hold(item["State"]["S"])}))


def text(item: Mapping[str, Any], name: str) -> str:
    """Return a text of an item; empty where it has none."""
    return str(item.get(name, {}).get("S", ""))


def number(item: Mapping[str, Any], name: str) -> int:
    """Return a number of an item; 0 where it has none."""
    return int(item.get(name, {}).get("N", 0))


def _attributes(value: Object | Lease) -> Item:
    return {
        name.capitalize(): {"N": str(content)} if isinstance(content, int) else {"S": str(content)}
        for name, content in asdict(value).items()
    }


def _values(kind: type[Object | Lease], item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        each.name: number(item, each.name.capitalize()) if each.type is int else text(item, each.name.capitalize())
        for each in fields(kind)
    }
