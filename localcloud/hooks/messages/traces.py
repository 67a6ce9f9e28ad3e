"""SQS and SNS of MiniStack: the trace of who sends or publishes goes with a message.

Sources: developer guide of X-Ray, "Amazon SQS and AWS X-Ray" and "Amazon SNS and AWS X-Ray"; answers that
localstack/localstack recorded from AWS (test_aws_trace_header_propagation, Apache-2.0).
"""

import contextvars
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack import app
from ministack.services import sqs

HEADER: Final = "x-amzn-trace-id"
ATTRIBUTE: Final = "AWSTraceHeader"
Trace = contextvars.ContextVar[str]
_sent: Final[Trace] = contextvars.ContextVar("sent", default="")
_published: Final[Trace] = contextvars.ContextVar("published", default="")


def carry_traces() -> None:
    """Give a message the trace of its request, unless it names another."""
    for service, trace in (("sqs", _sent), ("sns", _published)):
        app.SERVICE_HANDLERS[service] = _traced(app.SERVICE_HANDLERS[service], trace)
    build, ensure = sqs._build_send_sys_attrs, sqs._ensure_msg_fields

    def built(now: float, given: Mapping[str, Any]) -> dict[str, Any]:
        return {**({ATTRIBUTE: _sent.get()} if _sent.get() else {}), **build(now, given)}

    def ensured(message: dict[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        answer = ensure(message)
        if _published.get():
            message["sys"][ATTRIBUTE] = _published.get()
        return answer

    sqs._build_send_sys_attrs, sqs._ensure_msg_fields = built, ensured


def _traced(handler: Callable[..., Any], trace: Trace) -> Callable[..., Any]:
    async def answer(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        token = trace.set(headers.get(HEADER, ""))
        try:
            return await handler(method, path, headers, body, query)
        finally:
            trace.reset(token)

    return answer
