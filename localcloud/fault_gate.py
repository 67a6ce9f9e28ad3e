"""The gate behind the door: every request on the wire passes it, and some fail on purpose."""

import asyncio
import contextlib
from typing import Final

from localcloud.door import Application, Message, Receive, Send, again, send_answer
from localcloud.faults import kinds, operations, wire
from localcloud.faults.kinds import Kind
from localcloud.faults.operations import SAGEMAKER, Asked
from localcloud.faults.requests import RequestFaults
from localcloud.hooks.callers import credentials, identity
from localcloud.mlflow_wire import read_body

SILENT_SECONDS: Final = 900.0
"""No client of AWS waits longer: a function runs for 15 minutes at most."""


class FaultGate:
    """Fails requests to `inside` as `faults` says. A request has been let in by the door."""

    def __init__(self, inside: Application, faults: RequestFaults) -> None:
        self._inside, self._faults = inside, faults

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection of ASGI."""
        if scope["type"] != "http" or not self._faults.services:
            await self._inside(scope, receive, send)
            return
        request, receive = await _asked(scope, receive)
        service = request.service
        if service not in self._faults.services:
            await self._inside(scope, receive, send)
            return
        operation, caller = operations.asked_for(request), identity.caller_of(request.headers, request.query)
        # SageMaker itself refuses, since pipelines and state machines ask it on no wire
        within = service == SAGEMAKER and "x-amz-target" in request.headers
        kind = self._faults.take(service, operation, caller, silent=True if within else None)
        if kind is None:
            await self._inside(scope, receive, send)
        elif kind.is_silent:
            if kind is Kind.LOST:
                await self._inside(scope, receive, _keep_to_oneself)
            await _wait_until_it_leaves(receive)
        else:
            model = operations.model_of(service, operation)
            await send_answer(wire.answer(kinds.said(kind, service, operation, model, caller), request, model), send)


async def _asked(scope: Message, receive: Receive) -> tuple[Asked, Receive]:
    """Return a request, its body where that names the operation, and where it is read from afterwards."""
    headers = credentials.headers(scope.get("headers", ()))
    request = Asked(scope["method"], scope["path"], credentials.query(scope), headers)
    if not request.is_form:
        return request, receive
    body = await read_body(receive)
    return Asked(request.method, request.path, request.query, headers, body), again(body, receive)


async def _keep_to_oneself(_message: Message) -> None:
    """Send nothing."""


async def _wait_until_it_leaves(receive: Receive) -> None:
    """Wait until the client closes the connection."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SILENT_SECONDS):
            while (await receive())["type"] != "http.disconnect":
                pass
