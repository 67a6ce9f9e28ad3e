"""Notebook instances and their lifecycle configurations: records of machines, whose scripts run when they start."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Cloud, Scope
from localsagemaker.kernel.listing import listing
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Record, Resources, describe
from localsagemaker.studio.kinds import NOTEBOOK_INSTANCE, NOTEBOOK_LIFECYCLE_CONFIG
from localsagemaker.studio.scripts import Scripts
from localsagemaker.studio.settling import Settling

START_S: Final = 60
CHANGE_S: Final = 30
_STATUS: Final = "NotebookInstanceStatus"
_ENDED: Final = ("Stopped", "Failed")
_DEFAULTS: Final = {
    "DirectInternetAccess": "Enabled",
    "RootAccess": "Enabled",
    "VolumeSizeInGB": 5,
    "PlatformIdentifier": "notebook-al2023-v1",
}
_NAMED_OTHERWISE: Final = {
    "SecurityGroupIds": "SecurityGroups",
    "LifecycleConfigName": "NotebookInstanceLifecycleConfigName",
}


class NotebookInstances:
    """The notebook instances of every account and region."""

    def __init__(self, host: Cloud, resources: Resources, settling: Settling, scripts: Scripts) -> None:
        self._host, self._resources, self._settling, self._scripts = host, resources, settling, scripts

    def operations(self) -> dict[str, Handler]:
        """Return every operation on notebook instances and their lifecycle configurations."""
        return {
            "CreateNotebookInstance": self._create,
            "DescribeNotebookInstance": lambda request: describe(self._find(request), request.operation),
            "ListNotebookInstances": self._list,
            "StartNotebookInstance": self._start,
            "StopNotebookInstance": self._stop,
            "UpdateNotebookInstance": self._update,
            "DeleteNotebookInstance": self._delete,
            "CreatePresignedNotebookInstanceUrl": self._presign,
            "CreateNotebookInstanceLifecycleConfig": self._create_config,
            "DescribeNotebookInstanceLifecycleConfig": lambda request: describe(
                self._config(request), request.operation
            ),
            "ListNotebookInstanceLifecycleConfigs": lambda request: listing(
                request, self._resources.all(NOTEBOOK_LIFECYCLE_CONFIG, request.scope), NOTEBOOK_LIFECYCLE_CONFIG
            ),
            "UpdateNotebookInstanceLifecycleConfig": self._update_config,
            "DeleteNotebookInstanceLifecycleConfig": self._delete_config,
        }

    def _create(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        if parameters.get("DirectInternetAccess") == "Disabled" and "SubnetId" not in parameters:
            raise ServiceError("ValidationException", "DirectInternetAccess Disabled needs a SubnetId.")
        self._check(scope, request)
        name = parameters["NotebookInstanceName"]
        address = f"{name}.notebook.{scope.region}.sagemaker.aws"
        members = {**_DEFAULTS, **_rename_members(parameters), "Url": address, _STATUS: "Pending"}
        record = self._resources.add(NOTEBOOK_INSTANCE, scope, name, members)
        if "SubnetId" in parameters:
            groups = parameters.get("SecurityGroupIds", ())
            description = f"[DO NOT DELETE] ENI managed by SageMaker for Notebook Instance ({name})"
            try:
                interface = self._host.attach_interface(scope, parameters["SubnetId"], groups, description)
            except ServiceError:
                self._resources.remove(NOTEBOOK_INSTANCE, scope, name)
                raise
            self._resources.update(NOTEBOOK_INSTANCE, scope, name, {"NetworkInterfaceId": interface})
        self._settling.later(START_S, lambda: self._run_scripts(scope, name, ("OnCreate", "OnStart")))
        return {"NotebookInstanceArn": record["NotebookInstanceArn"]}

    def _list(self, request: Request) -> dict[str, Any]:
        wanted = request.parameters
        config = wanted.get("NotebookInstanceLifecycleConfigNameContains", "")
        repository, additional = wanted.get("DefaultCodeRepositoryContains", ""), "AdditionalCodeRepositoryEquals"
        records = [
            record
            for record in self._resources.all(NOTEBOOK_INSTANCE, request.scope)
            if config in record.get("NotebookInstanceLifecycleConfigName", "")
            and repository in record.get("DefaultCodeRepository", "")
            and (additional not in wanted or wanted[additional] in record.get("AdditionalCodeRepositories", ()))
        ]
        return listing(request, records, NOTEBOOK_INSTANCE)

    def _start(self, request: Request) -> dict[str, Any]:
        self._move(request, _ENDED, "Pending")
        scope, name = request.scope, request.parameters["NotebookInstanceName"]
        self._settling.later(START_S, lambda: self._run_scripts(scope, name, ("OnStart",)))
        return {}

    def _run_scripts(self, scope: Scope, name: str, hooks: Sequence[str]) -> None:
        """Run the lifecycle scripts of an instance, and let it be in service or fail."""
        record = self._resources.find(NOTEBOOK_INSTANCE, scope, name)
        if record is None:
            return
        failure = self._scripts.of_notebook(scope, record, hooks)
        members = {_STATUS: "Failed", "FailureReason": failure} if failure else {_STATUS: "InService"}
        with suppress(ServiceError):  # it went in the meantime
            self._resources.update(NOTEBOOK_INSTANCE, scope, name, members)

    def _stop(self, request: Request) -> dict[str, Any]:
        self._move(request, ("InService",), "Stopping")
        self._become(request.scope, request.parameters["NotebookInstanceName"], CHANGE_S, "Stopped")
        return {}

    def _update(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        record = self._find(request)
        if parameters.get("VolumeSizeInGB", record["VolumeSizeInGB"]) < record["VolumeSizeInGB"]:
            raise ServiceError("ValidationException", "VolumeSizeInGB can grow and cannot shrink.")
        self._check(scope, request)
        self._move(request, _ENDED, "Updating")
        changes: dict[str, Any] = {
            name: value for name, value in _rename_members(parameters).items() if not name.startswith("Disassociate")
        }
        for parameter in parameters:
            if parameter.startswith("Disassociate") and parameters[parameter]:
                changes |= _rename_members({_member_to_clear(parameter): None})
        self._resources.update(NOTEBOOK_INSTANCE, scope, record["NotebookInstanceName"], changes)
        self._become(scope, record["NotebookInstanceName"], CHANGE_S, "Stopped")
        return {}

    def _delete(self, request: Request) -> dict[str, Any]:
        record, scope = self._move(request, _ENDED, "Deleting"), request.scope

        def release() -> None:
            if interface := record.get("NetworkInterfaceId"):
                self._host.release_interface(scope, interface)

        self._settling.remove(NOTEBOOK_INSTANCE, scope, record["NotebookInstanceName"], CHANGE_S, release)
        return {}

    def _presign(self, request: Request) -> dict[str, Any]:
        url = self._find(request)["Url"]
        return {"AuthorizedUrl": f"https://{url}?authToken=the-local-cloud-runs-no-notebooks"}

    def _create_config(self, request: Request) -> dict[str, Any]:
        name = request.parameters[NOTEBOOK_LIFECYCLE_CONFIG.key]
        record = self._resources.add(NOTEBOOK_LIFECYCLE_CONFIG, request.scope, name, request.parameters)
        return {NOTEBOOK_LIFECYCLE_CONFIG.arn_member: record[NOTEBOOK_LIFECYCLE_CONFIG.arn_member]}

    def _update_config(self, request: Request) -> dict[str, Any]:
        name = self._config(request)[NOTEBOOK_LIFECYCLE_CONFIG.key]
        self._resources.update(NOTEBOOK_LIFECYCLE_CONFIG, request.scope, name, request.parameters)
        return {}

    def _delete_config(self, request: Request) -> dict[str, Any]:
        name = request.parameters[NOTEBOOK_LIFECYCLE_CONFIG.key]
        self._resources.remove(NOTEBOOK_LIFECYCLE_CONFIG, request.scope, name)
        return {}

    def _check(self, scope: Scope, request: Request) -> None:
        """Check the role and the lifecycle configuration of a request."""
        for role in request.roles:
            self._host.assume(scope, role, "SageMaker")
        if name := request.parameters.get("LifecycleConfigName"):
            self._resources.get(NOTEBOOK_LIFECYCLE_CONFIG, scope, name)

    def _move(self, request: Request, sources: tuple[str, ...], status: str) -> Record:
        """Give an instance a status that it can have from some others only."""
        record = self._find(request)
        if record[_STATUS] not in sources:
            raise ServiceError(
                "ValidationException",
                f"Status ({record[_STATUS]}) not in ([{', '.join(sources)}]). Unable to transition to ({status}) for "
                f"Notebook Instance ({record['NotebookInstanceArn']}).",
            )
        self._resources.update(NOTEBOOK_INSTANCE, request.scope, record["NotebookInstanceName"], {_STATUS: status})
        return record

    def _become(self, scope: Scope, name: str, seconds: float, status: str) -> None:
        self._settling.change(NOTEBOOK_INSTANCE, scope, name, seconds, {_STATUS: status})

    def _find(self, request: Request) -> Record:
        return self._resources.get(NOTEBOOK_INSTANCE, request.scope, request.parameters["NotebookInstanceName"])

    def _config(self, request: Request) -> Record:
        name = request.parameters[NOTEBOOK_LIFECYCLE_CONFIG.key]
        return self._resources.get(NOTEBOOK_LIFECYCLE_CONFIG, request.scope, name)


def _rename_members(parameters: Record) -> dict[str, Any]:
    """Name members as Describe does."""
    return {_NAMED_OTHERWISE.get(name, name): value for name, value in parameters.items()}


def _member_to_clear(parameter: str) -> str:
    """Return the member that a `Disassociate…` parameter takes away."""
    name = parameter.removeprefix("Disassociate")
    return "LifecycleConfigName" if name == "LifecycleConfig" else name
