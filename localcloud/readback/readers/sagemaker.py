"""SageMaker, whose descriptions have the members of templates, and scaling of its endpoints."""

from collections.abc import Mapping
from typing import Any

from localcloud.readback.reading import Ask, Reader, renamed


def _described(operation: str, *members: str, arn: str = "") -> Reader:
    """Make a reader by `Describe…`: the members name the resource, its physical id being their values with `|`."""

    def read(ask: Ask, physical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        del properties
        name = physical_id if arn else physical_id.rsplit("/", 1)[-1]
        named = dict(zip(members, name.split("|"), strict=True))
        found = ask("sagemaker", operation, **named)
        own = arn or f"{operation.removeprefix('describe_').title().replace('_', '')}Arn"
        tags = ask("sagemaker", "list_tags", ResourceArn=found[own]).get("Tags")
        return {**named, **found, "Tags": tags}

    return read


def pipeline(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a pipeline; its definition in the form that templates have."""
    found = _described("describe_pipeline", "PipelineName")(ask, name, properties)
    return {**found, "PipelineDefinition": {"PipelineDefinitionBody": found["PipelineDefinition"]}}


def notebook_instance(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a notebook instance, whose description has other names than its template."""
    found = _described("describe_notebook_instance", "NotebookInstanceName")(ask, name, properties)
    names = {
        "SecurityGroupIds": "SecurityGroups",
        "LifecycleConfigName": "NotebookInstanceLifecycleConfigName",
    }
    return renamed(found, **names)


READERS: Mapping[str, Reader] = {
    "AWS::SageMaker::Domain": _described("describe_domain", "DomainId"),
    "AWS::SageMaker::UserProfile": _described("describe_user_profile", "UserProfileName", "DomainId"),
    "AWS::SageMaker::Space": _described("describe_space", "DomainId", "SpaceName"),
    "AWS::SageMaker::StudioLifecycleConfig": _described(
        "describe_studio_lifecycle_config", "StudioLifecycleConfigName"
    ),
    "AWS::SageMaker::FeatureGroup": _described("describe_feature_group", "FeatureGroupName"),
    "AWS::SageMaker::MlflowApp": _described("describe_mlflow_app", "Arn", arn="Arn"),
    "AWS::SageMaker::ModelPackageGroup": _described("describe_model_package_group", "ModelPackageGroupName"),
    "AWS::SageMaker::Model": _described("describe_model", "ModelName"),
    "AWS::SageMaker::EndpointConfig": _described("describe_endpoint_config", "EndpointConfigName"),
    "AWS::SageMaker::Endpoint": _described("describe_endpoint", "EndpointName"),
    "AWS::SageMaker::NotebookInstance": notebook_instance,
    "AWS::SageMaker::NotebookInstanceLifecycleConfig": _described(
        "describe_notebook_instance_lifecycle_config", "NotebookInstanceLifecycleConfigName"
    ),
    "AWS::SageMaker::App": _described("describe_app", "AppName", "AppType", "DomainId", "UserProfileName"),
    "AWS::SageMaker::Pipeline": pipeline,
}
