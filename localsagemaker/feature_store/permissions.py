"""What the operations on feature groups and their records act on."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from localsagemaker.feature_store.kinds import FEATURE_GROUP, KINDS
from localsagemaker.kernel.authorization import KeyUse, Permissions, by_name
from localsagemaker.kernel.requests import Request
from localsagemaker.kernel.resources import Resources


def _many(request: Request) -> Iterable[str]:
    """Find the groups that a batch of records is in."""
    return dict.fromkeys(FEATURE_GROUP.arn_of(request.scope, name) for name in _groups(request))


_OF_ONLINE_STORES: Final = (
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "ListAliases",
    "ListGrants",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "RevokeGrant",
)
_DATA: Final = ("PutRecord", "GetRecord", "DeleteRecord", "ListRecords", "BatchGetRecord", "BatchWriteRecord")


def _keys(request: Request, resources: Resources) -> Iterator[KeyUse]:
    """Yield the keys of a group's stores.

    Source: SageMaker API reference, `KmsKeyId` of OnlineStoreSecurityConfig (what who creates a group needs, and
    `kms:Decrypt` of "the caller to all DataPlane operations") and of S3StorageConfig (`kms:GenerateDataKey` of the
    role).
    """
    if request.operation == "CreateFeatureGroup":
        if key := _online_key(request.parameters):
            yield KeyUse(key, _OF_ONLINE_STORES)
        storage = (request.parameters.get("OfflineStoreConfig") or {}).get("S3StorageConfig", {})
        if request.roles and (key := storage.get("KmsKeyId")):
            yield KeyUse(key, ("GenerateDataKey",), request.roles, or_caller=False)
    if request.operation in _DATA:
        for group in _groups(request):
            found = resources.find(FEATURE_GROUP, request.scope, group.rpartition("/")[2])
            if found and (key := _online_key(found)):
                yield KeyUse(key, ("Decrypt",))


def _online_key(group: Mapping[str, Any]) -> str | None:
    online = group.get("OnlineStoreConfig") or {}
    key: str | None = (online.get("SecurityConfig") or {}).get("KmsKeyId")
    return key


def _groups(request: Request) -> Iterable[str]:
    """Find the names or ARNs of the groups that records are in."""
    given = request.parameters
    several = given.get("Identifiers") or given.get("Entries") or [given]
    return dict.fromkeys(each["FeatureGroupName"] for each in several)


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
    keys=_keys,
)
