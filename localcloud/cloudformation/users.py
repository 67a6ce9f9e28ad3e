"""Users of Cognito's pools and the groups that they are in, which MiniStack's CloudFormation lacks."""

from typing import Any

from localcloud.hooks.callers import identity
from localcloud.hooks.requests import calls
from localcloud.hooks.stacks import cloudformation
from localcloud.readback.reading import Gone

USER = (
    "UserPoolId",
    "Username",
    "UserAttributes",
    "ValidationData",
    "DesiredDeliveryMediums",
    "ForceAliasCreation",
    "MessageAction",
    "ClientMetadata",
)
MEMBERSHIP = ("UserPoolId", "Username", "GroupName")


def _ask(operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON of any shape
    return calls.asking(*identity.request_scope())("cognito-idp", operation, **parameters)


class UserType:
    """A user of a pool; every change makes another."""

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Create the user as an administrator does."""
        name = properties.get("Username") or cloudformation.physical_name(stack, logical_id, 128)
        made = _ask("admin_create_user", **{**properties, "Username": name})
        return str(made["User"]["Username"]), {}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Keep the user: whatever changes one replaces it."""
        del old, new, stack, logical_id
        return physical_id, {}

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Delete the user, unless it or its pool is gone."""
        try:
            _ask("admin_delete_user", UserPoolId=properties["UserPoolId"], Username=physical_id)
        except Gone:
            return


class MembershipType:
    """A user in a group; every change makes another."""

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Put the user into the group."""
        del logical_id, stack
        where = {name: properties[name] for name in MEMBERSHIP}
        _ask("admin_add_user_to_group", **where)
        return "|".join(where.values()), {}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Keep the membership: whatever changes one replaces it."""
        del old, new, stack, logical_id
        return physical_id, {}

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Take the user out of the group, unless one of them is gone."""
        del physical_id
        try:
            _ask("admin_remove_user_from_group", **{name: properties[name] for name in MEMBERSHIP})
        except Gone:
            return


def _tell_address(pool: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Tell where a pool's tokens come from, which MiniStack leaves out of its attributes."""
    del properties
    region = identity.request_scope()[1]
    return {"ProviderURL": f"https://cognito-idp.{region}.amazonaws.com/{pool}"}


def register() -> None:
    """Make users and memberships, and let pools have every attribute."""
    cloudformation.after("AWS::Cognito::UserPool", _tell_address)
    cloudformation.register("AWS::Cognito::UserPoolUser", UserType(), replacing=USER)
    cloudformation.register("AWS::Cognito::UserPoolUserToGroupAttachment", MembershipType(), replacing=MEMBERSHIP)
