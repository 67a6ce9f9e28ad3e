"""Prediction: the platform's endpoint, and one that a notebook deploys."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import Endpoint, EndpointConfig, Model, TrainingJob
from sagemaker.serve import ModelBuilder

NAME = "claims-of-a-notebook"


def score(answer: bytes) -> float:
    [prediction] = json.loads(answer)["predictions"]
    return float(prediction["score"])


def test_boto3_and_the_sdk_get_the_same_prediction_of_an_endpoint(
    outputs: Mapping[str, str], claim: dict[str, Any]
) -> None:
    name, body = outputs["FraudEndpointName"], json.dumps(claim)
    runtime = boto3.client("sagemaker-runtime")
    plain = runtime.invoke_endpoint(EndpointName=name, ContentType="application/json", Body=body)
    endpoint = Endpoint.get(name)
    answer = endpoint.invoke(body=body, content_type="application/json")
    assert endpoint.endpoint_status == "InService"
    assert answer.invoked_production_variant == plain["InvokedProductionVariant"]
    first = score(plain["Body"].read())
    assert 0 <= first <= 1
    assert score(answer.body.read()) == first


def test_a_wrong_request_gets_the_words_of_the_model(outputs: Mapping[str, str]) -> None:
    runtime = boto3.client("sagemaker-runtime")
    with pytest.raises(runtime.exceptions.ModelError, match="instances") as refused:
        runtime.invoke_endpoint(
            EndpointName=outputs["FraudEndpointName"], ContentType="application/json", Body=b'{"claims": []}'
        )
    assert refused.value.response.get("OriginalStatusCode") == 400


@pytest.fixture(scope="module")
def endpoint(trained: TrainingJob, image: str, role: str, session: Session) -> Iterator[Endpoint]:
    """The notebook's own model behind an endpoint."""
    builder = ModelBuilder(
        image_uri=image,
        s3_model_data_url=trained.model_artifacts.s3_model_artifacts,
        role_arn=role,
        sagemaker_session=session,
        instance_type="ml.m5.large",
    )
    model = builder.build(model_name=NAME)
    endpoint = builder.deploy(endpoint_name=NAME, initial_instance_count=1, instance_type="ml.m5.large", wait=False)
    endpoint.wait_for_status("InService", poll=1, timeout=300)
    yield endpoint
    endpoint.delete()
    EndpointConfig.get(endpoint.endpoint_config_name).delete()
    model.delete()
    with pytest.raises(ClientError, match="Could not find"):
        Model.get(NAME)


def test_a_model_builder_deploys_what_the_notebook_trained(endpoint: Endpoint, claim: dict[str, Any]) -> None:
    answer = endpoint.invoke(body=json.dumps(claim), content_type="application/json")
    assert 0 <= score(answer.body.read()) <= 1
    [variant] = boto3.client("sagemaker").describe_endpoint(EndpointName=NAME)["ProductionVariants"]
    assert variant["CurrentInstanceCount"] == 1
