"""Templates against the running cloud: refused as AWS refuses them, with conditions on region and stack."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.lifecycle import LocalCloud

pytestmark = pytest.mark.slow
TOPIC: dict[str, Any] = {"Type": "AWS::SNS::Topic"}
NOBODY = "arn:aws:iam::111111111111:role/nobody"


@pytest.fixture
def cloudformation(aws: Callable[..., Any], cloud: LocalCloud) -> Any:
    del cloud
    return aws("cloudformation")


def create(cloudformation: Any, name: str, template: dict[str, Any] | str, **request: Any) -> str:
    """Create a stack, wait, and return its status."""
    text = template if isinstance(template, str) else json.dumps(template)
    cloudformation.create_stack(StackName=name, TemplateBody=text, **request)
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    status: str = stack["StackStatus"]
    return status


def test_conditions_know_pseudo_parameters(cloudformation: Any) -> None:
    conditions = {
        "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, cloudformation.meta.region_name]},
        "There": {"Fn::Not": [{"Condition": "Here"}]},
        "Mine": {"Fn::Equals": [{"Fn::Sub": "${AWS::StackName}"}, "conditional"]},
        "Aws": {"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws"]},
    }
    resources = {name: {**TOPIC, "Condition": name} for name in conditions}
    assert (
        create(cloudformation, "conditional", {"Conditions": conditions, "Resources": resources}) == "CREATE_COMPLETE"
    )
    there = cloudformation.describe_stack_resources(StackName="conditional")["StackResources"]
    assert sorted(item["LogicalResourceId"] for item in there) == ["Aws", "Here", "Mine"]


@pytest.mark.parametrize(
    ("template", "request_", "words"),
    [
        ({"Resources": {"A": {**TOPIC, "DependsOn": "Nope"}}}, {}, "Unresolved resource dependencies"),
        ({"Resources": {"A": TOPIC}}, {"Parameters": [{"ParameterKey": "Z", "ParameterValue": "z"}]}, "do not exist"),
        ({"Parameters": {"P": {"Type": "String"}}, "Resources": {"A": TOPIC}}, {}, r"\[P\] must have values"),
        ({"Resources": {"A": TOPIC}}, {"RoleARN": NOBODY}, "is invalid or cannot be assumed"),
        ("Resources:\n  Yes:\n    Type: AWS::SNS::Topic\n", {}, "is no text"),
    ],
)
def test_nothing_is_made_of_what_aws_refuses(
    cloudformation: Any, template: Any, request_: dict[str, Any], words: str
) -> None:
    with pytest.raises(ClientError, match=words) as refused:
        create(cloudformation, "refused", template, **request_)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.describe_stacks(StackName="refused")


def test_functions_have_short_forms_in_yaml(cloudformation: Any, aws: Callable[..., Any]) -> None:
    """Sources: user guide of CloudFormation, "Rule-specific intrinsic functions" and "Fn::ToJsonString"."""
    template = """
Transform: AWS::LanguageExtensions
Parameters:
  Size: {Type: String, Default: small}
Rules:
  Sizes:
    Assertions:
      - Assert: !Contains [[small, large], !Ref Size]
        AssertDescription: sizes are small and large
Resources:
  Kept:
    Type: AWS::SSM::Parameter
    Properties:
      Name: /short-forms
      Type: String
      Value: !ToJsonString {size: !Ref Size, of: !Length [1, 2]}
"""
    assert create(cloudformation, "short-forms", template, Capabilities=["CAPABILITY_AUTO_EXPAND"]) == "CREATE_COMPLETE"
    assert json.loads(aws("ssm").get_parameter(Name="/short-forms")["Parameter"]["Value"]) == {"size": "small", "of": 2}
    with pytest.raises(ClientError, match="sizes are small and large"):
        create(
            cloudformation,
            "short-forms-refused",
            template,
            Capabilities=["CAPABILITY_AUTO_EXPAND"],
            Parameters=[{"ParameterKey": "Size", "ParameterValue": "huge"}],
        )


def test_an_allowed_value_is_compared_as_text(cloudformation: Any) -> None:
    parameter = {"Type": "String", "AllowedValues": [True, False]}
    template = {"Parameters": {"P": parameter}, "Resources": {"A": TOPIC}}
    given = [{"ParameterKey": "P", "ParameterValue": "true"}]
    assert create(cloudformation, "allowed", template, Parameters=given) == "CREATE_COMPLETE"


def test_a_template_of_another_form_is_refused_in_one_sentence(cloudformation: Any) -> None:
    text = json.dumps({"Resources": {"A": TOPIC}, "Outputs": ["O"]})
    with pytest.raises(ClientError, match=r"operation: Template format error: \[/Outputs\] is no map\.$"):
        cloudformation.create_stack(StackName="no-map", TemplateBody=text)


def test_a_stack_that_was_taken_back_can_be_deleted_alone(cloudformation: Any) -> None:
    wrong = {"Resources": {"A": {**TOPIC, "Properties": {"Colour": "red"}}}}
    assert create(cloudformation, "taken-back", wrong) == "ROLLBACK_COMPLETE"
    text = json.dumps({"Resources": {"A": TOPIC}})
    with pytest.raises(ClientError, match=r"AlreadyExists.*Stack \[taken-back\] already exists"):
        cloudformation.create_stack(StackName="taken-back", TemplateBody=text)
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        cloudformation.update_stack(StackName="taken-back", TemplateBody=text)
    cloudformation.delete_stack(StackName="taken-back")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="taken-back", WaiterConfig={"Delay": 1})
    assert create(cloudformation, "taken-back", {"Resources": {"A": TOPIC}}) == "CREATE_COMPLETE"


def test_a_parameter_names_what_is_there(cloudformation: Any, aws: Callable[..., Any]) -> None:
    template = {"Parameters": {"P": {"Type": "List<AWS::EC2::Subnet::Id>"}}, "Resources": {"A": TOPIC}}
    network = aws("ec2").create_vpc(CidrBlock="10.5.0.0/16")["Vpc"]["VpcId"]
    subnet = aws("ec2").create_subnet(VpcId=network, CidrBlock="10.5.0.0/24")["Subnet"]["SubnetId"]
    given = [{"ParameterKey": "P", "ParameterValue": subnet}]
    assert create(cloudformation, "in-a-subnet", template, Parameters=given) == "CREATE_COMPLETE"
    given = [{"ParameterKey": "P", "ParameterValue": f"{subnet},subnet-none"}]
    with pytest.raises(ClientError, match="parameter value subnet-none for parameter name P does not exist"):
        create(cloudformation, "in-no-subnet", template, Parameters=given)


def test_a_custom_resource_s_answer_has_a_limit(
    deploy: Callable[..., Any], role: Callable[..., Any], function: Callable[..., Any]
) -> None:
    source = """\
import json, urllib.request

def handler(event, context):
    data = {"Text": "x" * int(event["ResourceProperties"].get("Length", 0))}
    answer = {"Status": "SUCCESS", "PhysicalResourceId": "p", "Data": data, "StackId": event["StackId"]}
    answer |= {name: event[name] for name in ("RequestId", "LogicalResourceId")}
    request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
    urllib.request.urlopen(request).close()
"""
    parts = {"Role": role(service="lambda.amazonaws.com"), "Function": function(source, "Role")}

    def custom(length: int) -> dict[str, Any]:
        properties = {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "Length": length}
        return {**parts, "Long": {"Type": "Custom::Long", "Properties": properties}}

    assert deploy(custom(3000))["Failed"] == {}
    assert "Response object is too long" in deploy(custom(5000))["Failed"]["Long"]


def test_what_is_named_and_not_referred_to_is_made_while_a_role_is(deploy: Callable[..., Any], role: Any) -> None:
    """AWS makes resources side by side, and a role takes it longest: the lifecycle configuration is there before."""
    stack = deploy(
        {
            "Repository": {"Type": "AWS::CodeCommit::Repository", "Properties": {"RepositoryName": "first"}},
            "ZConfiguration": {
                "Type": "AWS::SageMaker::NotebookInstanceLifecycleConfig",
                "DependsOn": "Repository",
                "Properties": {"NotebookInstanceLifecycleConfigName": "named-only"},
            },
            "Notebook": {
                "Type": "AWS::SageMaker::NotebookInstance",
                "DependsOn": "Repository",
                "Properties": {
                    "InstanceType": "ml.t3.medium",
                    "LifecycleConfigName": "named-only",
                    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                },
            },
            "Role": role("sagemaker.amazonaws.com"),
        }
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
