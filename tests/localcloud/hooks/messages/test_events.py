"""PutEvents: entries that AWS does not take fail, and only they; what input transformers deliver.

Recorded by localstack/localstack, tests/aws/services/events/test_events.snapshot.json and
test_events_inputs.snapshot.json (Apache-2.0); user guide of EventBridge, "Input transformation".
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.hooks.messages.events import has_dots, is_delivered, rendered, undotted

ENTRY = {"Source": "my.shop", "DetailType": "sold", "Detail": "{}"}


@pytest.mark.slow
@pytest.mark.parametrize("detail", ["NotJSON", "[]", "{{}", '"NotJSON"'])
def test_a_detail_that_is_no_object(aws: Callable[..., Any], detail: str) -> None:
    answer = aws("events").put_events(Entries=[ENTRY, {**ENTRY, "Detail": detail}, ENTRY])
    assert answer["FailedEntryCount"] == 1
    first, second, third = answer["Entries"]
    assert second == {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    assert "EventId" in first
    assert "EventId" in third


@pytest.mark.slow
@pytest.mark.parametrize("member", ["Source", "DetailType", "Detail"])
def test_a_member_that_is_missing(aws: Callable[..., Any], member: str) -> None:
    answer = aws("events").put_events(Entries=[{name: value for name, value in ENTRY.items() if name != member}])
    message = f"Parameter {member} is not valid. Reason: {member} is a required argument."
    assert answer["Entries"] == [{"ErrorCode": "InvalidArgument", "ErrorMessage": message}]
    assert answer["FailedEntryCount"] == 1


@pytest.mark.slow
def test_the_entries_of_a_request_have_a_limit_together(aws: Callable[..., Any]) -> None:
    room = 256 * 1024 - len("my.shop") - len("sold") - len('{"x":""}')
    fits = {**ENTRY, "Detail": '{"x":"%s"}' % ("x" * room)}
    assert aws("events").put_events(Entries=[fits])["FailedEntryCount"] == 0
    too_big = {**ENTRY, "Detail": '{"x":"%s"}' % ("x" * (room + 1))}
    with pytest.raises(ClientError, match="Total size of the entries in the request is over the limit") as refused:
        aws("events").put_events(Entries=[too_big])
    assert refused.value.response["Error"]["Code"] == "ValidationException"


EVENT: dict[str, Any] = {
    "id": "1",
    "source": "test-source",
    "detail-type": "test-detail-type",
    "account": "123456789012",
    "region": "us-east-2",
    "time": "2022-07-13T13:48:01Z",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("detail", "pattern", "matches"),
    [
        ({"state.status": "running"}, {"state": {"status": ["running"]}}, True),
        ({"state": {"status": "running"}}, {"state.status": ["running"]}, True),
        ({"state.status": {"status": "running"}}, {"state": {"status": ["running"]}}, False),
        ({"state": {"status": "running"}}, {"state.status": {"status": ["running"]}}, False),
        ('{"my-key": "my-value"}', {"my-key": ["my-value"]}, False),
    ],
)
def test_keys_of_events_are_joined_with_dots_and_a_text_is_no_object(
    aws: Callable[..., Any], detail: object, pattern: dict[str, Any], *, matches: bool
) -> None:
    """Recorded by localstack/localstack: test_events_patterns.py, dot_joining_* and nested_json_NEG."""
    asked = {"Event": json.dumps({**EVENT, "detail": detail}), "EventPattern": json.dumps({"detail": pattern})}
    assert aws("events").test_event_pattern(**asked)["Result"] is matches


def test_keys_with_dots_are_ways() -> None:
    assert undotted({"a.b": 1, "a": {"c": 2}, "d": [{"e.f": 3}]}) == {"a": {"b": 1, "c": 2}, "d": [{"e": {"f": 3}}]}
    assert has_dots({"d": [{"e.f": 3}]})
    assert not has_dots({"a": ["b.c"]})


VALUES: dict[str, Any] = {"user": "ann", "states": ["ON", "OFF"], "path": {"id": "7"}}


@pytest.mark.parametrize(
    ("name", "in_string", "text"),
    [
        ("user", True, "ann"),
        ("user", False, '"ann"'),
        ("states", True, "[ON,OFF]"),
        ("states", False, '["ON","OFF"]'),
        ("path", True, "{id:7}"),
        ("other", False, "<other>"),
    ],
)
def test_what_stands_for_a_placeholder(name: str, in_string: bool, text: str) -> None:  # noqa: FBT001 - as MiniStack asks
    assert rendered(name, f"<{name}>", VALUES, in_string) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [('"<states> are states"', '"[ON,OFF] are states"'), ('{"user": <user>}', '{"user": "ann"}')],
)
def test_an_input_that_is_delivered(template: str, text: str) -> None:
    assert is_delivered(template, text, VALUES)


@pytest.mark.parametrize(
    ("template", "text"),
    [('{"states": "<states>"}', '{"states": "[ON,OFF]"}'), ('{"user": users/<user>}', '{"user": users/"ann"}')],
)
def test_an_input_that_is_not_delivered(template: str, text: str) -> None:
    assert not is_delivered(template, text, VALUES)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "said"),
    [
        (
            {"InputPath": "$.detail", "Input": "{}"},
            "Only one of Input, InputPath, or InputTransformer must be provided",
        ),
        ({"InputTransformer": {"InputTemplate": '"<user>"'}}, "contains invalid placeholder user"),
    ],
)
def test_a_target_whose_input_is_refused(aws: Callable[..., Any], target: dict[str, Any], said: str) -> None:
    events = aws("events")
    events.put_rule(Name="inputs", EventPattern='{"source": ["my.shop"]}')
    arn = f"arn:aws:sqs:{events.meta.region_name}:111122223333:q"
    with pytest.raises(ClientError, match=said) as refused:
        events.put_targets(Rule="inputs", Targets=[{"Id": "one", "Arn": arn, **target}])
    assert refused.value.response["Error"]["Code"] == "ValidationException"
