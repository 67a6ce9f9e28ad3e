"""Private S3 buckets."""

from collections.abc import Sequence
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge

UNFINISHED_UPLOADS = cdk.Duration.days(7)
INSIDE = ("mdlc-network", "inside")
"""Tag of the roles that work inside a closed network alone: what they ask from elsewhere, buckets refuse."""


class PrivateBucket(Construct):
    """A versioned bucket, encrypted with `key`, that refuses requests without TLS and logs every access.

    Roles that are tagged `INSIDE` reach it through the account's own VPC endpoints alone, so that their credentials
    are worth nothing elsewhere. Everybody else comes as their policies say: people with a browser, deployments, and
    AWS's services. `aws:VpceAccount` needs no endpoint's name, which would tie the keeper of data to the network above
    it. Source: IAM user guide, "Global condition context keys".

    What lies under keys like `written_once` nobody overwrites, whatever their rights: a write that does not ask S3 to
    fail where the key is taken (`If-None-Match: *`) is refused, and so is every copy to there. The parts of a large
    upload carry no such header, its completion does. Source: user guide of S3, "Enforce conditional writes".

    With `tells` every change of its objects is an event on the account's default bus, for rules that wait for it. The
    construct library would have a function set that, which CloudFormation does by itself.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey,
        access_logs: s3.IBucket,
        removal_policy: cdk.RemovalPolicy,
        old_versions: cdk.Duration,
        written_once: Sequence[str] = (),
        tells: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            bucket_key_enabled=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=removal_policy,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=f"{construct_id.lower()}/",
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="Tidy",
                    abort_incomplete_multipart_upload_after=UNFINISHED_UPLOADS,
                    noncurrent_version_expiration=old_versions,
                )
            ],
        )
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="InsideThroughOwnEndpoints",
                effect=iam.Effect.DENY,
                principals=[iam.StarPrincipal()],
                actions=["s3:*"],
                resources=[self.bucket.bucket_arn, self.bucket.arn_for_objects("*")],
                conditions={
                    "StringEquals": {f"aws:PrincipalTag/{INSIDE[0]}": INSIDE[1]},
                    "StringNotEquals": {"aws:VpceAccount": cdk.Stack.of(self).account},
                    "BoolIfExists": {"aws:ViaAWSService": "false"},
                },
            )
        )
        if written_once:
            self.bucket.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="WrittenOnce",
                    effect=iam.Effect.DENY,
                    principals=[iam.StarPrincipal()],
                    actions=["s3:PutObject"],
                    resources=[self.bucket.arn_for_objects(pattern) for pattern in written_once],
                    conditions={
                        "Null": {"s3:if-none-match": "true"},
                        "BoolIfExists": {"s3:ObjectCreationOperation": "true"},
                    },
                )
            )
        if tells:
            cast(
                "s3.CfnBucket", self.bucket.node.default_child
            ).notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
                event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
            )
        acknowledge(
            self.bucket,
            S3BucketReplicationEnabled="Old versions undo a mistake, and data does not leave its region unless the "
            "owner of the account chooses another.",
        )


class AccessLogBucket(Construct):
    """Where S3 writes the access logs of other buckets; S3's own keys encrypt it, as that service needs."""

    def __init__(
        self, scope: Construct, construct_id: str, *, removal_policy: cdk.RemovalPolicy, kept: cdk.Duration
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=removal_policy,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="Tidy",
                    abort_incomplete_multipart_upload_after=UNFINISHED_UPLOADS,
                    expiration=kept,
                    noncurrent_version_expiration=UNFINISHED_UPLOADS,
                )
            ],
        )
        acknowledge(
            self.bucket,
            S3BucketReplicationEnabled="Access logs tell who read what, and nothing else is made from them.",
            S3DefaultEncryptionKMS="S3 delivers access logs to buckets that its own keys encrypt, and to no others.",
        )
