"""Which types have names of their own, by their ARN: the service reference writes a name or an id into it."""

import pytest

from account.resource_types import names, specification
from localcloud.template.names import Named, named_types

OWN = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
    "AWS::SageMaker::FeatureGroup": "FeatureGroupName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
SHARED = (
    "AWS::ApiGateway::RestApi",
    "AWS::Cognito::UserPool",
    "AWS::EC2::SecurityGroup",
    "AWS::Lambda::Alias",
    "AWS::SageMaker::Domain",
    "AWS::SageMaker::UserProfile",
)


@pytest.fixture(scope="module")
def named() -> dict[str, Named]:
    return named_types([*OWN, *SHARED], specification())


def test_names_that_are_a_resources_alone_and_names_that_are_not(named: dict[str, Named]) -> None:
    assert {kind: each.given_by for kind, each in named.items()} == OWN
    assert set(SHARED) <= names(), "every type of this test is one of AWS's"


def test_names_that_are_taken_in_every_region(named: dict[str, Named]) -> None:
    everywhere = {kind for kind, each in named.items() if each.is_global}
    assert everywhere == {"AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::S3::Bucket"}


@pytest.mark.parametrize(
    ("kind", "properties", "physical_id"),
    [
        ("AWS::DynamoDB::Table", {"TableName": "t"}, "t"),
        ("AWS::SNS::Topic", {"TopicName": "t"}, "arn:aws:sns:eu-west-1:111122223333:t"),
        ("AWS::IAM::ManagedPolicy", {"ManagedPolicyName": "p"}, "arn:aws:iam::111122223333:policy/p"),
        ("AWS::IAM::ManagedPolicy", {"ManagedPolicyName": "p", "Path": "/a/"}, "arn:aws:iam::111122223333:policy/a/p"),
        (
            "AWS::StepFunctions::StateMachine",
            {"StateMachineName": "m"},
            "arn:aws:states:eu-west-1:111122223333:stateMachine:m",
        ),
    ],
)
def test_the_id_that_a_resource_would_have(
    named: dict[str, Named], kind: str, properties: dict[str, str], physical_id: str
) -> None:
    assert named[kind].physical_id(properties, "111122223333", "eu-west-1") == physical_id
