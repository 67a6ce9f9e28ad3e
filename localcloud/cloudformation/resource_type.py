"""How CloudFormation makes a SageMaker resource: every change is a call to our SageMaker service.

`Ref`, `Fn::GetAtt` and the properties that replace a resource are those of the CloudFormation template reference.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation
from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Caller, Scope
from localsagemaker.kernel.kinds import Kind
from localsagemaker.service import SageMaker

MODEL = botocore.session.get_session().get_service_model("sagemaker")


IN_PROGRESS = {
    "Creating",
    "Updating",
    "RollingBack",
    "Deleting",
    "InProgress",
    "Pending",
    "SystemUpdating",
    "Stopping",
}


class SageMakerType:
    """Create, update and delete resources of one kind, and wait until they are settled."""

    def __init__(self, service: SageMaker, kind: Kind) -> None:
        if kind.template is None:
            raise ValueError(f"CloudFormation has no type for a {kind.name}.")
        self._service, self._kind, self._template = service, kind, kind.template

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Make the resource; a failed one is removed again and fails the stack with its reason."""
        kind = self._kind
        name = properties.get(kind.key) or cloudformation.physical_name(stack, logical_id, 63)
        arguments = self._arguments(f"Create{kind.name}", {**properties, kind.key: name})
        self._call(f"Create{kind.name}", arguments)
        try:
            self._put_policy(name, properties)
            return self._identify(self._await_settled(name))
        except ServiceError:
            self._call(f"Delete{kind.name}", {kind.key: name})
            raise

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Change what the API can change, and the tags."""
        del stack, logical_id
        kind, name = self._kind, physical_id.rsplit("/", 1)[-1]
        members = {*self._template.update, "PipelineDefinition", "PipelineDefinitionS3Location"}
        if any(old.get(member) != new.get(member) for member in members):
            changes = {member: new[member] for member in members if member in new}
            self._call(f"Update{kind.name}", self._arguments(f"Update{kind.name}", {**changes, kind.key: name}))
        self._put_policy(name, new)
        description = self._await_settled(name)
        self._tag(str(description[f"{kind.name}Arn"]), old, new)
        return self._identify(description)

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Remove the resource and wait until it is gone."""
        del properties
        name = physical_id.rsplit("/", 1)[-1]
        try:
            self._call(f"Delete{self._kind.name}", {self._kind.key: name})
            while self._describe(name):
                time.sleep(0.05)
        except ServiceError as error:
            if not _missing(error):
                raise

    def _await_settled(self, name: str) -> dict[str, Any]:
        kind = self._kind
        description = self._describe(name)
        while description.get(f"{kind.name}Status") in IN_PROGRESS:
            time.sleep(0.05)
            description = self._describe(name)
        if description.get(f"{kind.name}Status") == "Failed":
            raise ServiceError("GeneralServiceException", description.get("FailureReason", f"{kind.name} failed"))
        return description

    def _identify(self, description: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        kind = self._kind
        physical_id = str(description[f"{kind.name}Arn" if self._template.reference == "arn" else kind.key])
        return physical_id, {name: str(description[name]) for name in self._template.attributes}

    def _describe(self, name: str) -> dict[str, Any]:
        return self._call(f"Describe{self._kind.name}", {self._kind.key: name})

    def _put_policy(self, name: str, properties: Mapping[str, Any]) -> None:
        if policy := properties.get("ModelPackageGroupPolicy"):
            arguments = {"ModelPackageGroupName": name, "ResourcePolicy": json.dumps(policy)}
            self._call("PutModelPackageGroupPolicy", arguments)

    def _tag(self, arn: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        before, after = ({tag["Key"]: tag["Value"] for tag in p.get("Tags", [])} for p in (old, new))
        if gone := sorted(before.keys() - after.keys()):
            self._call("DeleteTags", {"ResourceArn": arn, "TagKeys": gone})
        if before != after and after:
            self._call("AddTags", {"ResourceArn": arn, "Tags": new["Tags"]})

    def _arguments(self, operation: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        shape = input_shape(MODEL, operation)
        arguments = dict(properties)
        if self._kind.name == "Pipeline" and "PipelineDefinition" in arguments:
            arguments |= _pipeline_definition(arguments.pop("PipelineDefinition"))
        if "ClientRequestToken" in shape.members:
            arguments["ClientRequestToken"] = f"cfn-{time.time_ns():032d}"
        arguments.pop("ModelPackageGroupPolicy", None)
        typed: dict[str, Any] = typed_as(shape, arguments)
        return typed

    def _call(self, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        account, region = identity.request_scope()
        caller = Caller(Scope(account, region), f"arn:aws:iam::{account}:root")
        return self._service.call(operation, arguments, caller)


def _pipeline_definition(definition: Mapping[str, Any]) -> dict[str, Any]:
    if location := definition.get("PipelineDefinitionS3Location"):
        members = {"Bucket": "Bucket", "Key": "ObjectKey", "Version": "VersionId"}
        return {"PipelineDefinitionS3Location": {members[k]: v for k, v in location.items() if k in members}}
    body = definition["PipelineDefinitionBody"]
    return {"PipelineDefinition": body if isinstance(body, str) else json.dumps(body)}


def _missing(error: ServiceError) -> bool:
    text = str(error).lower()
    return error.code == "ResourceNotFound" or any(
        words in text for words in ("could not find", "does not exist", "recordnotfound")
    )


def input_shape(model: ServiceModel, operation: str) -> StructureShape:
    """Members that an operation takes."""
    shape = model.operation_model(operation).input_shape
    if shape is None:
        raise ValueError(f"{operation} takes no parameters")
    return shape


def typed_as(shape: Shape, value: Any) -> Any:  # noqa: ANN401, PLR0911 - JSON of any shape
    """Template values in the types of an API's shape: templates may hold numbers and booleans as text."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {k: typed_as(shape.members[k], v) if k in shape.members else v for k, v in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [typed_as(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {k: typed_as(shape.value, v) for k, v in value.items()}
    match shape.type_name, value:
        case (("integer" | "long"), str()):
            return int(value)
        case (("float" | "double"), str() | int()):
            return float(value)
        case "boolean", str():
            return value == "true"
        case "string", bool():
            return "true" if value else "false"
        case "string", int() | float():
            return str(value)
    return value
