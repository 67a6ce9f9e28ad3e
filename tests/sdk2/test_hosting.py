"""Models of version 2 behind endpoints, and the kinds of endpoint that are refused."""

import json
from collections.abc import Mapping
from typing import Any

import boto3
import pandas as pd
import pytest
from botocore.exceptions import ClientError
from sagemaker.async_inference import AsyncInferenceConfig
from sagemaker.deserializers import JSONDeserializer
from sagemaker.model import Model
from sagemaker.model_monitor import DataCaptureConfig
from sagemaker.predictor import Predictor
from sagemaker.serializers import JSONSerializer
from sagemaker.serverless import ServerlessInferenceConfig
from sagemaker.session import Session

from tests.sdk2.notebook import BUCKET

NAME = "claims-of-sdk-2"


@pytest.fixture(scope="module")
def model_data(outputs: Mapping[str, str], session: Session) -> str:
    """A copy of the model that the platform serves."""
    client: Any = boto3.client("sagemaker")
    config = client.describe_endpoint(EndpointName=outputs["FraudEndpointName"])["EndpointConfigName"]
    [variant] = client.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    model = client.describe_model(ModelName=variant["ModelName"])
    container = model.get("PrimaryContainer") or model["Containers"][0]
    if "ModelDataUrl" not in container:
        package = client.describe_model_package(ModelPackageName=container["ModelPackageName"])
        container = package["InferenceSpecification"]["Containers"][0]
    bucket, key = container["ModelDataUrl"].removeprefix("s3://").split("/", 1)
    boto3.client("s3").copy({"Bucket": bucket, "Key": key}, session.default_bucket(), "served/model.tar.gz")
    return f"s3://{BUCKET}/served/model.tar.gz"


@pytest.fixture
def model(model_data: str, image: str, role: str, session: Session) -> Model:
    return Model(
        image_uri=image, model_data=model_data, role=role, sagemaker_session=session, predictor_cls=Predictor, name=NAME
    )


@pytest.fixture
def claim(outputs: Mapping[str, str]) -> dict[str, Any]:
    """A claim with its customer."""
    s3, bucket = boto3.client("s3"), outputs["DataBucketName"]
    prefix = s3.list_objects_v2(Bucket=bucket, Prefix="fraud/versions/")["Contents"][0]["Key"].rpartition("/")[0]
    claims, customers = (
        pd.read_csv(s3.get_object(Bucket=bucket, Key=f"{prefix}/{name}.csv")["Body"])
        for name in ("claims", "customers")
    )
    row = claims.merge(customers, on="policy_id").drop(columns="fraud").head(1)
    return {"instances": json.loads(row.to_json(orient="records"))}


def test_a_model_is_deployed_predicts_and_is_deleted(model: Model, claim: dict[str, Any]) -> None:
    """Model.deploy gives a predictor; its serializers are the content type and what is accepted."""
    predictor = model.deploy(
        initial_instance_count=1,
        instance_type="ml.m5.large",
        endpoint_name=NAME,
        serializer=JSONSerializer(),
        deserializer=JSONDeserializer(),
        tags=[{"Key": "team", "Value": "risk"}],
    )
    [prediction] = predictor.predict(claim)["predictions"]
    assert 0 <= prediction["score"] <= 1
    client: Any = boto3.client("sagemaker")
    shown = client.describe_endpoint(EndpointName=NAME)
    assert shown["EndpointStatus"] == "InService"
    assert client.list_tags(ResourceArn=shown["EndpointArn"])["Tags"] == [{"Key": "team", "Value": "risk"}]
    again = Predictor(NAME, sagemaker_session=model.sagemaker_session, serializer=JSONSerializer())
    assert json.loads(again.predict(claim))["predictions"] == [prediction]
    predictor.delete_model()
    predictor.delete_endpoint()
    with pytest.raises(ClientError, match="Could not find endpoint"):
        client.describe_endpoint(EndpointName=NAME)
    with pytest.raises(ClientError, match="Could not find model"):
        client.describe_model(ModelName=NAME)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"serverless_inference_config": ServerlessInferenceConfig(1024, 2)}, "ServerlessConfig"),
        (
            {"async_inference_config": AsyncInferenceConfig(f"s3://{BUCKET}/out", failure_path=f"s3://{BUCKET}/no")},
            "AsyncInferenceConfig",
        ),
        (
            {"data_capture_config": DataCaptureConfig(enable_capture=True, destination_s3_uri=f"s3://{BUCKET}/cap")},
            "DataCaptureConfig",
        ),
    ],
    ids=["serverless", "asynchronous", "captured"],
)
def test_another_kind_of_endpoint_is_refused_by_name(model: Model, settings: dict[str, Any], named: str) -> None:
    sizes = {"initial_instance_count": 1, "instance_type": "ml.m5.large"}
    if "serverless_inference_config" in settings:
        sizes = {}
    with pytest.raises(ClientError, match=named):
        model.deploy(endpoint_name=NAME, **sizes, **settings)
    client: Any = boto3.client("sagemaker")
    assert client.list_endpoints(NameContains=NAME)["Endpoints"] == []
    client.delete_model(ModelName=NAME)
