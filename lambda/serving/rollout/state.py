"""What the roll-out knows: the endpoint, the packages asked for, and how far each has come."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

TAG_PACKAGE = "mdlc:model-package"
TAG_REQUESTED = "mdlc:requested-at"
TAG_SETTINGS = "mdlc:settings"
TAG_ROLLOUT = "mdlc:rollout"
TAG_REASON = "mdlc:reason"

REASON_CHARACTERS = 256
_NOT_IN_TAGS = re.compile(r"[^\w \-+=.:/@]", re.ASCII)


class Rollout(StrEnum):
    """How far a package has come on its way to the endpoint."""

    PENDING = "pending"
    DEPLOYING = "deploying"
    SERVING = "serving"
    SUPERSEDED = "superseded"
    ROLLED_BACK = "rolled-back"
    FAILED = "failed"


@dataclass(frozen=True)
class Approval:
    """An approval of a package, the endpoint configuration that was made for it, and how far it has been rolled out.

    `settings` is a hash of what the package is deployed with. Every approval has a configuration of its own, so that
    what happened to an earlier one is never overwritten: all but `rollout` and `reason` stays as it was created.
    """

    config: str
    package: str  # ARN
    settings: str
    requested_at: datetime
    rollout: Rollout
    reason: str = ""

    @property
    def version(self) -> int:
        """Version of the package in its group: the end of its ARN."""
        return int(self.package.rsplit("/", 1)[1])

    def equals(self, other: "Approval") -> bool:
        """Return whether both ask for the same package with the same settings, so that one serves for the other."""
        return (self.package, self.settings) == (other.package, other.settings)

    def tags(self) -> dict[str, str]:
        """Write the approval as tags of the endpoint configuration."""
        return {
            TAG_PACKAGE: self.package,
            TAG_REQUESTED: self.requested_at.astimezone(UTC).isoformat(timespec="microseconds"),
            TAG_SETTINGS: self.settings,
            **self.progress(),
        }

    def progress(self) -> dict[str, str]:
        """Write the part of the approval that changes as tags."""
        return {TAG_ROLLOUT: self.rollout.value, TAG_REASON: tag_text(self.reason)}

    @classmethod
    def of_tags(cls, config: str, tags: Mapping[str, str]) -> "Approval | None":
        """Read the approval of an endpoint configuration; none if it was not made by a roll-out."""
        try:
            return cls(
                config=config,
                package=tags[TAG_PACKAGE],
                settings=tags[TAG_SETTINGS],
                requested_at=datetime.fromisoformat(tags[TAG_REQUESTED]),
                rollout=Rollout(tags[TAG_ROLLOUT]),
                reason=tags.get(TAG_REASON, ""),
            )
        except (KeyError, ValueError):
            return None


class Status(StrEnum):
    """`EndpointStatus` of DescribeEndpoint."""

    OUT_OF_SERVICE = "OutOfService"
    CREATING = "Creating"
    UPDATING = "Updating"
    SYSTEM_UPDATING = "SystemUpdating"
    ROLLING_BACK = "RollingBack"
    IN_SERVICE = "InService"
    DELETING = "Deleting"
    FAILED = "Failed"
    UPDATE_ROLLBACK_FAILED = "UpdateRollbackFailed"

    @property
    def busy(self) -> bool:
        """Whether SageMaker refuses every change now; another event comes when it is done."""
        return self in (self.CREATING, self.UPDATING, self.SYSTEM_UPDATING, self.ROLLING_BACK, self.DELETING)


@dataclass(frozen=True)
class Endpoint:
    """The endpoint as DescribeEndpoint shows it; `pending_config` is the one that is being rolled out."""

    status: Status
    config: str
    pending_config: str | None = None
    failure_reason: str = ""
    arn: str = ""


@dataclass(frozen=True)
class State:
    """All that a decision depends on. `approved` holds the ARNs of the recorded packages that are approved now."""

    endpoint: Endpoint | None
    approvals: tuple[Approval, ...]
    approved: frozenset[str]


def tag_text(text: str) -> str:
    """Return `text` as a value that every AWS service accepts for a tag."""
    return " ".join(_NOT_IN_TAGS.sub(" ", text).split())[:REASON_CHARACTERS].strip()
