"""Who needs which rights on the keys of a group's stores.

Source: SageMaker API reference, `KmsKeyId` of OnlineStoreSecurityConfig and of S3StorageConfig.
"""

from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import ADMIN, ROLE, Call, FakeHost

GROUP: dict[str, Any] = {
    "FeatureGroupName": "g",
    "RecordIdentifierFeatureName": "id",
    "EventTimeFeatureName": "at",
    "FeatureDefinitions": [
        {"FeatureName": "id", "FeatureType": "Integral"},
        {"FeatureName": "at", "FeatureType": "Fractional"},
    ],
}
ONLINE = {"EnableOnlineStore": True, "SecurityConfig": {"KmsKeyId": "key-on"}}
OFFLINE = {"S3StorageConfig": {"S3Uri": "s3://b/features", "KmsKeyId": "key-off"}}
RECORD = [{"FeatureName": "id", "ValueAsString": "1"}, {"FeatureName": "at", "ValueAsString": "2"}]
NAMED = {"FeatureGroupName": "g", "RecordIdentifierValueAsString": "1"}


def asked_keys(host: FakeHost) -> list[tuple[str, str, str]]:
    """Caller, action and key of every check of a key."""
    return [(caller, action, key) for caller, action, key, _ in host.checked if action.startswith("kms:")]


@pytest.mark.parametrize(
    "action",
    [
        "Encrypt",
        "Decrypt",
        "DescribeKey",
        "CreateGrant",
        "RetireGrant",
        "ReEncryptFrom",
        "ReEncryptTo",
        "GenerateDataKey",
        "ListAliases",
        "ListGrants",
        "RevokeGrant",
    ],
)
def test_who_makes_an_online_store_under_a_key(call: Call, host: FakeHost, action: str) -> None:
    host.denied = {f"kms:{action}"}
    with pytest.raises(ServiceError, match=f"{ADMIN.arn} is not authorized to perform: kms:{action} on .*key-on"):
        call("CreateFeatureGroup", **GROUP, OnlineStoreConfig=ONLINE)


def test_the_role_writes_the_offline_store_under_a_key(call: Call, host: FakeHost) -> None:
    group = {**GROUP, "OfflineStoreConfig": OFFLINE, "RoleArn": ROLE}
    host.denied = {"kms:GenerateDataKey"}
    role = f"assumed-role/{ROLE.rpartition('/')[2]}/SageMaker"
    with pytest.raises(ServiceError, match=f"{role} is not authorized to perform: kms:GenerateDataKey on .*key-off"):
        call("CreateFeatureGroup", **group)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("PutRecord", {"FeatureGroupName": "g", "Record": RECORD}),
        ("GetRecord", NAMED),
        ("DeleteRecord", {**NAMED, "EventTime": "3"}),
        (
            "BatchGetRecord",
            {"Identifiers": [{"FeatureGroupName": "g", "RecordIdentifiersValueAsString": ["1"]}]},
        ),
    ],
)
def test_whoever_has_to_do_with_a_record_decrypts(
    sagemaker: SageMaker, call: Call, host: FakeHost, operation: str, parameters: dict[str, Any]
) -> None:
    call("CreateFeatureGroup", **GROUP, OnlineStoreConfig=ONLINE)
    host.checked.clear()
    sagemaker.feature_store_runtime.call(operation, parameters, ADMIN)
    assert asked_keys(host) == [(ADMIN.arn, "kms:Decrypt", "key-on")]
    host.denied = {"kms:Decrypt"}
    with pytest.raises(ServiceError, match="kms:Decrypt on resource: key-on") as refused:
        sagemaker.feature_store_runtime.call(operation, parameters, ADMIN)
    assert refused.value.code == "AccessDeniedException"


def test_stores_without_a_key_ask_for_none(call: Call, host: FakeHost) -> None:
    call("CreateFeatureGroup", **GROUP, OnlineStoreConfig={"EnableOnlineStore": True})
    assert asked_keys(host) == []
