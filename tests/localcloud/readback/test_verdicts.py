"""The verdict on every property, and the page that lists what is recorded only."""

from typing import Any

import pytest

from localcloud.readback import page, verdicts
from localcloud.readback.readers import READERS
from localcloud.readback.reading import Gone
from localcloud.readback.recorded import CUSTOM, RECORDED, of_type
from localcloud.readback.verdicts import Reading, Verdict


def statuses(found: list[Verdict]) -> dict[str, str]:
    return {each.path: each.status for each in found}


def test_a_property_is_applied_recorded_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "RECORDED", {"AWS::A::B": {"/Kept": "nothing acts on it"}})
    properties = {"Size": 3, "Kept": {"Deep": 1}, "Dropped": {"Key": "k"}, "Other": ["a"]}
    found = verdicts.judge("AWS::A::B", properties, Reading({"Size": "3", "Other": ["b"]}))
    assert statuses(found) == {
        "/Size": "applied",
        "/Kept/Deep": "recorded",
        "/Dropped/Key": "refused",
        "/Other": "refused",
    }


def test_a_type_that_nobody_reads_is_refused_by_property() -> None:
    found = verdicts.judge("AWS::No::Reader", {"Name": "x"}, Reading(None))
    assert [(each.status, each.reason) for each in found] == [
        ("refused", "it is of a type that nobody reads back (AWS::No::Reader)")
    ]


def test_what_the_service_adds_is_no_drift_and_what_somebody_adds_is() -> None:
    expected = {"Rules": [{"Id": "a"}]}
    made = {"Rules": [{"Id": "a", "Default": 1}], "Unset": 1}
    assert verdicts.drift(expected, made, made) == []
    changed = {"Rules": [{"Id": "a", "Default": 1}, {"Id": "b"}], "Unset": 2}
    assert [(each.path, each.kind) for each in verdicts.drift(expected, changed, made)] == [("/Rules/1", "ADD")]


def test_a_property_that_was_never_read_is_no_drift() -> None:
    assert verdicts.drift({"Kept": 1}, {}, {}) == []
    assert [each.path for each in verdicts.drift({"Kept": 1}, {}, {"Kept": 1})] == ["/Kept"]


def test_a_resource_that_is_gone_is_read_as_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> dict[str, Any]:
        raise Gone

    monkeypatch.setattr(verdicts, "READERS", {"AWS::A::B": gone})

    def ask(service: str, operation: str, /, **parameters: object) -> dict[str, Any]:
        raise AssertionError((service, operation, parameters))

    assert verdicts.read(ask, "AWS::A::B", "x", {}).gone


def test_properties_of_a_custom_resource_are_its_function_s() -> None:
    assert of_type("Custom::Thing", {}) == CUSTOM
    assert of_type("AWS::EC2::VPC", {"AWS::EC2::VPC": "no packets"}) == "no packets"
    assert of_type("AWS::S3::Bucket", {}) == ""


def test_every_line_of_the_list_is_of_a_type_that_is_read_and_has_a_reason() -> None:
    assert set(RECORDED) <= set(READERS)
    for places in RECORDED.values():
        assert all(place.startswith("/") and reason for place, reason in places.items())


def test_the_page_is_what_the_list_says() -> None:
    written = page.PAGE.read_text(encoding="utf-8")
    assert written == page.page(), "python -m localcloud.readback.page writes it"
