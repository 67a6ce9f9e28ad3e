"""Principals, keys, secrets and parameters."""

import json
import string
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from localcloud.readback.reading import Ask, Gone, Reader, optional

_LETTERS: Final[Mapping[str, str]] = {
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
    "ExcludeUppercase": string.ascii_uppercase,
}
"""What each property keeps out of a generated secret."""


def role(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a role with its policies."""
    del properties
    found = ask("iam", "get_role", RoleName=name)["Role"]
    tags = found.get("Tags") or ask("iam", "list_role_tags", RoleName=name).get("Tags")
    return {**found, **_policies(ask, "role", name, found), "Tags": tags}


def user(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a user with groups and policies."""
    del properties
    found = ask("iam", "get_user", UserName=name)["User"]
    groups = ask("iam", "list_groups_for_user", UserName=name)["Groups"]
    return {**found, **_policies(ask, "user", name, found), "Groups": [group["GroupName"] for group in groups]}


def _policies(ask: Ask, kind: str, name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """Read the policies of a role or a user, and the limit that its description has."""
    named = {f"{kind.title()}Name": name}
    attached = ask("iam", f"list_attached_{kind}_policies", **named)["AttachedPolicies"]
    return {
        "PermissionsBoundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "ManagedPolicyArns": [policy["PolicyArn"] for policy in attached],
        "Policies": [
            {"PolicyName": inline, "PolicyDocument": _inline(ask, kind, name, inline)}
            for inline in ask("iam", f"list_{kind}_policies", **named)["PolicyNames"]
        ],
    }


def inline_policy(ask: Ask, physical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read an inline policy where the template puts it."""
    del physical_id
    name = properties["PolicyName"]
    found: dict[str, Any] = {"PolicyName": name}
    for kind, member in (("role", "Roles"), ("user", "Users"), ("group", "Groups")):
        holders = [holder for holder in properties.get(member, ()) if _has(ask, kind, holder, name)]
        if holders:
            found |= {member: holders, "PolicyDocument": _inline(ask, kind, holders[-1], name)}
    if "PolicyDocument" not in found:
        raise Gone
    return found


def managed_policy(ask: Ask, arn: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a managed policy by its default version, and who has it."""
    del properties
    found = ask("iam", "get_policy", PolicyArn=arn)["Policy"]
    version = ask("iam", "get_policy_version", PolicyArn=arn, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    holders = ask("iam", "list_entities_for_policy", PolicyArn=arn)
    return {
        **found,
        "ManagedPolicyName": found["PolicyName"],
        "PolicyDocument": version["Document"],
        "Roles": [each["RoleName"] for each in holders.get("PolicyRoles", ())],
        "Users": [each["UserName"] for each in holders.get("PolicyUsers", ())],
        "Groups": [each["GroupName"] for each in holders.get("PolicyGroups", ())],
    }


def instance_profile(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read an instance profile, by its name or ARN."""
    del properties
    found = ask("iam", "get_instance_profile", InstanceProfileName=name.rpartition("/")[2])["InstanceProfile"]
    return {**found, "Roles": [each["RoleName"] for each in found["Roles"]]}


def key(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a key, its policy, rotation and tags."""
    del properties
    found = ask("kms", "describe_key", KeyId=name)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        raise Gone
    rotation = optional(ask, "kms", "get_key_rotation_status", KeyId=name)
    tags = ask("kms", "list_resource_tags", KeyId=name).get("Tags", ())
    return {
        **found,
        "KeyPolicy": ask("kms", "get_key_policy", KeyId=name, PolicyName="default")["Policy"],
        "EnableKeyRotation": rotation.get("KeyRotationEnabled", False),
        "RotationPeriodInDays": rotation.get("RotationPeriodInDays"),
        "Tags": [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in tags],
    }


def alias(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read an alias by the key that it names, in the form that the template names it in."""
    target = properties["TargetKeyId"]
    found = ask("kms", "describe_key", KeyId=name)["KeyMetadata"]
    return {"AliasName": name, "TargetKeyId": found["Arn" if target.startswith("arn:") else "KeyId"]}


def parameter(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a parameter with its value."""
    del properties
    found = ask("ssm", "get_parameter", Name=name, WithDecryption=True)["Parameter"]
    filters = [{"Key": "Name", "Values": [name]}]
    more = ask("ssm", "describe_parameters", ParameterFilters=filters)["Parameters"]
    tags = ask("ssm", "list_tags_for_resource", ResourceType="Parameter", ResourceId=name).get("TagList", ())
    return {**(more[0] if more else {}), **found, "Tags": {tag["Key"]: tag["Value"] for tag in tags}}


def secret(ask: Ask, arn: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a secret; its value only where the template has one."""
    found = ask("secretsmanager", "describe_secret", SecretId=arn)
    wanted = properties.get("GenerateSecretString")
    if "SecretString" in properties or wanted:
        found |= ask("secretsmanager", "get_secret_value", SecretId=arn)
    if isinstance(wanted, Mapping) and _is_generated(wanted, found.get("SecretString", "")):
        found["GenerateSecretString"] = wanted
    return found


def _is_generated(wanted: Mapping[str, Any], value: str) -> bool:
    """Return whether a secret is a password of the length and characters that a template asks for, in its place."""
    password = value
    if key := wanted.get("GenerateStringKey"):
        filled, template = json.loads(value), json.loads(wanted["SecretStringTemplate"])
        password = filled.pop(key, "")
        template.pop(key, None)
        if filled != template:
            return False
    excluded = set(wanted.get("ExcludeCharacters", ""))
    excluded.update(*(letters for name, letters in _LETTERS.items() if str(wanted.get(name)).lower() == "true"))
    return len(password) == int(wanted.get("PasswordLength", 32)) and not excluded & set(password)


def _has(ask: Ask, kind: str, holder: str, name: str) -> bool:
    names = ask("iam", f"list_{kind}_policies", **{f"{kind.capitalize()}Name": holder})["PolicyNames"]
    return name in names


def _inline(ask: Ask, kind: str, holder: str, name: str) -> object:
    holding = {f"{kind.capitalize()}Name": holder, "PolicyName": name}
    document = ask("iam", f"get_{kind}_policy", **holding)["PolicyDocument"]
    return json.loads(unquote(document)) if isinstance(document, str) else document


READERS: Mapping[str, Reader] = {
    "AWS::IAM::Role": role,
    "AWS::IAM::User": user,
    "AWS::IAM::Policy": inline_policy,
    "AWS::IAM::ManagedPolicy": managed_policy,
    "AWS::IAM::InstanceProfile": instance_profile,
    "AWS::KMS::Key": key,
    "AWS::KMS::Alias": alias,
    "AWS::SSM::Parameter": parameter,
    "AWS::SecretsManager::Secret": secret,
}
