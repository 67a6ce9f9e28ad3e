"""The feature store: a group from a table, its records in and out."""

import time
from collections.abc import Iterator

import boto3
import pandas as pd
import pytest
from sagemaker.core.helper.session_helper import Session
from sagemaker.mlops.feature_store import (
    FeatureGroup,
    FeatureGroupManager,
    FeatureValue,
    OfflineStoreConfig,
    OnlineStoreConfig,
    S3StorageConfig,
    ingest_dataframe,
    list_records,
    load_feature_definitions_from_dataframe,
)
from sagemaker.mlops.feature_store.ingestion_manager_pandas import IngestionManagerPandas

from tests.sdk.notebook import BUCKET

NAME = "customers-of-a-notebook"
TABLE = pd.DataFrame(
    {
        "customer_id": pd.Series(["573291", "109382", "828400"], dtype="string"),
        "state_code": [49, 40, 31],
        "score": [0.25, 0.5, 0.75],
        "EventTime": [1700000000.0] * 3,
    }
)


@pytest.fixture(scope="module")
def group(role: str, session: Session) -> Iterator[FeatureGroup]:
    """A group with the schema of the table and both stores."""
    del session
    group = FeatureGroupManager.create(
        feature_group_name=NAME,
        record_identifier_feature_name="customer_id",
        event_time_feature_name="EventTime",
        feature_definitions=load_feature_definitions_from_dataframe(TABLE),
        online_store_config=OnlineStoreConfig(enable_online_store=True),
        offline_store_config=OfflineStoreConfig(s3_storage_config=S3StorageConfig(s3_uri=f"s3://{BUCKET}/features")),
        role_arn=role,
    )
    group.wait_for_status("Created")
    yield group
    group.delete()


def values(record: list[FeatureValue]) -> dict[str, str]:
    return {item.feature_name: item.value_as_string for item in record}


def test_a_table_becomes_a_group_and_its_rows_records(group: FeatureGroup) -> None:
    assert {item.feature_name: item.feature_type for item in group.feature_definitions} == {
        "customer_id": "String",
        "state_code": "Integral",
        "score": "Fractional",
        "EventTime": "Fractional",
    }
    manager = ingest_dataframe(feature_group_name=NAME, data_frame=TABLE, max_workers=2, wait=True)
    assert manager.failed_rows == []
    expected = {"customer_id": "109382", "state_code": "40", "score": "0.5", "EventTime": "1700000000.0"}
    assert values(group.get_record(record_identifier_value_as_string="109382").record) == expected
    records = boto3.client("sagemaker-featurestore-runtime")
    found = records.get_record(FeatureGroupName=NAME, RecordIdentifierValueAsString="109382")["Record"]
    assert {item["FeatureName"]: item["ValueAsString"] for item in found} == expected


def test_records_are_ingested_in_batches_and_listed(group: FeatureGroup) -> None:
    later = TABLE.assign(customer_id=pd.Series([f"{n}" for n in (1, 2, 3)], dtype="string"))
    definitions = {
        item.feature_name: {"FeatureType": item.feature_type, "CollectionType": None}
        for item in group.feature_definitions
    }
    manager = IngestionManagerPandas(NAME, definitions, use_batch_write_record=True)
    manager.run(data_frame=later, wait=True)
    assert manager.failed_rows == []
    assert {"1", "2", "3"} <= set(list_records(NAME).record_identifiers)


def test_a_late_record_changes_nothing_and_a_deleted_one_is_gone(group: FeatureGroup) -> None:
    def put(state: str, moment: str) -> None:
        record = {"customer_id": "124013", "state_code": state, "EventTime": moment}
        group.put_record(record=[FeatureValue(feature_name=k, value_as_string=v) for k, v in record.items()])

    put("5", "1700000002")
    put("6", "1700000001")
    assert values(group.get_record(record_identifier_value_as_string="124013").record)["state_code"] == "5"
    group.delete_record(record_identifier_value_as_string="124013", event_time="1700000003")
    assert "124013" not in list_records(NAME).record_identifiers


def test_records_reach_the_offline_store(group: FeatureGroup) -> None:
    group.put_record(
        record=[
            FeatureValue(feature_name="customer_id", value_as_string="7"),
            FeatureValue(feature_name="EventTime", value_as_string="1700000004"),
        ]
    )
    prefix = group.refresh().offline_store_config.s3_storage_config.resolved_output_s3_uri.split("/", 3)[3]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        files = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        if files:
            break
        time.sleep(0.5)
    assert files[0]["Key"].endswith(".parquet")


def test_groups_of_the_platform_are_listed_beside_those_of_a_notebook(group: FeatureGroup) -> None:
    names = [item.feature_group_name for item in FeatureGroup.get_all()]
    assert {group.feature_group_name, "dev-customers", "dev-orders"} <= set(names)
