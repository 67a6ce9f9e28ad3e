"""SQS of MiniStack: what has to wait a minute, and what permissions are written as.

Sources: API reference of SQS, "PurgeQueue" (one every 60 seconds), "CreateQueue" (QueueDeletedRecently) and
"AddPermission"; answers that localstack/localstack recorded from AWS (tests/aws/services/sqs/test_sqs.snapshot.json).
"""

import json
import time
from collections.abc import Callable
from typing import Any, Final

from ministack.core import responses
from ministack.services import sqs

MINUTE_S: Final = 60
FIRST_VERSION: Final = "2008-10-17"
"""The version of the policies that SQS writes."""
Parameters = dict[str, Any]
Handler = Callable[[Parameters, str], Any]


def wait_as_sqs(scale: float) -> None:
    """Refuse a second purge, and a queue of a deleted one's name, within a minute of the local cloud's time."""
    waits = _Waits(MINUTE_S / scale)
    sqs._QUERY_COMPAT_CODES |= {
        code: f"AWS.SimpleQueueService.{code}" for code in ("PurgeQueueInProgress", "QueueDeletedRecently")
    }
    sqs._HANDLERS["PurgeQueue"] = waits.purging(sqs._HANDLERS["PurgeQueue"])
    sqs._HANDLERS["CreateQueue"] = waits.creating(sqs._HANDLERS["CreateQueue"])
    sqs._HANDLERS["DeleteQueue"] = waits.deleting(sqs._HANDLERS["DeleteQueue"])
    sqs._HANDLERS["AddPermission"] = _permitting(sqs._HANDLERS["AddPermission"])


class _Waits:
    """When queues were purged and deleted; each is forgotten after that many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._purged: dict[str, float] = {}
        self._deleted: dict[tuple[str, str, str], float] = {}

    def purging(self, handle: Handler) -> Handler:
        """Purge a queue once in that time."""

        def purged(data: Parameters, url: str) -> Any:  # noqa: ANN401 - MiniStack's
            queue = sqs._get_q(data.get("QueueUrl", url), "sqs:PurgeQueue")
            arn = queue["attributes"]["QueueArn"]
            if self._is_recent(self._purged.get(arn)):
                said = f"Only one PurgeQueue operation on {queue['name']} is allowed every {MINUTE_S} seconds."
                raise sqs._Err("PurgeQueueInProgress", said, 403)
            answer = handle(data, url)
            self._purged[arn] = time.monotonic()
            return answer

        return purged

    def creating(self, handle: Handler) -> Handler:
        """Create a queue whose name no queue had in that time."""

        def created(data: Parameters, url: str) -> Any:  # noqa: ANN401 - MiniStack's
            if self._is_recent(self._deleted.get(_place(str(data.get("QueueName"))))):
                said = (
                    f"You must wait {MINUTE_S} seconds after deleting a queue before you can create another with the "
                )
                raise sqs._Err("QueueDeletedRecently", said + "same name.")
            return handle(data, url)

        return created

    def deleting(self, handle: Handler) -> Handler:
        """Remember the name of a queue that is deleted."""

        def deleted(data: Parameters, url: str) -> Any:  # noqa: ANN401 - MiniStack's
            name = sqs._get_q(data.get("QueueUrl", url), "sqs:DeleteQueue")["name"]
            answer = handle(data, url)
            self._deleted[_place(name)] = time.monotonic()
            return answer

        return deleted

    def _is_recent(self, then: float | None) -> bool:
        return then is not None and time.monotonic() - then < self._seconds


def _place(name: str) -> tuple[str, str, str]:
    return responses.get_account_id(), responses.get_region(), name


def _permitting(handle: Handler) -> Handler:
    def permitted(data: Parameters, url: str) -> Any:  # noqa: ANN401 - MiniStack's
        answer = handle(data, url)
        attributes = sqs._get_q(data.get("QueueUrl", url))["attributes"]
        policy = json.loads(attributes["Policy"])
        if len(policy["Statement"]) == 1:
            policy["Version"] = FIRST_VERSION
        statement = policy["Statement"][-1]
        actions = [f"SQS:{action.partition(':')[2]}" for action in statement["Action"]]
        roots = [f"arn:aws:iam::{account}:root" for account in statement["Principal"]["AWS"]]
        statement["Action"] = actions[0] if len(actions) == 1 else actions
        statement["Principal"] = {"AWS": roots[0] if len(roots) == 1 else roots}
        attributes["Policy"] = json.dumps(policy)
        return answer

    return permitted
