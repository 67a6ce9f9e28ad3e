"""Where something ran: the cloud in words, and what became of the resources of its environment there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, Literal

from localcloud.lifecycle import LocalCloud
from mdlc.client.aws import Cloud
from mdlc.errors import CommandError

Status = Literal["created", "recorded", "refused"]
STATUSES: Final[tuple[Status, ...]] = ("created", "recorded", "refused")


@dataclass(frozen=True)
class Resource:
    """What became of one resource of a stack."""

    stack: str
    logical_id: str
    type: str
    status: Status
    reason: str = ""


@dataclass(frozen=True)
class Group:
    """Resources of one type that met the same fate."""

    stack: str
    type: str
    names: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Place:
    """A cloud in words, and the resources of one environment in it."""

    description: str
    resources: Sequence[Resource] = ()
    local: bool = False
    properties: Mapping[str, int] = field(default_factory=dict)
    """How many properties of the templates the local cloud applied, recorded only and refused; none of AWS."""

    @property
    def counts(self) -> dict[str, int]:
        """How many resources were created, recorded and refused."""
        statuses = [resource.status for resource in self.resources]
        return {status: statuses.count(status) for status in STATUSES}

    @property
    def groups(self) -> Mapping[str, Sequence[Group]]:
        """The resources by their fate: those created by stack, the others by type, since the reason is the type's."""
        return {status: _group(self.resources, status) for status in reversed(STATUSES)}


def describe(cloud: Cloud) -> str:
    """Say which cloud it is; of this folder's local cloud, which account it stands for."""
    running = LocalCloud().status()
    if running is None or cloud.endpoint != running.endpoint:
        return cloud.description
    return f"the local cloud at {running.endpoint}, which stands for account {running.account} in {running.region}"


def find(cloud: Cloud, environment: str) -> Place:
    """Return the place of an environment; in AWS CloudFormation lists its resources, all of them created."""
    local = LocalCloud()
    running = local.status()
    where = describe(cloud)
    if running is not None and cloud.endpoint == running.endpoint:
        entries = [entry for entry in local.resources() if entry["stack"].startswith(f"{environment}-")]
        verdicts = [verdict["status"] for entry in entries for verdict in entry["properties"]]
        properties = {status: verdicts.count(status) for status in ("applied", "recorded", "refused")}
        return Place(where, [_resource(entry) for entry in entries], local=True, properties=properties)
    listed = (
        Resource(stack, each["LogicalResourceId"], each["ResourceType"], "created")
        for stack, each in cloud.resources(environment)
    )
    return Place(where, list(listed))


def _resource(entry: Mapping[str, str]) -> Resource:
    status = entry["status"]
    if status not in STATUSES:
        raise CommandError(f"The local cloud says of {entry['logical_id']} that it is {status!r}.")
    return Resource(entry["stack"], entry["logical_id"], entry["type"], status, entry["reason"])


def _group(resources: Sequence[Resource], status: Status) -> list[Group]:
    def key(resource: Resource) -> tuple[str, str, str]:
        return (resource.stack if status == "created" else "", resource.type, resource.reason)

    chosen = sorted((resource for resource in resources if resource.status == status), key=key)
    return [
        Group(stack, kind, tuple(resource.logical_id for resource in group), reason)
        for (stack, kind, reason), group in groupby(chosen, key)
    ]
