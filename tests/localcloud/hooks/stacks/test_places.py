"""A bucket tells whence a function asks: through the endpoint of its VPC, or from anywhere."""

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ACCOUNT = "111111111111"
CODE = """
import boto3

def handler(event, context):
    s3 = boto3.client("s3")
    try:
        return s3.get_object(Bucket=event["bucket"], Key="x")["Body"].read().decode()
    except s3.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
"""
OBJECTS = {"Fn::Sub": "${Bucket.Arn}/*"}
FROM_ELSEWHERE = {
    "StringEquals": {"aws:PrincipalTag/place": "inside"},
    "StringNotEquals": {"aws:VpceAccount": ACCOUNT},
}


def test_a_role_of_the_network_reads_through_its_endpoint_alone(
    aws: Callable[..., Any], deploy: Callable[..., dict[str, Any]]
) -> None:
    stack = deploy(
        {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Policy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {
                    "Bucket": {"Ref": "Bucket"},
                    "PolicyDocument": _document("Deny", "s3:*", Principal="*", Condition=FROM_ELSEWHERE),
                },
            },
            **_function("Elsewhere"),
            **_function("Inside", subnet="Subnet"),
            **_function("Shut", subnet="OtherSubnet"),
            **_vpc(),
            **_vpc("Other"),
            "Endpoint": {
                "Type": "AWS::EC2::VPCEndpoint",
                "Properties": {
                    "VpcId": {"Ref": "Vpc"},
                    "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.s3"},
                    "VpcEndpointType": "Gateway",
                },
            },
        },
        Bucket={"Ref": "Bucket"},
        **{name: {"Ref": name} for name in ("Elsewhere", "Inside", "Shut")},
    )["Outputs"]
    bucket = stack.pop("Bucket")
    aws("s3").put_object(Bucket=bucket, Key="x", Body=b"content")
    answers = {}
    for place, function in stack.items():
        answer = aws("lambda").invoke(FunctionName=function, Payload=json.dumps({"bucket": bucket}))
        answers[place] = json.loads(answer["Payload"].read())
    aws("s3").delete_object(Bucket=bucket, Key="x")
    assert answers == {"Elsewhere": "AccessDenied", "Inside": "content", "Shut": "AccessDenied"}


def _function(name: str, subnet: str = "") -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    group = {"Fn::GetAtt": [subnet.replace("Subnet", "Vpc"), "DefaultSecurityGroup"]}
    placed = {"VpcConfig": {"SubnetIds": [{"Ref": subnet}], "SecurityGroupIds": [group]}} if subnet else {}
    return {
        f"{name}Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                "Policies": [
                    {"PolicyName": "p", "PolicyDocument": _document("Allow", "s3:GetObject")},
                    {"PolicyName": "n", "PolicyDocument": _document("Allow", "ec2:*NetworkInterface*", Resource="*")},
                ],
                "Tags": [{"Key": "place", "Value": "inside"}],
            },
        },
        name: {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"ZipFile": CODE},
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
                "Runtime": "python3.13",
                "Timeout": 30,
                **placed,
            },
        },
    }


def _vpc(prefix: str = "") -> dict[str, Any]:
    vpc = {"Ref": f"{prefix}Vpc"}
    return {
        f"{prefix}Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.90.0.0/16"}},
        f"{prefix}Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": vpc, "CidrBlock": "10.90.0.0/24"}},
    }


def _document(effect: str, action: str, **more: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": effect, "Action": action, "Resource": OBJECTS, **more}],
    }
