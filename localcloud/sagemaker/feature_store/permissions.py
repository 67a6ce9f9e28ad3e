"""What the operations on feature groups and their records act on."""

from collections.abc import Iterable

from localcloud.sagemaker.feature_store.kinds import FEATURE_GROUP, KINDS
from localcloud.sagemaker.kernel.authorization import Permissions, by_name
from localcloud.sagemaker.kernel.requests import Request


def _many(request: Request) -> Iterable[str]:
    """Find the groups that a batch of records is in."""
    wanted = request.parameters.get("Identifiers") or request.parameters["Entries"]
    return dict.fromkeys(FEATURE_GROUP.arn_of(request.scope, each["FeatureGroupName"]) for each in wanted)


PERMISSIONS = Permissions(
    KINDS,
    {
        **dict.fromkeys(
            (
                "DescribeFeatureMetadata",
                "UpdateFeatureMetadata",
                "PutRecord",
                "GetRecord",
                "DeleteRecord",
                "ListRecords",
            ),
            by_name(FEATURE_GROUP),
        ),
        "BatchGetRecord": _many,
        "BatchWriteRecord": _many,
    },
)
