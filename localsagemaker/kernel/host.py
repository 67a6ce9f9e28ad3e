"""What the service needs of the cloud around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import boto3

Context = str | Sequence[str]
AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]


@dataclass(frozen=True)
class Scope:
    """The account and region that a resource lives in."""

    account: str
    region: str


@dataclass(frozen=True)
class DataPoint:
    """One data point of now for CloudWatch."""

    namespace: str
    name: str
    value: float
    dimensions: Mapping[str, str]
    unit: str = "None"


@dataclass(frozen=True)
class Caller:
    """Who makes a request: the ARN of a user or of an assumed role, in its account and region."""

    scope: Scope
    arn: str

    @property
    def user_context(self) -> Mapping[str, object]:
        """The caller as `UserContext`, which records name as their author."""
        return {"IamIdentity": {"Arn": self.arn, "PrincipalId": self.arn.rsplit("/", 1)[-1]}}


@dataclass(frozen=True)
class Home:
    """The file system that a Studio domain keeps home directories on: whose, its key, and where it is mounted."""

    domain: str
    owner_arn: str
    kms_key: str
    vpc: str
    subnets: Sequence[str]

    @property
    def groups(self) -> tuple[str, str]:
        """Names of the security groups that Studio makes for it: of the mount targets, and of what mounts it."""
        return f"security-group-for-inbound-nfs-{self.domain}", f"security-group-for-outbound-nfs-{self.domain}"


@dataclass(frozen=True)
class Table:
    """A table of the Glue data catalog over Parquet files: its columns by type, and the folders that part them."""

    database: str
    name: str
    columns: Mapping[str, str]
    partitions: Sequence[str]
    location: str


class Objects(Protocol):
    """S3 with one role's permissions. URIs come as `s3://bucket/key` and `https://s3.<region>.amazonaws.com/bucket/key`.

    Every method raises `ServiceError` with S3's own code (`AccessDenied`, `NoSuchKey`, `NoSuchBucket`).
    """

    def list(self, uri: str) -> Sequence[str]:
        """Return the URIs of all objects whose key begins with the key of `uri`, in key order."""

    def sizes(self, uri: str) -> Sequence[tuple[str, int]]:
        """Return URI and bytes of all objects whose key begins with the key of `uri`, in key order."""

    def download(self, uri: str, file: Path) -> None:
        """Write one object to `file`, making its folders."""

    def read(self, uri: str, version: str | None = None) -> bytes:
        """Return one object, whole: its newest version, or the one of that id."""

    def upload(self, file: Path, uri: str, kms_key: str | None = None) -> None:
        """Write `file` to one object."""

    def delete(self, uri: str) -> None:
        """Delete one object; nothing when there is none."""


class Host(Protocol):
    """The cloud that the service lives in."""

    def authorize(self, caller: Caller, action: str, resource: str, context: Mapping[str, Context]) -> None:
        """Raise `ServiceError("AccessDeniedException", …)` naming principal, action and resource unless IAM allows it.

        `context` holds condition keys of the request, such as `iam:PassedToService`; some have several values.
        """

    def use_key(self, caller: Caller, action: str, key: str) -> None:
        """Raise `ServiceError("AccessDeniedException", …)` unless a caller may have SageMaker do `action` with a key.

        `action` is one of KMS, such as `CreateGrant`; its policy and those of the caller decide.
        """

    def grant_volume(self, scope: Scope, role_arn: str, key: str) -> str:
        """Open a volume under `key` for instances of a role with a grant, as EBS does, and return the grant's id.

        Raise `ServiceError("AccessDeniedException", …)` for a key that cannot be used, such as one that is disabled.
        """

    def retire_grant(self, grant: str) -> None:
        """Take a grant back; nothing when there is none."""

    def assume(
        self, scope: Scope, role_arn: str, session: str, *, subnets: Sequence[str] = ()
    ) -> tuple[Caller, Mapping[str, str]]:
        """Take on `role_arn`: its identity, and the environment that gives a process in `subnets` its credentials.

        Raise `ServiceError("ValidationException", …)` when the role does not exist or does not trust
        sagemaker.amazonaws.com. The environment holds AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
        AWS_REGION, AWS_DEFAULT_REGION and AWS_ENDPOINT_URL.
        """

    def objects(self, scope: Scope, role_arn: str, *, subnets: Sequence[str] = ()) -> Objects:
        """S3 as `role_arn` sees it from `subnets`, or from anywhere when there are none."""

    def session(self, scope: Scope, role_arn: str) -> boto3.Session:
        """Return a boto3 session with the role's credentials, whose clients talk to this cloud."""

    def put_event(self, scope: Scope, detail_type: str, detail: Mapping[str, object], resources: Sequence[str]) -> None:
        """Emit an event of source `aws.sagemaker` on the default bus."""

    def put_metrics(self, scope: Scope, metrics: Sequence[DataPoint]) -> None:
        """Record data points, and look at the alarms on them."""

    def alarm_state(self, scope: Scope, alarm: str) -> AlarmState:
        """Return the state of a CloudWatch alarm now; `INSUFFICIENT_DATA` when there is none of that name."""

    def write_log(self, scope: Scope, group: str, stream: str, lines: Sequence[str]) -> None:
        """Append lines to a CloudWatch log stream, making group and stream."""

    def create_table(self, scope: Scope, table: Table) -> None:
        """Make a table of the Glue data catalog, and its database where there is none."""


class Network(Protocol):
    """What the service puts into the networks of its customers."""

    def create_home(self, scope: Scope, home: Home) -> str:
        """Make the file system of a Studio domain with its mount targets and security groups, and return its id.

        Raise `ServiceError("ValidationException", …)` when a subnet or the VPC does not exist.
        """

    def delete_home(self, scope: Scope, file_system: str, home: Home) -> None:
        """Delete that file system with all that was made for it."""

    def attach_interface(self, scope: Scope, subnet: str, groups: Sequence[str], description: str) -> str:
        """Put a network interface with these security groups into a subnet, and return its id.

        Raise `ServiceError("ValidationException", …)` when there is no such subnet or group.
        """

    def release_interface(self, scope: Scope, interface: str) -> None:
        """Take a network interface away; nothing when there is none."""


class Cloud(Host, Network, Protocol):
    """Everything that the service needs of the cloud around it."""
