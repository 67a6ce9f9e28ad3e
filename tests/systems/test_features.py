"""The feature store end to end on the local cloud, on the published rows."""

import csv
import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

# The published tables, byte for byte: byte-order mark, CRLF, and no end of line at the end.
PUBLISHED = {
    "customer.csv": b"\xef\xbb\xbfcustomer_id,city_code,state_code,country_code\r\n573291,1,49,2\r\n109382,2,40,2\r\n"
    b"828400,3,31,2\r\n124013,4,5,2",
    "customer_updated.csv": b"customer_id,city_code,state_code,country_code,email,name\r\n"
    b"573291,1,49,2,john.lee@gmail.com,John Lee\r\n109382,2,40,2,olivequil@gmail.com,Olive Quil\r\n"
    b"828400,3,31,2,liz.knee@gmail.com,Liz Knee\r\n124013,4,5,2,eileenbook@gmail.com,Eileen Book",
    "orders.csv": b"\xef\xbb\xbfcustomer_id,order_id,order_status,store_id\r\n573291,4132,1,303\r\n"
    b"109382,5724,0,201\r\n828400,1942,0,431\r\n124013,6782,1,213",
}
FIRST = {"customer_id": "573291", "city_code": "1", "state_code": "49", "country_code": "2"}
IDENTIFIERS = ["573291", "109382", "828400", "124013"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feature-store")
    for name, content in PUBLISHED.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def summary(demo: Workplace, data: Path) -> Mapping[str, Any]:
    """The feature store's demo has run on the published rows."""
    found: Mapping[str, Any] = demo.done("demo", "features", "--data", str(data), timeout=600)
    return found


def without_time(record: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in record.items() if name != "EventTime"}


@pytest.mark.end_to_end
def test_the_demo_takes_tables_to_a_training_set(demo: Workplace, summary: Mapping[str, Any]) -> None:
    folder = demo.folder / "build" / "demo" / "features"
    written = json.loads((folder / "summary.json").read_text())
    assert {**written, "report": summary["report"]} == summary
    assert all(step["status"] == "done" for step in summary["steps"])
    assert summary["resources"]["refused"] == 0
    assert without_time(summary["result"]["records"][0]) == FIRST
    joined = summary["result"]["joined"][0]
    assert (joined["then"]["email"], joined["now"]["email"]) == ("", "john.lee@gmail.com")
    page = (folder / "report.html").read_text()
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", page)
    assert "573291" in page


@pytest.mark.end_to_end
def test_get_record_equals_the_table_and_a_batch_gives_all_four(demo: Workplace, summary: Mapping[str, Any]) -> None:
    del summary
    record = demo.done("features", "get", "customers", "573291")["record"]
    assert without_time(record) == {**FIRST, "email": "john.lee@gmail.com", "name": "John Lee"}
    answer = demo.done("features", "batch-get", "orders", *IDENTIFIERS)
    assert [record["order_id"] for record in answer["records"].values()] == ["4132", "5724", "1942", "6782"]


def test_metadata_comes_from_the_template(demo: Workplace, summary: Mapping[str, Any]) -> None:
    del summary
    features = {item["name"]: item for item in demo.done("features", "describe", "customers")["features"]}
    assert features["customer_id"]["parameters"] == {"idType": "primaryKey"}
    assert features["city_code"]["description"] == "City that the customer lives in"
    assert (features["email"]["type"], features["name"]["type"]) == ("String", "String")


def test_late_events_overwrite_nothing(demo: Workplace, summary: Mapping[str, Any], data: Path) -> None:
    del summary
    before = demo.done("features", "get", "customers", "573291")
    late = demo.done(
        "features", "ingest", "customers", str(data / "customer.csv"), "--event-time", "2020-01-01T00:00:00Z"
    )
    assert late["written"] == 4
    assert demo.done("features", "get", "customers", "573291") == before


def test_a_join_gives_what_was_true_then(
    demo: Workplace, summary: Mapping[str, Any], data: Path, tmp_path: Path
) -> None:
    """On New Year's Day 2020 the customers of the late events above were known, and nothing of them before."""
    del summary
    demo.done("features", "ingest", "customers", str(data / "customer.csv"), "--event-time", "2019-06-01T00:00:00Z")
    spine, joined = tmp_path / "spine.csv", tmp_path / "joined.csv"
    spine.write_text(
        "customer_id,when\n573291,2019-05-31T23:59:59Z\n573291,2019-06-01T00:00:00Z\n1,2030-01-01T00:00:00Z\n"
    )
    arguments = ("join", "customers", str(spine), "--time-column", "when", "--output", str(joined))
    end = time.monotonic() + 30
    while demo.done("features", *arguments)["matched"] < 1 and time.monotonic() < end:
        time.sleep(0.5)
    with joined.open(newline="") as lines:
        before, then, unknown = csv.DictReader(lines)
    assert (before["city_code"], then["city_code"], unknown["city_code"]) == ("", "1", "")
    assert then["email"] == ""


def test_bad_rows_are_kept_with_their_reasons(demo: Workplace, summary: Mapping[str, Any], tmp_path: Path) -> None:
    del summary
    file = tmp_path / "bad.csv"
    file.write_bytes(b"\xef\xbb\xbfcustomer_id,city_code\r\n7,1\r\n8,far\r\n,3\r\n9\r\n")
    done = demo.mdlc("features", "ingest", "customers", str(file))
    assert done.code == 1
    assert done.answer["written"] == 1
    kept = Path(done.answer["rejected_file"]).read_text().splitlines()
    assert [line.split(",")[0] for line in kept] == ["rejected_row", "3", "4", "5"]
    assert demo.mdlc("features", "get", "customers", "8").code == 1


def test_a_table_of_another_group_ends_with_2(demo: Workplace, summary: Mapping[str, Any], data: Path) -> None:
    del summary
    done = demo.mdlc("features", "ingest", "customers", str(data / "orders.csv"))
    assert done.code == 2
    assert "columns that the group lacks: order_id, order_status, store_id" in done.said


def test_a_demo_without_its_tables_ends_with_2(demo: Workplace, tmp_path: Path) -> None:
    done = demo.mdlc("demo", "features", "--data", str(tmp_path))
    assert done.code == 2
    assert "has no customer.csv and no customer_updated.csv and no orders.csv" in done.said


def test_who_may_read_may_not_write(demo: Workplace, summary: Mapping[str, Any]) -> None:
    del summary
    group = {
        "Effect": "Allow",
        "Action": "sagemaker:GetRecord",
        "Resource": "arn:aws:sagemaker:*:*:feature-group/dev-customers",
    }
    through = {"StringLike": {"kms:ViaService": "sagemaker.*.amazonaws.com"}}
    key = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": through}
    record = {"FeatureGroupName": "dev-customers", "RecordIdentifierValueAsString": "573291"}
    keyless, records = (
        demo.somebody(*statements).client("sagemaker-featurestore-runtime") for statements in ([group], [group, key])
    )
    with pytest.raises(ClientError, match="not authorized to perform: kms:Decrypt on resource"):
        keyless.get_record(**record)
    assert records.get_record(**record)["Record"]
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:PutRecord") as refused:
        records.put_record(
            FeatureGroupName="dev-customers",
            Record=[
                {"FeatureName": "customer_id", "ValueAsString": "1"},
                {"FeatureName": "EventTime", "ValueAsString": "1"},
            ],
        )
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    with pytest.raises(ClientError, match="sagemaker:GetRecord"):
        records.get_record(FeatureGroupName="dev-orders", RecordIdentifierValueAsString="573291")


def test_a_second_demo_replaces_nothing(demo: Workplace, summary: Mapping[str, Any]) -> None:
    del summary
    again = demo.done("demo", "features", timeout=600)
    assert again["replaced"] == []
    assert again["metrics"]["joined_rows"] == 200
