"""Requests by path, to S3 and Lambda, that AWS refuses and MiniStack takes; and what a new queue has.

Sources: the answers that localstack/localstack recorded from AWS (tests/aws/services/*/*.snapshot.json, Apache-2.0);
each is a case in tests/localcloud/answers.
"""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ministack import app
from ministack.core import responses
from ministack.services import kms, lambda_svc, s3, sqs

from localcloud.hooks.requests.services import Answer, Handler

SMALLEST_PART = 5 * 1024 * 1024
CHANGING = frozenset({"x-amz-storage-class", "x-amz-server-side-encryption", "x-amz-website-redirect-location"})
"""What a copy onto itself may change; its metadata is the other thing."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGESTS: Mapping[str, Callable[[bytes], bytes]] = {
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "sha256": lambda body: hashlib.sha256(body).digest(),
}


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, Any]


Refusal = tuple[str, str, int]
Check = Callable[[Request], Refusal | None]


def refuse_by_path() -> None:
    """Refuse uploads, copies and settings of functions that AWS refuses."""
    for service, checks, refuse in (
        ("s3", (_parts, _checksum, _copy, _key), s3._error),
        ("lambda", (_permission, _invocations), responses.error_response_json),
    ):
        app.SERVICE_HANDLERS[service] = _checking(app.SERVICE_HANDLERS[service], checks, refuse)


def encrypt_queues() -> None:
    """Let a new queue be encrypted with SQS's own key, unless it has another."""
    create = sqs._act_create_queue

    def created(data: Mapping[str, Any], url: str) -> dict[str, Any]:
        answer: dict[str, Any] = create(data, url)
        attributes = sqs._queues[answer["QueueUrl"]]["attributes"]
        attributes.setdefault("SqsManagedSseEnabled", "false" if attributes.get("KmsMasterKeyId") else "true")
        return answer

    sqs._act_create_queue = sqs._HANDLERS["CreateQueue"] = created


def _checking(handler: Handler, checks: tuple[Check, ...], refuse: Callable[[str, str, int], Answer]) -> Handler:
    async def answer(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        request = Request(method, path, headers, body, query)
        refusal = next(filter(None, (check(request) for check in checks)), None)
        return refuse(*refusal) if refusal else await handler(method, path, headers, body, query)

    return answer


def _parts(request: Request) -> Refusal | None:
    if request.method != "POST" or "uploadId" not in request.query:
        return None
    numbers = [int(number) for number in re.findall(rb"<PartNumber>\s*(\d+)\s*</PartNumber>", request.body)]
    if numbers != sorted(set(numbers)):
        said = "The list of parts was not in ascending order. Parts must be ordered by part number."
        return "InvalidPartOrder", said, 400
    upload = s3._multipart_uploads.get("".join(request.query["uploadId"])) or {"parts": {}}
    uploaded = [upload["parts"].get(number) for number in numbers]
    if all(uploaded) and any(part["size"] < SMALLEST_PART for part in uploaded[:-1]):
        return "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400
    return None


def _checksum(request: Request) -> Refusal | None:
    chunked = request.headers.get("x-amz-content-sha256", "").startswith("STREAMING")
    if request.method != "PUT" or chunked or "x-amz-copy-source" in request.headers:
        return None
    for name, digest in _DIGESTS.items():
        given = request.headers.get(f"x-amz-checksum-{name}")
        if given and given != base64.b64encode(digest(request.body)).decode():
            return "BadDigest", f"The {name.upper()} you specified did not match the calculated checksum.", 400
    return None


def _copy(request: Request) -> Refusal | None:
    source = unquote(request.headers.get("x-amz-copy-source", "").partition("?")[0]).lstrip("/")
    if not source or source != unquote(request.path).lstrip("/") or "?" in request.headers["x-amz-copy-source"]:
        return None
    if request.headers.get("x-amz-metadata-directive") == "REPLACE" or CHANGING & request.headers.keys():
        return None
    said = (
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
        "metadata, storage class, website redirect location or encryption attributes."
    )
    return "InvalidRequest", said, 400


def _key(request: Request) -> Refusal | None:
    key = request.headers.get("x-amz-server-side-encryption-aws-kms-key-id", "")
    account, region = responses.get_account_id(), responses.get_region()
    if not key or kms._resolve_key(key) or (key.startswith("arn:") and f":{account}:" not in key):
        return None
    arn = key if key.startswith("arn:") else f"arn:aws:kms:{region}:{account}:key/{key}"
    known_form = key.startswith("arn:") or _UUID.fullmatch(key)
    return "KMS.NotFoundException", f"Key '{arn}' does not exist" if known_form else f"Invalid keyId '{key}'", 400


def _permission(request: Request) -> Refusal | None:
    match = re.fullmatch(r"/[\d-]+/functions/([^/]+)/policy/([^/]+)", request.path)
    if request.method != "DELETE" or not match:
        return None
    statements = (lambda_svc._functions.get(unquote(match[1])) or {}).get("policy", {}).get("Statement", ())
    sid = unquote(match[2])
    if statements and sid not in {statement.get("Sid") for statement in statements}:
        return "ResourceNotFoundException", f"Statement {sid} is not found in resource policy.", 404
    return None


def _invocations(request: Request) -> Refusal | None:
    if request.method != "PUT" or not request.path.endswith("/event-invoke-config"):
        return None
    if any(value not in (None, {}) for value in json.loads(request.body or b"{}").values()):
        return None
    said = "You must specify at least one of error handling or destination setting."
    return "InvalidParameterValueException", said, 400
