"""DynamoDB tables: encrypted with a key of the account, paid by use, and restorable."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge


@dataclass(frozen=True)
class Index:
    """Another way to find items: those that have both keys, with the attributes that are copied into it."""

    partition_key: str
    sort_key: str
    copied: tuple[str, ...]
    sorts_numbers: bool = False


class PrivateTable(Construct):
    """A table of items that `partition_key`, a text, tells apart, or with `sort_key` both together.

    Items whose `expires` has passed go by themselves. With `streams` the table tells of every item as it is after a
    change.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        partition_key: str,
        key: kms.IKey,
        removal_policy: cdk.RemovalPolicy,
        sort_key: str | None = None,
        indexes: Mapping[str, Index] | None = None,
        streams: bool = False,
        expires: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        protected = removal_policy != cdk.RemovalPolicy.DESTROY
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=_key(partition_key),
            sort_key=_key(sort_key) if sort_key else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            deletion_protection=protected,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            stream=dynamodb.StreamViewType.NEW_IMAGE if streams else None,
            time_to_live_attribute=expires,
            # a rollback could not delete what is protected; without a name it is in no other deployment's way
            removal_policy=cdk.RemovalPolicy.RETAIN if protected else removal_policy,
        )
        for name, index in (indexes or {}).items():
            self.table.add_global_secondary_index(
                index_name=name,
                partition_key=_key(index.partition_key),
                sort_key=_key(index.sort_key, number=index.sorts_numbers),
                projection_type=dynamodb.ProjectionType.INCLUDE,
                non_key_attributes=list(index.copied),
            )
        acknowledge(
            self.table,
            DynamoDBInBackupPlan="Point-in-time recovery restores it to any second of the last 35 days.",
        )

    def grant_query(self, grantee: iam.IGrantable, *indexes: str) -> None:
        """Let `grantee` find items by the table's own keys, and by these indexes."""
        arn = self.table.table_arn
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["dynamodb:Query"],
            resource_arns=[arn, *(f"{arn}/index/{name}" for name in indexes)],
        )

    def grant(self, grantee: iam.IGrantable, *actions: str) -> None:
        """Let `grantee` do DynamoDB's `actions` on the items, which the table's key encrypts."""
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=sorted(f"dynamodb:{action}" for action in actions),
            resource_arns=[self.table.table_arn],
        )
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
            resource_arns=[self._key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{cdk.Stack.of(self).region}.amazonaws.com"}},
        )

    def grant_decrypt(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` read what DynamoDB has decrypted, such as records of the table's stream."""
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["kms:Decrypt"],
            resource_arns=[self._key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{cdk.Stack.of(self).region}.amazonaws.com"}},
        )


def _key(name: str, *, number: bool = False) -> dynamodb.Attribute:
    kind = dynamodb.AttributeType.NUMBER if number else dynamodb.AttributeType.STRING
    return dynamodb.Attribute(name=name, type=kind)
