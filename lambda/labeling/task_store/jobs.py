"""Jobs as they stand in the table."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from labels.task import Terms
from task_store import items
from task_store.items import Due, Item


class State(StrEnum):
    """Where a job is, in the words of DescribeLabelingJob."""

    INITIALIZING = "Initializing"
    IN_PROGRESS = "InProgress"
    STOPPING = "Stopping"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPED = "Stopped"


ENDED: Final = frozenset({State.COMPLETED, State.FAILED, State.STOPPED})


@dataclass(frozen=True)
class Job:
    """What the engine has to know of a job."""

    name: str
    terms: Terms
    wanted: int
    """NumberOfHumanWorkersPerDataObject."""
    request: str
    """The body of CreateLabelingJob as JSON."""
    barred: str = ""
    """Why nobody is given anything of it now."""
    team: str = ""
    """Whose members are asked: the last part of the WorkteamArn."""
    title: str = ""
    description: str = ""
    """What people are told: TaskTitle and TaskDescription."""
    template: str = ""
    """S3 URI of the job's own copy of the worker template."""
    template_sha256: str = ""
    manifest: str = ""
    """S3 URI of the job's own copy of its input manifest."""
    categories: tuple[str, ...] = ()
    """The classes that people choose from, in the order of their numbers."""
    concurrent: int = 1000
    """MaxConcurrentTaskCount: how many objects people are asked about at once."""
    stops_at: int = 0
    """With how many answered objects it stops, as its StoppingConditions say; 0 where they say nothing."""
    objects: int = 0
    """How many objects the manifest has; of a streaming job that has ended, how many there were."""
    known: tuple[str, ...] = ()
    """The ids of objects whose label is known: people are checked by these."""
    prepared: int = 0
    """How many of them stand in the table already."""
    stream: str = ""
    """ARN of the topic that its objects come by; empty where all are in the manifest."""
    publishes: str = ""
    """ARN of the topic that its labels go to, if there is one."""
    state: State = State.INITIALIZING
    reason: str = ""
    """Why it failed, or why it stops before its end."""
    labeled: int = 0
    failed: int = 0
    """How many objects have a label, and how many have none, at its end."""
    created: int = 0
    modified: int = 0
    version: int = 0
    """Counts its changes: what is decided from what was read is written only if nobody changed it meanwhile."""

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in ENDED


_TEXTS: Final = (
    *("barred", "team", "title", "description", "template", "template_sha256", "manifest", "reason"),
    *("stream", "publishes"),
)
_NUMBERS: Final = (
    *("wanted", "concurrent", "stops_at", "objects", "prepared"),
    *("labeled", "failed", "created", "modified"),
)


def of_job(job: Job, request: str, categories: str) -> Item:
    """Return the item of a job, whose request and categories may lie in S3."""
    terms = {name.capitalize(): {"N": str(value)} for name, value in vars(job.terms).items()}
    kept = {"Name": {"S": job.name}, "Request": {"S": request}, "Categories": {"S": categories}}
    if job.known:
        kept["Known"] = {"S": ",".join(job.known)}
    members = attributes(job, [each for each in (*_TEXTS, *_NUMBERS) if each != "team"])
    team = {"Team": {"S": job.team}} if job.team else {}
    return items.key_of_job(job.name) | members | terms | kept | team


def attributes(job: Job, members: Iterable[str]) -> Item:
    """Return the attributes of these members of a job; its state is `standing`'s to write."""
    return {
        _name(each): {"S": getattr(job, each)} if each in _TEXTS else {"N": str(getattr(job, each))}
        for each in members
        if each != "state"
    }


def standing(state: State, look: int) -> Item:
    """Return the attributes of a job that is in a state: until its end it is due to be looked at again at `look`."""
    due = {} if state in ENDED else {"Due": {"S": Due.JOB.value}, "Until": {"N": str(look)}}
    return {"State": {"S": state.value}} | due


def job_of(item: Mapping[str, Any], request: str, categories: str) -> Job:
    """Return the job of an item, with its request and the JSON of its categories."""
    members: dict[str, Any] = {each: items.text(item, _name(each)) for each in _TEXTS}
    return Job(
        name=items.text(item, "SK").removeprefix("JOB#"),
        terms=Terms(*(items.number(item, each) for each in ("Limit", "Patience", "Available"))),
        request=request,
        categories=tuple(json.loads(categories or "[]")),
        known=tuple(each for each in items.text(item, "Known").split(",") if each),
        state=State(items.text(item, "State")),
        version=items.number(item, "Version"),
        **members | {each: items.number(item, _name(each)) for each in _NUMBERS},
    )


def _name(member: str) -> str:
    return "".join(each.capitalize() for each in member.split("_"))
