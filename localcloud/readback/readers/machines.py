"""State machines."""

import json
from collections.abc import Mapping
from typing import Any

from localcloud.readback.reading import Ask, Reader, pascal


def state_machine(ask: Ask, arn: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a state machine and its tags."""
    found = ask("stepfunctions", "describe_state_machine", stateMachineArn=arn)
    tags = ask("stepfunctions", "list_tags_for_resource", resourceArn=arn).get("tags", ())
    definition = found["definition"]
    told = {"DefinitionString": definition, "Definition": json.loads(definition)}
    given = properties.get("Definition", properties.get("DefinitionString"))
    if given is not None and _same(
        substituted(given if isinstance(given, str) else json.dumps(given), properties), definition
    ):
        names = ("DefinitionString", "Definition", "DefinitionSubstitutions")
        told = {name: properties[name] for name in names if name in properties}
    return told | {
        "StateMachineName": found["name"],
        "StateMachineType": found["type"],
        "RoleArn": found["roleArn"],
        "LoggingConfiguration": pascal(found.get("loggingConfiguration")),
        "TracingConfiguration": pascal(found.get("tracingConfiguration")),
        "EncryptionConfiguration": pascal(found.get("encryptionConfiguration")),
        "Tags": [pascal(tag) for tag in tags],
    }


def _same(text: str, other: str) -> bool:
    try:
        return bool(json.loads(text) == json.loads(other))
    except ValueError:
        return False


def substituted(text: str, properties: Mapping[str, Any]) -> str:
    """Make the substitutions of a template in a definition."""
    for name, value in (properties.get("DefinitionSubstitutions") or {}).items():
        text = text.replace(f"${{{name}}}", str(value).lower() if isinstance(value, bool) else str(value))
    return text


READERS: Mapping[str, Reader] = {"AWS::StepFunctions::StateMachine": state_machine}
