"""Apps of Studio: what runs for a user profile or in a space, and its network interface in the customer's VPC."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Cloud, Scope
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Record, Resources, describe
from localsagemaker.studio.domains import list_inside, ready
from localsagemaker.studio.kinds import APP, SPACE, USER_PROFILE
from localsagemaker.studio.scripts import NONE, Scripts
from localsagemaker.studio.settling import Settling

START_S: Final = 60
END_S: Final = 30
RELEASE_S: Final = 180
"""Seconds that a network interface outlives its app."""
_IN_SPACES: Final = {"JupyterLab", "CodeEditor"}


class Apps:
    """The apps of every domain. One that was deleted is still shown, as AWS does for a day."""

    def __init__(self, host: Cloud, resources: Resources, settling: Settling, scripts: Scripts) -> None:
        self._host, self._resources, self._settling, self._scripts = host, resources, settling, scripts

    def operations(self) -> dict[str, Handler]:
        """Return every operation on apps."""
        return {
            "CreateApp": self._create,
            "DescribeApp": lambda request: describe(self._find(request), request.operation),
            "ListApps": lambda request: list_inside(request, self._resources.all(APP, request.scope), APP),
            "DeleteApp": self._delete,
        }

    def _create(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        name = identifier(parameters)
        domain = ready(self._resources, scope, parameters["DomainId"])
        owner = self._owner(scope, parameters)
        kind = parameters["AppType"]
        if kind in _IN_SPACES and "SpaceName" not in parameters:
            raise ServiceError("ValidationException", f"An app of type {kind} runs in a space: give its SpaceName.")
        if owner.get("SpaceSettings", {}).get("AppType", kind) != kind:
            raise ServiceError("ValidationException", f"Space {parameters['SpaceName']} is not for {kind} apps.")
        existing = self._resources.find(APP, scope, name)
        if existing and existing["Status"] in {"Deleted", "Failed"}:
            self._resources.remove(APP, scope, name)
        arns = (domain["DomainArn"], owner.get("UserProfileArn") or owner["SpaceArn"])
        tags = {key: value for arn in arns for key, value in self._resources.tags(arn).items()}
        tags |= {tag["Key"]: tag["Value"] for tag in parameters.get("Tags", ())}
        members = {
            **parameters,
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
            "Status": "Pending",
        }
        record = self._resources.add(APP, scope, name, members)
        try:
            interface = self._attach(scope, domain, owner)
        except ServiceError as error:
            self._resources.update(APP, scope, name, {"Status": "Failed", "FailureReason": str(error)})
            return {"AppArn": record["AppArn"]}
        self._resources.update(APP, scope, name, {"Interface": interface})
        arn, role = self._script(scope, domain, owner, record), self._role(scope, domain, owner)
        self._settling.later(START_S, lambda: self._start(scope, record, arn, role))
        return {"AppArn": record["AppArn"]}

    def _start(self, scope: Scope, app: Record, arn: str, role: str) -> None:
        """Run an app's lifecycle script, if it has one, and let it be in service or fail."""
        failure = self._scripts.of_app(scope, app, arn, role) if arn else None
        members = {"Status": "Failed", "FailureReason": failure} if failure else {"Status": "InService"}
        with suppress(ServiceError):  # it went in the meantime
            self._resources.update(APP, scope, app["Identifier"], members)

    def _script(self, scope: Scope, domain: Record, owner: Record, app: Record) -> str:
        """Return the ARN of the script that an app starts with: its own, else the default of whom it is for."""
        kind = f"{app['AppType']}AppSettings"
        specifications = [app, *(each.get(kind, {}) for each in self._settings(scope, domain, owner))]
        for each in specifications:
            given = each.get("ResourceSpec") or each.get("DefaultResourceSpec") or {}
            if arn := given.get("LifecycleConfigArn"):
                return "" if arn == NONE else str(arn)
        return ""

    def _role(self, scope: Scope, domain: Record, owner: Record) -> str:
        """Return the role that an app runs in."""
        roles = (each.get("ExecutionRole") for each in self._settings(scope, domain, owner))
        return str(next(filter(None, roles), ""))

    def _settings(self, scope: Scope, domain: Record, owner: Record) -> list[Record]:
        """Return the settings that hold for an app, what is nearest first: the space's, the user's, the domain's."""
        user = owner.get("UserProfileName") or owner.get("OwnershipSettings", {}).get("OwnerUserProfileName")
        profile = self._resources.find(USER_PROFILE, scope, f"{domain['DomainId']}/{user}") if user else None
        given = (owner.get("SpaceSettings"), (profile or {}).get("UserSettings"), domain.get("DefaultUserSettings"))
        return [each for each in given if each]

    def _delete(self, request: Request) -> dict[str, Any]:
        record, scope = self._find(request), request.scope
        if record["Status"] == "Deleted":
            raise ServiceError("ResourceNotFound", f"App {record['AppArn']} does not exist.")
        if record["Status"] in {"Pending", "Deleting"}:
            raise ServiceError("ResourceInUse", f"App {record['AppArn']} is {record['Status']}.")
        self._resources.update(APP, scope, record["Identifier"], {"Status": "Deleting", "Interface": None})
        self._settling.change(APP, scope, record["Identifier"], END_S, {"Status": "Deleted"})
        if interface := record.get("Interface"):
            self._settling.later(END_S + RELEASE_S, lambda: self._host.release_interface(scope, interface))
        return {}

    def _owner(self, scope: Scope, parameters: Record) -> Record:
        """Return the user profile or the space that an app is for."""
        kind, name = (USER_PROFILE, "UserProfileName") if "UserProfileName" in parameters else (SPACE, "SpaceName")
        record = self._resources.get(kind, scope, f"{parameters['DomainId']}/{parameters[name]}")
        if record["Status"] != "InService":
            arn = record[kind.arn_member]
            raise ServiceError("ValidationException", f"{kind.name} {arn} is {record['Status']}: not InService.")
        return record

    def _attach(self, scope: Scope, domain: Record, owner: Record) -> str | None:
        """Put the interface of an app into the VPC of a domain that has its apps there."""
        if domain["AppNetworkAccessType"] != "VpcOnly":
            return None
        groups = settings(self._resources, scope, domain, owner).get("SecurityGroups", ())
        description = f"[DO NOT DELETE] ENI managed by SageMaker for Studio Domain ({domain['DomainId']})"
        return self._host.attach_interface(scope, domain["SubnetIds"][0], groups, description)

    def _find(self, request: Request) -> Record:
        return self._resources.get(APP, request.scope, identifier(request.parameters))


def settings(resources: Resources, scope: Scope, domain: Record, owner: Record) -> Mapping[str, Any]:
    """Return what holds for the apps of a profile or space: of a private space's owner, or of all shared spaces."""
    user = owner.get("UserProfileName") or owner.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    if owner.get("SpaceSharingSettings", {}).get("SharingType") == "Shared" or not user:
        shared: Mapping[str, Any] = domain.get("DefaultSpaceSettings", {})
        return shared
    profile = resources.get(USER_PROFILE, scope, f"{domain['DomainId']}/{user}")
    return {**domain["DefaultUserSettings"], **profile.get("UserSettings", {})}


def identifier(parameters: Record) -> str:
    """Return what names an app among those of all domains: its ARN spells the type in lower case."""
    if ("UserProfileName" in parameters) == ("SpaceName" in parameters):
        raise ServiceError("ValidationException", "Give either UserProfileName or SpaceName, and not both.")
    owner = parameters.get("UserProfileName") or parameters["SpaceName"]
    return f"{parameters['DomainId']}/{owner}/{parameters['AppType'].lower()}/{parameters['AppName']}"
