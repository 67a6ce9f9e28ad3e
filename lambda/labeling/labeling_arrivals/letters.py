"""Messages of which no object can be made, among the dead letters, each with its reason beside it."""

from typing import TYPE_CHECKING

from labels.streaming.output import dead_letter

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class Letters:
    """The dead-letter queue of the streams."""

    def __init__(self, sqs: "SQSClient", queue: str) -> None:
        self._sqs, self._queue = sqs, queue

    def bury(self, body: str, reason: str) -> None:
        """Put a message there as it came."""
        self._sqs.send_message(QueueUrl=self._queue, **dead_letter(body, reason))
