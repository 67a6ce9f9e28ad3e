"""Where API Gateway reads the keys of callers.

Source: developer guide of API Gateway, "Choose an API key source": with AUTHORIZER, the key is the `usageIdentifierKey`
of what the authorizer's function returns; the template reference, "AWS::ApiGateway::RestApi ApiKeySourceType".
"""

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.console import Running, execute_api_url

pytestmark = pytest.mark.slow
KEY = "a-key-of-twenty-characters"  # pragma: allowlist secret
AUTHORIZE = (
    "def handler(event, context):\n"
    "    statement = {'Effect': 'Allow', 'Action': 'execute-api:Invoke', 'Resource': event['methodArn']}\n"
    "    policy = {'Version': '2012-10-17', 'Statement': [statement]}\n"
    "    key = event['authorizationToken']\n"
    "    return {'principalId': 'who', 'policyDocument': policy, 'usageIdentifierKey': key}\n"
)


def test_the_key_is_what_an_authorizer_says(
    aws: Callable[..., Any],
    deploy: Callable[..., Any],
    role: Callable[..., Any],
    function: Callable[..., Any],
    running: Running,
) -> None:
    rest = {"RestApiId": {"Ref": "Api"}}
    arn = {"Fn::GetAtt": ["Fn", "Arn"]}
    uri = ["arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/", arn, "/invocations"]
    stack = deploy(
        {
            "Role": role("lambda.amazonaws.com"),
            "Fn": function(AUTHORIZE, "Role"),
            "Permission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "Action": "lambda:InvokeFunction",
                    "FunctionName": {"Ref": "Fn"},
                    "Principal": "apigateway.amazonaws.com",
                },
            },
            "Api": {
                "Type": "AWS::ApiGateway::RestApi",
                "Properties": {"Name": "keys", "ApiKeySourceType": "AUTHORIZER"},
            },
            "Authorizer": {
                "Type": "AWS::ApiGateway::Authorizer",
                "Properties": {
                    **rest,
                    "Name": "keys",
                    "Type": "TOKEN",
                    "IdentitySource": "method.request.header.Authorization",
                    "AuthorizerUri": {"Fn::Join": ["", uri]},
                },
            },
            "Method": {
                "Type": "AWS::ApiGateway::Method",
                "Properties": {
                    **rest,
                    "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                    "HttpMethod": "GET",
                    "AuthorizationType": "CUSTOM",
                    "AuthorizerId": {"Ref": "Authorizer"},
                    "ApiKeyRequired": True,
                    "Integration": {"Type": "MOCK", "RequestTemplates": {"application/json": '{"statusCode": 200}'}},
                },
            },
            "Deployment": {
                "Type": "AWS::ApiGateway::Deployment",
                "DependsOn": "Method",
                "Properties": {**rest, "StageName": "v1"},
            },
            "Key": {"Type": "AWS::ApiGateway::ApiKey", "Properties": {"Enabled": True, "Value": KEY}},
            "Plan": {
                "Type": "AWS::ApiGateway::UsagePlan",
                "DependsOn": "Deployment",
                "Properties": {"ApiStages": [{"ApiId": {"Ref": "Api"}, "Stage": "v1"}]},
            },
            "PlanKey": {
                "Type": "AWS::ApiGateway::UsagePlanKey",
                "Properties": {"KeyId": {"Ref": "Key"}, "KeyType": "API_KEY", "UsagePlanId": {"Ref": "Plan"}},
            },
        },
        Id={"Ref": "Api"},
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    assert aws("apigateway").get_rest_api(restApiId=stack["Outputs"]["Id"])["apiKeySource"] == "AUTHORIZER"
    url = execute_api_url(f"https://{stack['Outputs']['Id']}.execute-api.eu-west-1.amazonaws.com/v1/", running.endpoint)

    def get(**headers: str) -> int:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
                status: int = answer.status
                return status
        except urllib.error.HTTPError as error:
            return error.code

    assert get(Authorization=KEY) == 200
    assert get(Authorization=KEY) == 200  # from the authorizer's cache
    assert get(Authorization="another") == 403
    assert get(**{"Authorization": "another", "x-api-key": KEY}) == 403  # the header is not where it is read
