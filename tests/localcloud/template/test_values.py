"""Values of properties against the model of their service.

Sources: API reference of each service (CreateFunction, CreateRole, PutRule, CreateUserPool, CreateTable, PutParameter):
lengths, patterns and enumerations of the members that the properties are; "Common errors" for the words.
"""

from typing import Any

import pytest

from localcloud.template.values import ValueRefusedError, check, request_of


@pytest.mark.parametrize(
    ("kind", "properties", "words"),
    [
        ("Lambda::Function", {"Timeout": "0"}, "Value '0' at 'timeout' failed to satisfy constraint: Member must have"),
        ("Lambda::Function", {"PackageType": "Jar"}, "enum value set: [Zip, Image]"),
        ("IAM::Role", {"RoleName": "a" * 65}, "at 'roleName' failed to satisfy constraint: Member must have length"),
        (
            "IAM::Role",
            {"MaxSessionDuration": 60},
            "'maxSessionDuration' failed to satisfy constraint: Member must have",
        ),
        (
            "IAM::Role",
            {"Path": "team"},
            "at 'path' failed to satisfy constraint: Member must satisfy regular expression",
        ),
        ("Events::Rule", {"Name": "a b"}, "Value 'a b' at 'name' failed to satisfy constraint"),
        (
            "Events::Rule",
            {"Targets": [{"Id": "a", "Arn": ""}]},
            "at 'targets.1.member.arn' failed to satisfy constraint",
        ),
        ("Cognito::UserPool", {"Policies": {"PasswordPolicy": {"MinimumLength": 5}}}, "minimumLength"),
        ("SSM::Parameter", {"Name": "a", "Tier": "Free"}, "enum value set: [Standard, Advanced, Intelligent-Tiering]"),
        ("DynamoDB::Table", {"BillingMode": "FREE"}, "enum value set: [PROVISIONED, PAY_PER_REQUEST]"),
        ("CloudWatch::Alarm", {"EvaluationPeriods": 0}, "'evaluationPeriods' failed to satisfy constraint"),
        ("Logs::LogGroup", {"LogGroupName": "a b"}, "regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"),
        ("Kinesis::Stream", {"Name": "a" * 129}, "Member must have length less than or equal to 128"),
        ("KMS::Key", {"Description": "a" * 8193}, "at 'description' failed to satisfy constraint"),
        ("ECR::Repository", {"ImageTagMutability": "NEVER"}, "at 'imageTagMutability' failed to satisfy constraint"),
    ],
)
def test_a_value_that_the_service_does_not_take(kind: str, properties: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueRefusedError) as refused:
        check(f"AWS::{kind}", properties)
    said = str(refused.value)
    assert said.startswith('Resource handler returned message: "1 validation error detected: Value')
    assert words in said
    assert said.endswith("HandlerErrorCode: InvalidRequest)")


def test_every_value_is_told_at_once() -> None:
    with pytest.raises(ValueRefusedError, match=r"2 validation errors detected: .*; Value"):
        check("AWS::IAM::Role", {"RoleName": "a b", "MaxSessionDuration": 1})


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("Lambda::Function", {"Timeout": "900", "Environment": {"Variables": {"AB": 1}}}),
        ("IAM::Role", {"RoleName": "{{resolve:ssm:/role}}", "Path": "/team/"}),
        ("AppSync::Resolver", {"RequestMappingTemplate": '{\n  "version": "2018-05-29"\n}\n'}),
        ("Cognito::UserPool", {"UserPoolTags": {"a": "b"}}),
        ("CDK::Metadata", {"Analytics": "v2"}),
        ("S3::Bucket", {"BucketName": "ab"}),  # whose name the model does not bound
    ],
)
def test_what_is_taken(kind: str, properties: dict[str, Any]) -> None:
    check(f"AWS::{kind}", properties)


def test_requests_are_found_by_name() -> None:
    assert request_of("AWS::SSM::Parameter") == ("ssm", "PutParameter")
    assert request_of("AWS::IAM::ManagedPolicy") == ("iam", "CreatePolicy")
    assert request_of("Custom::Thing") is None
