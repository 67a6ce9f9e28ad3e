"""Requests to EventBridge that name a bus by its ARN, which MiniStack knows by its name.

Source: API reference of EventBridge, "EventBusName: The name or ARN of the event bus".
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack import app
from ministack.core import responses

from localcloud.hooks.requests.services import Answer


def name_buses_by_arn() -> None:
    """Let a bus be named by its ARN wherever its name may stand."""
    handle = app.SERVICE_HANDLERS["events"]

    async def answer(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        answered: Answer = await handle(method, path, headers, _by_name(headers, body), query)
        return answered

    app.SERVICE_HANDLERS["events"] = answer


def _by_name(headers: Mapping[str, str], body: bytes) -> bytes:
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    if operation == "PutEvents" or b":event-bus/" not in body:
        return body
    given = json.loads(body)
    here = f"arn:aws:events:{responses.get_region()}:{responses.get_account_id()}:event-bus/"
    for member in ("EventBusName", *(("Name",) if operation == "DescribeEventBus" else ())):
        if str(given.get(member)).startswith(here):
            given[member] = given[member].removeprefix(here)
    return json.dumps(given).encode()
