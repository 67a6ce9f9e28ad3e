"""Lambda of MiniStack: where events go that a function could not process.

Sources: developer guide of Lambda, "Adding a dead-letter queue", "Capturing records of asynchronous invocations" and
"Retaining discarded batch records"; answers that localstack/localstack recorded from AWS
(tests/aws/services/lambda_/event_source_mapping/, Apache-2.0).
"""

import datetime as dt
import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from ministack.services import lambda_svc, s3, sns, sqs

DONE = 200


def use_dead_letters() -> None:
    """Give a dead-letter queue or topic the event itself, and what went wrong as attributes of its message."""
    route = lambda_svc._route_async_failure

    def routed(target: str, name: str, event: object, result: Mapping[str, Any]) -> None:
        configuration = (lambda_svc._functions.get(name) or {}).get("config") or {}
        if target != (configuration.get("DeadLetterConfig") or {}).get("TargetArn"):
            route(target, name, event, result)
            return
        body = result.get("body")
        error = body if isinstance(body, dict) else {}
        put(
            target,
            json.dumps(event),
            {
                "RequestID": {"DataType": "String", "StringValue": error.get("requestId") or str(uuid.uuid4())},
                "ErrorCode": {"DataType": "Number", "StringValue": str(DONE)},
                "ErrorMessage": {"DataType": "String", "StringValue": error.get("errorMessage") or "Unhandled"},
            },
        )

    lambda_svc._route_async_failure = routed


def put(target: str, body: str, attributes: Mapping[str, Mapping[str, str]] | None = None) -> None:
    """Put a message into a queue or a topic by its ARN; nothing is done where there is none."""
    attributes = dict(attributes or {})
    if ":sns:" in target:
        sns._fanout(target, str(uuid.uuid4()), body, "", "", attributes)
        return
    queue = sqs._queue_by_arn(target)
    if queue is None:
        return
    now = time.time()
    message = {
        "id": str(uuid.uuid4()),
        "body": body,
        "md5_body": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "message_attributes": attributes,
        "md5_attrs": sqs._md5_msg_attrs(attributes),
        "sent_at": now,
        "visible_at": now + sqs.queue_delay(queue),
        "receive_count": 0,
    }
    sqs._ensure_msg_fields(message)
    queue["messages"].append(message)
    lambda_svc._esm_wake.set()


def discard(mapping: Mapping[str, Any], record: Mapping[str, Any], records: Mapping[str, Any], shard: str) -> None:
    """Give what is told of a discarded batch to the destination of its event source mapping, if it has one.

    A bucket gets the records too.
    """
    target = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    if not target:
        return
    if ":s3:::" not in target:
        put(target, json.dumps(record))
        return
    now = dt.datetime.now(dt.UTC)
    key = f"aws/lambda/{mapping['UUID']}/{shard}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
    s3._put_object(target.partition(":::")[2], key, json.dumps({**record, "payload": records}).encode(), {})
