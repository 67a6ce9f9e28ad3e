"""An MLflow app in this process: MLflow's own store behind the tracking client, no network."""

import threading
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlencode

from experiments.tracking import TrackingError


class App:
    """A transport to an app of its own; the requests in `lost` are done, and their answers never come."""

    def __init__(self, folder: Path) -> None:
        from localsagemaker.tracking.api import TrackingApi  # noqa: PLC0415 - MLflow, two seconds of collecting other tests

        self._api = TrackingApi(folder / "mlflow.db", "s3://artifacts/mlflow", lambda _: [])
        self.requests: list[tuple[str, str]] = []
        self.lost: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        with self._lock:
            self.requests.append((method, path))
        answer = self._api.answer(method, path, parse_qs(urlencode(query)), body)
        if path in self.lost:
            self.lost.remove(path)
            raise TrackingError("NoAnswer", "nothing answers", 0)
        return answer
