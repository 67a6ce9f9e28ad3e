"""What processing and training jobs have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.roles import grant_pass, sagemaker_role
from ml_constructs.foundation.values import Value
from ml_constructs.network.closed_network import Placement

NAMED_BY_SAGEMAKER = "pipelines-*"  # jobs of a pipeline: pipelines-<execution>-<step>-<random>


class Image(Protocol):
    """A container image in a registry."""

    @property
    def uri(self) -> str:
        """Registry, repository and tag."""

    def grant_pull(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` pull it."""


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
    """What the jobs of a system share: the image, the network and the key of volumes and outputs.

    Without a placement, instances are in SageMaker's own network.
    """

    image: Image
    placement: Placement | None
    key: kms.IKey

    @property
    def vpc_config(self) -> Mapping[str, object]:
        """`VpcConfig` of a request, where there is one."""
        return {"VpcConfig": self.placement.vpc_config} if self.placement else {}


@dataclass(frozen=True, kw_only=True)
class Instances:
    """The machines of a job, and how long it may take."""

    type: Value
    count: Value = 1
    volume_gb: int = 30
    limit: cdk.Duration


def job_role(scope: Construct, settings: JobSettings, *, kind: str, description: str) -> iam.Role:
    """Return the role of one job: its image, logs, metrics, network interfaces and volume; its data is granted by name.

    `kind` is `ProcessingJobs`, `TrainingJobs` or `Endpoints`, as CloudWatch spells it. A job moves its data through its
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


def grant_job(role: iam.IRole, job: iam.IRole, settings: JobSettings, *, kind: str, resource: str) -> None:
    """Let the pipeline's `role` create, follow, tag and stop jobs of `kind` that act as `job`."""
    iam.Grant.add_to_principal(
        grantee=role,
        actions=["sagemaker:AddTags", *(f"sagemaker:{verb}{kind}" for verb in ("Create", "Describe", "Stop"))],
        resource_arns=[
            cdk.Stack.of(role).format_arn(service="sagemaker", resource=resource, resource_name=NAMED_BY_SAGEMAKER)
        ],
    )
    grant_pass(job, role)
    grant_volume(settings.key, role)


def s3_data_source(source: Source) -> Mapping[str, object]:
    """Return the prefix of a training channel."""
    return {
        "S3DataSource": {
            "S3DataType": "S3Prefix",
            "S3Uri": source.uri,
            "S3DataDistributionType": "FullyReplicated",
        }
    }
