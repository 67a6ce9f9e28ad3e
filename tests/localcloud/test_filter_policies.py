"""Filter policies that SNS refuses.

Words: answers that localstack/localstack recorded from AWS, tests/aws/services/sns/test_sns_filter_policy.snapshot.json
(Apache-2.0). Figures: developer guide of SNS, "Subscription filter policy constraints".
"""

import json

import pytest

from localcloud.filter_policies import ATTRIBUTES, BODY, PolicyError, check


@pytest.mark.parametrize(
    "policy",
    [
        {"store": ["example_corp"]},
        {"price": [{"numeric": [">", 0, "<=", 150.5]}], "kind": [{"anything-but": {"prefix": "test-"}}]},
        {"key": [{"exists": False}, {"cidr": "10.0.0.0/8"}, {"suffix": ".png"}, None, True]},
        {"key": [f"value{index}" for index in range(150)]},
        {"key": [{"anything-but": ["a", 1]}]},
    ],
)
def test_a_policy_that_is_taken(policy: object) -> None:
    check(json.dumps(policy), ATTRIBUTES)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"key": [["value"]]}, "Match value must be String, number, true, false, or null"),
        ({"key": [{"wrong": True}]}, "Unrecognized match type wrong"),
        ({"key": [{"suffix": "a", "prefix": "b"}]}, "Only one key allowed in match expression"),
        ({"key": []}, "Empty arrays are not allowed"),
        ({"key": [{"suffix": 100}]}, "suffix match pattern must be a string"),
        ({"key": {"suffix": "value"}}, '"suffix" must be an object or an array'),
        ({"key": [{"cidr": "bad/filter"}]}, "Malformed CIDR, mask bits must be an integer"),
        ({"key": [{"cidr": "10.0"}]}, "Malformed CIDR, one '/' required"),
        ({"key": [{"cidr": "x/8"}]}, "Nonstandard IP address: x"),
        ({"key": [{"exists": "no"}]}, "exists match pattern must be either true or false."),
        ({"key": [{"numeric": []}]}, "Invalid member in numeric match: ]"),
        ({"key": [{"numeric": ["<=>", 1]}]}, "Unrecognized numeric range operator: <=>"),
        ({"key": [{"numeric": ["=", "000"]}]}, "Value of equals must be numeric"),
        ({"key": [{"numeric": ["<", 100, ">", 10]}]}, "Too many elements in numeric expression"),
        ({"key": [{"numeric": [">=", 1, ">", 2]}]}, "Bad numeric range operator: >"),
        ({"key": [{"numeric": [">", 3, "<", 1]}]}, "Bottom must be less than top"),
        ({"key": [{"numeric": [">", 20, 30]}]}, "Bad value in numeric range: 30"),
        ({"key": [{"numeric": [">", 20, "<", 30, "<", 50]}]}, "Too many terms in numeric range expression"),
        ({"key": [{"anything-but": {"suffix": "a"}}]}, "Unsupported anything-but pattern: suffix"),
        ({f"key{index}": ["value"] for index in range(6)}, "Filter policy can not have more than 5 keys"),
        ({"a": ["x"] * 100, "b": ["x"] * 2}, "Filter policy is too complex"),
        ({"a": {"b": ["x"]}}, "Filter policy scope MessageAttributes does not support nested filter policy"),
        ([], "Filter is not an object"),
    ],
)
def test_a_policy_that_is_refused(policy: object, said: str) -> None:
    with pytest.raises(PolicyError) as refused:
        check(json.dumps(policy), ATTRIBUTES)
    assert str(refused.value) == said


def test_a_policy_that_is_no_json() -> None:
    with pytest.raises(PolicyError, match=r"^failed to parse JSON\.$"):
        check("{policy", BODY)


def test_values_of_nested_keys_count_by_their_depth() -> None:
    """The guide's example: 4 values in 3 levels, 3 in 2, 3 in 1 are 3 x 4 x 2 x 3 x 1 x 3 = 216 combinations."""
    policy = {"a": {"b": {"c": ["x"] * 4}}, "d": {"e": ["x"] * 3}, "f": ["x"] * 3}
    with pytest.raises(PolicyError, match="too complex"):
        check(json.dumps(policy), BODY)
    check(json.dumps({"a": {"b": ["x"] * 75}}), BODY)


def test_each_way_through_an_or_counts() -> None:
    """4 sources with 6 names, or with 4 kinds of 4 or 4 ids: 24 + 64 + 64 = 152; one name less is 148."""

    def policy(names: int) -> str:
        kinds = {"kind": ["x"] * 4, "$or": [{"id": [1, 2, 3, 4]}, {"space": [1, 2, 3, 4]}]}
        return json.dumps({"source": ["x"] * 4, "$or": [{"name": ["x"] * names}, kinds]})

    with pytest.raises(PolicyError, match="too complex"):
        check(policy(6), ATTRIBUTES)
    check(policy(5), ATTRIBUTES)
