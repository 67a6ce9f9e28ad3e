"""The data planes of all MLflow apps: each has a database of its own, opened with the first request to it."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from localsagemaker.tracking.api import Answer, ListObjects, TrackingApi


class TrackingApis:
    """Databases of apps in `folder`, by the app's id. MLflow is loaded when the first of them is asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._apis: dict[str, TrackingApi] = {}
        self._lock = threading.Lock()

    def answer(  # noqa: PLR0913, PLR0917 - a request, and the app that it goes to
        self,
        app: str,
        artifacts: str,
        list_objects: "ListObjects",
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: bytes,
    ) -> "Answer":
        """Answer one request to the app, whose runs keep their artifacts below `artifacts` (S3)."""
        with self._lock:
            if app not in self._apis:
                from localsagemaker.tracking.api import TrackingApi  # noqa: PLC0415 - a second, and 100 MB of memory

                self._apis[app] = TrackingApi(self.database(app), artifacts, list_objects)
        return self._apis[app].answer(method, path, query, body)

    def database(self, app: str) -> Path:
        """Return the SQLite file of an app."""
        return self._folder / f"{app}.db"

    def forget(self, app: str) -> None:
        """Delete all that an app knew."""
        with self._lock:
            self._apis.pop(app, None)
            self.database(app).unlink(missing_ok=True)
