"""Requests that are refused on purpose.

AWS throttles the requests of an account at rates that it does not publish. The local cloud has no rates: it refuses as
many requests of an operation as it is told to, in SageMaker's own words.
"""

import threading

from localcloud.errors import ServiceError
from localcloud.sagemaker.kernel.requests import operation_model


class Throttle:
    """How many of the next requests of each operation are refused, whoever makes them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[str, int] = {}

    def refuse(self, operation: str, times: int) -> None:
        """Refuse the next `times` requests, none for 0; `UnknownOperationException` for what is no operation."""
        operation_model(operation)
        if times < 0:
            raise ServiceError("ValidationException", f"{times} is no number of requests: it is at least 0.")
        with self._lock:
            self._left[operation] = times

    def pass_or_refuse(self, operation: str) -> None:
        """Count a request; `ThrottlingException` when it is one of those to refuse."""
        with self._lock:
            left = self._left.get(operation, 0)
            if not left:
                return
            self._left[operation] = left - 1
        raise ServiceError("ThrottlingException", "Rate exceeded")
