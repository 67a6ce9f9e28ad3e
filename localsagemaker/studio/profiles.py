"""User profiles of Studio domains, and the address that opens Studio for one."""

from typing import Any, Final

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Host
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Record, Resources, describe
from localsagemaker.studio.domains import inside, list_inside, live_apps, ready
from localsagemaker.studio.kinds import DOMAIN, SPACE, USER_PROFILE
from localsagemaker.studio.settling import Settling, require_free, require_settled

CHANGE_S: Final = 15
_FIRST_UID: Final = 200001
_SINGLE_SIGN_ON: Final = ("SingleSignOnUserIdentifier", "SingleSignOnUserValue")


class UserProfiles:
    """The user profiles of every domain."""

    def __init__(self, host: Host, resources: Resources, settling: Settling) -> None:
        self._host, self._resources, self._settling = host, resources, settling

    def operations(self) -> dict[str, Handler]:
        """Return every operation on user profiles."""
        return {
            "CreateUserProfile": self._create,
            "DescribeUserProfile": lambda request: describe(self._find(request), request.operation),
            "ListUserProfiles": lambda request: list_inside(
                request, self._resources.all(USER_PROFILE, request.scope), USER_PROFILE
            ),
            "UpdateUserProfile": self._update,
            "DeleteUserProfile": self._delete,
            "CreatePresignedDomainUrl": self._presign,
        }

    def _create(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        domain = ready(self._resources, scope, parameters["DomainId"])
        named = [member for member in _SINGLE_SIGN_ON if member in parameters]
        if named and domain["AuthMode"] != "SSO":
            raise ServiceError("ValidationException", f"{named[0]} is for domains of AuthMode SSO.")
        if domain["AuthMode"] == "SSO" and len(named) < len(_SINGLE_SIGN_ON):
            raise ServiceError("ValidationException", f"A domain of AuthMode SSO needs {', '.join(_SINGLE_SIGN_ON)}.")
        settings = {**domain["DefaultUserSettings"], **parameters.get("UserSettings", {})}
        if domain["AppNetworkAccessType"] == "VpcOnly" and not settings.get("SecurityGroups"):
            raise ServiceError(
                "ValidationException",
                "VpcOnly needs SecurityGroups, in UserSettings or in the domain's DefaultUserSettings.",
            )
        for role in request.roles:
            self._host.assume(scope, role, "SageMaker")
        name = identifier(parameters)
        uid = str(_FIRST_UID + len(inside(self._resources, USER_PROFILE, scope, parameters["DomainId"])))
        members = {**parameters, "HomeEfsFileSystemUid": uid, "Status": "Pending"}
        record = self._resources.add(USER_PROFILE, scope, name, members)
        self._settling.change(USER_PROFILE, scope, name, CHANGE_S, {"Status": "InService"})
        return {"UserProfileArn": record["UserProfileArn"]}

    def _update(self, request: Request) -> dict[str, Any]:
        record, scope = self._find(request), request.scope
        require_settled(USER_PROFILE, record)
        for role in request.roles:
            self._host.assume(scope, role, "SageMaker")
        settings = {**record.get("UserSettings", {}), **request.parameters.get("UserSettings", {})}
        name = record["Identifier"]
        self._resources.update(USER_PROFILE, scope, name, {"UserSettings": settings, "Status": "Updating"})
        self._settling.change(USER_PROFILE, scope, name, CHANGE_S, {"Status": "InService"})
        return {"UserProfileArn": record["UserProfileArn"]}

    def _delete(self, request: Request) -> dict[str, Any]:
        record, scope = self._find(request), request.scope
        require_settled(USER_PROFILE, record)
        domain, user = record["DomainId"], record["UserProfileName"]
        apps = live_apps(self._resources, scope, domain, {"UserProfileName": user})
        spaces = [
            space
            for space in inside(self._resources, SPACE, scope, domain)
            if space.get("OwnershipSettings", {}).get("OwnerUserProfileName") == user
        ]
        require_free(USER_PROFILE, record, {"App": bool(apps), "Space": bool(spaces)})
        self._resources.update(USER_PROFILE, scope, record["Identifier"], {"Status": "Deleting"})
        self._settling.remove(USER_PROFILE, scope, record["Identifier"], CHANGE_S)
        return {}

    def _presign(self, request: Request) -> dict[str, Any]:
        domain = self._resources.get(DOMAIN, request.scope, request.parameters["DomainId"])
        self._find(request)
        if domain["AuthMode"] != "IAM":
            raise ServiceError("ValidationException", "CreatePresignedDomainUrl is for domains of AuthMode IAM.")
        address = f"{domain['Url']}/auth?token=the-local-cloud-has-no-studio-user-interface"  # pragma: allowlist secret
        return {"AuthorizedUrl": address}

    def _find(self, request: Request) -> Record:
        return self._resources.get(USER_PROFILE, request.scope, identifier(request.parameters))


def identifier(parameters: Record) -> str:
    """Return what names a user profile among those of all domains."""
    return f"{parameters['DomainId']}/{parameters['UserProfileName']}"
