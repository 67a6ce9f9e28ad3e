"""A DynamoDB table of the names that runs have taken, and of the best run of each experiment."""

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from constructs import Construct

from ml_constructs.foundation.table import PrivateTable


class RunsTable(PrivateTable):
    """Names that runs have taken (`processing-job/…`, `training-job/…`, `output/…`), and `experiment/…`: its best run.

    Only conditional writes go to it, so concurrent runs never share a name and leave one best.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, key: kms.IKey, removal_policy: cdk.RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id, partition_key="Key", key=key, removal_policy=removal_policy)
