"""What the service tells EventBridge, in the documented shapes.

https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def detail(members: Mapping[str, Any], *, milliseconds: bool = False) -> dict[str, Any]:
    """Members of a record as an event carries them.

    Times are in ISO 8601 to the second, or in milliseconds since the epoch, which jobs and endpoints use.
    """
    return {name: _plain(value, milliseconds=milliseconds) for name, value in members.items()}


def _plain(value: Any, *, milliseconds: bool) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000) if milliseconds else value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Mapping):
        return detail(value, milliseconds=milliseconds)
    if isinstance(value, list | tuple):
        return [_plain(item, milliseconds=milliseconds) for item in value]
    return value
