"""Cognito: user pools with what belongs to them, and identity pools."""

from collections.abc import Mapping
from typing import Any

from localcloud.readback.reading import Ask, Reader, optional

# pragma: allowlist nextline secret
FACTORS = {"SOFTWARE_TOKEN_MFA": "SoftwareTokenMfaConfiguration", "SMS_MFA": "SmsMfaConfiguration"}
"""What a template calls a second factor, and the API's member that says of it."""


def pool(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a pool; of its attributes those that the template has, of its factors those that are on."""
    found = ask("cognito-idp", "describe_user_pool", UserPoolId=name)["UserPool"]
    factors = optional(ask, "cognito-idp", "get_user_pool_mfa_config", UserPoolId=name)
    given = {_bare(each.get("Name", "")) for each in properties.get("Schema", ())}
    return {
        **found,
        "UserPoolName": found.get("Name"),
        "Policies": _policies(found.get("Policies", {}), properties.get("Policies", {})),
        "Schema": [
            {**each, "Name": _bare(each["Name"])}
            for each in found.get("SchemaAttributes", ())
            if _bare(each["Name"]) in given
        ],
        "EnabledMfas": [factor for factor, member in FACTORS.items() if _is_on(factors.get(member))],
    }


def _bare(name: str) -> str:
    """Return the name of an attribute as templates have it."""
    return name.removeprefix("custom:")


def _policies(found: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the policies without the default ones that the template says nothing of."""
    return {name: policy for name, policy in found.items() if name in given}


def _is_on(factor: Mapping[str, Any] | None) -> bool:
    return factor is not None and bool(factor) and factor.get("Enabled", True) is not False


def client(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a client of a pool."""
    where = properties["UserPoolId"]
    found = ask("cognito-idp", "describe_user_pool_client", UserPoolId=where, ClientId=name)["UserPoolClient"]
    # pragma: allowlist nextline secret
    return {**found, "GenerateSecret": "ClientSecret" in found}


def domain(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read the domain of a pool's hosted pages."""
    del properties
    return dict(ask("cognito-idp", "describe_user_pool_domain", Domain=name)["DomainDescription"])


def group(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a group of users."""
    where = properties["UserPoolId"]
    return dict(ask("cognito-idp", "get_group", UserPoolId=where, GroupName=name)["Group"])


def user(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a user; of the attributes those that the template has."""
    found = ask("cognito-idp", "admin_get_user", UserPoolId=properties["UserPoolId"], Username=name)
    given = {each["Name"] for each in properties.get("UserAttributes", ())}
    kept = [each for each in found.get("UserAttributes", ()) if each["Name"] in given]
    return {"UserPoolId": properties["UserPoolId"], "Username": found["Username"], "UserAttributes": kept}


def membership(ask: Ask, physical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read whether a user is in a group."""
    del physical_id
    where = {"UserPoolId": properties["UserPoolId"], "Username": properties["Username"]}
    groups = ask("cognito-idp", "admin_list_groups_for_user", **where)["Groups"]
    named = [each["GroupName"] for each in groups if each["GroupName"] == properties["GroupName"]]
    return {**where, "GroupName": next(iter(named), None)}


def resource_server(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a resource server."""
    where = properties["UserPoolId"]
    return dict(ask("cognito-idp", "describe_resource_server", UserPoolId=where, Identifier=name)["ResourceServer"])


def identity_pool(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read an identity pool."""
    del properties
    found = ask("cognito-identity", "describe_identity_pool", IdentityPoolId=name)
    return {**found, "OpenIdConnectProviderARNs": found.get("OpenIdConnectProviderARNs")}


def identity_roles(ask: Ask, physical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read the roles of an identity pool."""
    del physical_id
    where = properties["IdentityPoolId"]
    return ask("cognito-identity", "get_identity_pool_roles", IdentityPoolId=where)


READERS: Mapping[str, Reader] = {
    "AWS::Cognito::UserPool": pool,
    "AWS::Cognito::UserPoolClient": client,
    "AWS::Cognito::UserPoolDomain": domain,
    "AWS::Cognito::UserPoolGroup": group,
    "AWS::Cognito::UserPoolUser": user,
    "AWS::Cognito::UserPoolUserToGroupAttachment": membership,
    "AWS::Cognito::UserPoolResourceServer": resource_server,
    "AWS::Cognito::IdentityPool": identity_pool,
    "AWS::Cognito::IdentityPoolRoleAttachment": identity_roles,
}
