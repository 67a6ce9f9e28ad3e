"""Log groups: their key, their retention, and whether they outlive their stack."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class LogSettings:
    """Key, retention and removal of every log group of an environment, and the dead-letter queue of its functions."""

    key: kms.IKey
    retention: logs.RetentionDays
    removal_policy: cdk.RemovalPolicy
    dead_letters: sqs.IQueue | None = None

    def group(self, scope: Construct, construct_id: str) -> logs.LogGroup:
        """Add a log group with these settings."""
        return logs.LogGroup(
            scope,
            construct_id,
            encryption_key=self.key,
            retention=self.retention,
            removal_policy=self.removal_policy,
        )

    def days(self, group: logs.LogGroup) -> int:
        """Return after how many days what is in a group of these settings goes."""
        resource = group.node.default_child
        if not isinstance(resource, logs.CfnLogGroup) or not resource.retention_in_days:
            raise ValueError("Log groups have an end: choose another retention than INFINITE.")
        return int(resource.retention_in_days)


def log_key(scope: Construct, construct_id: str, *, removal_policy: cdk.RemovalPolicy) -> kms.Key:
    """Return a key that CloudWatch Logs uses for the log groups of this account and region, and for nothing else."""
    stack = cdk.Stack.of(scope)
    key = kms.Key(
        scope,
        construct_id,
        description="Log groups",
        enable_key_rotation=True,
        removal_policy=removal_policy,
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="LogGroups",
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            resources=["*"],
            conditions={
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": stack.format_arn(
                        service="logs",
                        resource="log-group",
                        resource_name="*",
                        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                    )
                }
            },
        )
    )
    return key
