"""Filters of event source mappings.

Expectations: developer guide of Lambda, "Control which events Lambda sends to your function", its table of operators;
"Using event filtering with an Amazon SQS event source", its table of formats of messages and filters; user guide of
EventBridge, "Comparison operators" ("exists" asks about leaves).
"""

import json
from typing import Any

import pytest

from localcloud.hooks.compute import event_filters

CHANGE: dict[str, Any] = {
    "eventName": "MODIFY",
    "dynamodb": {"NewImage": {"state": {"S": "Done"}, "votes": {"N": "3"}}, "OldImage": {"state": {"S": "Open"}}},
}


def message(body: str) -> dict[str, Any]:
    return {"messageId": "1", "body": body, "eventSource": "aws:sqs"}


def state(*rules: object) -> dict[str, Any]:
    return {"dynamodb": {"NewImage": {"state": {"S": list(rules)}}}}


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        {"eventName": ["INSERT", "MODIFY"]},
        state("Done"),
        state({"prefix": "Do"}),
        state({"suffix": "ne"}),
        state({"equals-ignore-case": "DONE"}),
        state({"anything-but": ["Open"]}),
        state({"anything-but": {"prefix": "Op"}}),
        {"$or": [{"eventName": ["REMOVE"]}, state("Done")]},
        {"dynamodb": {"NewImage": {"note": {"S": [{"exists": False}]}}}},
    ],
)
def test_a_change_that_passes(pattern: dict[str, Any]) -> None:
    assert event_filters.passes(json.dumps(pattern), CHANGE)


@pytest.mark.parametrize(
    "pattern",
    [
        {"eventName": ["INSERT"]},
        state({"anything-but": {"prefix": "Do"}}),
        state({"anything-but": "Done"}),
        state({"equals-ignore-case": "open"}),
        {"$or": [{"eventName": ["REMOVE"]}, state("Open")]},
        {"dynamodb": {"NewImage": {"votes": {"N": [{"numeric": [">", 2]}]}}}},  # numbers of DynamoDB are texts
        {"dynamodb": {"NewImage": {"state": [{"exists": True}]}}},  # no leaf
    ],
)
def test_a_change_that_does_not_pass(pattern: dict[str, Any]) -> None:
    assert not event_filters.passes(json.dumps(pattern), CHANGE)


@pytest.mark.parametrize(
    ("body", "pattern", "passes"),
    [
        ('{"city": "Seattle", "degrees": 30}', {"body": {"degrees": [{"numeric": [">", 20, "<=", 30]}]}}, True),
        ('{"city": "Seattle", "degrees": 30}', {"body": {"degrees": [{"numeric": [">", 30]}]}}, False),
        ('{"city": "Seattle"}', {"body": {"degrees": [{"exists": False}]}}, True),
        ("Seattle", {"body": ["Seattle"]}, True),
        ("Seattle", {"body": {"degrees": [{"exists": False}]}}, False),  # a plain text and a filter in JSON
        ('{"city": "Seattle"}', {"body": ["Seattle"]}, False),  # JSON and a filter in plain text
    ],
)
def test_a_message_passes_a_filter_of_its_own_format(body: str, pattern: dict[str, Any], *, passes: bool) -> None:
    assert event_filters.passes(json.dumps(pattern), message(body)) is passes


def test_one_filter_of_several_is_enough_and_none_lets_all_pass() -> None:
    records = [message('{"a": 1}'), message('{"a": 2}'), message('{"a": 3}')]
    filters = [{"Pattern": '{"body": {"a": [1]}}'}, {"Pattern": '{"body": {"a": [3]}}'}]
    assert event_filters.kept(records, {"FilterCriteria": {"Filters": filters}}) == [records[0], records[2]]
    assert event_filters.kept(records, {}) == event_filters.kept(records, {"FilterCriteria": None}) == records


@pytest.mark.parametrize("pattern", ['{"a": "b"}', '{"a": []}', "no json", '"text"', '{"a": [{"begins": "b"}]}'])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    assert event_filters.refusal(pattern)


def test_a_pattern_is_taken() -> None:
    assert event_filters.refusal('{"body": {"a": [{"prefix": "b"}]}}') is None
    assert event_filters.refusal("{}") is None
