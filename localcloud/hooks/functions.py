"""Lambda of MiniStack: functions run as subprocesses of this process's Python."""

import io
import logging
import zipfile
from collections.abc import Mapping

from ministack.core import lambda_runtime
from ministack.services.cloudformation import provisioners


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
