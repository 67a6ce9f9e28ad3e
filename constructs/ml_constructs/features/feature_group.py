"""Feature groups: records for inference online, and their whole history for training offline."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.foundation.roles import sagemaker_role
from ml_constructs.foundation.untagged import keep_untagged
from ml_constructs.functions.function import FunctionSettings, PythonFunction

FeatureType = Literal["Integral", "Fractional", "String"]
RESERVED = {"is_deleted", "write_time", "api_invocation_time"}  # columns that the offline store adds
TIME_LIMIT = cdk.Duration.minutes(5)
NAME = re.compile(r"[a-zA-Z0-9]([-_]*[a-zA-Z0-9]){0,63}")
GROUP_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,63}")  # AWS takes _ too, but other services that see it do not


@dataclass(frozen=True)
class Feature:
    """One column of a feature group, what it means, and what tools should know of it."""

    name: str
    type: FeatureType
    description: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a name that AWS would refuse."""
        if not NAME.fullmatch(self.name):
            raise ValueError(
                f"{self.name!r} cannot name a feature: use letters, digits, - and _, none of both at an end."
            )
        if self.name in RESERVED:
            raise ValueError(f"{self.name!r} cannot name a feature: the offline store adds a column of that name.")


@dataclass(frozen=True, kw_only=True)
class FeatureTable:
    """The schema of a feature group. Features may be added to a group that exists, and never change or go."""

    description: str
    identifier: str
    event_time: str
    features: tuple[Feature, ...]

    def __post_init__(self) -> None:
        """Refuse what no feature group can have."""
        types = {feature.name: feature.type for feature in self.features}
        if len({name.lower() for name in types}) != len(self.features):
            raise ValueError("Two features of a group have the same name; case does not tell them apart.")
        for role, name in (("record identifier", self.identifier), ("event time", self.event_time)):
            if name not in types:
                raise ValueError(f"The {role} {name!r} is not among the features {', '.join(types)}.")
        if types[self.event_time] == "Integral":
            raise ValueError(f"The event time {self.event_time!r} must be Fractional or String.")


class FeatureGroup(Construct):
    """A feature group with an online store and an offline store, both encrypted with `key`.

    The service writes the offline store below `offline` as Parquet, in a role of its own. It makes no table in the
    Glue data catalog, to which anything in the account could write.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        table: FeatureTable,
        offline: Folder,
        key: kms.IKey,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        if not GROUP_NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a feature group: use up to 64 letters, digits and -.")
        self.name, self.table, self._key, self._offline = name, table, key, offline
        self.role = sagemaker_role(self, "Role", description=f"Writes the offline store of {name}")
        offline.grant_write(self.role)
        iam.Grant.add_to_principal(
            grantee=self.role, actions=["s3:PutObjectAcl"], resource_arns=[offline.objects]
        )  # AWS writes with `bucket-owner-full-control`
        write = iam.Grant.add_to_principal(
            grantee=self.role, actions=["s3:GetBucketAcl"], resource_arns=[offline.bucket.bucket_arn]
        )
        self.group = sagemaker.CfnFeatureGroup(
            self,
            "Group",
            feature_group_name=name,
            description=table.description,
            record_identifier_feature_name=table.identifier,
            event_time_feature_name=table.event_time,
            feature_definitions=[
                sagemaker.CfnFeatureGroup.FeatureDefinitionProperty(
                    feature_name=feature.name, feature_type=feature.type
                )
                for feature in table.features
            ],
            online_store_config={"EnableOnlineStore": True, "SecurityConfig": {"KmsKeyId": key.key_arn}},
            offline_store_config={
                "S3StorageConfig": {"S3Uri": offline.uri, "KmsKeyId": key.key_arn},
                "DisableGlueTableCreation": True,
            },
            role_arn=self.role.role_arn,
        )
        self.group.apply_removal_policy(removal_policy)
        keep_untagged(self.group)
        write.apply_before(self.group)

    @property
    def arn(self) -> str:
        """ARN of the group."""
        return cdk.Stack.of(self).format_arn(service="sagemaker", resource="feature-group", resource_name=self.name)

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` read records online, and their history offline."""
        self._grant(grantee, "sagemaker:BatchGetRecord", "sagemaker:DescribeFeatureGroup", "sagemaker:GetRecord")
        self._offline.grant_read(grantee)
        self._key.grant_decrypt(grantee)

    def grant_write(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` put and delete records."""
        self._grant(grantee, "sagemaker:DeleteRecord", "sagemaker:DescribeFeatureGroup", "sagemaker:PutRecord")
        self._key.grant_encrypt_decrypt(grantee)

    def _grant(self, grantee: iam.IGrantable, *actions: str) -> None:
        iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=[self.arn])


class FeatureMetadata(Construct):
    """Keeps the descriptions and parameters of features, for which CloudFormation has no resource."""

    def __init__(self, scope: Construct, construct_id: str, *, logs: LogSettings) -> None:
        super().__init__(scope, construct_id)
        self._function = PythonFunction(
            self,
            "Writer",
            handler="feature_metadata.handler.on_event",
            description="Writes the metadata of features",
            environment={},
            timeout=TIME_LIMIT,
            settings=FunctionSettings(logs=logs),
        )

    def describe(self, group: FeatureGroup) -> cdk.CustomResource:
        """Give the features of `group` the descriptions and parameters in its table."""
        iam.Grant.add_to_principal(
            grantee=self._function.role,
            actions=["sagemaker:DescribeFeatureMetadata", "sagemaker:UpdateFeatureMetadata"],
            resource_arns=[group.arn],
        )
        features = {
            feature.name: {"Description": feature.description, "Parameters": dict(feature.parameters)}
            for feature in group.table.features
        }
        resource = self._function.custom_resource(
            self,
            group.node.id,
            kind="FeatureMetadata",
            properties={"FeatureGroupName": group.name, "Features": json.dumps(features, sort_keys=True)},
        )
        resource.node.add_dependency(group.group)
        return resource
