"""Conditions: IAM user guide, "Condition operators" and "Single-valued vs. multivalued context keys"."""

from typing import Any

import pytest

from checks.access.second.conditions import UnknownOperatorError, hold

GIVEN: dict[str, str | list[str]] = {
    "aws:username": "Ann",
    "aws:sourceip": "203.0.113.7",
    "aws:currenttime": "2026-03-01T12:00:00Z",
    "aws:securetransport": "true",
    "aws:sourcearn": "arn:aws:sns:us-east-1:1:topic",
    "s3:max-keys": "10",
    "aws:tagkeys": ["team", "cost"],
    "empty": [],
}


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "holds"),
    [
        ("StringEquals", "aws:Username", "Ann", True),
        ("StringEquals", "aws:Username", "ann", False),
        ("StringEquals", "aws:Username", ["Bob", "Ann"], True),  # values of one key are alternatives
        ("StringEqualsIgnoreCase", "aws:username", "ANN", True),
        ("StringNotEquals", "aws:username", ["Bob", "Ann"], False),  # none of them
        ("StringNotEquals", "aws:username", ["Bob", "Eve"], True),
        ("StringNotEquals", "aws:nothing", "Ann", True),  # "negated matching": true where the key is missing
        ("StringLike", "aws:username", "A*", True),
        ("StringNotLike", "aws:username", "A*", False),
        ("StringEquals", "aws:nothing", "Ann", False),
        ("StringEqualsIfExists", "aws:nothing", "Ann", True),
        ("StringEqualsIfExists", "aws:username", "Bob", False),
        ("NumericLessThanEquals", "s3:max-keys", "10", True),
        ("NumericLessThan", "s3:max-keys", 10, False),
        ("NumericGreaterThan", "s3:max-keys", "9", True),
        ("NumericGreaterThanEquals", "s3:max-keys", "11", False),
        ("NumericEquals", "s3:max-keys", "10.0", True),
        ("NumericNotEquals", "s3:max-keys", "10", False),
        ("DateLessThan", "aws:CurrentTime", "2026-04-01T00:00:00Z", True),
        ("DateLessThanEquals", "aws:CurrentTime", "2026-02-01T00:00:00Z", False),
        ("DateGreaterThan", "aws:CurrentTime", "1735689600", True),  # 2025-01-01 in seconds
        ("DateGreaterThanEquals", "aws:CurrentTime", "2026-03-01T12:00:00Z", True),
        ("DateEquals", "aws:CurrentTime", "2026-03-01T12:00:00Z", True),
        ("Bool", "aws:SecureTransport", "true", True),
        ("Bool", "aws:SecureTransport", False, False),
        ("BoolIfExists", "aws:ViaAWSService", "false", True),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", True),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", False),
        ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:1:t*", True),
        ("ArnEquals", "aws:SourceArn", "arn:aws:sns:us-east-1:1:topic", True),
        ("ArnNotLike", "aws:SourceArn", "arn:aws:sqs:*:*:*", True),
        ("Null", "aws:nothing", "true", True),
        ("Null", "aws:username", "true", False),
        ("Null", "aws:username", "false", True),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["team", "cost", "x"], True),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["team"], False),
        ("ForAllValues:StringEquals", "aws:nothing", ["team"], True),  # "also true if there are no keys"
        ("ForAllValues:StringEquals", "empty", ["team"], True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["team"], True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["x"], False),
        ("ForAnyValue:StringEquals", "aws:nothing", ["team"], False),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["team"], True),  # one of them is another
        ("ForAllValues:StringNotEquals", "aws:TagKeys", ["team"], False),
        ("StringEquals", "aws:username", "${aws:username}", True),
        ("StringEquals", "aws:username", "${aws:nothing}", False),
        ("StringLike", "aws:username", "${aws:username}*", True),
    ],
)
def test_an_operator(operator: str, key: str, wanted: Any, *, holds: bool) -> None:
    assert hold({operator: {key: wanted}}, GIVEN) == holds


def test_all_conditions_hold_or_none() -> None:
    both = {"StringEquals": {"aws:username": "Ann"}, "Bool": {"aws:securetransport": "false"}}
    assert not hold(both, GIVEN)
    assert hold({}, GIVEN)


def test_an_operator_that_nobody_knows_is_named() -> None:
    with pytest.raises(UnknownOperatorError, match="StringAlmost is no operator"):
        hold({"StringAlmost": {"aws:username": "Ann"}}, GIVEN)
