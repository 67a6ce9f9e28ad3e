"""What people submitted, as Ground Truth writes it to `annotations/worker-response`, which `labels.answers` reads.

Source: SageMaker developer guide, "Output data" (sms-data-output, Worker Metadata).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Person:
    """Who answers: a member of a private team, whom a Cognito user pool knows by `sub`."""

    worker: str
    sub: str
    issuer: str

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Who they are, for those who keep the pool."""
        return {"identityData": {"identityProviderType": "Cognito", "issuer": self.issuer, "sub": self.sub}}


@dataclass(frozen=True)
class Response:
    """One person's answer about one object."""

    person: Person
    content: Mapping[str, Any]
    accepted: datetime
    submitted: datetime
    seconds: float
    """How long the person worked on it."""

    @property
    def value(self) -> Mapping[str, Any]:
        """The answer as it stands in the file."""
        return {
            "answerContent": self.content,
            "submissionTime": moment(self.submitted),
            "acceptanceTime": moment(self.accepted),
            "timeSpentInSeconds": self.seconds,
            "workerId": self.person.worker,
            "workerMetadata": self.person.metadata,
        }


def file(responses: Iterable[Response]) -> Mapping[str, Any]:
    """Return what a file of an object's answers says."""
    return {"answers": [each.value for each in responses]}


def key(round_: int, identity: str, when: datetime) -> str:
    """Return the name of the file below the job's folder."""
    name = when.astimezone(UTC).strftime("%Y-%m-%d_%H:%M:%S")
    return f"annotations/worker-response/iteration-{round_}/{identity}/{name}.json"


def moment(when: datetime) -> str:
    """Return a time as `YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    return when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
