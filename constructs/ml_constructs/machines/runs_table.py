"""A DynamoDB table of the names that runs have taken, and of the best run of each experiment."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge


class RunsTable(Construct):
    """Names that runs have taken (`processing-job/…`, `training-job/…`, `output/…`), and `experiment/…`: its best run.

    Only conditional writes go to it, so concurrent runs never share a name and leave one best.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, key: kms.IKey, removal_policy: cdk.RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        protected = removal_policy != cdk.RemovalPolicy.DESTROY
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="Key", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            deletion_protection=protected,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            # a rollback could not delete what is protected; without a name it is in no other deployment's way
            removal_policy=cdk.RemovalPolicy.RETAIN if protected else removal_policy,
        )
        acknowledge(
            self.table,
            DynamoDBInBackupPlan="Point-in-time recovery restores it to any second of the last 35 days.",
        )

    def grant(self, grantee: iam.IGrantable, *actions: str) -> None:
        """Let `grantee` do DynamoDB's `actions` on the items, which the table's key encrypts."""
        self.table.grant(grantee, *_iam_actions(actions))
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
            resource_arns=[self._key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{cdk.Stack.of(self).region}.amazonaws.com"}},
        )


def _iam_actions(actions: Sequence[str]) -> list[str]:
    return sorted(f"dynamodb:{action}" for action in actions)
