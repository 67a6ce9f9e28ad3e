"""Services of our own beside MiniStack's: routing of requests, and work outside a request."""

import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any
from xml.sax.saxutils import escape

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


def provided() -> frozenset[str]:
    """Return the services that there are, as IAM names them."""
    return frozenset(app.SERVICE_HANDLERS)


def scope(account: str, region: str) -> AbstractContextManager[None]:
    """MiniStack's stores as that account and region see them, for work that no request started."""
    context: AbstractContextManager[None] = responses.request_scope(account, region)
    return context


def refuse_other_services() -> None:
    """Refuse requests to services that are not there by their name, in the form that each client reads errors in."""
    app.SERVICE_HANDLERS = _Handlers(app.SERVICE_HANDLERS)


class _Handlers(dict[str, Handler]):
    """Handlers by service; one that is not there refuses."""

    def get(self, service: str, default: Any = None) -> Any:  # noqa: ANN401 - as MiniStack asks
        """Return the handler of a service."""
        return super().get(service, default) or _refusing(service)


def _refusing(service: str) -> Handler:
    code, message = "UnknownOperationException", f"The local cloud does not provide the service {service}."

    async def refuse(_method: str, _path: str, headers: Mapping[str, str], _body: bytes, _query: object) -> Answer:
        if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            said = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
            return 400, {"Content-Type": "text/xml"}, f"<ErrorResponse><Error>{said}</Error></ErrorResponse>".encode()
        answer = json.dumps({"__type": code, "code": code, "message": message, "Message": message})
        return 400, {"Content-Type": "application/json", "x-amzn-ErrorType": code}, answer.encode()

    return refuse
