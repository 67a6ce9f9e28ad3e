"""API Gateway: who may call, what is valid, how often, and the line it leaves in the log."""

import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localcloud.console import Running, execute_api_url

pytestmark = pytest.mark.slow
ECHO = "def handler(event, context): return {'statusCode': 200, 'body': event['body']}"
SCHEMA = {"type": "object", "required": ["instances"], "properties": {"instances": {"type": "array", "minItems": 1}}}


UNKNOWN_KEY = "The security token included in the request is invalid."
SERVICE = "Credential should be scoped to correct service: 'execute-api'. "
REGION = "Credential should be scoped to a valid region, not 'us-east-1'. "
REFUSED_SIGNATURES: list[tuple[tuple[str, str] | None, tuple[str, str], str]] = [
    (("AKIAIOSFODNN7EXAMPLE", "x"), ("execute-api", "eu-west-1"), UNKNOWN_KEY),  # pragma: allowlist secret
    (None, ("s3", "eu-west-1"), SERVICE),
    (None, ("sagemaker", "eu-west-1"), SERVICE),
    (None, ("execute-api", "us-east-1"), REGION),
    (None, ("lambda", "us-east-1"), REGION + SERVICE),
]
"""Who signs (root unless said), for which service and region, and what API Gateway says."""


def api(role: dict[str, Any], function: dict[str, Any]) -> dict[str, Any]:
    rest = {"Ref": "Api"}
    uri = [
        "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/",
        {"Fn::GetAtt": ["Fn", "Arn"]},
        "/invocations",
    ]
    method = {
        "RestApiId": rest,
        "ResourceId": {"Ref": "Path"},
        "HttpMethod": "POST",
        "AuthorizationType": "AWS_IAM",
        "RequestValidatorId": {"Ref": "Validator"},
        "RequestModels": {"application/json": {"Ref": "Model"}},
        "Integration": {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": {"Fn::Join": ["", uri]}},
    }
    access = {"DestinationArn": {"Fn::GetAtt": ["Log", "Arn"]}, "Format": '{"s":"$context.status","p":"$context.path"}'}
    throttle = {"HttpMethod": "*", "ResourcePath": "/*", "ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 12}
    permission = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": "Fn"},
        "Principal": "apigateway.amazonaws.com",
    }
    stage = {"RestApiId": rest, "DeploymentId": {"Ref": "Deployment"}, "StageName": "v1"}
    path = {"RestApiId": rest, "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "PathPart": "echo"}
    model = {"RestApiId": rest, "ContentType": "application/json", "Schema": SCHEMA}
    return {
        "Role": role,
        "Fn": function,
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "api-access"}},
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "echo"}},
        "Path": {"Type": "AWS::ApiGateway::Resource", "Properties": path},
        "Model": {"Type": "AWS::ApiGateway::Model", "Properties": model},
        "Validator": {
            "Type": "AWS::ApiGateway::RequestValidator",
            "Properties": {"RestApiId": rest, "ValidateRequestBody": True},
        },
        "Method": {"Type": "AWS::ApiGateway::Method", "Properties": method},
        "Permission": {"Type": "AWS::Lambda::Permission", "Properties": permission},
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "Properties": {"RestApiId": rest},
            "DependsOn": ["Method"],
        },
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {**stage, "AccessLogSetting": access, "MethodSettings": [throttle]},
        },
    }


def test_a_rest_api_authorizes_validates_throttles_and_logs(
    aws: Callable[..., Any],
    deploy: Callable[..., Any],
    role: Callable[..., Any],
    function: Callable[..., Any],
    running: Running,
) -> None:
    stack = deploy(api(role("lambda.amazonaws.com"), function(ECHO, "Role")), Id={"Ref": "Api"})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    address = f"https://{stack['Outputs']['Id']}.execute-api.eu-west-1.amazonaws.com/v1/echo"
    url = execute_api_url(address, running.endpoint)

    def post(
        body: bytes,
        key: str | None,
        secret: str = "",
        kind: str = "application/json",
        scope: tuple[str, str] = ("execute-api", "eu-west-1"),
    ) -> tuple[int, bytes]:
        signed = AWSRequest("POST", url, data=body, headers={"content-type": kind})
        if key:
            SigV4Auth(Credentials(key, secret), *scope).add_auth(signed)
        request = urllib.request.Request(url, body, dict(signed.headers), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    root = (running.account, running.secret)
    assert post(b'{"instances": [1]}', *root) == (200, b'{"instances": [1]}')
    assert post(b"1,2", *root, kind="text/csv") == (200, b"1,2")  # no model for it, so nothing to hold it to
    status, body = post(b'{"instances": []}', *root)
    assert (status, json.loads(body)) == (400, {"message": "Invalid request body"})
    assert post(b'{"instances": [1]}', None)[0] == 403
    for caller, scope, sentence in REFUSED_SIGNATURES:
        status, body = post(b'{"instances": [1]}', *(caller or root), scope=scope)
        assert (status, json.loads(body)["message"]) == (403, sentence)
    assert post(b'{"instances": [1]}', running.account, "guessed")[0] == 403

    iam = aws("iam")
    iam.create_user(UserName="caller")
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    status, body = post(b'{"instances": [1]}', key["AccessKeyId"], key["SecretAccessKey"])
    assert status == 403
    assert b"execute-api:Invoke" in body

    calls = Counter(post(b'{"instances": []}', *root)[0] for _ in range(30))
    assert calls.keys() == {400, 429}

    time.sleep(0.2)
    events = aws("logs").filter_log_events(logGroupName="api-access")["events"]
    assert {"s": "200", "p": "/v1/echo"} in [json.loads(event["message"]) for event in events]
    assert "instances" not in str(events)


def test_a_stage_limits_one_method_by_its_path(
    deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any], running: Running
) -> None:
    """Source: template reference, "AWS::ApiGateway::Stage MethodSetting": slashes of a path are written as ~1."""
    resources = api(role("lambda.amazonaws.com"), function(ECHO, "Role"))
    stage = resources["Stage"]["Properties"]
    (everywhere,) = stage["MethodSettings"]
    own = {"HttpMethod": "POST", "ResourcePath": "/~1echo", "ThrottlingRateLimit": 0.1, "ThrottlingBurstLimit": 2}
    stage["MethodSettings"] = [everywhere | {"ThrottlingRateLimit": 1000, "ThrottlingBurstLimit": 1000}, own]
    resources["Method"]["Properties"] |= {"AuthorizationType": "NONE"}
    stack = deploy(resources, Id={"Ref": "Api"})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    url = execute_api_url(
        f"https://{stack['Outputs']['Id']}.execute-api.eu-west-1.amazonaws.com/v1/echo", running.endpoint
    )
    found: list[int] = []
    for _ in range(5):
        request = urllib.request.Request(url, b"[]", {"content-type": "application/json"}, method="POST")
        try:
            urllib.request.urlopen(request, timeout=30).close()
        except urllib.error.HTTPError as error:
            found.append(error.code)
    assert 429 in found, "five at once, where two are let through"


def test_a_deployment_describes_its_stage(aws: Callable[..., Any], deploy: Callable[..., Any]) -> None:
    """Source: template reference, "AWS::ApiGateway::Deployment StageDescription"."""
    rest = {"Ref": "Api"}
    method = {
        "RestApiId": rest,
        "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
        "HttpMethod": "GET",
        "AuthorizationType": "NONE",
        "Integration": {"Type": "MOCK"},
        "MethodResponses": [{"StatusCode": "200", "ResponseModels": {"application/json": "Empty"}}],
    }
    described = {
        "AccessLogSetting": {"DestinationArn": {"Fn::GetAtt": ["Log", "Arn"]}, "Format": "$context.status"},
        "LoggingLevel": "INFO",
        "ThrottlingRateLimit": 7,
        "Variables": {"mode": "safe"},
    }
    stack = deploy(
        {
            "Log": {"Type": "AWS::Logs::LogGroup"},
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "described"}},
            "Method": {"Type": "AWS::ApiGateway::Method", "Properties": method},
            "Deployment": {
                "Type": "AWS::ApiGateway::Deployment",
                "DependsOn": "Method",
                "Properties": {"RestApiId": rest, "StageName": "prod", "StageDescription": described},
            },
        },
        Api=rest,
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    stage = aws("apigateway").get_stage(restApiId=stack["Outputs"]["Api"], stageName="prod")
    assert stage["accessLogSettings"]["format"] == "$context.status"
    assert stage["variables"] == {"mode": "safe"}
    everywhere = stage["methodSettings"]["*/*"]
    assert (everywhere["loggingLevel"], everywhere["throttlingRateLimit"]) == ("INFO", 7)


@pytest.fixture
def mock(aws: Callable[..., Any]) -> Callable[..., str]:
    """Make an API whose root answers for itself, with settings of its method, and return its id."""
    apis = aws("apigateway")

    def make(verb: str, prepare: Callable[[str], dict[str, Any]] = lambda _: {}) -> str:
        api = str(apis.create_rest_api(name=f"mock-{verb}")["id"])
        [root] = apis.get_resources(restApiId=api)["items"]
        method = {"restApiId": api, "resourceId": root["id"], "httpMethod": verb}
        apis.put_method(**method, authorizationType="NONE", **prepare(api))
        apis.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
        apis.put_method_response(**method, statusCode="200")
        answer = {"application/json": '{"found": true}'}
        apis.put_integration_response(**method, statusCode="200", responseTemplates=answer)
        apis.create_deployment(restApiId=api, stageName="v1")
        return api

    return make


def test_an_api_answers_at_a_host_of_its_own(mock: Callable[..., str], running: Running) -> None:
    """As AWS has `<api>.execute-api.<region>.amazonaws.com/<stage>`: what is left of the path is the resource's."""
    host = f"{mock('GET')}.execute-api.localhost:{running.endpoint.rpartition(':')[2]}"
    request = urllib.request.Request(f"{running.endpoint}/v1/", headers={"Host": host})
    with urllib.request.urlopen(request) as response:
        assert json.load(response) == {"found": True}


def test_a_method_that_a_request_makes_is_validated(
    aws: Callable[..., Any], mock: Callable[..., str], running: Running
) -> None:
    """Source: API reference of PutMethod, requestValidatorId; developer guide, "Request validation"."""
    apis = aws("apigateway")

    def validated(api: str) -> dict[str, Any]:
        checks = {"validateRequestBody": True, "validateRequestParameters": True}
        apis.create_model(restApiId=api, name="asked", contentType="application/json", schema=json.dumps(SCHEMA))
        return {
            "requestValidatorId": apis.create_request_validator(restApiId=api, name="all", **checks)["id"],
            "requestModels": {"application/json": "asked"},
            "requestParameters": {"method.request.querystring.q": True},
        }

    url = f"{running.endpoint}/_aws/execute-api/{mock('POST', validated)}/v1/"

    def answer(query: str, body: bytes) -> tuple[int, str]:
        request = urllib.request.Request(url + query, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as response:
                return int(response.status), str(json.load(response))
        except urllib.error.HTTPError as error:
            return error.code, str(json.load(error)["message"])

    assert answer("", b'{"instances": [1]}') == (400, "Missing required request parameters: [q]")
    assert answer("?q=1", b'{"instances": []}') == (400, "Invalid request body")
    assert answer("?q=1", b'{"instances": [1]}') == (200, "{'found': True}")
