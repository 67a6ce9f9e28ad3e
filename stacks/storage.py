"""State that outlives a deployment: keys and buckets."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ml_constructs.foundation.bucket import AccessLogBucket, PrivateBucket
from ml_constructs.foundation.dead_letters import dead_letters
from ml_constructs.foundation.logs import LogSettings, log_key
from ml_constructs.functions.cleanup import EmptiedBuckets
from ml_constructs.functions.log_groups import NOTEBOOKS, STUDIO, SharedLogGroups
from ml_constructs.jobs import kinds
from stacks.settings import Environment, Feature

ACCESS_LOGS_KEPT = cdk.Duration.days(365)
OLD_VERSIONS_KEPT = cdk.Duration.days(30)
PUBLISHED = ("*/versions/*",)
"""Keys of published data and scripts: a system's `versions/` and `scripts/versions/`."""


def _shared_log_groups(environment: Environment) -> list[str]:
    """Return the log groups of the account that jobs, apps of Studio and notebook instances write to."""
    names = [kind.log_group for kind in kinds.KINDS] if environment.systems else []
    if Feature.STUDIO in environment.features:
        names += [STUDIO, *([NOTEBOOKS] if environment.studio.notebooks else [])]
    return names


class StorageStack(cdk.Stack):
    """Data sets, what pipelines make of them, and the keys that guard both."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id, description="Keys and buckets")
        removal = environment.removal_policy
        self.logs = LogSettings(
            key=log_key(self, "LogKey", removal_policy=removal),
            retention=environment.log_retention,
            removal_policy=removal,
            dead_letters=dead_letters(self, "DeadLetters", what="Work of functions"),
        )
        if names := _shared_log_groups(environment):
            SharedLogGroups(self, "SharedLogs", names=names, logs=self.logs)
        self.key = kms.Key(
            self,
            "Key",
            description="Data sets, artifacts, images and job volumes",
            enable_key_rotation=True,
            removal_policy=removal,
        )
        self.access_logs = AccessLogBucket(self, "AccessLogs", removal_policy=removal, kept=ACCESS_LOGS_KEPT).bucket
        streams = Feature.LABELING in environment.features and bool(environment.labeling.streams)
        self.data = self._bucket("Data", removal, written_once=PUBLISHED, tells=streams)
        self.artifacts = self._bucket("Artifacts", removal)
        if environment.ephemeral:
            buckets = {"Data": self.data, "Artifacts": self.artifacts, "AccessLogs": self.access_logs}
            EmptiedBuckets(self, "Emptied", buckets=buckets, logs=self.logs, receives_logs="AccessLogs")
        cdk.CfnOutput(self, "DataBucketName", value=self.data.bucket_name)
        cdk.CfnOutput(self, "ArtifactBucketName", value=self.artifacts.bucket_name)

    def _bucket(
        self,
        construct_id: str,
        removal_policy: cdk.RemovalPolicy,
        written_once: Sequence[str] = (),
        *,
        tells: bool = False,
    ) -> s3.Bucket:
        return PrivateBucket(
            self,
            construct_id,
            key=self.key,
            access_logs=self.access_logs,
            removal_policy=removal_policy,
            old_versions=OLD_VERSIONS_KEPT,
            written_once=written_once,
            tells=tells,
        ).bucket
