"""Studio domains: their network, their home file system, and when they can go."""

import secrets
import string
from collections.abc import Iterable, Mapping
from typing import Any, Final

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Cloud, Home, Scope
from localsagemaker.kernel.kinds import Kind
from localsagemaker.kernel.listing import listing
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Record, Resources, describe
from localsagemaker.studio.kinds import APP, DOMAIN, SPACE, USER_PROFILE
from localsagemaker.studio.settling import Settling, require_free, require_settled

CREATION_S: Final = 120
CHANGE_S: Final = 15
DELETION_S: Final = 60
_ID: Final = string.ascii_lowercase + string.digits
_ACTIVE: Final = {"Pending", "InService", "Deleting"}


class Domains:
    """The domains of every account and region."""

    def __init__(self, host: Cloud, resources: Resources, settling: Settling) -> None:
        self._host, self._resources, self._settling = host, resources, settling

    def operations(self) -> dict[str, Handler]:
        """Return every operation on domains."""
        return {
            "CreateDomain": self._create,
            "DescribeDomain": lambda request: describe(self._find(request), request.operation),
            "ListDomains": lambda request: listing(request, self._resources.all(DOMAIN, request.scope), DOMAIN),
            "UpdateDomain": self._update,
            "DeleteDomain": self._delete,
        }

    def _create(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        if any(each["DomainName"] == parameters["DomainName"] for each in self._resources.all(DOMAIN, scope)):
            raise ServiceError("ResourceInUse", f"There is a domain named {parameters['DomainName']} already.")
        if not ((parameters.get("VpcId") and parameters.get("SubnetIds")) or _is_unified(parameters)):
            raise ServiceError("ValidationException", "A domain needs VpcId and SubnetIds.")
        for role in request.roles:
            self._host.assume(scope, role, "SageMaker")
        domain = f"d-{''.join(secrets.choice(_ID) for _ in range(12))}"
        key = {"HomeEfsFileSystemKmsKeyId": parameters["KmsKeyId"]} if "KmsKeyId" in parameters else {}
        members = {
            "AppNetworkAccessType": "PublicInternetOnly",
            "HomeEfsFileSystemCreation": "Enabled",
            "TagPropagation": "DISABLED",
            **key,
            **parameters,
            "Url": f"https://{domain}.studio.{scope.region}.sagemaker.aws",
            "Status": "Pending",
        }
        record = self._resources.add(DOMAIN, scope, domain, members)
        try:
            home = self._with_home(scope, record)
        except ServiceError:
            self._resources.remove(DOMAIN, scope, domain)
            raise
        self._settling.change(DOMAIN, scope, domain, CREATION_S, {**home, "Status": "InService"})
        return {"DomainArn": record["DomainArn"], "DomainId": domain, "Url": record["Url"]}

    def _update(self, request: Request) -> dict[str, Any]:
        record, parameters, scope = self._find(request), request.parameters, request.scope
        require_settled(DOMAIN, record)
        access = parameters.get("AppNetworkAccessType", record["AppNetworkAccessType"])
        gone = set(record.get("SubnetIds", ())) - set(parameters.get("SubnetIds", record.get("SubnetIds", ())))
        moved = gone or access != record["AppNetworkAccessType"]
        if moved and live_apps(self._resources, scope, record["DomainId"], {}):
            raise ServiceError(
                "ResourceInUse", "End the domain's apps before its AppNetworkAccessType changes or subnets go."
            )
        if parameters.get("HomeEfsFileSystemCreation") == "Disabled" and "HomeEfsFileSystemId" in record:
            raise ServiceError("ValidationException", "HomeEfsFileSystemCreation cannot change to Disabled.")
        for role in request.roles:
            self._host.assume(scope, role, "SageMaker")
        changes = {name: value for name, value in parameters.items() if name != "DomainSettingsForUpdate"}
        for member, given in (
            ("DefaultUserSettings", "DefaultUserSettings"),
            ("DefaultSpaceSettings", "DefaultSpaceSettings"),
            ("DomainSettings", "DomainSettingsForUpdate"),
        ):
            if given in parameters:
                changes[member] = {**record.get(member, {}), **parameters[given]}
        home = {} if "HomeEfsFileSystemId" in record else self._with_home(scope, {**record, **changes})
        self._resources.update(DOMAIN, scope, record["DomainId"], {**changes, "Status": "Updating"})
        self._settling.change(DOMAIN, scope, record["DomainId"], CHANGE_S, {**home, "Status": "InService"})
        return {"DomainArn": record["DomainArn"]}

    def _delete(self, request: Request) -> dict[str, Any]:
        record, scope = self._find(request), request.scope
        domain = record["DomainId"]
        require_settled(DOMAIN, record)
        kinds = (USER_PROFILE, SPACE)
        users = {kind.name: bool(inside(self._resources, kind, scope, domain)) for kind in kinds}
        require_free(DOMAIN, record, users)
        self._resources.update(DOMAIN, scope, domain, {"Status": "Deleting"})
        kept = request.parameters.get("RetentionPolicy", {}).get("HomeEfsFileSystem", "Retain") == "Retain"

        def clear() -> None:
            for app in inside(self._resources, APP, scope, domain):
                self._resources.remove(APP, scope, app["Identifier"])
            if "HomeEfsFileSystemId" in record and not kept:
                self._host.delete_home(scope, record["HomeEfsFileSystemId"], _home(record))

        self._settling.remove(DOMAIN, scope, domain, DELETION_S, clear)
        return {}

    def _with_home(self, scope: Scope, record: Record) -> dict[str, str]:
        """Make the home file system of a domain that wants one: it is mounted in the domain's subnets."""
        if record["HomeEfsFileSystemCreation"] == "Disabled" or not (record.get("SubnetIds") and record.get("VpcId")):
            return {}
        return {"HomeEfsFileSystemId": self._host.create_home(scope, _home(record))}

    def _find(self, request: Request) -> Record:
        return self._resources.get(DOMAIN, request.scope, request.parameters["DomainId"])


def _is_unified(parameters: Record) -> bool:
    """Return whether a domain is one of SageMaker Unified Studio with internet access, which needs no VPC."""
    access = parameters.get("AppNetworkAccessType", "PublicInternetOnly")
    return access == "PublicInternetOnly" and "UnifiedStudioSettings" in parameters.get("DomainSettings", {})


def _home(record: Record) -> Home:
    return Home(
        record["DomainId"], record["DomainArn"], record.get("KmsKeyId", ""), record["VpcId"], record["SubnetIds"]
    )


def inside(resources: Resources, kind: Kind, scope: Scope, domain: str) -> list[Record]:
    """Return what of a kind is in a domain."""
    return [record for record in resources.all(kind, scope) if record["DomainId"] == domain]


def live_apps(resources: Resources, scope: Scope, domain: str, owner: Mapping[str, str]) -> list[Record]:
    """Return the apps of a user profile or a space that neither ended nor failed: `owner` holds the member's name."""
    return [
        app
        for app in inside(resources, APP, scope, domain)
        if app["Status"] in _ACTIVE and owner.items() <= app.items()
    ]


def ready(resources: Resources, scope: Scope, domain: str) -> Record:
    """Return a domain that something can be made in; `ValidationException` when it is not in service."""
    record = resources.get(DOMAIN, scope, domain)
    if record["Status"] != "InService":
        raise ServiceError("ValidationException", f"Domain {record['DomainArn']} is {record['Status']}: not InService.")
    return record


def list_inside(request: Request, records: Iterable[Record], kind: Kind) -> dict[str, Any]:
    """Answer a List operation on what is in domains."""
    parameters = request.parameters
    wanted = {
        member: parameters[f"{member}Equals"]
        for member in ("DomainId", "UserProfileName", "SpaceName")
        if f"{member}Equals" in parameters
    }
    part = parameters.get(f"{kind.name}NameContains", "")
    kept = [
        record
        for record in records
        if all(record.get(member) == value for member, value in wanted.items())
        and part.lower() in record[f"{kind.name}Name"].lower()
    ]
    return listing(request, kept, kind)
