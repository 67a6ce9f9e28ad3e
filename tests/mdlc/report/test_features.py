"""The page of the feature store's demo."""

from typing import Any

from localsagemaker.feature_store.history import Event
from mdlc.report import features
from mdlc.report.resources import Place
from mdlc.report.summary import Summary, Way
from tests.mdlc.report.pages import Page

GROUP = {
    "FeatureGroupName": "dev-customers",
    "RecordIdentifierFeatureName": "customer_id",
    "EventTimeFeatureName": "EventTime",
    "FeatureDefinitions": [
        {"FeatureName": "customer_id", "FeatureType": "Integral"},
        {"FeatureName": "city", "FeatureType": "String"},
        {"FeatureName": "EventTime", "FeatureType": "Fractional"},
    ],
    "OnlineStoreConfig": {"EnableOnlineStore": True},
    "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": "s3://data", "ResolvedOutputS3Uri": "s3://data/customers"}},
}
BEGAN = 1_795_881_858_511_967
"""2026-11-28 16:04:18.511967 UTC in microseconds."""


def event(city: str, moment: int, sent: int) -> Event:
    values = {"customer_id": "1", "city": city, "EventTime": f"{moment / 1e6:.6f}"}
    return Event(values, moment, sent, sent)


def render(**result: Any) -> str:
    record = {"customer_id": "1", "EventTime": "1795881858.511967"}
    summary = Summary(
        system="features",
        environment="dev",
        cloud="AWS (eu-west-1)",
        steps=(),
        metrics={"late_records": 1200},
        resources={},
        way=Way((), (), 1.0, 2.0),
        more={
            "data": "generated",
            "result": {"records": [record], "joined": [{"then": record, "now": record}], **result},
        },
    )
    return features.render(summary, Place("AWS (eu-west-1)"))


def test_every_figure_says_of_what() -> None:
    assert "late records 1,200 they changed nothing online" in Page(render()).text


def test_event_times_are_dates_with_a_zone() -> None:
    page = Page(render())
    assert page.row("1") == ["1", "2026-11-28 16:04:18.511 UTC"]
    assert "1795881858" not in page.text


def test_groups_have_their_schema_and_stores() -> None:
    page = Page(render(groups=[features.describe_group(GROUP)]))
    assert "Group dev-customers Online store; offline store in s3://data/customers" in page.text
    assert page.rows[1:4] == [
        ["customer_id", "Integral", "record identifier"],
        ["city", "String", "feature"],
        ["EventTime", "Fractional", "event time"],
    ]


def test_a_late_record_stands_beside_the_one_that_won() -> None:
    late, won = event("Rome", BEGAN, BEGAN + 9_000_000), event("Oslo", BEGAN + 5_000_000, BEGAN + 6_000_000)
    pair = {"late": features.describe_event(late), "won": features.describe_event(won)}
    page = Page(render(late=pair))
    assert page.row("city") == ["city", "Rome", "Oslo"]
    assert page.row("EventTime") == ["EventTime", "2026-11-28 16:04:18.511 UTC", "2026-11-28 16:04:23.511 UTC"]
    assert page.row("sent") == ["sent", "2026-11-28 16:04:27.511 UTC", "2026-11-28 16:04:24.511 UTC"]
