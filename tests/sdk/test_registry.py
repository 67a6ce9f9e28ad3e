"""The model registry: what is in it, and an approval that the platform rolls out."""

import json
import time
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import Endpoint, EndpointConfig, Model, ModelPackage, ModelPackageGroup, TrainingJob
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.serve import ModelBuilder

from tests.sdk.notebook import finished


@pytest.fixture(scope="module")
def candidate(outputs: Mapping[str, str], session: Session, data_uri: str) -> ModelPackage:
    """A version that waits for approval, fresh from the platform's pipeline."""
    execution = Pipeline(name=outputs["FraudPipelineName"], sagemaker_session=session).start(
        parameters={"InputDataUri": data_uri}
    )
    return ModelPackage.get(finished(execution)["XGBRegisterModel"]["Metadata"]["RegisterModel"]["Arn"])


def test_a_notebook_registers_a_model_of_its_own(trained: TrainingJob, image: str, role: str, session: Session) -> None:
    builder = ModelBuilder(
        image_uri=image,
        s3_model_data_url=trained.model_artifacts.s3_model_artifacts,
        role_arn=role,
        sagemaker_session=session,
    )
    builder.build(model_name="claims-to-register")
    arn = builder.register(
        model_package_group_name="claims-by-hand",
        content_types=["application/json"],
        response_types=["application/json"],
        inference_instances=["ml.m5.large"],
        description="trained in a notebook",
    )
    package = ModelPackage.get(arn)
    assert (package.model_package_version, package.model_approval_status) == (1, "PendingManualApproval")
    assert package.model_package_description == "trained in a notebook"
    [container] = package.inference_specification.containers
    assert container.model_data_url == trained.model_artifacts.s3_model_artifacts


def served(endpoint: str) -> str:
    """ARN of the model package behind an endpoint that is in service; empty while it changes."""
    found = Endpoint.get(endpoint)
    if found.endpoint_status != "InService":
        return ""
    [variant] = EndpointConfig.get(found.endpoint_config_name).production_variants
    return str(Model.get(variant.model_name).primary_container.model_package_name)


def test_versions_are_listed_oldest_first_with_their_quality(
    outputs: Mapping[str, str], candidate: ModelPackage
) -> None:
    """API reference, ListModelPackages, SortOrder: "The default is Ascending"."""
    name = outputs["FraudModelPackageGroupName"]
    assert name in [group.model_package_group_name for group in ModelPackageGroup.get_all()]
    versions = list(ModelPackage.get_all(model_package_group_name=name))
    assert versions[-1].model_package_arn == candidate.model_package_arn
    assert versions[0].model_package_version == 1
    assert versions[0].model_approval_status == "Approved"
    assert candidate.model_approval_status == "PendingManualApproval"
    assert candidate.model_metrics.model_quality.statistics.s3_uri.startswith("s3://")
    listed = boto3.client("sagemaker").list_model_packages(ModelPackageGroupName=name)["ModelPackageSummaryList"]
    assert [item["ModelPackageVersion"] for item in listed] == [item.model_package_version for item in versions]


def test_an_approval_in_a_notebook_is_rolled_out(
    outputs: Mapping[str, str], candidate: ModelPackage, claim: dict[str, Any]
) -> None:
    endpoint = outputs["FraudEndpointName"]
    assert served(endpoint) != candidate.model_package_arn
    candidate.update(model_approval_status="Approved", approval_description="better on the validation table")
    deadline = time.monotonic() + 120
    while served(endpoint) != candidate.model_package_arn:
        assert time.monotonic() < deadline, f"{candidate.model_package_arn} is not served"
        time.sleep(0.5)
    shown = ModelPackage.get(candidate.model_package_arn)
    assert (shown.model_approval_status, shown.approval_description) == ("Approved", "better on the validation table")
    answer = Endpoint.get(endpoint).invoke(body=json.dumps(claim), content_type="application/json")
    assert json.loads(answer.body.read())["predictions"]
