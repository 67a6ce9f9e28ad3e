"""Spaces of Studio domains: private to a user profile, or shared."""

from typing import Any, Final

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Record, Resources, describe
from localsagemaker.studio.domains import list_inside, live_apps, ready
from localsagemaker.studio.kinds import SPACE, USER_PROFILE
from localsagemaker.studio.settling import Settling, require_free, require_settled

CHANGE_S: Final = 15
_SUMMARIES: Final = ("SpaceSettings", "SpaceSharingSettings", "OwnershipSettings")


class Spaces:
    """The spaces of every domain."""

    def __init__(self, resources: Resources, settling: Settling) -> None:
        self._resources, self._settling = resources, settling

    def operations(self) -> dict[str, Handler]:
        """Return every operation on spaces."""
        return {
            "CreateSpace": self._create,
            "DescribeSpace": lambda request: describe(self._find(request), request.operation),
            "ListSpaces": self._list,
            "UpdateSpace": self._update,
            "DeleteSpace": self._delete,
        }

    def _create(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        domain = ready(self._resources, scope, parameters["DomainId"])
        owner = parameters.get("OwnershipSettings", {}).get("OwnerUserProfileName")
        if owner:
            self._resources.get(USER_PROFILE, scope, f"{parameters['DomainId']}/{owner}")
        elif parameters.get("SpaceSharingSettings", {}).get("SharingType") == "Private":
            raise ServiceError("ValidationException", "A private space needs OwnershipSettings.")
        name = identifier(parameters)
        members = {**parameters, "Url": f"{domain['Url']}/spaces/{parameters['SpaceName']}", "Status": "Pending"}
        record = self._resources.add(SPACE, scope, name, members)
        self._settling.change(SPACE, scope, name, CHANGE_S, {"Status": "InService"})
        return {"SpaceArn": record["SpaceArn"]}

    def _list(self, request: Request) -> dict[str, Any]:
        records = [
            {**record, **{f"{member}Summary": record[member] for member in _SUMMARIES if member in record}}
            for record in self._resources.all(SPACE, request.scope)
        ]
        return list_inside(request, records, SPACE)

    def _update(self, request: Request) -> dict[str, Any]:
        record, parameters, scope = self._find(request), request.parameters, request.scope
        require_settled(SPACE, record)
        before, given = record.get("SpaceSettings", {}), parameters.get("SpaceSettings", {})
        if given.get("AppType", before.get("AppType")) != before.get("AppType"):
            raise ServiceError("ValidationException", "The AppType of a space cannot be edited.")
        changes = {"SpaceSettings": {**before, **given}} if given else {}
        if "SpaceDisplayName" in parameters:
            changes["SpaceDisplayName"] = parameters["SpaceDisplayName"]
        self._resources.update(SPACE, scope, record["Identifier"], {**changes, "Status": "Updating"})
        self._settling.change(SPACE, scope, record["Identifier"], CHANGE_S, {"Status": "InService"})
        return {"SpaceArn": record["SpaceArn"]}

    def _delete(self, request: Request) -> dict[str, Any]:
        record, scope = self._find(request), request.scope
        require_settled(SPACE, record)
        apps = live_apps(self._resources, scope, record["DomainId"], {"SpaceName": record["SpaceName"]})
        require_free(SPACE, record, {"App": bool(apps)})
        self._resources.update(SPACE, scope, record["Identifier"], {"Status": "Deleting"})
        self._settling.remove(SPACE, scope, record["Identifier"], CHANGE_S)
        return {}

    def _find(self, request: Request) -> Record:
        return self._resources.get(SPACE, request.scope, identifier(request.parameters))


def identifier(parameters: Record) -> str:
    """Return what names a space among those of all domains."""
    return f"{parameters['DomainId']}/{parameters['SpaceName']}"
