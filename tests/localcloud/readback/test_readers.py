"""Types that apps of others have are read back as their templates say, property by property."""

from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from localcloud.lifecycle import LocalCloud
from localcloud.readback.readers import apis
from tests.localcloud.conftest import Deploy

POOL, API, KEY = {"Ref": "Pool"}, {"Ref": "Api"}, {"Ref": "Key"}
SOURCE = "def handler(event, context): pass"
SIGN_IN: dict[str, Any] = {
    "Pool": (
        "AWS::Cognito::UserPool",
        {
            "UserPoolName": "people",
            "Schema": [
                {"Name": "email", "AttributeDataType": "String", "Required": True, "Mutable": True},
                {"Name": "tenant", "AttributeDataType": "String", "Mutable": True},
            ],
            "AutoVerifiedAttributes": ["email"],
            "Policies": {"PasswordPolicy": {"MinimumLength": 12}},
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
            "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
            "MfaConfiguration": "OPTIONAL",
        },
    ),
    "Client": (
        "AWS::Cognito::UserPoolClient",
        {
            "UserPoolId": POOL,
            "GenerateSecret": True,
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthScopes": ["email"],
            "CallbackURLs": ["https://example.org"],
            "RefreshTokenValidity": 5,
        },
    ),
    "Domain": ("AWS::Cognito::UserPoolDomain", {"UserPoolId": POOL, "Domain": "people-of-the-test"}),
    "Group": ("AWS::Cognito::UserPoolGroup", {"UserPoolId": POOL, "GroupName": "admins", "Precedence": 1}),
    "User": (
        "AWS::Cognito::UserPoolUser",
        {
            "UserPoolId": POOL,
            "Username": "ana",
            "DesiredDeliveryMediums": ["EMAIL"],
            "UserAttributes": [{"Name": "email", "Value": "ana@example.org"}],
        },
    ),
    "Member": (
        "AWS::Cognito::UserPoolUserToGroupAttachment",
        {"UserPoolId": POOL, "Username": {"Ref": "User"}, "GroupName": {"Ref": "Group"}},
    ),
    "Server": (
        "AWS::Cognito::UserPoolResourceServer",
        {
            "UserPoolId": POOL,
            "Identifier": "api",
            "Name": "api",
            "Scopes": [{"ScopeName": "read", "ScopeDescription": "r"}],
        },
    ),
    "Identities": (
        "AWS::Cognito::IdentityPool",
        {
            "AllowUnauthenticatedIdentities": False,
            "CognitoIdentityProviders": [
                {"ClientId": {"Ref": "Client"}, "ProviderName": {"Fn::GetAtt": ["Pool", "ProviderName"]}}
            ],
        },
    ),
}
CALLERS: dict[str, Any] = {
    "Api": (
        "AWS::ApiGateway::RestApi",
        {"Name": "metered", "Tags": [{"Key": "lambda:createdBy", "Value": "SAM"}]},
    ),
    "Method": (
        "AWS::ApiGateway::Method",
        {
            "RestApiId": API,
            "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
            "HttpMethod": "GET",
            "AuthorizationType": "NONE",
            "Integration": {"Type": "MOCK"},
        },
    ),
    "Deployment": ("AWS::ApiGateway::Deployment", {"RestApiId": API, "StageName": "prod"}),
    "Key": ("AWS::ApiGateway::ApiKey", {"Name": "k", "Enabled": True, "Tags": [{"Key": "a", "Value": "b"}]}),
    "Plan": (
        "AWS::ApiGateway::UsagePlan",
        {
            "UsagePlanName": "u",
            "ApiStages": [{"ApiId": API, "Stage": "prod", "Throttle": {"/GET": {"RateLimit": 3, "BurstLimit": 4}}}],
            "Throttle": {"RateLimit": 5, "BurstLimit": 10},
            "Quota": {"Limit": 100, "Period": "DAY"},
        },
    ),
    "PlanKey": (
        "AWS::ApiGateway::UsagePlanKey",
        {"KeyId": KEY, "KeyType": "API_KEY", "UsagePlanId": {"Ref": "Plan"}},
    ),
}
DELIVERY: dict[str, Any] = {
    "Bucket": ("AWS::S3::Bucket", {}),
    "Stream": (
        "AWS::KinesisFirehose::DeliveryStream",
        {
            "DeliveryStreamType": "DirectPut",
            "ExtendedS3DestinationConfiguration": {
                "BucketARN": {"Fn::GetAtt": ["Bucket", "Arn"]},
                "RoleARN": {"Fn::GetAtt": ["Role", "Arn"]},
                "Prefix": "captured/",
                "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 60},
                "CompressionFormat": "GZIP",
            },
        },
    ),
    "Function": (
        "AWS::Lambda::Function",
        {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": SOURCE},
        },
    ),
    "Invocation": (
        "AWS::Lambda::EventInvokeConfig",
        {"FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 1},
    ),
    "Policy": (
        "AWS::Logs::ResourcePolicy",
        {"PolicyName": "logs", "PolicyDocument": '{"Version":"2012-10-17","Statement":[]}'},
    ),
    "Project": (
        "AWS::CodeBuild::Project",
        {
            "ServiceRole": {"Fn::GetAtt": ["Role", "Arn"]},
            "Source": {"Type": "NO_SOURCE", "BuildSpec": "version: 0.2"},
            "Artifacts": {"Type": "NO_ARTIFACTS"},
            "Environment": {"Type": "LINUX_CONTAINER", "Image": "x", "ComputeType": "BUILD_GENERAL1_SMALL"},
            "LogsConfig": {"CloudWatchLogs": {"Status": "ENABLED", "StreamName": "builds"}},
            "Cache": {"Type": "NO_CACHE"},
        },
    ),
}
AFTER = {"Deployment": "Method", "Plan": "Deployment"}


@pytest.mark.slow
@pytest.mark.parametrize("app", [SIGN_IN, CALLERS, DELIVERY], ids=["sign-in", "callers", "delivery"])
def test_every_property_is_applied_or_recorded(
    deploy: Deploy, role: Callable[..., Any], cloud: LocalCloud, app: dict[str, Any]
) -> None:
    resources = {
        name: {"Type": kind, "Properties": properties, **({"DependsOn": AFTER[name]} if name in AFTER else {})}
        for name, (kind, properties) in app.items()
    }
    stack = deploy({**resources, "Role": role("lambda.amazonaws.com")})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    lines = {line["logical_id"]: line for line in cloud.resources() if line["stack"] == stack["StackName"]}
    for name, (_, properties) in app.items():
        told = {each["path"].split("/")[1] for each in lines[name]["properties"]}
        assert told == set(properties), name
        assert {each["status"] for each in lines[name]["properties"]} <= {"applied", "recorded"}, name


@pytest.mark.slow
def test_a_pool_tells_where_its_tokens_come_from(deploy: Deploy) -> None:
    """Source: template reference, "AWS::Cognito::UserPool", return value `ProviderURL`."""
    pool = {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": "p"}}}
    outputs = deploy(pool, Id={"Ref": "Pool"}, Url={"Fn::GetAtt": ["Pool", "ProviderURL"]})["Outputs"]
    assert outputs["Url"] == f"https://cognito-idp.eu-west-1.amazonaws.com/{outputs['Id']}"


def test_keys_that_callers_choose_stay_as_they_are() -> None:
    """Every member of API Gateway's answers that maps texts to plain values has its keys from whoever made it."""
    model = botocore.session.get_session().get_service_model("apigateway")
    found: set[str] = set()

    def walk(shape: Shape | None, above: frozenset[str]) -> None:
        if shape is None or shape.name in above:
            return
        above |= {shape.name}
        if isinstance(shape, StructureShape):
            for name, member in shape.members.items():
                if isinstance(member, MapShape) and member.value.type_name in {"string", "boolean"}:
                    found.add(name)
                walk(member, above)
        elif isinstance(shape, ListShape):
            walk(shape.member, above)
        elif isinstance(shape, MapShape):
            walk(shape.value, above)

    for operation in model.operation_names:
        if operation.startswith("Get"):
            walk(model.operation_model(operation).output_shape, frozenset())
    assert found == set(apis.MAPS)
