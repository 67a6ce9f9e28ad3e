"""Resources of sagemaker-core that no job makes: registry, models, Studio, definitions of pipelines."""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from sagemaker.core.resources import (
    Domain,
    EndpointConfig,
    Model,
    ModelPackage,
    ModelPackageGroup,
    NotebookInstanceLifecycleConfig,
    PipelineExecution,
    StudioLifecycleConfig,
)
from sagemaker.core.resources import Pipeline as PipelineResource
from sagemaker.core.shapes import ContainerDefinition, NotebookInstanceLifecycleHook, ProductionVariant

FAIL = {"Version": "2020-12-01", "Steps": [{"Name": "End", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}]}


@pytest.fixture
def name() -> str:
    """A name that nothing has."""
    return f"core-{uuid.uuid4().hex[:12]}"


def test_versions_of_a_group_count_on_and_a_full_group_stays(name: str) -> None:
    """DeleteModelPackageGroup of one with versions is refused; numbers of deleted versions do not come back."""
    group = ModelPackageGroup.create(model_package_group_name=name, model_package_group_description="claims")
    packages = boto3.client("sagemaker")
    arns = [packages.create_model_package(ModelPackageGroupName=name)["ModelPackageArn"] for _ in range(2)]
    with pytest.raises(ClientError, match=r"(?i)cannot be deleted|contains|has associated"):
        packages.delete_model_package_group(ModelPackageGroupName=name)
    first, second = (ModelPackage.get(arn) for arn in arns)
    assert (first.model_package_version, second.model_package_version) == (1, 2)
    first.update(model_approval_status="Rejected", customer_metadata_properties={"why": "slow"})
    found = ModelPackage.get_all(model_package_group_name=name, model_approval_status="Rejected")
    assert [item.model_package_version for item in found] == [1]
    assert first.refresh().customer_metadata_properties == {"why": "slow"}
    packages.delete_model_package(ModelPackageName=arns[1])  # delete of the core knows packages without a group only
    third = packages.create_model_package(ModelPackageGroupName=name)["ModelPackageArn"]
    assert third.endswith(f"{name}/3")
    for arn in (arns[0], third):
        packages.delete_model_package(ModelPackageName=arn)
    group.delete()
    assert name not in [item.model_package_group_name for item in ModelPackageGroup.get_all()]


def test_a_model_and_its_configuration_live_and_end(name: str, image: str, role: str) -> None:
    model = Model.create(
        model_name=name,
        execution_role_arn=role,
        primary_container=ContainerDefinition(image=image, environment={"A": "b"}),
    )
    assert Model.get(name).primary_container.environment == {"A": "b"}
    variant = ProductionVariant(
        variant_name="AllTraffic", model_name=name, initial_instance_count=1, instance_type="ml.m5.large"
    )
    settings = EndpointConfig.create(endpoint_config_name=name, production_variants=[variant])
    assert [item.variant_name for item in EndpointConfig.get(name).production_variants] == ["AllTraffic"]
    assert name in [item.endpoint_config_name for item in EndpointConfig.get_all(name_contains="core-")]
    settings.delete()
    model.delete()
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        EndpointConfig.get(name)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        (
            "DataCaptureConfig",
            {
                "InitialSamplingPercentage": 100,
                "DestinationS3Uri": "s3://a/b",
                "CaptureOptions": [{"CaptureMode": "Input"}],
            },
        ),
        ("AsyncInferenceConfig", {"OutputConfig": {"S3OutputPath": "s3://a/b"}}),
    ],
)
def test_what_an_endpoint_does_not_do_is_refused_by_name(
    name: str, image: str, role: str, member: str, value: Mapping[str, Any]
) -> None:
    model = Model.create(model_name=name, execution_role_arn=role, primary_container=ContainerDefinition(image=image))
    variant = {"VariantName": "A", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    client: Any = boto3.client("sagemaker")
    with pytest.raises(ClientError, match=member):
        client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **{member: value})
    model.delete()


def test_a_definition_is_kept_started_and_read_back(name: str, role: str) -> None:
    pipeline = PipelineResource.create(
        pipeline_name=name, client_request_token=uuid.uuid4().hex, role_arn=role, pipeline_definition=json.dumps(FAIL)
    )
    assert json.loads(PipelineResource.get(name).pipeline_definition) == FAIL
    client: Any = boto3.client("sagemaker")
    started = client.start_pipeline_execution(PipelineName=name)  # start of the core wants a self
    execution = PipelineExecution.get(pipeline_execution_arn=started["PipelineExecutionArn"])
    execution.wait_for_status("Failed", poll=1, timeout=60)
    assert [step.failure_reason for step in execution.get_all_steps()] == ["no"]
    assert json.loads(execution.get_pipeline_definition().pipeline_definition) == FAIL
    pipeline.delete(client_request_token=uuid.uuid4().hex)
    with pytest.raises(ClientError, match="does not exist") as missing:
        PipelineResource.get(name)
    assert missing.value.response["Error"]["Code"] == "ResourceNotFound"


@pytest.mark.parametrize(
    "kind", ["Callback", "Transform", "Tuning", "EMR", "QualityCheck", "ForEach", "EndpointConfig"]
)
def test_a_type_of_step_that_is_not_there_is_refused_by_name(name: str, role: str, kind: str) -> None:
    definition = {"Version": "2020-12-01", "Steps": [{"Name": "One", "Type": kind, "Arguments": {}}]}
    with pytest.raises(ClientError, match=f"'{kind}', which is not provided"):
        boto3.client("sagemaker").create_pipeline(
            PipelineName=name,
            RoleArn=role,
            PipelineDefinition=json.dumps(definition),
            ClientRequestToken=uuid.uuid4().hex,
        )


def test_scripts_of_studio_and_notebooks_are_kept(name: str) -> None:
    text = "IyEvYmluL2Jhc2g="
    script = StudioLifecycleConfig.create(
        studio_lifecycle_config_name=name,
        studio_lifecycle_config_content=text,
        studio_lifecycle_config_app_type="JupyterLab",
    )
    assert StudioLifecycleConfig.get(name).studio_lifecycle_config_content == text
    script.delete()
    start = [NotebookInstanceLifecycleHook(content=text)]
    notes = NotebookInstanceLifecycleConfig.create(notebook_instance_lifecycle_config_name=name, on_start=start)
    assert [item.content for item in NotebookInstanceLifecycleConfig.get(name).on_start] == [text]
    notes.delete()


@pytest.mark.parametrize(
    "ask", [lambda: Domain.get("d-nothing00000"), lambda: list(Model.get_all(name_contains="?" * 80))]
)
def test_what_is_not_there_or_not_allowed_is_an_error_of_the_client(ask: Callable[[], object]) -> None:
    with pytest.raises(ClientError) as refused:
        ask()
    assert refused.value.response["Error"]["Code"] in {"ResourceNotFound", "ValidationException"}
