"""Where labeling jobs, their objects and what people do with these are kept."""

from collections.abc import Mapping
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.table import Index, PrivateTable

INDEXES: Final[Mapping[str, Index]] = {
    "open": Index("OpenJob", "Rank", ("Id",)),
    "due": Index("Due", "Until", ("Id", "Job", "Object", "Worker"), sorts_numbers=True),
    "by-worker": Index("Worker", "Seen", ("Job", "Object", "State"), sorts_numbers=True),
    "stage": Index("JobStage", "Queue", ("Id",)),
    "team": Index("Team", "Name", ("State",)),
}
"""As `task_store.items` has them, which says what they are for."""


class TaskStore(Construct):
    """One table for all jobs, and the folder `labeling-tasks` of the data bucket for what is too large for its items.

    The table tells of every change, so that work goes on by itself: whoever is killed has changed it or has not.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        data: s3.IBucket,
        key: kms.IKey,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self._private = PrivateTable(
            self,
            "Tasks",
            partition_key="PK",
            sort_key="SK",
            indexes=INDEXES,
            streams=True,
            key=key,
            removal_policy=removal_policy,
        )
        self.contents = Folder(data, ["labeling-tasks"])

    @property
    def table(self) -> dynamodb.ITable:
        """The table, for its name and stream."""
        return self._private.table

    @property
    def variables(self) -> Mapping[str, str]:
        """What a function has to be told to open the store, as `task_store.opened` reads it."""
        return {"TASKS_TABLE": self.table.table_name, "DATA_BUCKET": self.contents.bucket.bucket_name}

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` read jobs, objects, leases and what is written in them."""
        self._private.grant(grantee, "BatchGetItem", "GetItem")
        self._private.grant_query(grantee, *INDEXES)
        self.contents.grant_read(grantee, listing=False)

    def grant_told(self, grantee: iam.IGrantable) -> None:
        """Let the function of the role `grantee` be told of changes of the table, whose records Lambda reads for it."""
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            resource_arns=[str(self.table.table_stream_arn)],
        )

    def grant_hear(self, grantee: iam.IGrantable) -> None:
        """Let the function of the role `grantee`, which has no other right on the table, read what it is told."""
        self._private.grant_decrypt(grantee)

    def grant_act(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` read, and change what stands in the table: nothing is ever deleted."""
        self.grant_read(grantee)
        self._private.grant(grantee, "PutItem", "UpdateItem")

    def grant_take(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` write an object down only while its job is open."""
        self._private.grant(grantee, "ConditionCheckItem")

    def grant_keep(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` write down what is too large for an item."""
        self.contents.grant_write(grantee)
