"""MLflow's tracking API over REST, as far as runs are recorded and compared.

Source: MLflow documentation, "REST API". Requests go through a transport, which signs and sends them.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from experiments.run import Dataset, Point, Status

API = "/api/2.0/mlflow"
PAGE = 100
BATCH = 1000  # MLflow's limits of one log-batch request: 1000 in all, of them 100 parameters and 100 tags
FEW = 100
LONGEST_PARAMETER = 6000
LONGEST_TAG = 5000
ALREADY_EXISTS = "RESOURCE_ALREADY_EXISTS"
DOES_NOT_EXIST = "RESOURCE_DOES_NOT_EXIST"


class TrackingError(Exception):
    """MLflow refused a request, or did not answer; `code` is MLflow's own, such as RESOURCE_DOES_NOT_EXIST."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"MLflow: {message} ({code})")
        self.code, self.status = code, status


class Transport(Protocol):
    """Sends a request to an MLflow app."""

    def __call__(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Return status and body of the answer; raise `TrackingError` when there is none."""


@dataclass(frozen=True, kw_only=True)
class TrackedRun:
    """A run as MLflow has it. `metrics` holds the last value of each."""

    id: str
    experiment_id: str
    name: str
    status: str
    started: datetime | None
    ended: datetime | None
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Experiment:
    """What runs are compared within."""

    id: str
    name: str


class Tracking:
    """The experiments and runs of one app. Every method raises `TrackingError`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def experiments(self, criterion: str = "") -> list[Experiment]:
        """Return the experiments that a filter such as `name LIKE 'dev-%'` lets through, the newest first."""
        pages = self._pages("/experiments/search", {"filter": criterion, "max_results": PAGE}, "experiments")
        return [Experiment(item["experiment_id"], item["name"]) for item in pages]

    def experiment(self, name: str) -> Experiment | None:
        """Return the experiment called `name`; none when there is none."""
        try:
            found = self._get("/experiments/get-by-name", {"experiment_name": name})["experiment"]
        except TrackingError as error:
            if error.code != DOES_NOT_EXIST:
                raise
            return None
        return Experiment(found["experiment_id"], found["name"])

    def ensure_experiment(self, name: str) -> Experiment:
        """Return the experiment called `name`, made if need be."""
        if found := self.experiment(name):
            return found
        try:
            return Experiment(self._post("/experiments/create", {"name": name})["experiment_id"], name)
        except TrackingError as error:
            if error.code != ALREADY_EXISTS or (found := self.experiment(name)) is None:
                raise
            return found

    def runs(
        self, experiments: Sequence[str], criterion: str = "", order: Sequence[str] = (), most: int | None = None
    ) -> list[TrackedRun]:
        """Return runs of these experiments (ids) that a filter such as `tags.is_best = 'true'` lets through.

        They come in the given order (`metrics.roc_auc DESC`), else the newest first.
        """
        if not experiments:
            return []
        asked = {"experiment_ids": list(experiments), "filter": criterion, "order_by": list(order)}
        found: list[TrackedRun] = []
        for item in self._pages("/runs/search", {**asked, "max_results": min(PAGE, most or PAGE)}, "runs"):
            found.append(_run_from(item))
            if len(found) == most:
                break
        return found

    def create_run(self, experiment: str, name: str, started: datetime, tags: Mapping[str, str]) -> TrackedRun:
        """Start a run of an experiment (id)."""
        asked = {"experiment_id": experiment, "run_name": name, "start_time": _millis(started), "tags": _tags(tags)}
        return _run_from(self._post("/runs/create", asked)["run"])

    def log(
        self,
        run: str,
        *,
        series: Mapping[str, Sequence[Point]],
        parameters: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> None:
        """Add to a run. What is too long for MLflow is cut."""
        metrics = [
            {"key": key, "value": _to_json(point.value), "timestamp": point.timestamp, "step": point.step}
            for key, points in series.items()
            for point in points
        ]
        listed = [{"key": key, "value": value[:LONGEST_PARAMETER]} for key, value in parameters.items()]
        for part in _parts(listed, FEW):
            self._post("/runs/log-batch", {"run_id": run, "params": part})
        for metric_part in _parts(metrics, BATCH):
            self._post("/runs/log-batch", {"run_id": run, "metrics": metric_part})
        self._post("/runs/log-batch", {"run_id": run, "tags": _tags(tags)})

    def log_datasets(self, run: str, datasets: Sequence[Dataset]) -> None:
        """Add the data that a run was trained on."""
        listed = [
            {
                "dataset": {
                    "name": each.name,
                    "digest": each.version[:36],
                    "source_type": "s3",
                    "source": json.dumps({"uri": each.uri}),
                },
                "tags": [{"key": "mlflow.data.context", "value": "training"}],
            }
            for each in datasets
        ]
        if listed:
            self._post("/runs/log-inputs", {"run_id": run, "datasets": listed})

    def end_run(self, run: str, status: Status, ended: datetime) -> None:
        """Say how and when a run ended."""
        self._post("/runs/update", {"run_id": run, "status": status.value, "end_time": _millis(ended)})

    def set_tag(self, run: str, key: str, value: str) -> None:
        """Set one tag of a run."""
        self._post("/runs/set-tag", {"run_id": run, "key": key, "value": value[:LONGEST_TAG]})

    def delete_run(self, run: str) -> None:
        """Delete a run."""
        self._post("/runs/delete", {"run_id": run})

    def history(self, run: str, metric: str) -> list[Point]:
        """Return all values of a metric, by step."""
        asked = {"run_id": run, "metric_key": metric, "max_results": str(BATCH)}
        points: list[Point] = []
        while True:
            answer = self._get("/metrics/get-history", asked)
            points += [
                Point(int(item.get("step", 0)), int(item["timestamp"]), _from_json(item["value"]))
                for item in answer.get("metrics", [])
            ]
            if not answer.get("next_page_token"):
                return sorted(dict.fromkeys(points), key=lambda point: (point.step, point.timestamp))
            asked["page_token"] = answer["next_page_token"]

    def _pages(self, path: str, asked: Mapping[str, Any], member: str) -> Iterator[Any]:
        token: Mapping[str, str] = {}
        while True:
            answer = self._post(path, {**asked, **token})
            yield from answer.get(member, [])
            if not answer.get("next_page_token"):
                return
            token = {"page_token": answer["next_page_token"]}

    def _get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return _answer(*self._transport("GET", API + path, query, b""))

    def _post(self, path: str, members: Mapping[str, Any]) -> dict[str, Any]:
        return _answer(*self._transport("POST", API + path, {}, json.dumps(members, allow_nan=False).encode()))


def _answer(status: int, body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body or b"{}")
    except ValueError:
        members = {}
    if not isinstance(members, dict):
        members = {}
    if status >= 400:  # noqa: PLR2004 - HTTP
        code = str(members.get("error_code") or members.get("__type") or f"HTTP {status}")
        raise TrackingError(code, str(members.get("message") or members.get("Message") or "no reason given"), status)
    return members


def _run_from(item: Mapping[str, Any]) -> TrackedRun:
    info, data = item["info"], item.get("data", {})
    return TrackedRun(
        id=info["run_id"],
        experiment_id=info["experiment_id"],
        name=info.get("run_name", ""),
        status=info["status"],
        started=_moment(info.get("start_time")),
        ended=_moment(info.get("end_time")),
        parameters={each["key"]: each.get("value", "") for each in data.get("params", [])},
        metrics={each["key"]: _from_json(each["value"]) for each in data.get("metrics", [])},
        tags={each["key"]: each.get("value", "") for each in data.get("tags", [])},
    )


def _parts(items: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    return (items[start : start + most] for start in range(0, len(items), most))


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": str(key), "value": value[:LONGEST_TAG]} for key, value in tags.items()]


def _millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _moment(millis: str | float | None) -> datetime | None:
    return datetime.fromtimestamp(int(millis) / 1000, tz=UTC) if millis else None


def _to_json(value: float) -> float | str:
    """Return a number in the JSON of protocol buffers, which has words for those that JSON lacks."""
    if math.isnan(value):
        return "NaN"
    return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")


def _from_json(value: str | float) -> float:
    return float(value)
