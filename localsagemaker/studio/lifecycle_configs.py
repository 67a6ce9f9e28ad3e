"""Lifecycle configurations of Studio: scripts that run when an app starts."""

from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Scope
from localsagemaker.kernel.listing import listing
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Record, Resources, describe
from localsagemaker.studio.kinds import APP, DOMAIN, STUDIO_LIFECYCLE_CONFIG, USER_PROFILE


class StudioLifecycleConfigs:
    """The lifecycle configurations of every account and region."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def operations(self) -> dict[str, Handler]:
        """Return every operation on lifecycle configurations."""
        return {
            "CreateStudioLifecycleConfig": self._create,
            "DescribeStudioLifecycleConfig": lambda request: describe(self._find(request), request.operation),
            "ListStudioLifecycleConfigs": self._list,
            "DeleteStudioLifecycleConfig": self._delete,
        }

    def _create(self, request: Request) -> dict[str, Any]:
        parameters = request.parameters
        name = parameters["StudioLifecycleConfigName"]
        record = self._resources.add(STUDIO_LIFECYCLE_CONFIG, request.scope, name, parameters)
        return {"StudioLifecycleConfigArn": record["StudioLifecycleConfigArn"]}

    def _list(self, request: Request) -> dict[str, Any]:
        records = self._resources.all(STUDIO_LIFECYCLE_CONFIG, request.scope)
        wanted = request.parameters.get("AppTypeEquals")
        kept = [record for record in records if wanted in {None, record["StudioLifecycleConfigAppType"]}]
        return listing(request, kept, STUDIO_LIFECYCLE_CONFIG)

    def _delete(self, request: Request) -> dict[str, Any]:
        record = self._find(request)
        arn = record["StudioLifecycleConfigArn"]
        if user := next((user for user in self._users(request.scope) if _mentions(user, arn)), None):
            named = next(user[kind.arn_member] for kind in (DOMAIN, USER_PROFILE, APP) if kind.arn_member in user)
            raise ServiceError("ResourceInUse", f"StudioLifecycleConfig {arn} is in use by {named}.")
        self._resources.remove(STUDIO_LIFECYCLE_CONFIG, request.scope, record["StudioLifecycleConfigName"])
        return {}

    def _users(self, scope: Scope) -> list[Record]:
        """Return what may name a configuration: domains, user profiles, and apps that run."""
        apps = [app for app in self._resources.all(APP, scope) if app["Status"] not in {"Deleted", "Failed"}]
        return [*self._resources.all(DOMAIN, scope), *self._resources.all(USER_PROFILE, scope), *apps]

    def _find(self, request: Request) -> Record:
        name = request.parameters["StudioLifecycleConfigName"]
        return self._resources.get(STUDIO_LIFECYCLE_CONFIG, request.scope, name)


def _mentions(value: object, text: str) -> bool:
    if isinstance(value, dict):
        return any(_mentions(child, text) for child in value.values())
    if isinstance(value, list | tuple):
        return any(_mentions(child, text) for child in value)
    return value == text
