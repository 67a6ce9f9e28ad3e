import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Match, Template

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.functions.function import FunctionSettings
from ml_constructs.jobs.job import JobSettings
from ml_constructs.network.closed_network import Placement
from ml_constructs.serving.api import PredictionApi
from ml_constructs.serving.rollout import Canary, EndpointRollout, Fleet


@pytest.fixture
def rollout(
    stack: cdk.Stack, settings: JobSettings, folder: Folder, placement: Placement, logs: LogSettings
) -> EndpointRollout:
    return EndpointRollout(
        stack,
        "Fraud",
        endpoint_name="dev-fraud",
        group=sagemaker.CfnModelPackageGroup(stack, "Models", model_package_group_name="fraud-models"),
        settings=settings,
        models=folder,
        fleet=Fleet(instance_type="ml.m5.large", instance_count=1, minimum=1, maximum=2, invocations_per_instance=1000),
        canary=Canary(percent=10, wait=cdk.Duration.minutes(5), termination_wait=cdk.Duration.minutes(2)),
        functions=FunctionSettings(logs=logs, placement=placement),
    )


@pytest.fixture
def api(stack: cdk.Stack, placement: Placement, logs: LogSettings) -> PredictionApi:
    return PredictionApi(
        stack,
        "Predictions",
        functions=FunctionSettings(logs=logs, placement=placement),
        rate=50,
        burst=100,
        pictures=["image/png", "image/jpeg"],
    )


@pytest.fixture
def template(stack: cdk.Stack, api: PredictionApi, rollout: EndpointRollout) -> Template:
    method = api.add("Predictions", system="fraud", rollout=rollout)
    method.grant_execute(iam.Role(stack, "Application", assumed_by=iam.AccountRootPrincipal()))
    return Template.from_stack(stack)


def test_one_signed_and_validated_method(template: Template) -> None:
    template.resource_count_is("AWS::ApiGateway::Method", 1)
    template.has_resource_properties(
        "AWS::ApiGateway::Method",
        {
            "HttpMethod": "POST",
            "AuthorizationType": "AWS_IAM",
            "RequestModels": {"application/json": Match.any_value()},
            "RequestValidatorId": Match.any_value(),
            "Integration": Match.object_like({"Type": "AWS_PROXY", "TimeoutInMillis": 29000}),
        },
    )
    assert {r["Properties"]["PathPart"] for r in template.find_resources("AWS::ApiGateway::Resource").values()} == {
        "fraud",
        "predictions",
    }
    template.has_resource_properties("AWS::ApiGateway::RestApi", {"EndpointConfiguration": {"Types": ["REGIONAL"]}})


def test_instances_are_rows_or_records(template: Template) -> None:
    (model,) = template.find_resources("AWS::ApiGateway::Model").values()
    schema = model["Properties"]["Schema"]
    assert schema["required"] == ["instances"]
    assert schema["properties"]["instances"]["minItems"] == 1
    assert [kind["type"] for kind in schema["properties"]["instances"]["items"]["anyOf"]] == ["array", "object"]


def test_it_is_throttled_and_logged_without_bodies(template: Template) -> None:
    (stage,) = template.find_resources("AWS::ApiGateway::Stage").values()
    properties = stage["Properties"]
    assert properties["StageName"] == "v1"
    (settings,) = properties["MethodSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (50, 100)
    assert settings["DataTraceEnabled"] is False
    logged = json.loads(properties["AccessLogSetting"]["Format"])
    assert "body" not in json.dumps(logged).lower()
    assert logged["caller"] == "$context.identity.userArn"


def test_errors_of_the_gateway_look_like_those_of_the_function(template: Template) -> None:
    for response in template.find_resources("AWS::ApiGateway::GatewayResponse").values():
        body = response["Properties"]["ResponseTemplates"]["application/json"]
        assert "validationErrorString" not in body, "it holds quotation marks, which would end the JSON string"
        error: dict[str, Any] = json.loads(body.replace("$context.error.messageString", '"said"'))["error"]
        assert set(error) == {"code", "message", "request_id"}
        assert error["message"] == "said"


def test_the_function_asks_its_endpoint_in_the_closed_network(template: Template) -> None:
    (function,) = template.find_resources(
        "AWS::Lambda::Function", {"Properties": {"Handler": "predictions.handler.handler"}}
    ).values()
    properties = function["Properties"]
    assert properties["Environment"]["Variables"]["ENDPOINT_NAME"] == "dev-fraud"
    assert properties["VpcConfig"] == {"SecurityGroupIds": ["sg-1"], "SubnetIds": ["subnet-1", "subnet-2"]}
    assert properties["Timeout"] < 29, "API Gateway waits no longer"
    (layer,) = properties["Layers"]
    assert layer.startswith("arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python314-arm64:")


def test_invoking_is_granted_for_this_method_alone(template: Template) -> None:
    grants = [
        statement
        for policy in template.find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == "execute-api:Invoke"
    ]
    assert len(grants) == 1
    assert grants[0]["Resource"]["Fn::Join"][1][-1] == "/POST/fraud/predictions"


def test_several_models_share_one_api_and_each_has_a_function_of_its_own(
    stack: cdk.Stack, api: PredictionApi, rollout: EndpointRollout
) -> None:
    api.add("Tables", system="tables", rollout=rollout)
    api.add("Pictures", system="pictures", rollout=rollout, content_types=["image/png", "application/json"])
    template = Template.from_stack(stack)
    for name in ("RestApi", "Stage", "RequestValidator", "Model", "Account"):
        template.resource_count_is(f"AWS::ApiGateway::{name}", 1)
    template.resource_count_is("AWS::ApiGateway::Method", 2)
    template.has_resource_properties("AWS::ApiGateway::RestApi", {"BinaryMediaTypes": ["image/png", "image/jpeg"]})
    functions = template.find_resources(
        "AWS::Lambda::Function", {"Properties": {"Handler": "predictions.handler.handler"}}
    )
    assert {function["Properties"]["Environment"]["Variables"]["CONTENT_TYPES"] for function in functions.values()} == {
        "text/csv,application/json,application/jsonlines",
        "image/png,application/json",
    }


def test_a_picture_that_would_arrive_as_text_is_refused(api: PredictionApi, rollout: EndpointRollout) -> None:
    with pytest.raises(ValueError, match="image/gif would reach the cats model as text: name it among the pictures"):
        api.add("Cats", system="cats", rollout=rollout, content_types=["image/png", "image/gif"])
