"""State machines."""

import json
from collections.abc import Mapping
from typing import Any

from localcloud.readback.reading import Ask, Reader, pascal


def state_machine(ask: Ask, arn: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a state machine and its tags."""
    del properties
    found = ask("stepfunctions", "describe_state_machine", stateMachineArn=arn)
    tags = ask("stepfunctions", "list_tags_for_resource", resourceArn=arn).get("tags", ())
    definition = found["definition"]
    return {
        "StateMachineName": found["name"],
        "StateMachineType": found["type"],
        "RoleArn": found["roleArn"],
        "DefinitionString": definition,
        "Definition": json.loads(definition),
        "LoggingConfiguration": pascal(found.get("loggingConfiguration")),
        "TracingConfiguration": pascal(found.get("tracingConfiguration")),
        "EncryptionConfiguration": pascal(found.get("encryptionConfiguration")),
        "Tags": [pascal(tag) for tag in tags],
    }


READERS: Mapping[str, Reader] = {"AWS::StepFunctions::StateMachine": state_machine}
