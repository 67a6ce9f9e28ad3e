"""Records online and offline: the latest wins online whatever the order, and everything is kept offline."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localsagemaker.errors import ServiceError
from localsagemaker.feature_store import parquet
from localsagemaker.feature_store.history import Event
from localsagemaker.feature_store.schema import Schema
from localsagemaker.feature_store.stores import Latest, OnlineStore, expiry
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import ADMIN, ROLE, Call, FakeHost

GROUP: Mapping[str, Any] = {
    "FeatureGroupName": "g",
    "RecordIdentifierFeatureName": "id",
    "EventTimeFeatureName": "at",
    "FeatureDefinitions": [
        {"FeatureName": "id", "FeatureType": "Integral"},
        {"FeatureName": "x", "FeatureType": "Integral"},
        {"FeatureName": "at", "FeatureType": "Fractional"},
    ],
    "OnlineStoreConfig": {"EnableOnlineStore": True},
    "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": "s3://b/features"}},
    "RoleArn": ROLE,
}
Runtime = Callable[..., dict[str, Any]]


def features(**values: object) -> list[dict[str, str]]:
    return [{"FeatureName": name, "ValueAsString": str(value)} for name, value in values.items()]


@pytest.fixture
def runtime(sagemaker: SageMaker, call: Call) -> Runtime:
    """Run an operation of the runtime on the group `g`: `runtime("PutRecord", Record=features(id=1, at=2))`."""
    call("CreateFeatureGroup", **GROUP)

    def run(operation: str, **parameters: Any) -> dict[str, Any]:
        group = {} if operation.startswith("Batch") else {"FeatureGroupName": "g"}
        return sagemaker.feature_store_runtime.call(operation, {**group, **parameters}, ADMIN)

    return run


def get(runtime: Runtime, identifier: str, **parameters: Any) -> dict[str, str] | None:
    answer = runtime("GetRecord", RecordIdentifierValueAsString=identifier, **parameters)
    return {item["FeatureName"]: item["ValueAsString"] for item in answer["Record"]} if "Record" in answer else None


def offline(host: FakeHost, call: Call, count: int) -> list[Event]:
    """The events in S3, once there are `count`."""
    schema = Schema.described(call("DescribeFeatureGroup", FeatureGroupName="g"))
    for _ in range(200):
        events = [
            event
            for uri, content in list(host.s3.content.items())
            if uri.endswith(".parquet")
            for event in parquet.read(schema, content)
        ]
        if len(events) >= count:
            break
        time.sleep(0.02)
    assert len(events) == count
    return sorted(events, key=lambda event: event.order)


def test_a_record_comes_back_as_it_was_put(runtime: Runtime) -> None:
    runtime("PutRecord", Record=features(id=573291, x=1, at="1700000000.5"))
    assert get(runtime, "573291") == {"id": "573291", "x": "1", "at": "1700000000.5"}
    assert get(runtime, "573291", FeatureNames=["x"]) == {"x": "1"}
    assert get(runtime, "1") is None


EVENTS = st.lists(
    st.tuples(st.sampled_from(["put", "delete"]), st.sampled_from("12"), st.integers(0, 8)), min_size=1, max_size=30
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(EVENTS)
def test_online_is_the_record_with_the_latest_event_time_whatever_the_order(events: list[tuple[str, str, int]]) -> None:
    """By definition: of the events of one identifier the greatest event time, and of equals the first to come."""
    store = OnlineStore()
    for number, (kind, identifier, moment) in enumerate(events):
        store.put(identifier, Latest({"x": str(number)}, moment, None, deleted=kind == "delete"))
    for identifier in "12":
        mine = [(moment, -n, kind) for n, (kind, who, moment) in enumerate(events) if who == identifier]
        best = max(mine, default=None)
        found = store.get(identifier)
        if best is None or best[2] == "delete":
            assert found is None
        else:
            assert found is not None
            assert found.values == {"x": str(-best[1])}


def test_late_events_change_nothing_online_and_all_are_kept_offline(
    runtime: Runtime, host: FakeHost, call: Call
) -> None:
    for x, at in ((1, 100), (2, 300), (3, 200), (4, 300)):
        runtime("PutRecord", Record=features(id=1, x=x, at=at))
    assert get(runtime, "1") == {"id": "1", "x": "2", "at": "300"}
    assert [(event.values["x"], event.moment // 10**6) for event in offline(host, call, 4)] == [
        ("1", 100),
        ("3", 200),
        ("2", 300),
        ("4", 300),
    ]


def test_the_offline_store_is_laid_out_as_documented(runtime: Runtime, host: FakeHost, call: Call) -> None:
    runtime("PutRecord", Record=features(id=1, x=1, at=1379400241))
    runtime("PutRecord", Record=features(id=2, x=1, at=1379400000))
    runtime("PutRecord", Record=features(id=2, x=1, at=1379500000))
    events = offline(host, call, 3)
    assert all(event.written >= event.invoked > 0 and not event.deleted for event in events)
    place = call("DescribeFeatureGroup", FeatureGroupName="g")["OfflineStoreConfig"]["S3StorageConfig"]
    first = f"{place['ResolvedOutputS3Uri']}/year=2013/month=09/day=17/hour=06/20130917T0644"
    assert any(uri.startswith(first) for uri in host.s3.content)
    assert any("/year=2013/month=09/day=18/hour=10/20130918T102640Z_" in uri for uri in host.s3.content)


def test_old_records_stay_readable_when_the_group_grows(runtime: Runtime, host: FakeHost, call: Call) -> None:
    runtime("PutRecord", Record=features(id=1, x=1, at=100))
    before = get(runtime, "1")
    addition = {"FeatureName": "email", "FeatureType": "String"}
    call("UpdateFeatureGroup", FeatureGroupName="g", FeatureAdditions=[addition])
    assert get(runtime, "1") == before
    runtime("PutRecord", Record=features(id=1, x=1, at=200, email="a@b"))
    assert (get(runtime, "1") or {})["email"] == "a@b"
    old, new = offline(host, call, 2)
    assert ("email" in old.values, new.values["email"]) == (False, "a@b")


def test_a_soft_deletion_hides_the_record_and_marks_it_offline(runtime: Runtime, host: FakeHost, call: Call) -> None:
    runtime("PutRecord", Record=features(id=1, x=1, at=100))
    runtime("DeleteRecord", RecordIdentifierValueAsString="1", EventTime="200")
    assert get(runtime, "1") is None
    runtime("PutRecord", Record=features(id=1, x=1, at=150))
    assert get(runtime, "1") is None, "the record is older than its deletion"
    *_, last = offline(host, call, 3)
    assert last.deleted
    assert last.values == {"id": "1", "at": "200.0"}


def test_a_late_deletion_deletes_nothing(runtime: Runtime, host: FakeHost, call: Call) -> None:
    """API reference of DeleteRecord: softly the marker is written all the same; hard is refused and writes nothing."""
    runtime("PutRecord", Record=features(id=1, x=1, at=100))
    runtime("DeleteRecord", RecordIdentifierValueAsString="1", EventTime="50")
    with pytest.raises(ServiceError) as refused:
        runtime("DeleteRecord", RecordIdentifierValueAsString="1", EventTime="50", DeletionMode="HardDelete")
    assert refused.value.code == "ValidationError"
    assert get(runtime, "1") == {"id": "1", "x": "1", "at": "100"}
    assert len(offline(host, call, 2)) == 2
    runtime("DeleteRecord", RecordIdentifierValueAsString="1", EventTime="101", DeletionMode="HardDelete")
    assert get(runtime, "1") is None


def test_a_batch_says_of_each_identifier_what_became_of_it(runtime: Runtime) -> None:
    for identifier in (1, 2):
        runtime("PutRecord", Record=features(id=identifier, x=1, at=100))
    answer = runtime(
        "BatchGetRecord",
        Identifiers=[
            {"FeatureGroupName": "g", "RecordIdentifiersValueAsString": ["2", "9", "1"], "FeatureNames": ["id"]},
            {"FeatureGroupName": "none", "RecordIdentifiersValueAsString": ["1"]},
        ],
    )
    assert [item["Record"] for item in answer["Records"]] == [features(id=2), features(id=1)]
    assert [(item["FeatureGroupName"], item["ErrorCode"]) for item in answer["Errors"]] == [
        ("none", "ResourceNotFound")
    ]
    assert answer["UnprocessedIdentifiers"] == []


def test_a_batch_writes_all_that_is_right_and_gives_back_the_rest(runtime: Runtime, host: FakeHost, call: Call) -> None:
    good = {"FeatureGroupName": "g", "Record": features(id=1, x=1, at=1)}
    brief = {"FeatureGroupName": "g", "Record": features(id=2, at=1), "TtlDuration": {"Unit": "Seconds", "Value": 1}}
    wrong = {"FeatureGroupName": "g", "Record": features(id=3, x="far", at=1)}
    stranger = {"FeatureGroupName": "other", "Record": features(id=4, at=1)}
    answer = runtime("BatchWriteRecord", Entries=[good, brief, wrong, stranger])
    assert answer["UnprocessedEntries"] == []
    assert [error["Entry"] for error in answer["Errors"]] == [wrong, stranger]
    assert [error["ErrorCode"] for error in answer["Errors"]] == ["ValidationError", "ResourceNotFound"]
    assert get(runtime, "1") == {"id": "1", "x": "1", "at": "1"}
    assert get(runtime, "2") is None, "its second was up in 1970"
    assert len(offline(host, call, 2)) == 2


def test_the_time_of_a_batch_holds_where_an_entry_has_none(runtime: Runtime) -> None:
    entry = {"FeatureGroupName": "g", "Record": features(id=1, at=1)}
    runtime("BatchWriteRecord", Entries=[entry], TtlDuration={"Unit": "Seconds", "Value": 1})
    assert get(runtime, "1") is None


def test_a_batch_has_at_most_25_entries(runtime: Runtime) -> None:
    entry = {"FeatureGroupName": "g", "Record": features(id=1, at=1)}
    with pytest.raises(ServiceError, match="less than or equal to 25") as refused:
        runtime("BatchWriteRecord", Entries=[entry] * 26)
    assert refused.value.code == "ValidationError"


def test_identifiers_are_listed_in_pages_without_what_was_deleted(runtime: Runtime) -> None:
    for identifier in (1, 2, 3):
        runtime("PutRecord", Record=features(id=identifier, at=1))
    runtime("DeleteRecord", RecordIdentifierValueAsString="2", EventTime="2")
    first = runtime("ListRecords", MaxResults=1)
    second = runtime("ListRecords", MaxResults=1, NextToken=first["NextToken"])
    assert (first["RecordIdentifiers"], second) == (["1"], {"RecordIdentifiers": ["3"]})
    everything = runtime("ListRecords", IncludeSoftDeletedRecords=True)
    assert everything == {"RecordIdentifiers": ["1", "2", "3"]}
    with pytest.raises(ServiceError, match="Invalid NextToken") as refused:
        runtime("ListRecords", NextToken="next")
    assert refused.value.code == "ValidationError"


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (features(id=1, x=1), "The event time at has no value."),
        (features(x=1, at=1), "The record identifier id has no value."),
        (features(id=1, x="many", at=1), "x is Integral, and 'many' is no whole number"),
        (features(id=1, at="yesterday"), "at is Fractional, and 'yesterday' is no number."),
        (features(id=1, at=1, email="a"), "The group has no feature email."),
        ([*features(id=1, at=1), *features(id=2)], "The feature id is there twice."),
        ([], "Value '[]' at 'record' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    ],
)
def test_a_record_that_the_group_cannot_hold(
    record: list[Any], sentence: str, runtime: Runtime, host: FakeHost
) -> None:
    with pytest.raises(ServiceError) as refused:
        runtime("PutRecord", Record=record)
    assert (refused.value.code, refused.value.status) == ("ValidationError", 400)
    assert sentence in str(refused.value)
    assert get(runtime, "1") is None
    assert not host.s3.content


def test_stores_may_be_named(runtime: Runtime, host: FakeHost, call: Call) -> None:
    runtime("PutRecord", Record=features(id=1, x=1, at=1), TargetStores=["OfflineStore"])
    assert get(runtime, "1") is None
    runtime("PutRecord", Record=features(id=2, x=1, at=1), TargetStores=["OnlineStore"])
    assert get(runtime, "2")
    assert [event.values["id"] for event in offline(host, call, 1)] == ["1"]


def test_a_store_that_the_group_lacks_is_named(sagemaker: SageMaker, call: Call) -> None:
    call("CreateFeatureGroup", **{key: value for key, value in GROUP.items() if key != "OnlineStoreConfig"})
    ask = sagemaker.feature_store_runtime.call
    with pytest.raises(ServiceError, match="The online store of g is not enabled"):
        ask("GetRecord", {"FeatureGroupName": "g", "RecordIdentifierValueAsString": "1"}, ADMIN)
    record = {"FeatureGroupName": "g", "Record": features(id=1, at=1), "TargetStores": ["OnlineStore"]}
    with pytest.raises(ServiceError, match="g has no OnlineStore"):
        ask("PutRecord", record, ADMIN)


def test_records_end_when_their_time_is_up(runtime: Runtime) -> None:
    now = int(time.time())
    day = {"Unit": "Days", "Value": 1}
    runtime("PutRecord", Record=features(id=1, x=1, at=now), TtlDuration=day)
    runtime("PutRecord", Record=features(id=2, x=1, at=now - 90_000), TtlDuration=day)
    assert get(runtime, "1")
    assert get(runtime, "2") is None
    shown = runtime("GetRecord", RecordIdentifierValueAsString="1", ExpirationTimeResponse="Enabled")
    assert shown["ExpiresAt"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 86_400))
    assert expiry(5, {"Unit": "Weeks", "Value": 2}) == 5 + 2 * 604_800 * 10**6


def test_a_value_that_no_feature_here_has_is_refused_by_name(runtime: Runtime) -> None:
    values = [*features(id=1, at=1), {"FeatureName": "x", "ValueAsStringList": ["1"]}]
    with pytest.raises(ServiceError, match=r"^Record\.ValueAsStringList is not provided locally: ") as refused:
        runtime("PutRecord", Record=values)
    assert refused.value.code == "ValidationError"
    assert get(runtime, "1") is None


def test_permissions_and_unknown_operations(runtime: Runtime, host: FakeHost) -> None:
    runtime("PutRecord", Record=features(id=1, at=1))
    arn = "arn:aws:sagemaker:eu-west-1:111111111111:feature-group/g"
    assert host.checked[-1][1:3] == ("sagemaker:PutRecord", arn)
    runtime("BatchGetRecord", Identifiers=[{"FeatureGroupName": "g", "RecordIdentifiersValueAsString": ["1"]}])
    assert host.checked[-1][1:3] == ("sagemaker:BatchGetRecord", arn)
    host.denied.add("sagemaker:GetRecord")
    with pytest.raises(ServiceError) as refused:
        get(runtime, "1")
    assert (refused.value.code, refused.value.status) == ("AccessDeniedException", 403)
    runtime("BatchWriteRecord", Entries=[{"FeatureGroupName": "g", "Record": features(id=1, at=2)}])
    assert host.checked[-1][1:3] == ("sagemaker:BatchWriteRecord", arn)
    runtime("ListRecords")
    assert host.checked[-1][1:3] == ("sagemaker:ListRecords", arn)
    with pytest.raises(ServiceError, match="UpdateRecord is not provided by the local feature store") as unknown:
        runtime("UpdateRecord", RecordIdentifierValueAsString="1", Features=features(x=2))
    assert unknown.value.code == "UnknownOperationException"


def test_a_group_whose_role_may_not_write_is_blocked_and_loses_nothing(
    runtime: Runtime, host: FakeHost, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = host.s3.upload

    def refuse(*_: object) -> None:
        raise ServiceError("AccessDenied", "no s3:PutObject", 403)

    monkeypatch.setattr(host.s3, "upload", refuse)
    runtime("PutRecord", Record=features(id=1, x=1, at=1))

    def status() -> dict[str, str]:
        shown: dict[str, str] = call("DescribeFeatureGroup", FeatureGroupName="g")["OfflineStoreStatus"]
        return shown

    deadline = time.monotonic() + 5
    while status()["Status"] != "Blocked" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert status() == {"Status": "Blocked", "BlockedReason": "AccessDenied: no s3:PutObject"}
    assert get(runtime, "1")
    monkeypatch.setattr(host.s3, "upload", upload)
    runtime("PutRecord", Record=features(id=2, x=1, at=1))
    assert {event.values["id"] for event in offline(host, call, 2)} == {"1", "2"}
    deadline = time.monotonic() + 5
    while status()["Status"] != "Active" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert status() == {"Status": "Active"}


def test_a_number_that_identifies_is_one_entity_however_it_is_written(
    runtime: Runtime, call: Call, host: FakeHost
) -> None:
    runtime("PutRecord", Record=features(id="007", x=1, at=2))
    assert get(runtime, "7") == get(runtime, "+7") == {"id": "7", "x": "1", "at": "2"}
    assert [event.values["id"] for event in offline(host, call, 1)] == ["7"]
    runtime("DeleteRecord", RecordIdentifierValueAsString="07", EventTime="3")
    assert get(runtime, "7") is None
