"""CloudFormation custom resources: read the request, and always answer it.

CloudFormation waits up to an hour for an answer, so every way out of a handler must send one, in time. Lambda calls a
function again whose time was up, so every request may come twice.
Source: AWS CloudFormation user guide, "Custom resource request / response objects".
"""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from botocore.config import Config

REASON_CHARACTERS = 1000  # the whole answer must stay under 4096 bytes
ATTEMPTS = 4
TIMEOUT_SECONDS = 10
ANSWER_SECONDS = 50  # what every attempt to answer takes at most, with the pauses between them
RESERVE_SECONDS = 60  # who works until then can still say what is not done
CLIENT = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 6})
"""How custom resources call AWS: an address that does not answer fails them before their time is up."""


class Context(Protocol):
    """What a custom resource needs of the Lambda context."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends this invocation."""


@dataclass(frozen=True)
class Request:
    """One request of CloudFormation; `physical_id` is none on `Create`, `seconds_left` what there is to work in."""

    type: Literal["Create", "Update", "Delete"]
    id: str
    logical_id: str
    physical_id: str | None
    properties: Mapping[str, Any]
    seconds_left: Callable[[], float]

    def text(self, name: str) -> str:
        """Return a property; `Failure` says that it is missing."""
        if not self.properties.get(name):
            raise Failure(f"The property {name} is missing.")
        return str(self.properties[name])


@dataclass(frozen=True)
class Resource:
    """What a request left behind: its physical id, and the attributes that `Fn::GetAtt` reads."""

    physical_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class Failure(Exception):  # noqa: N818 - an outcome that CloudFormation shows, no programming error
    """The request cannot be met; the message is the reason that the stack shows."""


def answer(
    event: Mapping[str, Any], context: Context, act: Callable[[Request], Resource], log: Callable[[str], None]
) -> None:
    """Run `act` on the request in `event` and send CloudFormation the outcome, whatever it is.

    The physical id changes with an update that succeeds alone: what fails, and what is deleted, is the resource that
    CloudFormation knows. Raises only when CloudFormation cannot be reached, so that Lambda tries again.
    """
    request = Request(
        type=event["RequestType"],
        id=event["RequestId"],
        logical_id=event["LogicalResourceId"],
        physical_id=event.get("PhysicalResourceId"),
        properties=event.get("ResourceProperties", {}),
        seconds_left=lambda: _seconds_left(context, RESERVE_SECONDS),
    )
    known = Resource(request.physical_id or request.logical_id)
    unanswered = threading.Lock()

    def send(resource: Resource, reason: str = "") -> None:
        if not unanswered.acquire(blocking=False):
            return
        if reason:
            log(reason)
        kept = known if reason or request.type == "Delete" else resource
        body = {
            "Status": "FAILED" if reason else "SUCCESS",
            "PhysicalResourceId": kept.physical_id,
            "StackId": event["StackId"],
            "RequestId": request.id,
            "LogicalResourceId": request.logical_id,
            "Data": dict(kept.attributes),
        }
        if reason:
            body["Reason"] = reason[:REASON_CHARACTERS]
        _put(event["ResponseURL"], json.dumps(body).encode())

    late = threading.Timer(
        _seconds_left(context, ANSWER_SECONDS), send, [known, "It was not done before the function's time was up."]
    )
    late.start()
    try:
        resource, reason = act(request), ""
    except Exception as error:  # noqa: BLE001 - an unanswered request blocks the stack for an hour
        resource, reason = known, str(error) if isinstance(error, Failure) else f"{type(error).__name__}: {error}"
    finally:
        late.cancel()
    send(resource, reason)
    late.join()


def _seconds_left(context: Context, reserve: float) -> float:
    return context.get_remaining_time_in_millis() / 1000 - reserve


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
