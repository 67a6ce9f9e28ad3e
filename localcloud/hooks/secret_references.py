"""Secrets of templates of MiniStack: `Ref` gives the ARN of a secret, where MiniStack gives its name.

So policies that a reference names as their resource are none there. Source: template reference,
"AWS::SecretsManager::Secret", return values.
"""

from typing import Any, Final

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

SECRET: Final = "AWS::SecretsManager::Secret"  # noqa: S105 - a type's name
Made = tuple[str, dict[str, Any]]


def refer_by_arn() -> None:
    """Let the physical id of a secret be its ARN."""
    handler = provisioners._RESOURCE_HANDLERS[SECRET]
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def created(logical_id: str, properties: dict[str, Any], stack: str) -> Made:
        _, attributes = create(logical_id, properties, stack)
        return attributes["Arn"], attributes

    def updated(arn: str, old: dict[str, Any], new: dict[str, Any], *names: str) -> Made:
        _, attributes = update(_name_of(arn), old, new, *names)
        return attributes["Arn"], attributes

    handler |= {
        "create": created,
        "update": updated,
        "delete": lambda arn, properties: delete(_name_of(arn), properties),
    }


def _name_of(arn: str) -> str:
    name, _ = secretsmanager._resolve(arn)
    return str(name or arn)
