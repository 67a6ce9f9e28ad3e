"""An error on the wire, in the protocol that the request was made in: what botocore's parsers read."""

import json
import uuid
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import OperationModel

from localcloud.faults.kinds import Said
from localcloud.faults.operations import Asked

Answer = tuple[int, dict[str, str], bytes]
SERVER = 500


def answer(said: Said, request: Asked, model: OperationModel | None) -> Answer:
    """Write an error as the service does."""
    metadata: Mapping[str, Any] = model.service_model.metadata if model else {}
    protocol = _protocol(request, metadata)
    fault = "Receiver" if said.status >= SERVER else "Sender"
    if request.method == "HEAD":
        return said.status, {}, b""
    if protocol == "smithy-rpc-v2-cbor":
        body = b"\xa2" + b"".join(map(_cbor, ("__type", said.code, "message", said.message)))
        return said.status, {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, body
    if protocol in {"json", "rest-json"}:
        kind = f"x-amz-json-{metadata.get('jsonVersion', '1.1')}" if protocol == "json" else "json"
        headers = {"Content-Type": f"application/{kind}", "x-amzn-ErrorType": said.code}
        if "awsQueryCompatible" in metadata:
            headers["x-amzn-query-error"] = f"{said.code};{fault}"
        told = {"__type": said.code, "message": said.message, "Message": said.message}
        return said.status, headers, json.dumps(told).encode()
    error = f"<Code>{said.code}</Code><Message>{escape(said.message)}</Message>"
    number = uuid.uuid4()
    if protocol == "ec2":
        text = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{number}</RequestID></Response>"
    elif metadata.get("serviceId") == "S3":
        text = f"<Error>{error}<RequestId>{number}</RequestId></Error>"
    else:
        space = f' xmlns="{metadata["xmlNamespace"]}"' if isinstance(metadata.get("xmlNamespace"), str) else ""
        inner = f"<Error><Type>{fault}</Type>{error}</Error><RequestId>{number}</RequestId>"
        text = f"<ErrorResponse{space}>{inner}</ErrorResponse>"
    return said.status, {"Content-Type": "text/xml"}, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()


def _protocol(request: Asked, metadata: Mapping[str, Any]) -> str:
    """Return the protocol that a request speaks: some services take several."""
    if "smithy-protocol" in request.headers:
        return "smithy-rpc-v2-cbor"
    if "x-amz-target" in request.headers:
        return "json"
    if request.is_form:
        return "ec2" if metadata.get("protocol") == "ec2" else "query"
    return str(metadata.get("protocol", "rest-json"))


def _cbor(text: str) -> bytes:
    """Write a text of CBOR: its length in two bytes, then UTF-8 (RFC 8949, major type 3)."""
    content = text.encode()
    return b"\x79" + len(content).to_bytes(2) + content
