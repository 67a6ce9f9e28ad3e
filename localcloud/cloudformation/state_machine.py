"""AWS::StepFunctions::StateMachine: every change is a call to our Step Functions service.

Source: template reference of the type, for its properties, `Ref`, `Fn::GetAtt`, and what replaces a state machine.
"""

import json
from collections.abc import Mapping
from typing import Any

from localcloud import clients
from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation
from localcloud.readback.readers.machines import substituted
from localcloud.states.service import StepFunctions
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope


class StateMachineType:
    """Creates, changes and deletes state machines of templates."""

    def __init__(self, service: StepFunctions) -> None:
        self._service = service

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Make the state machine."""
        name = properties.get("StateMachineName") or cloudformation.physical_name(stack, logical_id, 80)
        tags = [{"key": tag["Key"], "value": tag["Value"]} for tag in properties.get("Tags") or ()]
        given = {"name": name, "type": properties.get("StateMachineType", "STANDARD"), "tags": tags}
        arn = self._call("CreateStateMachine", {**given, **_settings(properties)})["stateMachineArn"]
        return self._identify(arn)

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Change the state machine in place."""
        del stack, logical_id
        self._call("UpdateStateMachine", {"stateMachineArn": physical_id, **_settings(new, old)})
        before, after = ({tag["Key"]: tag["Value"] for tag in p.get("Tags") or ()} for p in (old, new))
        if gone := sorted(before.keys() - after.keys()):
            self._call("UntagResource", {"resourceArn": physical_id, "tagKeys": gone})
        if after and before != after:
            tags = [{"key": key, "value": value} for key, value in after.items()]
            self._call("TagResource", {"resourceArn": physical_id, "tags": tags})
        return self._identify(physical_id)

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Delete the state machine; its executions go on."""
        del properties
        self._call("DeleteStateMachine", {"stateMachineArn": physical_id})

    def exists(self, arn: str) -> bool:
        """Return whether there is a state machine of that ARN."""
        try:
            self._call("DescribeStateMachine", {"stateMachineArn": arn})
        except ServiceError:
            return False
        return True

    def _identify(self, arn: str) -> tuple[str, dict[str, Any]]:
        described = self._call("DescribeStateMachine", {"stateMachineArn": arn})
        revision = described.get("revisionId", "INITIAL")
        return arn, {"Arn": arn, "Name": described["name"], "StateMachineRevisionId": revision}

    def _call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        account, region = identity.request_scope()
        return self._service.call(operation, parameters, Caller(Scope(account, region), f"arn:aws:iam::{account}:root"))


def _settings(properties: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what is the same in a creation and an update; what a template no longer has gets its default back."""
    settings: dict[str, Any] = {"definition": _definition(properties), "roleArn": properties["RoleArn"]}
    defaults = {"LoggingConfiguration": {"Level": "OFF"}, "TracingConfiguration": {"Enabled": False}}
    for name in ("LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration"):
        given = properties.get(name) or (defaults.get(name) if name in (old or {}) else None)
        if given:
            settings[name[:1].lower() + name[1:]] = _lower(given)
    return settings


def _lower(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Spell the members of a template as the API does."""
    match value:
        case Mapping():
            return {key[:1].lower() + key[1:]: _lower(item) for key, item in value.items()}
        case list():
            return [_lower(item) for item in value]
        case "true" | "false":
            return value == "true"
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _definition(properties: Mapping[str, Any]) -> str:
    """Return the definition, from wherever the template has it, with its substitutions made."""
    if place := properties.get("DefinitionS3Location"):
        account, region = identity.request_scope()
        version = {"VersionId": place["Version"]} if place.get("Version") else {}
        answer = clients.s3(account, region).get_object(Bucket=place["Bucket"], Key=place["Key"], **version)
        text = answer["Body"].read().decode()
    else:
        given = properties.get("Definition", properties.get("DefinitionString", ""))
        text = given if isinstance(given, str) else json.dumps(given)
    return substituted(text, properties)
