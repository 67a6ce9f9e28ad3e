"""Named resources: where their records are kept, and the operations that every kind of them shares."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.model import StructureShape

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Scope
from localsagemaker.kernel.kinds import Kind
from localsagemaker.kernel.requests import operation_model

Record = Mapping[str, Any]
Update = Callable[[Mapping[str, Any]], None]
"""Gets the members of a record that changed."""


def now() -> datetime:
    """Return the present time to the millisecond, as answers show it: no resource is older than it says."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Resources:
    """The records of every kind, account and region, and their tags.

    A record holds the members that Describe shows. It is replaced and never changed, so one that was read stays as it
    was; all methods may be called from any thread.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._records: dict[tuple[Kind, Scope], dict[str, Record]] = {}
        self._tags: dict[str, dict[str, str]] = {}

    def names(self, kind: Kind, scope: Scope) -> list[str]:
        """Return the names of all resources of a kind, oldest first."""
        with self.lock:
            return list(self._records.get((kind, scope), {}))

    def all(self, kind: Kind, scope: Scope) -> list[Record]:
        """Return records of all resources of a kind, oldest first."""
        with self.lock:
            return list(self._records.get((kind, scope), {}).values())

    def find(self, kind: Kind, scope: Scope, identifier: str) -> Record | None:
        """Return the record of one resource, by name or ARN."""
        with self.lock:
            return self._records.get((kind, scope), {}).get(kind.name_of(identifier))

    def everywhere(self, kind: Kind, identifier: str) -> list[Record]:
        """Return the records with a name, or of an ARN, in all accounts and regions."""
        with self.lock:
            found = [
                records.get(kind.name_of(identifier)) for (each, _), records in self._records.items() if each == kind
            ]
        return [record for record in found if record and identifier in {record[kind.key], record[kind.arn_member]}]

    def get(self, kind: Kind, scope: Scope, identifier: str) -> Record:
        """Return the record of one resource, by name or ARN; the kind's own error when there is none."""
        record = self.find(kind, scope, identifier)
        if record is None:
            raise ServiceError(kind.missing, kind.explain_absence(scope, kind.name_of(identifier)))
        return record

    def add(self, kind: Kind, scope: Scope, name: str, members: Mapping[str, Any]) -> Record:
        """Keep a new resource with its ARN and times; `ValidationException` when its name is taken."""
        tags = checked_tags(members.get("Tags", ()))
        arn = kind.arn(scope, name)
        moment = now()
        record = {
            "CreationTime": moment,
            "LastModifiedTime": moment,
            **{member: value for member, value in members.items() if member != "Tags"},
            kind.key: name,
            kind.arn_member: arn,
        }
        with self.lock:
            records = self._records.setdefault((kind, scope), {})
            if name in records or (kind.ignores_case and name.lower() in map(str.lower, records)):
                raise ServiceError(kind.taken, kind.explain_presence(scope, name))
            records[name] = record
            self._tags[arn.lower()] = tags
        return record

    def update(self, kind: Kind, scope: Scope, name: str, changes: Mapping[str, Any]) -> Record:
        """Replace members of a record; a member of `None` goes away."""
        with self.lock:
            merged = {**self.get(kind, scope, name), "LastModifiedTime": now(), **changes}
            record = {member: value for member, value in merged.items() if value is not None}
            self._records[(kind, scope)][kind.name_of(name)] = record
        return record

    def remove(self, kind: Kind, scope: Scope, identifier: str) -> Record:
        """Forget a resource and its tags."""
        with self.lock:
            record = self.get(kind, scope, identifier)
            del self._records[(kind, scope)][kind.name_of(identifier)]
            self._tags.pop(record[kind.arn_member].lower(), None)
        return record

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource, in either case of its ARN; `ValidationException` when nothing has it."""
        with self.lock:
            if arn.lower() not in self._tags:
                raise ServiceError("ValidationException", f"Resource does not exist: {arn}")
            return dict(self._tags[arn.lower()])

    def tag(self, arn: str, tags: Mapping[str, str], remove: Iterator[str] | None = None) -> dict[str, str]:
        """Add and remove tags, and return what is left."""
        with self.lock:
            merged = {**self.tags(arn), **tags}
            for key in remove or ():
                merged.pop(key, None)
            self._tags[arn.lower()] = merged
        return merged


def checked_tags(given: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return tags by key; `ValidationException` for a key that AWS reserves or that is there twice."""
    tags = {tag["Key"]: tag["Value"] for tag in given}
    if len(tags) < len(given):
        raise ServiceError(
            "ValidationException", "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if reserved := [key for key in tags if key.lower().startswith("aws:")]:
        raise ServiceError("ValidationException", f"System tags cannot be added by users: {', '.join(reserved)}")
    return tags


def describe(record: Record, operation: str) -> dict[str, Any]:
    """Return the members of a record that an operation shows."""
    shape = operation_model(operation).output_shape
    members = shape.members if isinstance(shape, StructureShape) else {}
    return {member: value for member, value in record.items() if member in members}
