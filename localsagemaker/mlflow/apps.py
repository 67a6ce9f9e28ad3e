"""MLflow apps: serverless tracking servers, which cost nothing while nobody asks them."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Host, Scope
from localsagemaker.kernel.listing import listing
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Record, Resources, describe
from localsagemaker.mlflow.kinds import MLFLOW_APP
from localsagemaker.mlflow.permissions import PERMISSIONS
from localsagemaker.tracking.apps import TrackingApis

CALL: Final = "sagemaker:CallMlflowAppApi"
"""The one action that stands for every request to an app's API. Source: SageMaker developer guide, "Set up IAM
permissions for MLflow Apps"."""
_ID: Final = string.ascii_uppercase + string.digits
_UPDATED: Final = (
    "Name",
    "ArtifactStoreUri",
    "ModelRegistrationMode",
    "WeeklyMaintenanceWindowStart",
    "DefaultDomainIdList",
    "AccountDefaultStatus",
)


@dataclass(frozen=True)
class ApiRequest:
    """A request to the API of an app: whose, and what the wire has of it."""

    app: str
    """Its ARN."""
    method: str
    path: str
    query: Mapping[str, Any]
    body: bytes


class MlflowApps:
    """Apps and their APIs. They are made, changed and deleted at once, where AWS takes minutes."""

    permissions = PERMISSIONS

    def __init__(self, host: Host, resources: Resources, folder: Path) -> None:
        self._host, self._resources = host, resources
        self._apis = TrackingApis(folder)

    def operations(self) -> dict[str, Handler]:
        """Return every operation on MLflow apps."""
        return {
            "CreateMlflowApp": self._create,
            "DescribeMlflowApp": self._describe,
            "ListMlflowApps": self._list,
            "UpdateMlflowApp": self._update,
            "DeleteMlflowApp": self._delete,
            "CreatePresignedMlflowAppUrl": self._presign,
        }

    def close(self) -> None:
        """Nothing runs."""

    def call(self, request: ApiRequest, caller: Caller) -> tuple[int, bytes]:
        """Answer a request to an app's API: status and JSON. Raises `ServiceError`, as the control plane does."""
        self._host.authorize(caller, CALL, request.app, {})
        record = self._find(caller.scope, request.app)
        objects = self._host.objects

        def list_objects(uri: str) -> list[tuple[str, int]]:
            return list(objects(caller.scope, record["RoleArn"]).sizes(uri))

        return self._apis.answer(
            record["MlflowAppId"],
            record["ArtifactStoreUri"],
            list_objects,
            request.method,
            request.path,
            request.query,
            request.body,
        )

    def _create(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        self._host.assume(scope, parameters["RoleArn"], "MlflowApp")
        app = f"app-{''.join(secrets.choice(_ID) for _ in range(12))}"
        members = {
            "ModelRegistrationMode": "AutoModelRegistrationDisabled",
            "AccountDefaultStatus": "DISABLED",
            **parameters,
            "Arn": MLFLOW_APP.arn(scope, app),
            "MlflowVersion": version("mlflow-skinny"),
            "Status": "Created",
        }
        self._resources.add(MLFLOW_APP, scope, app, members)
        return {"Arn": members["Arn"]}

    def _describe(self, request: Request) -> dict[str, Any]:
        return describe(self._find(request.scope, request.parameters["Arn"]), request.operation)

    def _list(self, request: Request) -> dict[str, Any]:
        parameters = dict(request.parameters)
        filters = {"Status", "MlflowVersion", "AccountDefaultStatus"} & parameters.keys()
        wanted = {name: parameters.pop(name) for name in filters}
        domain = parameters.pop("DefaultForDomainId", None)
        records = [
            record
            for record in self._resources.all(MLFLOW_APP, request.scope)
            if all(record.get(name) == value for name, value in wanted.items())
            and (domain is None or domain in record.get("DefaultDomainIdList", ()))
        ]
        return listing(Request(request.operation, parameters, request.caller), records, MLFLOW_APP)

    def _update(self, request: Request) -> dict[str, Any]:
        record = self._find(request.scope, request.parameters["Arn"])
        changes = {name: request.parameters[name] for name in _UPDATED if name in request.parameters}
        self._resources.update(MLFLOW_APP, request.scope, record["MlflowAppId"], {**changes, "Status": "Updated"})
        return {"Arn": record["Arn"]}

    def _delete(self, request: Request) -> dict[str, Any]:
        record = self._find(request.scope, request.parameters["Arn"])
        self._resources.remove(MLFLOW_APP, request.scope, record["MlflowAppId"])
        self._apis.forget(record["MlflowAppId"])
        return {"Arn": record["Arn"]}

    def _presign(self, request: Request) -> dict[str, Any]:
        record = self._find(request.scope, request.parameters["Arn"])
        database = self._apis.database(record["MlflowAppId"])
        raise ServiceError(
            "ValidationException",
            "The local cloud has no MLflow user interface; MLflow's own shows this app with "
            f"uvx mlflow=={record['MlflowVersion']} ui --backend-store-uri sqlite:///{database.absolute()}",
        )

    def _find(self, scope: Scope, arn: str) -> Record:
        record = self._resources.find(MLFLOW_APP, scope, arn)
        if record is None or record["Arn"] != arn:
            raise ServiceError("ResourceNotFound", f"MlflowApp {arn} does not exist.")
        return record
