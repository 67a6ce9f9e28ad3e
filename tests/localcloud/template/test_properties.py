"""Properties against the schema of their type, in CloudFormation's words.

The words are quoted in aws-cloudformation/cloudformation-coverage-roadmap#1005 and #1514, iac-model-evaluation#29 and
aws/aws-cdk#28984; what a property must be stands on its type's page of the template reference.
"""

from typing import Any

import pytest

from account.resource_types import specification
from localcloud.template.properties import PropertiesError, Schemas

TRUST = {"Version": "2012-10-17", "Statement": []}
TYPES = (
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::DynamoDB::Table",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SageMaker::EndpointConfig",
)
VARIANT = {"VariantName": "a", "ModelName": "m", "InitialInstanceCount": 1, "InitialVariantWeight": "0.5"}


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas.of(TYPES, specification())


@pytest.mark.parametrize(
    ("kind", "properties", "words"),
    [
        ("S3::Bucket", {"Versioning": "Enabled"}, ["#: extraneous key [Versioning] is not permitted"]),
        (
            "S3::Bucket",
            {"VersioningConfiguration": {"Stat": "Enabled"}},
            [
                "#/VersioningConfiguration: required key [Status] not found",
                "#/VersioningConfiguration: extraneous key [Stat] is not permitted",
            ],
        ),
        (
            "S3::Bucket",
            {"VersioningConfiguration": {"Status": "On"}},
            ["#/VersioningConfiguration/Status: On is not a valid enum value"],
        ),
        ("S3::Bucket", {"Tags": [{"Value": "a"}]}, ["#/Tags/0: required key [Key] not found"]),
        ("S3::Bucket", {"Tags": {"a": "b"}}, ["#/Tags: expected type: JSONArray, found: JSONObject"]),
        ("Lambda::Function", {"Code": {"ZipFile": "x"}}, ["#: required key [Role] not found"]),
        (
            "Lambda::Function",
            {"Code": {"ZipFile": "x"}, "Role": "r", "Environment": {"Variables": ["a"]}},
            ["#/Environment/Variables: expected type: JSONObject, found: JSONArray"],
        ),
        ("IAM::Role", {}, ["#: required key [AssumeRolePolicyDocument] not found"]),
        (
            "IAM::Role",
            {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
            ["#/ManagedPolicyArns: expected type: JSONArray, found: String"],
        ),
        (
            "SQS::Queue",
            {"VisibilityTimeout": "abc", "FifoQueue": "yes"},
            [
                "#/FifoQueue: expected type: Boolean, found: String",
                "#/VisibilityTimeout: expected type: Integer, found: String",
            ],
        ),
        ("SQS::Queue", {"VisibilityTimeout": True}, ["#/VisibilityTimeout: expected type: Integer, found: Boolean"]),
        ("SQS::Queue", {"VisibilityTimeout": 1.5}, ["#/VisibilityTimeout: expected type: Integer, found: Number"]),
        ("SQS::Queue", {"QueueName": None}, ["#/QueueName: expected type: String, found: Null"]),
        ("Logs::LogGroup", {"RetentionInDays": 2}, ["#/RetentionInDays: 2 is not a valid enum value"]),
        (
            "SageMaker::EndpointConfig",
            {"ProductionVariants": [{**VARIANT, "ModelNam": "x"}]},
            ["#/ProductionVariants/0: extraneous key [ModelNam] is not permitted"],
        ),
    ],
)
def test_properties_that_a_type_does_not_take(
    schemas: Schemas, kind: str, properties: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(PropertiesError) as refused:
        schemas.check("Mine", f"AWS::{kind}", properties)
    first, *found = str(refused.value).splitlines()
    assert first == "Properties validation failed for resource Mine with message:"
    assert sorted(found) == sorted(words)


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::Logs::LogGroup", {"RetentionInDays": "7"}),
        ("AWS::Logs::LogGroup", {"LogGroupName": "{{resolve:ssm:name}}"}),
        ("AWS::SQS::Queue", {"VisibilityTimeout": "30", "FifoQueue": "true", "QueueName": 5}),
        ("AWS::SQS::Queue", {"VisibilityTimeout": "{{resolve:ssm:seconds}}"}),
        ("AWS::SQS::Queue", {"RedrivePolicy": '{"maxReceiveCount": 3}'}),
        ("AWS::SQS::Queue", {"RedrivePolicy": {"maxReceiveCount": 3}}),
        ("AWS::IAM::Role", {"AssumeRolePolicyDocument": TRUST}),
        ("AWS::Lambda::Function", {"Code": {"ZipFile": "x"}, "Role": "r", "Environment": {"Variables": {"a": "b"}}}),
        ("AWS::SageMaker::EndpointConfig", {"ProductionVariants": [VARIANT]}),
        ("Custom::Anything", {"at": "all"}),
    ],
)
def test_properties_as_cloudformation_takes_them(schemas: Schemas, kind: str, properties: dict[str, Any]) -> None:
    schemas.check("Mine", kind, properties)
