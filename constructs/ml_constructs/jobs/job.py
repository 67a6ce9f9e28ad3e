"""What all SageMaker jobs have in common: an image with its settings, instances, a role, and who may run them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from account.instance_types import has_local_storage
from ml_constructs.foundation.errors import PipelineError
from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.roles import grant_pass, sagemaker_role
from ml_constructs.foundation.tags import tag_list
from ml_constructs.foundation.values import Value
from ml_constructs.jobs.kinds import Kind
from ml_constructs.network.closed_network import Placement


class Image(Protocol):
    """A container image in a registry."""

    @property
    def uri(self) -> str:
        """Registry, repository and tag."""

    def grant_pull(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` pull it."""

    def grant_look_up(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` look up which digest its tag stands for."""


class Source(Protocol):
    """Objects that a job reads."""

    @property
    def uri(self) -> Value:
        """Their common prefix."""

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` read them."""


@dataclass(frozen=True)
class Located:
    """Objects at a URI that is known only when the pipeline runs, and that lies in `folder`."""

    uri: Value
    folder: Folder

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` read the whole folder."""
        self.folder.grant_read(grantee)


@dataclass(frozen=True, kw_only=True)
class JobSettings:
    """What the jobs of a system share: the image, the network, the key of volumes and outputs, and their tags.

    Without a placement, instances are in SageMaker's own network.
    """

    image: Image
    placement: Placement | None
    key: kms.IKey
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def vpc_config(self) -> Mapping[str, object]:
        """`VpcConfig` of a request, where there is one."""
        return {"VpcConfig": self.placement.vpc_config} if self.placement else {}

    @property
    def tagging(self) -> Mapping[str, object]:
        """`Tags` of a request, where there are some."""
        return {"Tags": tag_list(self.tags)} if self.tags else {}


@dataclass(frozen=True, kw_only=True)
class Instances:
    """The machines of a job, and how long it may take."""

    type: Value
    count: Value = 1
    volume_gb: int = 30
    limit: cdk.Duration

    def volume_key(self, key: kms.IKey) -> Mapping[str, str]:
        """Return the member that puts volumes under a key, or nothing where they are local storage.

        That is encrypted by the instance's hardware, and SageMaker takes no key for it. Source: SageMaker API,
        `VolumeKmsKeyId` of ResourceConfig and ProcessingClusterConfig.
        """
        if isinstance(self.type, str) and has_local_storage(self.type):
            return {}
        return {"VolumeKmsKeyId": key.key_arn}


def job_role(scope: Construct, settings: JobSettings, *, kind: str, description: str) -> iam.Role:
    """Return the role of one job: its image, logs, metrics, network interfaces and volume; its data is granted by name.

    `kind` is the plural of a kind of job, or `Endpoints`, as CloudWatch spells it. A job moves its data through its
    subnets alone; the files of a model are also looked at by SageMaker itself, when the model is created. Source:
    SageMaker developer guide, "How to use SageMaker AI execution roles" and "Network isolation with a VPC".
    """
    role = sagemaker_role(scope, "Role", description=description)
    settings.image.grant_pull(role)
    if settings.placement:
        settings.placement.grant_sagemaker_interfaces(role)
        if kind != "Endpoints":
            settings.placement.bind(role)
    grant_volume(settings.key, role)
    stack = cdk.Stack.of(scope)
    group = stack.format_arn(
        service="logs",
        resource="log-group",
        resource_name=f"/aws/sagemaker/{kind}*",
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    iam.Grant.add_to_principal(
        grantee=role,
        actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        resource_arns=[group],
    )
    iam.Grant.add_to_principal(
        grantee=role,
        actions=["cloudwatch:PutMetricData"],
        resource_arns=["*"],
        conditions={"StringEquals": {"cloudwatch:namespace": [f"/aws/sagemaker/{kind}", f"aws/sagemaker/{kind}"]}},
    )
    return role


def grant_volume(key: kms.IKey, grantee: iam.IGrantable) -> None:
    """Let SageMaker, for `grantee`, encrypt the volumes of instances with `key`."""
    iam.Grant.add_to_principal(grantee=grantee, actions=["kms:DescribeKey"], resource_arns=[key.key_arn])
    iam.Grant.add_to_principal(
        grantee=grantee,
        actions=["kms:CreateGrant"],
        resource_arns=[key.key_arn],
        conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
    )


@dataclass(frozen=True, kw_only=True)
class Job(ABC):
    """A job as it is declared, whoever runs it: a step of a pipeline or a task of a state machine.

    Who runs it gives it a name, and a role that `make_role` makes for it.
    """

    kind: ClassVar[Kind]
    settings: JobSettings
    instances: Instances

    @property
    def limit(self) -> cdk.Duration:
        """How long it may take in all."""
        return self.instances.limit

    @abstractmethod
    def check(self, name: str) -> None:
        """Raise `PipelineError` for what could not run as the job `name`."""

    @abstractmethod
    def grant_data(self, role: iam.IRole, name: str) -> None:
        """Let `role` read what the job `name` reads, and write what it writes."""

    @abstractmethod
    def request(self, name: str, role: iam.IRole) -> Mapping[str, object]:
        """Return the request that creates the job `name`, without its name, expressions not yet written out."""

    def make_role(self, scope: Construct, name: str) -> iam.Role:
        """Make the role that the job acts as."""
        self.check(name)
        role = job_role(scope, self.settings, kind=self.kind.plural, description=f"Jobs of the step {name}")
        self.grant_data(role, name)
        return role

    def grant_control(self, grantee: iam.IRole, *, names: str, more: Sequence[str] = ()) -> None:
        """Let `grantee` create, follow, tag and stop jobs of these names, and call the operations `more` on them."""
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[f"sagemaker:{operation}" for operation in ("AddTags", *more, *self.kind.run_operations)],
            resource_arns=[self.kind.arn(cdk.Stack.of(grantee), names)],
        )

    def grant_start(self, grantee: iam.IRole, role: iam.IRole) -> None:
        """Let `grantee` start the job as `role`, its volumes encrypted."""
        grant_pass(role, grantee)
        grant_volume(self.settings.key, grantee)


def refuse_duplicates(owner: str, noun: str, names: Sequence[str]) -> None:
    """Raise `PipelineError` when two inputs, outputs or files of a job have one name."""
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise PipelineError(f"{owner} has the {noun} {twice[0]!r} twice: give each its own name.")
