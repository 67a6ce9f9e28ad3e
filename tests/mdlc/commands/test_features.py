"""mdlc features: exit codes, sentences, and requests that AWS's model takes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import FakeAws, refuse

DEFINITIONS = [
    {"FeatureName": "customer_id", "FeatureType": "Integral"},
    {"FeatureName": "city_code", "FeatureType": "Integral"},
    {"FeatureName": "EventTime", "FeatureType": "Fractional"},
]


@pytest.fixture
def store(aws: FakeAws) -> dict[str, list[dict[str, str]]]:
    """A feature group in a dictionary, by record identifier."""
    records: dict[str, list[dict[str, str]]] = {}
    group = list(DEFINITIONS)
    aws.stacks["dev-features"] = {"CustomersFeatureGroupName": "dev-customers"}

    def describe(_: dict[str, Any]) -> dict[str, Any]:
        return {
            "FeatureGroupName": "dev-customers",
            "FeatureGroupStatus": "Created",
            "RecordIdentifierFeatureName": "customer_id",
            "EventTimeFeatureName": "EventTime",
            "FeatureDefinitions": group,
            "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": "s3://b", "ResolvedOutputS3Uri": "s3://b/data"}},
        }

    def update(request: dict[str, Any]) -> dict[str, Any]:
        group.extend(request["FeatureAdditions"])
        return {"FeatureGroupArn": "a"}

    def put(request: dict[str, Any]) -> dict[str, Any]:
        identifier = request["Record"][0]["ValueAsString"]
        if identifier == "13":
            raise refuse("PutRecord", "ValidationError", "Bad luck")
        records[identifier] = request["Record"]
        return {}

    def get_many(request: dict[str, Any]) -> dict[str, Any]:
        (wanted,) = request["Identifiers"]
        ids, later = wanted["RecordIdentifiersValueAsString"][:2], wanted["RecordIdentifiersValueAsString"][2:]
        found = [
            {"FeatureGroupName": "g", "RecordIdentifierValueAsString": i, "Record": records[i]}
            for i in ids
            if i in records
        ]
        again = [{"FeatureGroupName": "g", "RecordIdentifiersValueAsString": later}] if later else []
        return {"Records": found, "Errors": [], "UnprocessedIdentifiers": again}

    aws.answers |= {
        "DescribeFeatureGroup": describe,
        "PutRecord": put,
        "BatchGetRecord": get_many,
        "GetRecord": lambda r: (
            {"Record": records[r["RecordIdentifierValueAsString"]]}
            if r["RecordIdentifierValueAsString"] in records
            else {}
        ),
        "UpdateFeatureGroup": update,
        "DescribeFeatureMetadata": lambda r: {"Description": f"the {r['FeatureName']}", "Parameters": []},
    }
    return records


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "customer.csv"
    path.write_bytes(b"\xef\xbb\xbfcustomer_id,city_code\r\n573291,1\r\n109382,2")
    return path


def test_ingest_and_get(mdlc: Mdlc, store: dict[str, Any], file: Path) -> None:
    ran = mdlc("features", "ingest", "customers", str(file), "--event-time", "2026-01-01T00:00:00Z", "--json")
    assert ran.code == 0
    answer = json.loads(ran.stdout)
    assert (answer["rows"], answer["written"], answer["rejected"], answer["rejected_file"]) == (2, 2, [], None)
    assert set(store) == {"573291", "109382"}
    got = json.loads(mdlc("features", "get", "customers", "573291", "--json").stdout)
    assert got["record"] == {"customer_id": "573291", "city_code": "1", "EventTime": "1767225600.000000"}
    assert not list(file.parent.glob("*rejected*"))


def test_rejected_rows_end_with_1_and_are_kept(mdlc: Mdlc, store: dict[str, Any], file: Path) -> None:
    file.write_text("customer_id,city_code\n13,1\n2,x\n3,3\n")
    ran = mdlc("features", "ingest", "customers", str(file), "--json")
    assert ran.code == 1
    answer = json.loads(ran.stdout)
    assert answer["written"] == 1
    assert answer["rejected"] == [
        {"row": 2, "reason": "PutRecord was refused: Bad luck (ValidationError)"},
        {"row": 3, "reason": "city_code is Integral, and 'x' is no whole number of 64 bits."},
    ]
    kept = Path(answer["rejected_file"]).read_text()
    assert kept.splitlines()[0] == "rejected_row,rejection_reason,customer_id,city_code"
    assert kept.splitlines()[1].endswith(",13,1")
    assert set(store) == {"3"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("customer_id,email\n1,a\n", "has columns that the group lacks: email. Add them with mdlc features grow."),
        ("city_code\n1\n", "has no column customer_id, which identifies the group's records."),
        ("", "is empty."),
    ],
)
def test_a_table_that_does_not_fit_ends_with_2(
    content: str, sentence: str, mdlc: Mdlc, store: dict[str, Any], file: Path
) -> None:
    file.write_text(content)
    ran = mdlc("features", "ingest", "customers", str(file))
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[-1] == f"mdlc: {file} {sentence}"
    assert not store


def test_batch_get_asks_again_for_what_was_left_unprocessed(mdlc: Mdlc, store: dict[str, Any]) -> None:
    for identifier in ("1", "2", "3"):
        store[identifier] = [{"FeatureName": "customer_id", "ValueAsString": identifier}]
    ran = mdlc("features", "batch-get", "customers", "3", "1", "2", "--json")
    assert ran.code == 0
    assert list(json.loads(ran.stdout)["records"]) == ["3", "1", "2"]
    missing = mdlc("features", "batch-get", "customers", "1", "9", "--json")
    assert missing.code == 1
    assert json.loads(missing.stdout)["missing"] == ["9"]


def test_a_record_that_is_not_there_ends_with_1(mdlc: Mdlc, store: dict[str, Any]) -> None:
    del store
    ran = mdlc("features", "get", "customers", "9")
    assert (ran.code, ran.stderr) == (1, "mdlc: dev-customers has no record 9.\n")


def test_grow_by_name_and_by_table(mdlc: Mdlc, store: dict[str, Any], file: Path, aws: FakeAws) -> None:
    del store
    assert mdlc("features", "grow", "customers", "email:String").code == 0
    file.write_text("customer_id,email,score\n1,a,0.5\n")
    ran = mdlc("features", "grow", "customers", str(file), "--json")
    assert json.loads(ran.stdout)["added"] == {"score": "Fractional"}
    again = mdlc("features", "grow", "customers", str(file), "--json")
    assert json.loads(again.stdout)["added"] == {}
    assert len(aws.called("UpdateFeatureGroup")) == 2


@pytest.mark.parametrize(
    ("additions", "sentence"),
    [
        (["city_code:String"], "The group has city_code already, and a feature's type never changes."),
        (["email:Text"], "'Text' is no type of feature: use Integral, Fractional, String."),
        (["is_deleted:String"], "'is_deleted' cannot name a feature: the offline store adds a column of that name."),
        (["email"], "email is not a file."),
    ],
)
def test_growth_that_cannot_be(
    additions: list[str], sentence: str, mdlc: Mdlc, store: dict[str, Any], aws: FakeAws
) -> None:
    del store
    ran = mdlc("features", "grow", "customers", *additions)
    assert ran.code == 2
    assert ran.stderr.splitlines()[-1] == f"mdlc: {sentence}"
    assert not aws.called("UpdateFeatureGroup")


def test_describe_shows_types_and_metadata(mdlc: Mdlc, store: dict[str, Any]) -> None:
    del store
    answer = json.loads(mdlc("features", "describe", "customers", "--json").stdout)
    assert answer["record_identifier"] == "customer_id"
    assert answer["features"][0] == {
        "name": "customer_id",
        "type": "Integral",
        "description": "the customer_id",
        "parameters": {},
    }


def test_a_group_that_is_not_there(mdlc: Mdlc, store: dict[str, Any]) -> None:
    del store
    ran = mdlc("features", "get", "products", "1")
    assert ran.code == 2
    assert ran.stderr == "mdlc: dev in AWS (eu-west-1) has no feature group products: there are customers.\n"
    assert mdlc("features", "get", "my-group", "1").code == 2


def test_join_without_history_joins_nothing(mdlc: Mdlc, store: dict[str, Any], file: Path) -> None:
    del store
    ran = mdlc("features", "join", "customers", str(file), "--json")
    answer = json.loads(ran.stdout)
    assert (answer["rows"], answer["matched"], answer["events"]) == (2, 0, 0)
    assert Path(answer["file"]).read_text().splitlines()[1] == "573291,1,,"


def test_join_takes_one_kind_of_time(mdlc: Mdlc, store: dict[str, Any], file: Path) -> None:
    del store
    ran = mdlc("features", "join", "customers", str(file), "--time-column", "t", "--at", "1")
    assert (ran.code, ran.stderr) == (2, "mdlc: Give --time-column or --at, not both.\n")
    assert mdlc("features", "join", "customers", str(file), "--at", "soon").code == 2
    assert mdlc("features", "join", "customers", str(file), "--time-column", "t").code == 2
