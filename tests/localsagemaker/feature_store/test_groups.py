"""Feature groups: what is refused, how they grow, and their metadata."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from tests.localsagemaker.fakes import ROLE, Call, FakeHost

ARN = "arn:aws:sagemaker:eu-west-1:111111111111:feature-group/customers"
FEATURES = [
    {"FeatureName": "customer_id", "FeatureType": "Integral"},
    {"FeatureName": "EventTime", "FeatureType": "Fractional"},
]
GROUP: Mapping[str, Any] = {
    "FeatureGroupName": "customers",
    "RecordIdentifierFeatureName": "customer_id",
    "EventTimeFeatureName": "EventTime",
    "FeatureDefinitions": FEATURES,
    "OnlineStoreConfig": {"EnableOnlineStore": True},
    "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": "s3://b/features/"}},
    "RoleArn": ROLE,
}


@pytest.fixture
def create(call: Call) -> Callable[..., dict[str, Any]]:
    return lambda **members: call("CreateFeatureGroup", **{**GROUP, **members})


def test_a_group_is_described_with_the_place_of_its_history(create: Callable[..., Any], call: Call) -> None:
    assert create() == {"FeatureGroupArn": ARN}
    shown = call("DescribeFeatureGroup", FeatureGroupName=ARN)
    assert shown["FeatureGroupStatus"] == "Created"
    assert shown["FeatureDefinitions"] == FEATURES
    assert shown["OfflineStoreStatus"] == {"Status": "Active"}
    made = int(shown["CreationTime"].timestamp())
    place = shown["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
    begin = "s3://b/features/111111111111/sagemaker/eu-west-1/offline-store/customers-"
    assert place in {f"{begin}{made}/data", f"{begin}{made - 1}/data"}
    assert "Metadata" not in shown


def test_a_table_is_made_unless_the_request_wants_none(create: Callable[..., Any], call: Call, host: FakeHost) -> None:
    """Developer guide, "Feature Store offline store data format": database, name, added columns and partitions."""
    create()
    shown = call("DescribeFeatureGroup", FeatureGroupName="customers")["OfflineStoreConfig"]
    assert shown["DisableGlueTableCreation"] is False
    (table,) = host.tables
    assert shown["DataCatalogConfig"] == {
        "Catalog": "AwsDataCatalog",
        "Database": "sagemaker_featurestore",
        "TableName": table.name,
    }
    assert table.name.startswith("customers_")
    assert table.columns == {
        "customer_id": "bigint",
        "eventtime": "double",
        "write_time": "timestamp",
        "api_invocation_time": "timestamp",
        "is_deleted": "boolean",
    }
    assert table.partitions == ("year", "month", "day", "hour")
    assert table.location == shown["S3StorageConfig"]["ResolvedOutputS3Uri"]
    create(
        FeatureGroupName="other", OfflineStoreConfig={**GROUP["OfflineStoreConfig"], "DisableGlueTableCreation": True}
    )
    other = call("DescribeFeatureGroup", FeatureGroupName="other")["OfflineStoreConfig"]
    assert other["DisableGlueTableCreation"] is True
    assert "DataCatalogConfig" not in other
    assert host.tables == [table]


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"FeatureGroupName": "-x"}, "failed to satisfy constraint"),
        ({"RecordIdentifierFeatureName": "id"}, "The record identifier 'id' is not among the features"),
        ({"EventTimeFeatureName": "at"}, "The event time 'at' is not among the features"),
        ({"EventTimeFeatureName": "customer_id"}, "must be Fractional or String, not Integral"),
        ({"FeatureDefinitions": [*FEATURES, FEATURES[0]]}, "customer_id is there twice"),
        (
            {"FeatureDefinitions": [*FEATURES, {"FeatureName": "is_deleted", "FeatureType": "String"}]},
            "the offline store adds a column of that name",
        ),
        (
            {"FeatureDefinitions": [*FEATURES, {"FeatureName": "v", "FeatureType": "Text"}]},
            "satisfy enum value set: [Integral, Fractional, String]",
        ),
        (
            {
                "FeatureDefinitions": [
                    *FEATURES,
                    {"FeatureName": "v", "FeatureType": "String", "CollectionType": "List"},
                ]
            },
            "FeatureDefinitions.CollectionType is not provided locally",
        ),
        ({"OnlineStoreConfig": {"EnableOnlineStore": True, "StorageType": "InMemory"}}, "StorageType InMemory"),
        (
            {"OfflineStoreConfig": {**GROUP["OfflineStoreConfig"], "TableFormat": "Iceberg"}},
            "OfflineStoreConfig.TableFormat Iceberg is not provided locally",
        ),
        ({"RoleArn": "arn:aws:iam::111111111111:role/nobody"}, "Could not assume role"),
    ],
)
def test_what_no_group_can_be(members: dict[str, Any], sentence: str, create: Callable[..., Any], call: Call) -> None:
    with pytest.raises(ServiceError) as refused:
        create(**members)
    assert refused.value.code == "ValidationException"
    assert sentence in str(refused.value)
    assert not call("ListFeatureGroups")["FeatureGroupSummaries"]


@pytest.mark.parametrize("missing", ["RoleArn", "stores"])
def test_a_group_needs_a_store_and_the_offline_store_a_role(missing: str, call: Call) -> None:
    gone = {"OnlineStoreConfig", "OfflineStoreConfig"} if missing == "stores" else {missing}
    with pytest.raises(ServiceError, match="needs an OnlineStoreConfig" if missing == "stores" else "RoleArn"):
        call("CreateFeatureGroup", **{key: value for key, value in GROUP.items() if key not in gone})


def test_a_name_is_taken_once(create: Callable[..., Any]) -> None:
    create()
    with pytest.raises(ServiceError) as refused:
        create()
    assert refused.value.code == "ResourceInUse"


def test_growth_adds_and_never_changes(create: Callable[..., Any], call: Call) -> None:
    create()
    email = {"FeatureName": "email", "FeatureType": "String"}
    call("UpdateFeatureGroup", FeatureGroupName="customers", FeatureAdditions=[email])
    shown = call("DescribeFeatureGroup", FeatureGroupName="customers")
    assert shown["FeatureDefinitions"] == [*FEATURES, email]
    assert shown["LastUpdateStatus"] == {"Status": "Successful"}
    with pytest.raises(ServiceError, match="The group has email already"):
        call("UpdateFeatureGroup", FeatureGroupName="customers", FeatureAdditions=[email])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "FeatureAdditions": [{"FeatureName": "x", "FeatureType": "String"}],
            "OnlineStoreConfig": {"TtlDuration": {"Unit": "Days", "Value": 1}},
        },
    ],
)
def test_an_update_does_one_thing(changes: dict[str, Any], create: Callable[..., Any], call: Call) -> None:
    create()
    with pytest.raises(ServiceError, match="one of FeatureAdditions, OnlineStoreConfig and ThroughputConfig at a time"):
        call("UpdateFeatureGroup", FeatureGroupName="customers", **changes)


def test_metadata_of_a_feature(create: Callable[..., Any], call: Call) -> None:
    """The original: a description, and the parameter idType = primaryKey."""
    create()
    key = {"FeatureGroupName": "customers", "FeatureName": "customer_id"}
    call(
        "UpdateFeatureMetadata",
        **key,
        Description="Number",
        ParameterAdditions=[{"Key": "idType", "Value": "primaryKey"}],
    )
    call("UpdateFeatureMetadata", **key, ParameterAdditions=[{"Key": "pii", "Value": "no"}])
    shown = call("DescribeFeatureMetadata", **key)
    assert shown["FeatureType"] == "Integral"
    assert shown["Description"] == "Number"
    assert shown["Parameters"] == [{"Key": "idType", "Value": "primaryKey"}, {"Key": "pii", "Value": "no"}]
    call("UpdateFeatureMetadata", **key, ParameterRemovals=["idType"])
    assert call("DescribeFeatureMetadata", **key)["Parameters"] == [{"Key": "pii", "Value": "no"}]


def test_a_feature_or_group_that_is_not_there(create: Callable[..., Any], call: Call) -> None:
    create()
    for name, feature in (("customers", "zip"), ("orders", "customer_id")):
        with pytest.raises(ServiceError) as refused:
            call("DescribeFeatureMetadata", FeatureGroupName=name, FeatureName=feature)
        assert refused.value.code == "ResourceNotFound"


def test_groups_are_listed_by_name_and_state(create: Callable[..., Any], call: Call) -> None:
    create()
    call(
        "CreateFeatureGroup",
        **{key: value for key, value in GROUP.items() if key != "OfflineStoreConfig"} | {"FeatureGroupName": "orders"},
    )

    def names(**filters: str) -> list[str]:
        return sorted(
            item["FeatureGroupName"] for item in call("ListFeatureGroups", **filters)["FeatureGroupSummaries"]
        )

    assert names() == ["customers", "orders"]
    assert names(NameContains="ord") == ["orders"]
    assert names(OfflineStoreStatusEquals="Active") == ["customers"]


def test_a_deleted_group_is_gone_and_its_name_free(create: Callable[..., Any], call: Call) -> None:
    create()
    call("DeleteFeatureGroup", FeatureGroupName="customers")
    with pytest.raises(ServiceError):
        call("DescribeFeatureGroup", FeatureGroupName="customers")
    create()


def test_each_operation_asks_for_its_own_permission(create: Callable[..., Any], call: Call, host: FakeHost) -> None:
    create()
    assert (ROLE, {"iam:PassedToService": "sagemaker.amazonaws.com"}) in [(c[2], c[3]) for c in host.checked]
    call("DescribeFeatureMetadata", FeatureGroupName="customers", FeatureName="EventTime")
    assert host.checked[-1][1:3] == ("sagemaker:DescribeFeatureMetadata", ARN)
    host.denied.add("sagemaker:UpdateFeatureGroup")
    with pytest.raises(ServiceError, match="not authorized to perform: sagemaker:UpdateFeatureGroup"):
        call("UpdateFeatureGroup", FeatureGroupName="customers", FeatureAdditions=FEATURES)
