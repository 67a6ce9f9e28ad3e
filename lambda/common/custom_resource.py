"""CloudFormation custom resources: read the request, and always answer it.

CloudFormation waits up to an hour for an answer, so every way out of a handler must send one.
Source: AWS CloudFormation user guide, "Custom resource request / response objects".
"""

import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

REASON_CHARACTERS = 1000  # the whole answer must stay under 4096 bytes
ATTEMPTS = 4
TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Request:
    """One request of CloudFormation; `physical_id` is none on `Create`."""

    type: Literal["Create", "Update", "Delete"]
    id: str
    logical_id: str
    physical_id: str | None
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Resource:
    """What a request left behind: its physical id, and the attributes that `Fn::GetAtt` reads."""

    physical_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class Failure(Exception):  # noqa: N818 - an outcome that CloudFormation shows, no programming error
    """The request cannot be met; the message is the reason that the stack shows."""

    def __init__(self, reason: str, physical_id: str | None = None) -> None:
        super().__init__(reason)
        self.physical_id = physical_id


def answer(event: Mapping[str, Any], act: Callable[[Request], Resource], log: Callable[[str], None]) -> None:
    """Run `act` on the request in `event` and send CloudFormation the outcome, whatever it is.

    Raises only when CloudFormation cannot be reached, so that Lambda tries again.
    """
    request = Request(
        type=event["RequestType"],
        id=event["RequestId"],
        logical_id=event["LogicalResourceId"],
        physical_id=event.get("PhysicalResourceId"),
        properties=event.get("ResourceProperties", {}),
    )
    try:
        resource = act(request)
        status, reason = "SUCCESS", ""
    except Exception as error:  # noqa: BLE001 - an unanswered request blocks the stack for an hour
        expected = isinstance(error, Failure)
        reason = str(error) if expected else f"{type(error).__name__}: {error}"
        status = "FAILED"
        failed_id = error.physical_id if isinstance(error, Failure) else None
        resource = Resource(failed_id or request.physical_id or request.logical_id)
        log(reason)
    body = {
        "Status": status,
        "PhysicalResourceId": resource.physical_id,
        "StackId": event["StackId"],
        "RequestId": request.id,
        "LogicalResourceId": request.logical_id,
        "Data": dict(resource.attributes),
    }
    if reason:
        body["Reason"] = reason[:REASON_CHARACTERS]
    _put(event["ResponseURL"], json.dumps(body).encode())


def _put(url: str, body: bytes) -> None:
    if not url.startswith(("https://", "http://")):
        raise ValueError("ResponseURL is no HTTP address")
    for attempt in range(1, ATTEMPTS + 1):
        # An empty content type: CloudFormation signed the address for one.
        request = urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310 - scheme checked above
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310 - scheme checked above
                return
        except OSError:
            if attempt == ATTEMPTS:
                raise
            time.sleep(2**attempt / 2)
