"""Secrets of templates that are generated: MiniStack reads only some of what the template says of them.

Sources: template reference, "AWS::SecretsManager::Secret GenerateSecretString"; API reference of Secrets Manager,
GetRandomPassword, whose password it is.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

SECRET: Final = "SecretString"  # noqa: S105 - a member's name
BOTH: Final = "You can't specify both SecretString and GenerateSecretString."
TEMPLATE: Final = "You must specify SecretStringTemplate and GenerateStringKey together, and the template must be JSON."
OF_PASSWORDS: Final = frozenset(
    {
        "ExcludeCharacters",
        "ExcludeLowercase",
        "ExcludeNumbers",
        "ExcludePunctuation",
        "ExcludeUppercase",
        "IncludeSpace",
        "PasswordLength",
        "RequireEachIncludedType",
    }
)
"""What a template says of a password, as a request for one does."""
REFUSED: Final = 400


def generate_as_asked() -> None:
    """Generate secrets as their templates ask for them."""
    provisioners._sm_secret_string = _text_of


def _text_of(properties: Mapping[str, Any]) -> str:
    wanted = properties.get("GenerateSecretString")
    if wanted is None:
        return str(properties.get(SECRET, ""))
    if SECRET in properties:
        raise ValueError(BOTH)
    template, key = wanted.get("SecretStringTemplate"), wanted.get("GenerateStringKey")
    if (template is None) != (key is None):
        raise ValueError(TEMPLATE)
    request = {name: _typed(name, value) for name, value in wanted.items() if name in OF_PASSWORDS}
    status, _, body = secretsmanager._get_random_password(request)
    answer = json.loads(body)
    if status >= REFUSED:
        raise ValueError(answer.get("message") or answer.get("Message"))
    password: str = answer["RandomPassword"]
    if template is None:
        return password
    try:
        return json.dumps({**json.loads(template), str(key): password})
    except (TypeError, ValueError):
        raise ValueError(TEMPLATE) from None


def _typed(name: str, value: Any) -> Any:  # noqa: ANN401 - as CloudFormation converts it
    if name == "ExcludeCharacters":
        return str(value)
    return int(value) if name == "PasswordLength" else str(value).lower() == "true"
