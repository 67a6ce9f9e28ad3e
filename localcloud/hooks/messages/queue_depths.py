"""How many messages queues have, for CloudWatch, which looks once a minute.

Source: developer guide of SQS, "Available CloudWatch metrics for Amazon SQS": metrics of a queue in AWS/SQS, by
QueueName, published every minute while the queue is used.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ministack.core import responses
from ministack.services import cloudwatch, sqs

from localcloud.alarms import Point

NAMESPACE: Final = "AWS/SQS"
ATTRIBUTES: Final[Mapping[str, str]] = {
    "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed": "ApproximateNumberOfMessagesDelayed",
}
MINUTE: Final = 60
MOST_POINTS: Final = 1440
"""What is kept of each alarm: a day of AWS's minutes."""


class QueueDepths:
    """Looks at the queues that alarms are on, once a minute of AWS, and evaluates these alarms."""

    def __init__(self, scale: float) -> None:
        """Let a minute last 60 s / `scale`."""
        self._pause = MINUTE / scale
        self._seen: dict[str, deque[Point]] = {}

    def start(self) -> None:
        """Look from now on, and answer what CloudWatch is asked with what the queues have then."""
        threading.Thread(target=self._watch, daemon=True, name="queue-depths").start()
        for name in ("_get_metric_statistics", "_get_metric_data", "_list_metrics"):
            setattr(cloudwatch, name, _measuring(getattr(cloudwatch, name)))

    def look(self) -> None:
        """Look once."""
        for (account, region, _), alarm in cloudwatch._alarms.all_items():
            if alarm.get("Namespace") == NAMESPACE and alarm.get("MetricName") in ATTRIBUTES:
                with responses.request_scope(account, region):
                    if (depth := _depth(alarm)) is not None:
                        point = Point(time.time(), 1, depth, depth, depth)
                        self._seen.setdefault(alarm["AlarmArn"], deque(maxlen=MOST_POINTS)).append(point)
                    cloudwatch._evaluate_alarm(alarm)

    def points(self, alarm: str) -> list[Point]:
        """Return what was seen of the queue of an alarm, by its ARN."""
        return list(self._seen.get(alarm, ()))

    def _watch(self) -> None:
        while True:
            time.sleep(self._pause)
            self.look()


def _depth(alarm: Mapping[str, Any]) -> float | None:
    """Return how many messages the queue of an alarm has; None when there is no such queue."""
    dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", ())}
    return next(
        (depths[alarm["MetricName"]] for name, depths in _depths() if name == dimensions.get("QueueName")), None
    )


def _depths() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield name and depths of every queue of this account and region."""
    for queue in list(sqs._queues.values()):
        sqs._refresh_counts(queue)
        yield queue["name"], {metric: float(queue["attributes"][of]) for metric, of in ATTRIBUTES.items()}


def _measuring(answer: Any) -> Any:  # noqa: ANN401 - an operation of MiniStack's CloudWatch
    def measured(*arguments: Any) -> Any:  # noqa: ANN401 - MiniStack's
        for name, depths in _depths():
            for metric, depth in depths.items():
                cloudwatch.record_metric(NAMESPACE, metric, depth, "Count", {"QueueName": name})
        return answer(*arguments)

    return measured
