"""What a template says and what an API answers: the same in other words, or another thing."""

from typing import Any

import pytest

from localcloud.readback.comparison import covers, differences, general, leaves


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("30", 30),  # a template may hold numbers as text
        ("true", True),
        (0.5, "0.5"),
        ({"Statement": []}, '{"Statement": []}'),  # policies come as JSON text
        (
            [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
            [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}],
        ),
        ([{"Key": "a", "Value": "1"}], {"a": "1"}),
        ([{"Key": "a", "Value": "1"}], {"a": "1", "aws:cloudformation:stack-name": "s"}),
        (["x", "y"], ["y", "x"]),
        ({}, None),
        ("", None),
    ],
)
def test_the_same_in_other_words_is_no_difference(expected: object, actual: object) -> None:
    assert [found for found in differences(expected, actual) if not found.path.startswith("/aws:")] == []


@pytest.mark.parametrize(
    ("expected", "actual", "found"),
    [
        ({"A": {"B": 1}}, {"A": {"B": 2}}, [("/A/B", "NOT_EQUAL")]),
        ({"A": 1}, {}, [("/A", "REMOVE")]),
        ({"A": True}, {"A": False}, [("/A", "NOT_EQUAL")]),
        ([{"Key": "a", "Value": "1"}], {"a": "1", "b": "2"}, [("/b", "ADD")]),
        ([{"Id": "x", "Days": 1}], [{"Id": "x", "Days": 2}], [("/0/Days", "NOT_EQUAL")]),
        (["a"], ["a", "b"], [("/1", "ADD")]),
        ([{"Id": "x"}], [{"Id": "y"}], [("/0", "REMOVE"), ("/0", "ADD")]),
        ({"A": 1}, {"A": 1, "Default": 2}, [("/Default", "ADD")]),
    ],
)
def test_another_thing_is_found_where_it_is(expected: Any, actual: Any, found: list[tuple[str, str]]) -> None:
    assert [(each.path, each.kind) for each in differences(expected, actual)] == found


def test_every_value_of_a_template_is_a_place_and_a_document_is_one() -> None:
    template = {
        "Rules": [{"Id": "a", "Days": 1}, {"Id": "b"}],
        "KeyPolicy": {"Statement": [{"Effect": "Allow"}]},
        "Tags": [{"Key": "a", "Value": "1"}],
        "Names": ["x", "y"],
    }
    assert list(leaves(template)) == ["/Rules/0/Id", "/Rules/0/Days", "/Rules/1/Id", "/KeyPolicy", "/Tags/a", "/Names"]


def test_a_place_of_the_list_covers_what_lies_in_it() -> None:
    assert general("/Rules/12/Id") == "/Rules/*/Id"
    assert covers("/Rules/*/Id", "/Rules/*/Id/Deeper")
    assert covers("/Rules", "/Rules/*/Id")
    assert not covers("/Rules/*/Id", "/Rules")
    assert not covers("/Rule", "/Rules")
