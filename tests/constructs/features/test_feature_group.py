"""Feature groups: their stores, who may read and write them, and tables that are none."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from ml_constructs.features.feature_group import Feature, FeatureGroup, FeatureMetadata, FeatureTable
from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.logs import LogSettings

ID = Feature("id", "Integral", description="Number", parameters={"idType": "primaryKey"})
TIME = Feature("EventTime", "Fractional")
TABLE = FeatureTable(description="Customers", identifier="id", event_time="EventTime", features=(ID, TIME))
ARN = "arn:aws:sagemaker:eu-west-1:111122223333:feature-group/customers"


@pytest.fixture
def group(stack: cdk.Stack, folder: Folder, key: kms.IKey) -> FeatureGroup:
    return FeatureGroup(
        stack,
        "Customers",
        name="customers",
        table=TABLE,
        offline=folder,
        key=key,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )


def statements(stack: cdk.Stack, role: iam.Role) -> list[dict[str, Any]]:
    policies = Template.from_stack(stack).find_resources(
        "AWS::IAM::Policy",
        {"Properties": {"Roles": [{"Ref": stack.get_logical_id(role.node.default_child)}]}},  # type: ignore[arg-type] # it is one
    )
    return [one for policy in policies.values() for one in policy["Properties"]["PolicyDocument"]["Statement"]]


def test_both_stores_are_there_and_encrypted(stack: cdk.Stack, group: FeatureGroup, key: kms.IKey) -> None:
    template = Template.from_stack(stack)
    template.has_resource(
        "AWS::SageMaker::FeatureGroup",
        {
            "DeletionPolicy": "Retain",
            "Properties": {
                "FeatureGroupName": group.name,
                "RecordIdentifierFeatureName": "id",
                "EventTimeFeatureName": "EventTime",
                "FeatureDefinitions": [
                    {"FeatureName": "id", "FeatureType": "Integral"},
                    {"FeatureName": "EventTime", "FeatureType": "Fractional"},
                ],
                "OnlineStoreConfig": {"EnableOnlineStore": True, "SecurityConfig": {"KmsKeyId": key.key_arn}},
                "OfflineStoreConfig": {
                    "S3StorageConfig": {"S3Uri": "s3://data/fraud/versions", "KmsKeyId": key.key_arn},
                    "DisableGlueTableCreation": True,
                },
            },
        },
    )


def test_the_service_writes_below_the_folder_and_nowhere_else(stack: cdk.Stack, group: FeatureGroup) -> None:
    allowed = {
        action
        for one in statements(stack, group.role)
        for action in (one["Action"] if isinstance(one["Action"], list) else [one["Action"]])
    }
    assert allowed == {
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "s3:AbortMultipartUpload",
        "s3:GetBucketAcl",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
        "s3:PutObjectAcl",
    }
    assert "/fraud/versions/*" in json.dumps(statements(stack, group.role))


def test_grants_are_for_this_group_alone(stack: cdk.Stack, group: FeatureGroup) -> None:
    reader = iam.Role(stack, "Reader", assumed_by=iam.AccountRootPrincipal())
    writer = iam.Role(stack, "Writer", assumed_by=iam.AccountRootPrincipal())
    group.grant_read(reader)
    group.grant_write(writer)
    for role, actions in (
        (reader, ["sagemaker:BatchGetRecord", "sagemaker:DescribeFeatureGroup", "sagemaker:GetRecord"]),
        (writer, ["sagemaker:DeleteRecord", "sagemaker:DescribeFeatureGroup", "sagemaker:PutRecord"]),
    ):
        (own,) = [one for one in statements(stack, role) if "sagemaker:DescribeFeatureGroup" in one["Action"]]
        assert own == {"Action": actions, "Effect": "Allow", "Resource": ARN}


def test_metadata_is_written_after_the_group_is_there(stack: cdk.Stack, group: FeatureGroup, logs: LogSettings) -> None:
    FeatureMetadata(stack, "Metadata", logs=logs).describe(group)
    template = Template.from_stack(stack)
    (resource,) = template.find_resources("Custom::FeatureMetadata").values()
    assert stack.get_logical_id(group.group) in resource["DependsOn"]
    assert json.loads(resource["Properties"]["Features"]) == {
        "id": {"Description": "Number", "Parameters": {"idType": "primaryKey"}},
        "EventTime": {"Description": "", "Parameters": {}},
    }
    template.has_resource_properties(
        "AWS::Lambda::Function", Match.object_like({"Handler": "feature_metadata.handler.on_event"})
    )


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"identifier": "number"}, "The record identifier 'number' is not among the features id, EventTime."),
        ({"event_time": "id"}, "The event time 'id' must be Fractional or String."),
        ({"features": (ID, TIME, Feature("ID", "String"))}, "Two features of a group have the same name"),
    ],
)
def test_tables_that_no_group_can_have(values: dict[str, Any], sentence: str) -> None:
    valid: dict[str, Any] = {"description": "", "identifier": "id", "event_time": "EventTime", "features": (ID, TIME)}
    with pytest.raises(ValueError, match=sentence):
        FeatureTable(**{**valid, **values})


@pytest.mark.parametrize("name", ["is_deleted", "-x", "a b"])
def test_names_that_no_feature_can_have(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a feature"):
        Feature(name, "String")


def test_a_group_is_not_named_with_an_underscore(stack: cdk.Stack, folder: Folder, key: kms.IKey) -> None:
    """The names of groups are `[A-Za-z0-9](-*[A-Za-z0-9]){0,63}`."""
    with pytest.raises(ValueError, match="'my_group' cannot name a feature group"):
        FeatureGroup(
            stack, "G", name="my_group", table=TABLE, offline=folder, key=key, removal_policy=cdk.RemovalPolicy.DESTROY
        )
