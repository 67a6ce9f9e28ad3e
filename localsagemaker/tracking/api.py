"""MLflow's tracking API, as its server answers it: paths and messages from its protocol, work done by its SQL store.

`mlflow server` itself brings pandas, scikit-learn and ten processes. Experiments, runs, metrics, parameters, tags and
data sets are here; traces, logged models, prompts and the model registry are refused by name.
"""

import json
import logging
import posixpath
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from google.protobuf.json_format import ParseError
from mlflow.entities import DatasetInput, ExperimentTag, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.protos import databricks_pb2, service_pb2
from mlflow.store.tracking import SEARCH_MAX_RESULTS_DEFAULT
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.utils.proto_json_utils import message_to_json, parse_dict
from mlflow.utils.rest_utils import extract_all_api_info_for_service

PREFIX: Final = "/api/2.0"
ListObjects = Callable[[str], list[tuple[str, int]]]
"""Objects below an S3 URI, as the app's role sees them: URI and size in bytes."""
Message = Any  # generated protocol buffers have no types
Answer = tuple[int, bytes]

logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)
logging.getLogger("alembic").setLevel(logging.WARNING)


class TrackingApi:
    """One app's experiments and runs, in the SQLite file `database`; artifacts of runs go below `artifacts` (S3).

    Requests are worked off one at a time: two at once that log one data set would both add it, and one of them fail.
    """

    def __init__(self, database: Path, artifacts: str, list_objects: ListObjects) -> None:
        database.parent.mkdir(parents=True, exist_ok=True)
        self._store = SqlAlchemyStore(f"sqlite:///{database}", artifacts.rstrip("/"))
        self._list_objects = list_objects
        self._one_at_a_time = threading.Lock()
        self._routes: Mapping[tuple[str, str], tuple[type[Message], Callable[[Message], Message]]] = {
            (method, path): (message, getattr(self, f"_{message.__name__}"))
            for message, routes in extract_all_api_info_for_service(service_pb2.MlflowService, PREFIX).items()
            if hasattr(self, f"_{message.__name__}")
            for path, method in routes
        }

    def answer(self, method: str, path: str, query: Mapping[str, Any], body: bytes) -> Answer:
        """Return status and JSON body of the answer to a request."""
        try:
            message, work = self._route(method, path)
            asked = _parse(message(), query if method == "GET" else _object(body))
            with self._one_at_a_time:
                answer = work(asked)
        except MlflowException as error:
            return error.get_http_status_code(), error.serialize_as_json().encode()
        return 200, message_to_json(answer).encode()

    def _route(self, method: str, path: str) -> tuple[type[Message], Callable[[Message], Message]]:
        if (method, path) not in self._routes:
            raise MlflowException(
                f"The local MLflow app does not provide {method} {path}.", databricks_pb2.ENDPOINT_NOT_FOUND
            )
        return self._routes[method, path]

    def _CreateExperiment(self, asked: Message) -> Message:  # noqa: N802 - methods are found by the message's name
        tags = [ExperimentTag(tag.key, tag.value) for tag in asked.tags]
        made = self._store.create_experiment(_require(asked, "name"), asked.artifact_location or None, tags)
        return service_pb2.CreateExperiment.Response(experiment_id=made)

    def _SearchExperiments(self, asked: Message) -> Message:  # noqa: N802
        found = self._store.search_experiments(
            view_type=_view(asked, "view_type"),
            max_results=asked.max_results or SEARCH_MAX_RESULTS_DEFAULT,
            order_by=list(asked.order_by),
            filter_string=asked.filter,
            page_token=asked.page_token or None,
        )
        return service_pb2.SearchExperiments.Response(
            experiments=[experiment.to_proto() for experiment in found], next_page_token=found.token or None
        )

    def _GetExperiment(self, asked: Message) -> Message:  # noqa: N802
        found = self._store.get_experiment(_require(asked, "experiment_id"))
        return service_pb2.GetExperiment.Response(experiment=found.to_proto())

    def _GetExperimentByName(self, asked: Message) -> Message:  # noqa: N802
        found = self._store.get_experiment_by_name(_require(asked, "experiment_name"))
        if found is None:
            raise MlflowException(
                f"Could not find experiment with name '{asked.experiment_name}'", databricks_pb2.RESOURCE_DOES_NOT_EXIST
            )
        return service_pb2.GetExperimentByName.Response(experiment=found.to_proto())

    def _UpdateExperiment(self, asked: Message) -> Message:  # noqa: N802
        self._store.rename_experiment(_require(asked, "experiment_id"), _require(asked, "new_name"))
        return service_pb2.UpdateExperiment.Response()

    def _DeleteExperiment(self, asked: Message) -> Message:  # noqa: N802
        self._store.delete_experiment(_require(asked, "experiment_id"))
        return service_pb2.DeleteExperiment.Response()

    def _RestoreExperiment(self, asked: Message) -> Message:  # noqa: N802
        self._store.restore_experiment(_require(asked, "experiment_id"))
        return service_pb2.RestoreExperiment.Response()

    def _SetExperimentTag(self, asked: Message) -> Message:  # noqa: N802
        self._store.set_experiment_tag(
            _require(asked, "experiment_id"), ExperimentTag(_require(asked, "key"), asked.value)
        )
        return service_pb2.SetExperimentTag.Response()

    def _CreateRun(self, asked: Message) -> Message:  # noqa: N802
        made = self._store.create_run(
            experiment_id=_require(asked, "experiment_id"),
            user_id=asked.user_id,
            start_time=asked.start_time,
            tags=[RunTag(tag.key, tag.value) for tag in asked.tags],
            run_name=asked.run_name,
        )
        return service_pb2.CreateRun.Response(run=made.to_proto())

    def _UpdateRun(self, asked: Message) -> Message:  # noqa: N802
        given = {
            name: getattr(asked, name) if asked.HasField(name) else None for name in ("status", "end_time", "run_name")
        }
        info = self._store.update_run_info(_run(asked), given["status"], given["end_time"], given["run_name"])
        return service_pb2.UpdateRun.Response(run_info=info.to_proto())

    def _GetRun(self, asked: Message) -> Message:  # noqa: N802
        return service_pb2.GetRun.Response(run=self._store.get_run(_run(asked)).to_proto())

    def _SearchRuns(self, asked: Message) -> Message:  # noqa: N802
        found = self._store.search_runs(
            experiment_ids=list(asked.experiment_ids),
            filter_string=asked.filter,
            run_view_type=_view(asked, "run_view_type"),
            max_results=asked.max_results or SEARCH_MAX_RESULTS_DEFAULT,
            order_by=list(asked.order_by),
            page_token=asked.page_token or None,
        )
        return service_pb2.SearchRuns.Response(
            runs=[run.to_proto() for run in found], next_page_token=found.token or None
        )

    def _DeleteRun(self, asked: Message) -> Message:  # noqa: N802
        self._store.delete_run(_run(asked))
        return service_pb2.DeleteRun.Response()

    def _RestoreRun(self, asked: Message) -> Message:  # noqa: N802
        self._store.restore_run(_run(asked))
        return service_pb2.RestoreRun.Response()

    def _LogMetric(self, asked: Message) -> Message:  # noqa: N802
        self._store.log_metric(_run(asked), Metric(_require(asked, "key"), asked.value, asked.timestamp, asked.step))
        return service_pb2.LogMetric.Response()

    def _LogParam(self, asked: Message) -> Message:  # noqa: N802
        self._store.log_param(_run(asked), Param(_require(asked, "key"), asked.value))
        return service_pb2.LogParam.Response()

    def _SetTag(self, asked: Message) -> Message:  # noqa: N802
        self._store.set_tag(_run(asked), RunTag(_require(asked, "key"), asked.value))
        return service_pb2.SetTag.Response()

    def _DeleteTag(self, asked: Message) -> Message:  # noqa: N802
        self._store.delete_tag(_run(asked), _require(asked, "key"))
        return service_pb2.DeleteTag.Response()

    def _LogBatch(self, asked: Message) -> Message:  # noqa: N802
        self._store.log_batch(
            _run(asked),
            [Metric.from_proto(metric) for metric in asked.metrics],
            [Param.from_proto(param) for param in asked.params],
            [RunTag.from_proto(tag) for tag in asked.tags],
        )
        return service_pb2.LogBatch.Response()

    def _LogInputs(self, asked: Message) -> Message:  # noqa: N802
        self._store.log_inputs(_run(asked), [DatasetInput.from_proto(dataset) for dataset in asked.datasets])
        return service_pb2.LogInputs.Response()

    def _GetMetricHistory(self, asked: Message) -> Message:  # noqa: N802
        most = asked.max_results if asked.HasField("max_results") else None
        found = self._store.get_metric_history(
            _run(asked), _require(asked, "metric_key"), max_results=most, page_token=asked.page_token or None
        )
        return service_pb2.GetMetricHistory.Response(
            metrics=[metric.to_proto() for metric in found], next_page_token=found.token or None
        )

    def _ListArtifacts(self, asked: Message) -> Message:  # noqa: N802
        root = self._store.get_run(_run(asked)).info.artifact_uri
        folder = posixpath.normpath(asked.path or ".")
        if folder.startswith(("/", "..")):
            raise MlflowException(f"Invalid path: {asked.path}", databricks_pb2.INVALID_PARAMETER_VALUE)
        below = root if folder == "." else f"{root}/{folder}"
        files: dict[str, Message] = {}
        for uri, size in self._list_objects(f"{below}/"):
            name, _, rest = uri.removeprefix(f"{below}/").partition("/")
            path = name if folder == "." else f"{folder}/{name}"
            files[path] = service_pb2.FileInfo(path=path, is_dir=bool(rest), file_size=None if rest else size)
        return service_pb2.ListArtifacts.Response(root_uri=root, files=[files[path] for path in sorted(files)])


def _parse(message: Message, given: Mapping[str, Any]) -> Message:
    """Return the message filled from JSON, or from a query, where any value may be a list and numbers are text."""
    fields = message.DESCRIPTOR.fields_by_name
    members: dict[str, Any] = {}
    for name, value in given.items():
        if name in fields and isinstance(value, list) and not fields[name].is_repeated:
            members[name] = value[-1]
        elif name in fields and not isinstance(value, list) and fields[name].is_repeated:
            members[name] = [value]
        else:
            members[name] = value
    try:
        parse_dict(members, message)
    except ParseError as error:
        raise MlflowException(" ".join(str(error).split()), databricks_pb2.INVALID_PARAMETER_VALUE) from None
    return message


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        members = json.loads(body or b"{}")
    except ValueError:
        members = None
    if not isinstance(members, dict):
        raise MlflowException("The request body is no JSON object.", databricks_pb2.BAD_REQUEST)
    return members


def _require(asked: Message, member: str) -> Any:  # noqa: ANN401 - as the message has it
    value = getattr(asked, member)
    if not value:
        raise MlflowException(
            f"Missing value for required parameter '{member}'.", databricks_pb2.INVALID_PARAMETER_VALUE
        )
    return value


def _run(asked: Message) -> str:
    """Return the id of the run; its old name `run_uuid` is in the protocol still."""
    run_uuid = asked.run_uuid if "run_uuid" in asked.DESCRIPTOR.fields_by_name else ""
    return str(run_uuid if run_uuid and not asked.run_id else _require(asked, "run_id"))


def _view(asked: Message, member: str) -> Any:  # noqa: ANN401 - MLflow's enumeration
    return ViewType.from_proto(getattr(asked, member)) if asked.HasField(member) else ViewType.ACTIVE_ONLY
