"""Lambda of MiniStack: functions run as subprocesses of this process's Python."""

import io
import json
import logging
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from ministack import app
from ministack.core import lambda_runtime
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from localcloud.hooks.requests.services import Answer

REFUSED, FAULTY = 400, 500
"""The first statuses of refusals, and of faults of the service."""

_TRACE = "Traceback (most recent call last):\n"
_RUNTIME = re.compile(r'  File "[^"]*", line \d+, in run\n    result = handler_fn\(')
_CODE = re.compile(r'(?<=File ")[^"]*/ministack-lambda-[^"/]*/code/')
_ANSWER = 'json.dumps({"status": "ok", "result": result})'
_PAYLOAD = """
def _payload(result):
    if not isinstance(result, bytes):
        return result
    text = result.decode()
    try:
        return json.loads(text)
    except ValueError:
        return text
"""
_PLAIN = """
def _without_tls():
    import http.client, os, urllib.parse
    secure = http.client.HTTPSConnection.connect

    def connect(self):
        cloud = urllib.parse.urlsplit(os.environ.get("AWS_ENDPOINT_URL", ""))
        local = self.host in ("127.0.0.1", "localhost") and self.port == cloud.port
        (http.client.HTTPConnection.connect if local else secure)(self)

    http.client.HTTPSConnection.connect = connect

_without_tls()
"""
_MARKS = re.compile(r"^ *[~^]+ *\n", re.MULTILINE)


def use_own_packages() -> None:
    """Say nothing of public layers: their packages are those of this virtual environment; the deploy report says it."""
    logging.getLogger("lambda").addFilter(lambda record: "is not held by MiniStack" not in record.getMessage())


def put_beside_inline_sources(modules: Mapping[str, str]) -> None:
    """Put these files into the archive of every Python function whose source stands in its template."""
    pack = provisioners._zip_inline

    def packed(source: str | None, handler: str, runtime: str = "python3.12") -> bytes | None:
        archive: bytes | None = pack(source, handler, runtime)
        if archive is None or not runtime.startswith("python"):
            return archive
        buffer = io.BytesIO(archive)
        with zipfile.ZipFile(buffer, "a") as added:
            for name, text in modules.items():
                if name not in added.namelist():
                    added.writestr(name, text)
        return buffer.getvalue()

    provisioners._zip_inline = packed


def end_workers() -> None:
    """End the processes of all functions and remove their folders."""
    lambda_runtime.reset()


def report_errors() -> None:
    """Report an error of a Python function as Lambda does: `errorType` is its class, `stackTrace` where it was raised.

    MiniStack calls each `Runtime.HandlerError`. Source: developer guide, "Lambda function handler in Python" and
    "Understanding retry behavior"; recorded causes of failed tasks in the tests of LocalStack.
    """
    execute = lambda_svc._execute_function_warm

    def run(function: Any, event: Any, request_id: str) -> Any:  # noqa: ANN401 - MiniStack's
        result = execute(function, event, request_id)
        body = result.get("body")
        unnamed = isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError"
        if unnamed and (raised := described_error(result.get("log", ""))):
            kind, stack = raised
            result["body"] = {**body, "errorType": kind, "requestId": request_id, "stackTrace": stack}
        return result

    lambda_svc._execute_function_warm = run


def answer_with_bytes() -> None:
    """Let a Python function answer with bytes, which are the payload itself on Lambda."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    if _ANSWER not in script:
        raise AttributeError("the worker of Python functions answers otherwise")
    answer = _ANSWER.replace("result}", "_payload(result)}")
    lambda_runtime._PYTHON_WORKER_SCRIPT = _PAYLOAD + script.replace(_ANSWER, answer)


def reach_the_cloud_without_tls() -> None:
    """Let a Python function speak to this cloud over HTTP where its packages know HTTPS only.

    An answer to CloudFormation goes to an address with HTTPS on AWS, and crhelper looks at its host alone.
    """
    lambda_runtime._PYTHON_WORKER_SCRIPT = _PLAIN + lambda_runtime._PYTHON_WORKER_SCRIPT


def described_error(log: str) -> tuple[str, Sequence[str]] | None:
    """Return class and stack of the error whose traceback ends a log; None where none does."""
    _, found, trace = log.rpartition(_TRACE)
    lines = _MARKS.sub("", _CODE.sub("/var/task/", trace)).splitlines(keepends=True)
    frames = next((index for index, line in enumerate(lines) if not line.startswith(" ")), len(lines))
    if not found or frames == len(lines):
        return None
    stack: list[str] = []
    for line in lines[:frames]:
        if line.startswith("  File "):
            stack.append(line)
        else:
            stack[-1] += line
    raised_by = lines[frames].partition(":")[0].strip().rpartition(".")[2]
    return raised_by, [frame for frame in stack if not _RUNTIME.match(frame)]


def type_errors() -> None:
    """Tell in an error of the API of Lambda whose it is: the caller's (`Type` User), or the service's own."""
    handler = app.SERVICE_HANDLERS["lambda"]

    async def answer(*request: Any) -> Answer:  # noqa: ANN401 - as a handler takes it
        status, headers, body = await handler(*request)
        if status >= REFUSED and b'"__type"' in body:
            error = json.loads(body)
            kind = "User" if status < FAULTY else "Service"
            body = json.dumps({"Type": kind, **error}).encode()
        return status, headers, body

    app.SERVICE_HANDLERS["lambda"] = answer
