"""CloudFormation's side of a custom resource, as its user guide tells it: what it sends, when, and what it keeps."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

STACK = "arn:aws:cloudformation:eu-west-1:111122223333:stack/dev-all/1"
Handler = Callable[[dict[str, Any], Any], None]
Properties = Mapping[str, str]


@dataclass
class Clock:
    """A Lambda context with as much time left as a test wants."""

    seconds: float = 900

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass
class CloudFormation:
    """A stack with one custom resource: real requests to its function, real answers over HTTP.

    A creation that fails is deleted, an update that fails is taken back, and what an update leaves behind under
    another physical id is deleted when all else is done.
    """

    handler: Handler
    url: str = ""
    refusals: int = 0
    """How often the answer's address fails before it accepts one."""
    clock: Clock = field(default_factory=Clock)
    status: str = "CREATE_IN_PROGRESS"
    physical_id: str | None = None
    properties: Properties = field(default_factory=dict)
    received: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def create(self, properties: Properties) -> dict[str, Any]:
        """Create the resource; where that fails, roll back."""
        self.status, self.properties = "CREATE_IN_PROGRESS", properties
        answer = self.send("Create", properties)
        self.physical_id = answer["PhysicalResourceId"]
        if answer["Status"] == "FAILED":
            self.delete("ROLLBACK_IN_PROGRESS")
        return answer

    def update(self, properties: Properties, *, then_fails: bool = False) -> dict[str, Any]:
        """Update the resource; where that fails, or another resource's update does, roll back."""
        old, self.status = (self.physical_id, self.properties), "UPDATE_IN_PROGRESS"
        answer = self.send("Update", properties, OldResourceProperties=dict(self.properties))
        self.physical_id, self.properties = answer["PhysicalResourceId"], properties
        if answer["Status"] == "FAILED" or then_fails:
            left = (self.physical_id, self.properties)
            self.status = "UPDATE_ROLLBACK_IN_PROGRESS"
            back = self.send("Update", old[1], OldResourceProperties=dict(properties))
            assert back["Status"] == "SUCCESS", back
            self.physical_id, self.properties = back["PhysicalResourceId"], old[1]
            self.status = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
        else:
            left = old
            self.status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
        if left[0] != self.physical_id:
            assert self.send("Delete", left[1], PhysicalResourceId=left[0])["Status"] == "SUCCESS"
        self.status = "UPDATE_COMPLETE"
        return answer

    def delete(self, status: str = "DELETE_IN_PROGRESS") -> dict[str, Any]:
        """Delete the resource with its stack."""
        self.status = status
        return self.send("Delete", self.properties)

    def send(self, kind: str, properties: Properties, **members: Any) -> dict[str, Any]:
        """Send a request, and return the one answer to it."""
        event = {
            "RequestType": kind,
            "ResponseURL": self.url,
            "StackId": STACK,
            "RequestId": f"request-{len(self.sent)}",
            "ResourceType": "Custom::Tested",
            "LogicalResourceId": "Tested",
            "ResourceProperties": {"ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:f", **properties},
            **({"PhysicalResourceId": self.physical_id} if kind != "Create" else {}),
            **members,
        }
        self.sent.append(event)
        return self.repeat()

    def repeat(self) -> dict[str, Any]:
        """Send the last request as it was, again; return the one answer to it."""
        before, event = len(self.received), self.sent[-1]
        self.handler(json.loads(json.dumps(event)), self.clock)
        (answer,) = self.received[before:]
        for name in ("StackId", "RequestId", "LogicalResourceId"):
            assert answer[name] == event[name]
        assert answer["Status"] == "SUCCESS" or answer["Reason"]
        assert len(json.dumps(answer)) < 4096
        if event["RequestType"] == "Delete":
            assert answer["PhysicalResourceId"] == event["PhysicalResourceId"]
        return answer


@contextmanager
def cloudformation(handler: Handler) -> Iterator[CloudFormation]:
    """Serve the address that custom resources answer to."""
    stack = CloudFormation(handler)

    class Address(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            refused = stack.refusals > 0
            stack.refusals -= refused
            if not refused:
                stack.received.append(json.loads(body))
            self.send_response(503 if refused else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Address)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    stack.url = f"http://127.0.0.1:{server.server_port}/response?Signature=x"
    try:
        yield stack
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
