"""Nested stacks: whatever holds for a stack holds for one that another stack makes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.hooks.stacks.nested import unknown_types
from localcloud.lifecycle import LocalCloud
from tests.localcloud.conftest import NOT_APPLIED, Deploy, settled

Aws = Callable[..., Any]
BUCKET = "nested-templates"
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


def test_types_are_looked_for_where_conditions_hold() -> None:
    template = {
        "Resources": {
            "Known": {"Type": "AWS::SNS::Topic"},
            "Robot": {"Type": "AWS::RoboMaker::Robot"},
            "Never": {"Type": "AWS::RoboMaker::Robot", "Condition": "Never"},
            "Later": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Fn::GetAtt": ["A", "B"]}}},
        }
    }

    def has_type(name: str) -> bool:
        return "Robo" not in name

    found = unknown_types(template, has_type, lambda value: value, lambda each: "Condition" not in each)
    assert found == {"Robot": "AWS::RoboMaker::Robot"}


@pytest.fixture
def nested(aws: Aws, cloud: LocalCloud) -> Callable[..., dict[str, Any]]:
    """Return what makes a resource of a nested stack of a template, which lies in a bucket."""
    del cloud
    s3 = aws("s3")
    if BUCKET not in [each["Name"] for each in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    def make(template: dict[str, Any], key: str, **parameters: Any) -> dict[str, Any]:
        s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(template).encode())
        url = f"https://{BUCKET}.s3.eu-west-1.amazonaws.com/{key}"
        return {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": url, **({"Parameters": parameters} if parameters else {})},
        }

    return make


@pytest.mark.slow
@pytest.mark.parametrize(
    "host",
    [
        f"{BUCKET}.s3.eu-west-1.amazonaws.com",
        f"{BUCKET}.s3.amazonaws.com",
        f"{BUCKET}.s3.dualstack.eu-west-1.amazonaws.com",
        f"s3.eu-west-1.amazonaws.com/{BUCKET}",
        f"s3.amazonaws.com/{BUCKET}",
    ],
)
def test_a_template_is_found_at_each_address_of_its_object(aws: Aws, nested: Any, host: str) -> None:
    """Source: S3 user guide, "Methods for accessing a general purpose bucket" and "dual-stack endpoints"."""
    nested({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}, "folder/topic.json")
    cloudformation = aws("cloudformation")
    cloudformation.create_stack(StackName="by-address", TemplateURL=f"https://{host}/folder/topic.json")
    assert settled(cloudformation, "by-address")["StackStatus"] == "CREATE_COMPLETE"
    cloudformation.delete_stack(StackName="by-address")


@pytest.mark.slow
def test_resources_of_a_nested_stack_are_read_back(deploy: Deploy, nested: Any, cloud: LocalCloud) -> None:
    inner = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 60}}}}
    stack = deploy({"Inner": nested(inner, "queue.json")})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    (line,) = [
        line
        for line in cloud.resources()
        if line["stack"].startswith(f"{stack['StackName']}-Inner-") and line["type"] == "AWS::SQS::Queue"
    ]
    assert [(each["path"], each["status"]) for each in line["properties"]] == [("/VisibilityTimeout", "applied")]


@pytest.mark.slow
def test_a_nested_stack_that_fails_leaves_nothing(aws: Aws, deploy: Deploy, nested: Any) -> None:
    inner = {
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "left-behind"}},
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "DependsOn": "Topic",
                "Properties": NOT_APPLIED,
            },
        }
    }
    stack = deploy({"Inner": nested(inner, "fails.json")})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "did not apply every property of Bucket" in stack["Failed"]["Inner"]
    assert not [each for each in aws("sns").list_topics()["Topics"] if "left-behind" in each["TopicArn"]]


@pytest.mark.slow
def test_a_nested_serverless_template_is_expanded_and_exports(aws: Aws, nested: Any) -> None:
    inner = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"Name": {"Type": "String"}},
        "Resources": {"Runs": {"Type": "AWS::Serverless::SimpleTable"}},
        "Outputs": {"Table": {"Value": {"Ref": "Runs"}, "Export": {"Name": {"Fn::Sub": "${Name}-table"}}}},
    }
    outer = {
        "Resources": {"Inner": nested(inner, "serverless.json", Name="exported")},
        "Outputs": {"Table": {"Value": {"Fn::GetAtt": ["Inner", "Outputs.Table"]}}},
    }
    cloudformation = aws("cloudformation")
    cloudformation.create_stack(StackName="outer", TemplateBody=json.dumps(outer), Capabilities=CAPABILITIES)
    stack = settled(cloudformation, "outer")
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    exports = {each["Name"]: each["Value"] for each in cloudformation.list_exports()["Exports"]}
    assert exports["exported-table"] == stack["Outputs"]["Table"]
    assert aws("dynamodb").describe_table(TableName=stack["Outputs"]["Table"])["Table"]["TableStatus"] == "ACTIVE"
    cloudformation.delete_stack(StackName="outer")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("AWS::CodePipeline::Pipeline", "Inner/Thing"),
        ("AWS::ElastiCache::CacheCluster", "Inner/Thing"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is(aws: Aws, nested: Any, kind: str, where: str) -> None:
    """A type of a nested stack too, and one that is made and that nobody reads back."""
    inner = {"Resources": {"Thing": {"Type": kind, "Properties": {"Name": "x"}}}}
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "Inner": nested(inner, "refused.json")}}
    with pytest.raises(ClientError, match=rf"cannot create these resources: {where} \({kind}\)"):
        aws("cloudformation").create_stack(StackName="refused-inside", TemplateBody=json.dumps(template))
    with pytest.raises(ClientError, match="does not exist"):
        aws("cloudformation").describe_stacks(StackName="refused-inside")
