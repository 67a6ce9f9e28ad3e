"""Services of our own beside MiniStack's: routing of requests, and work outside a request."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from ministack import app
from ministack.core import responses, router

Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, Mapping[str, str], bytes, Mapping[str, Any]], Awaitable[Answer]]
asgi: Callable[..., Awaitable[None]] = app.app


def leave_containers_alone() -> None:
    """Keep MiniStack from looking for a Docker daemon: containers are started by our image runner only."""
    app._docker_socket_present = lambda: False


def register(service: str, target_prefix: str, handler: Handler) -> None:
    """Send requests signed for `service`, or with that X-Amz-Target prefix, to `handler`.

    The handler takes method, path, headers by lower-case name, body and query, and runs only after MiniStack has
    verified the signature. It authorizes the caller itself. Its Content-Type is final: MiniStack would give a JSON
    payload, such as a prediction, the type of the service's control plane.
    """
    responses._BOTOCORE_NAME[service] = "none"
    router.SERVICE_PATTERNS[service] = {"target_prefixes": [target_prefix]}
    app.SERVICE_HANDLERS[service] = handler


def scope(account: str, region: str) -> AbstractContextManager[None]:
    """MiniStack's stores as that account and region see them, for work that no request started."""
    context: AbstractContextManager[None] = responses.request_scope(account, region)
    return context
