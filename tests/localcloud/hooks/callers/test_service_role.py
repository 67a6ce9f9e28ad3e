"""The role that a stack is deployed with: what it may read and pass, against the running cloud."""

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow
ROLES = "arn:aws:iam::111111111111:role/"
PROJECT = {
    "Type": "AWS::CodeBuild::Project",
    "Properties": {
        "ServiceRole": f"{ROLES}builds",
        "Source": {"Type": "NO_SOURCE", "BuildSpec": "{}"},
        "Artifacts": {"Type": "NO_ARTIFACTS"},
        "Environment": {
            "Type": "LINUX_CONTAINER",
            "Image": "aws/codebuild/standard:7.0",
            "ComputeType": "BUILD_GENERAL1_SMALL",
        },
    },
}
READS = {
    "Type": "AWS::SSM::Parameter",
    "Properties": {
        "Type": "String",
        "Value": {"Fn::GetStackOutput": {"StackName": "shown", "OutputName": "Name"}},
    },
}
SHOWN = {
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Topic", "TopicName"]}}},
}


@pytest.fixture
def create(aws: Callable[..., Any]) -> Callable[..., tuple[str, str]]:
    """Create a stack of one resource with a role of these rights; return its status and why it failed."""
    cloudformation, iam = aws("cloudformation"), aws("iam")
    if not [each for each in cloudformation.describe_stacks()["Stacks"] if each["StackName"] == "shown"]:
        cloudformation.create_stack(StackName="shown", TemplateBody=json.dumps(SHOWN))
        cloudformation.describe_stacks(StackName="shown")

    def run(name: str, resource: dict[str, Any], **rights: Any) -> tuple[str, str]:
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudformation.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
        allowed = [{"Effect": "Allow", "Action": action, "Resource": where} for action, where in rights.items()]
        document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=document)
        body = json.dumps({"Resources": {"One": resource}})
        cloudformation.create_stack(StackName=name, TemplateBody=body, RoleARN=role["Role"]["Arn"])
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        reasons = [each.get("ResourceStatusReason", "") for each in events if each["ResourceStatus"] == "CREATE_FAILED"]
        cloudformation.delete_stack(StackName=name)
        return stack["StackStatus"], " ".join(reasons)

    return run


def test_a_role_that_may_not_pass_another_fails_the_resource(create: Callable[..., tuple[str, str]]) -> None:
    status, reason = create("may-not-pass", PROJECT, **{"codebuild:*": "*"})
    assert status != "CREATE_COMPLETE"
    said = "assumed-role/may-not-pass/AWSCloudFormation is not authorized to perform: iam:PassRole on resource: "
    assert said + f"{ROLES}builds" in reason
    assert create("may-pass", PROJECT, **{"codebuild:*": "*", "iam:PassRole": f"{ROLES}builds"})[0] == "CREATE_COMPLETE"


def test_outputs_of_other_stacks_are_read_with_the_role(create: Callable[..., tuple[str, str]]) -> None:
    status, reason = create("may-not-read", READS, **{"ssm:*": "*"})
    assert status != "CREATE_COMPLETE"
    assert "is not authorized to perform: cloudformation:DescribeStacks on resource: " in reason
    assert create("may-read", READS, **{"ssm:*": "*", "cloudformation:DescribeStacks": "*"})[0] == "CREATE_COMPLETE"
