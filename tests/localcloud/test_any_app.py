"""Apps of others, which know nothing of this platform: SAM's and the CDK's, in a folder of their own."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localcloud.cdk import Cdk
from localcloud.console import Running, execute_api_url
from localcloud.lifecycle import LocalCloud
from tests.localcloud.conftest import settled

pytestmark = pytest.mark.slow
SERVERLESS = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Timeout: 10, Runtime: python3.13}}
Parameters: {EndpointName: {Type: String, Default: their-endpoint}}
Resources:
  Predict:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      InlineCode: |
        import os
        def handler(event, context):
            return {"statusCode": 200, "body": os.environ["ENDPOINT"]}
      Environment: {Variables: {ENDPOINT: !Ref EndpointName}}
      Events: {Http: {Type: Api, Properties: {Path: /predict, Method: post}}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: Ask, States: {Ask: {Type: Task, Resource: !GetAtt Predict.Arn, End: true}}}
      Policies: [{LambdaInvokePolicy: {FunctionName: !Ref Predict}}]
  Runs: {Type: AWS::Serverless::SimpleTable}
Outputs:
  Url: {Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/predict"}
"""
APP = """
import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2, aws_iam as iam, aws_lambda as lambda_, aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment, aws_sagemaker as sagemaker

ANSWER = '''
import cfnresponse
def handler(event, context):
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Answer": "42"}, "own")
'''
app = cdk.App()
stack = cdk.Stack(app, "theirs", env=cdk.Environment(account="111111111111", region="eu-west-1"))
bucket = s3.Bucket(stack, "Data")
deployment.BucketDeployment(stack, "Code", destination_bucket=bucket, sources=[deployment.Source.data("a.txt", "x")])
ec2.Vpc(stack, "Vpc", max_azs=2)
role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
image = sagemaker.CfnModel.ContainerDefinitionProperty(image="111111111111.dkr.ecr.eu-west-1.amazonaws.com/theirs:1")
model = sagemaker.CfnModel(stack, "Model", execution_role_arn=role.role_arn, primary_container=image)
function = lambda_.Function(stack, "Fn", runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler",
    code=lambda_.Code.from_inline(ANSWER))
own = cdk.CustomResource(stack, "Own", service_token=function.function_arn)
cdk.CfnOutput(stack, "Answer", value=own.get_att_string("Answer"))
cdk.CfnOutput(stack, "Bucket", value=bucket.bucket_name)
app.synth()
"""


def test_a_serverless_template_is_expanded(aws: Callable[..., Any], running: Running) -> None:
    cloudformation, capabilities = aws("cloudformation"), ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    cloudformation.create_stack(StackName="serverless", TemplateBody=SERVERLESS, Capabilities=capabilities)
    stack = settled(cloudformation, "serverless")
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    asked = urllib.request.Request(execute_api_url(stack["Outputs"]["Url"], running.endpoint), b"{}", method="POST")
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.read() == b"their-endpoint"
    cloudformation.delete_stack(StackName="serverless")


def test_a_cdk_app_is_deployed_from_its_own_folder(aws: Callable[..., Any], cloud: LocalCloud, tmp_path: Path) -> None:
    """With the default VPC (addresses, NAT gateways), files in a bucket, and an inline custom resource."""
    (tmp_path / "app.py").write_text(APP)
    assembly = tmp_path / "cdk.out"
    zones = {"availability-zones:account=111111111111:region=eu-west-1": ["eu-west-1a", "eu-west-1b"]}
    known = {"CDK_CONTEXT_JSON": json.dumps(zones)}  # what the CLI looks up, and the app alone would make up
    environment = {**os.environ, **known, "CDK_OUTDIR": str(assembly), "CDK_VALIDATION": "false"}
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=environment, check=True)
    cdk = Cdk(cloud.environment(), assembly=assembly)
    cdk.bootstrap("111111111111", "eu-west-1")
    cdk("deploy", "--all")
    stack = settled(aws("cloudformation"), "theirs")
    assert stack["Outputs"]["Answer"] == "42"
    assert aws("s3").get_object(Bucket=stack["Outputs"]["Bucket"], Key="a.txt")["Body"].read() == b"x"
    statuses = {line["type"]: line["status"] for line in cloud.resources() if line["stack"] == "theirs"}
    assert statuses["AWS::EC2::NatGateway"] == statuses["AWS::EC2::EIP"] == "recorded"
    assert statuses["AWS::SageMaker::Model"] == "created"
    assert json.loads((assembly / "manifest.json").read_text())["artifacts"]["theirs"]
