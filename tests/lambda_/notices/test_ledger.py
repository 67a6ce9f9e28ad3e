"""The ledger's requests: one writer wins, and who was interrupted can go on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from notices.ledger import LEASE, Ledger
from tests.lambda_.notices.test_telling import notice
from tests.lambda_.stub import answered_by

NOW = datetime(2026, 11, 29, 18, 30, tzinfo=UTC)


class Table:
    """A DynamoDB table that knows the one condition that the ledger writes under."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation == "PutItem":
            return self._put(request)
        assert operation == "UpdateItem"
        item = self.items.setdefault(request["Key"]["Id"]["S"], {"Id": request["Key"]["Id"]})
        if request["UpdateExpression"].startswith("ADD"):
            item["Count"] = {"N": str(int(item.get("Count", {"N": "0"})["N"]) + 1)}
            return {"Attributes": {"Count": item["Count"]}}
        item["State"] = request["ExpressionAttributeValues"][":state"]
        return {}

    def _put(self, request: dict[str, Any]) -> dict[str, Any]:
        assert request["ConditionExpression"] == "attribute_not_exists(Id) OR (#state = :claimed AND #until < :now)"
        old, values = self.items.get(request["Item"]["Id"]["S"]), request["ExpressionAttributeValues"]
        abandoned = old and old["State"] == values[":claimed"] and int(old["Until"]["N"]) < int(values[":now"]["N"])
        if old and not abandoned:
            code, message = "ConditionalCheckFailedException", "The conditional request failed"
            raise ClientError({"Error": {"Code": code, "Message": message}}, "PutItem")
        self.items[request["Item"]["Id"]["S"]] = request["Item"]
        return {}


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def ledger(table: Table, aws: None) -> Ledger:  # noqa: ARG001 - the region and keys of the client
    return Ledger(answered_by(boto3.client("dynamodb"), table.call), "ledger")


def test_a_notice_is_claimed_once_and_its_row_has_all_that_was_said(ledger: Ledger, table: Table) -> None:
    assert ledger.claim(notice(), NOW)
    assert not ledger.claim(notice(), NOW + timedelta(seconds=1))
    row = table.items["run/1"]
    assert (row["Subject"]["S"], row["Body"]["S"], row["State"]["S"]) == (notice().subject, notice().body, "claimed")
    assert int(row["Expires"]["N"]) == int((NOW + timedelta(days=90)).timestamp())


def test_who_claimed_and_was_interrupted_can_tell_at_the_next_attempt(ledger: Ledger) -> None:
    """Lambda tries a failed event again after a minute."""
    assert timedelta(minutes=1) > LEASE
    assert ledger.claim(notice(), NOW)
    assert ledger.claim(notice(), NOW + timedelta(minutes=1))
    ledger.close(notice(), "told")
    assert not ledger.claim(notice(), NOW + timedelta(minutes=3))


def test_counts_are_of_a_kind_a_system_and_an_hour(ledger: Ledger) -> None:
    assert [ledger.count(notice(), NOW) for _ in range(3)] == [1, 2, 3]
    assert ledger.count(notice(system="knn"), NOW) == 1
    assert ledger.count(notice(), NOW + timedelta(hours=1)) == 1


def test_a_denial_is_an_error_that_lambda_tries_again(
    ledger: Ledger, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": str(request)}}, operation)

    monkeypatch.setattr(table, "_put", lambda request: deny("PutItem", request))
    with pytest.raises(ClientError, match="AccessDenied"):
        ledger.claim(notice(), NOW)
