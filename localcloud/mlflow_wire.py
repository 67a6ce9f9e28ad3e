"""MLflow apps for MLflow's own client without a plug-in: HTTP basic authentication, as the root of an account.

`MLFLOW_TRACKING_URI` is `<local cloud>/_mdlc/mlflow/<region>/<app>`, the user an account and the password the local
cloud's secret. AWS has no such address: there the plug-in `sagemaker-mlflow` signs, and here it may as well.
"""

import asyncio
import base64
import hmac
import json
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope
from localsagemaker.mlflow.apps import ApiRequest, MlflowApps

PATH: Final = "/_mdlc/mlflow/"
_ROUTE: Final = re.compile(PATH + r"(?P<region>[a-z0-9-]+)/(?P<app>app-[A-Z0-9]+)(?P<path>/.*)")
Message = Mapping[str, Any]


async def answer(
    apps: MlflowApps, secret: str, scope: Message, receive: Callable[[], Awaitable[Message]]
) -> tuple[int, bytes]:
    """Answer one HTTP request: status and JSON."""
    body = await read_body(receive)
    route = _ROUTE.fullmatch(str(scope["path"]))
    account = _account(dict(scope["headers"]).get(b"authorization", b""), secret)
    if account is None:
        return 401, _refusal("UNAUTHENTICATED", "Give an account of 12 digits and the local cloud's secret.")
    if route is None:
        return 404, _refusal("ENDPOINT_NOT_FOUND", f"{scope['path']} is no path of an MLflow app.")
    caller = Caller(Scope(account, route["region"]), f"arn:aws:iam::{account}:root")
    arn = f"arn:aws:sagemaker:{route['region']}:{account}:mlflow-app/{route['app']}"
    query = parse_qs(scope.get("query_string", b"").decode())
    try:
        return await asyncio.to_thread(
            apps.call, ApiRequest(arn, str(scope["method"]), route["path"], query, body), caller
        )
    except ServiceError as error:
        return error.status, _refusal(error.code, str(error))


def _account(header: bytes, secret: str) -> str | None:
    """Return the account that a request speaks for; none unless it knows the secret."""
    kind, _, given = header.decode("latin-1").partition(" ")
    try:
        user, _, password = base64.b64decode(given).decode().partition(":")
    except ValueError:
        return None
    known = hmac.compare_digest(password.encode(), secret.encode())
    return user if kind.lower() == "basic" and known and re.fullmatch(r"[0-9]{12}", user) else None


async def read_body(receive: Callable[[], Awaitable[Message]], limit: int = sys.maxsize) -> bytes:
    """Read the body of an ASGI request; stop after more than `limit` bytes."""
    parts: list[bytes] = []
    size = 0
    while size <= limit and (message := await receive())["type"] == "http.request":
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _refusal(code: str, message: str) -> bytes:
    return json.dumps({"error_code": code, "message": message}).encode()
