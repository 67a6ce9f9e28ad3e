"""PutEvents: entries that AWS does not take fail, and only they.

Recorded by localstack/localstack, tests/aws/services/events/test_events.snapshot.json (Apache-2.0).
"""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow
ENTRY = {"Source": "my.shop", "DetailType": "sold", "Detail": "{}"}


@pytest.mark.parametrize("detail", ["NotJSON", "[]", "{{}", '"NotJSON"'])
def test_a_detail_that_is_no_object(aws: Callable[..., Any], detail: str) -> None:
    answer = aws("events").put_events(Entries=[ENTRY, {**ENTRY, "Detail": detail}, ENTRY])
    assert answer["FailedEntryCount"] == 1
    first, second, third = answer["Entries"]
    assert second == {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    assert "EventId" in first
    assert "EventId" in third


@pytest.mark.parametrize("member", ["Source", "DetailType", "Detail"])
def test_a_member_that_is_missing(aws: Callable[..., Any], member: str) -> None:
    answer = aws("events").put_events(Entries=[{name: value for name, value in ENTRY.items() if name != member}])
    message = f"Parameter {member} is not valid. Reason: {member} is a required argument."
    assert answer["Entries"] == [{"ErrorCode": "InvalidArgument", "ErrorMessage": message}]
    assert answer["FailedEntryCount"] == 1


def test_the_entries_of_a_request_have_a_limit_together(aws: Callable[..., Any]) -> None:
    room = 256 * 1024 - len("my.shop") - len("sold") - len('{"x":""}')
    fits = {**ENTRY, "Detail": '{"x":"%s"}' % ("x" * room)}
    assert aws("events").put_events(Entries=[fits])["FailedEntryCount"] == 0
    too_big = {**ENTRY, "Detail": '{"x":"%s"}' % ("x" * (room + 1))}
    with pytest.raises(ClientError, match="Total size of the entries in the request is over the limit") as refused:
        aws("events").put_events(Entries=[too_big])
    assert refused.value.response["Error"]["Code"] == "ValidationException"
