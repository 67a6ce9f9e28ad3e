"""Settings of the server: environment variables that SageMaker and its users set."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.cpus import available_cpus
from contract.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Settings:
    """Address, processes, limits (bytes) and time-outs (seconds) of a server."""

    host: str = "0.0.0.0"  # noqa: S104 - SageMaker reaches the container from outside
    port: int = 8080
    workers: int = 1
    body_limit: int = 6 * 1024 * 1024  # SageMaker's own limit of a real-time request
    header_limit: int = 32 * 1024
    connection_limit: int = 512  # of a process; beyond it the idle ones make room
    pending_limit: int = 64 * 1024 * 1024  # of requests on their way and unread answers, of a process
    request_timeout: float = 30.0  # from the first byte of a request to its last
    idle_timeout: float = 90.0  # between requests; longer than the load balancers in front keep a connection
    drain_timeout: float = 30.0  # SageMaker kills the container 30 s after SIGTERM

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; InputError names the variable that is wrong."""
        default = cls()
        return cls(
            host=environ.get("SAGEMAKER_BIND_TO_HOST") or default.host,
            port=int(_number(environ, "SAGEMAKER_BIND_TO_PORT", default.port, 0, 65535)),
            workers=int(_number(environ, "SAGEMAKER_MODEL_SERVER_WORKERS", available_cpus(), 1, 1024)),
            body_limit=int(_number(environ, "SERVER_BODY_LIMIT", default.body_limit, 1, 1 << 30)),
            request_timeout=_number(environ, "SERVER_REQUEST_TIMEOUT", default.request_timeout, 0.1, 3600),
            idle_timeout=_number(environ, "SERVER_IDLE_TIMEOUT", default.idle_timeout, 0.1, 3600),
            drain_timeout=_number(environ, "SERVER_DRAIN_TIMEOUT", default.drain_timeout, 0.1, 30),
        )


def _number(environ: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    text = environ.get(name)
    if not text:
        return default
    whole = isinstance(default, int)
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        kind = "a whole number" if whole else "a number"
        raise InputError(f"the environment variable {name} must be {kind} from {least:g} to {most:g}, not {text!r}")
    return value
