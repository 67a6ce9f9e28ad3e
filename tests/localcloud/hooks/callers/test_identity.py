"""Signatures, policies and trust, against the running cloud."""

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow


def test_the_root_needs_the_secret_of_this_cloud(aws: Callable[..., Any]) -> None:
    assert aws("sts").get_caller_identity()["Arn"] == "arn:aws:iam::111111111111:root"
    for service, call in (("sts", "get_caller_identity"), ("s3", "list_buckets"), ("sagemaker", "list_pipelines")):
        with pytest.raises(ClientError, match="signature"):
            getattr(aws(service, "111111111111", "guessed"), call)()


def test_a_user_may_do_what_its_policies_say(aws: Callable[..., Any]) -> None:
    iam = aws("iam")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    ada = aws("sagemaker", key["AccessKeyId"], key["SecretAccessKey"])
    denied = "arn:aws:iam::111111111111:user/ada is not authorized to perform: sagemaker:ListPipelines"
    with pytest.raises(ClientError, match=denied):
        ada.list_pipelines()
    statement = {"Effect": "Allow", "Action": "sagemaker:ListPipelines", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=policy)
    assert ada.list_pipelines()["PipelineSummaries"] == []


def test_a_role_of_another_service_cannot_be_a_pipeline_s(aws: Callable[..., Any]) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws("iam").create_role(RoleName="not-trusted", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    step = {"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}
    definition = json.dumps({"Version": "2020-12-01", "Metadata": {}, "Parameters": [], "Steps": [step]})
    sagemaker = aws("sagemaker")
    request = {"PipelineName": "untrusted", "RoleArn": role, "PipelineDefinition": definition}
    with contextlib.suppress(ClientError):  # refused at once, or when it starts
        sagemaker.create_pipeline(**request, ClientRequestToken="t" * 32)
        execution = sagemaker.start_pipeline_execution(PipelineName="untrusted")["PipelineExecutionArn"]
        described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution)
        while described["PipelineExecutionStatus"] == "Executing":
            time.sleep(0.02)
            described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution)
        assert described["PipelineExecutionStatus"] == "Failed"
        [stopped] = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=execution)["PipelineExecutionSteps"]
        assert "assume" in stopped["FailureReason"]


def test_a_setting_of_systems_manager_is_allowed_by_its_arn(aws: Callable[..., Any]) -> None:
    """Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Systems Manager"."""
    iam, setting = aws("iam"), "/ssm/managed-instance/activation-tier"
    iam.create_user(UserName="setter")
    key = iam.create_access_key(UserName="setter")["AccessKey"]
    arn = f"arn:aws:ssm:*:111111111111:servicesetting{setting}"
    statement = {"Effect": "Allow", "Action": "ssm:UpdateServiceSetting", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="setter", PolicyName="p", PolicyDocument=policy)
    ssm = aws("ssm", key["AccessKeyId"], key["SecretAccessKey"])
    ssm.update_service_setting(SettingId=setting, SettingValue="advanced")
    with pytest.raises(ClientError, match="not authorized to perform: ssm:UpdateServiceSetting"):
        ssm.update_service_setting(SettingId="/ssm/parameter-store/high-throughput-enabled", SettingValue="true")


def test_a_log_group_is_allowed_by_the_arn_of_its_streams(aws: Callable[..., Any]) -> None:
    """Source: CloudWatch Logs user guide, "Overview of managing access permissions": all but tags ask for `:*`."""
    iam, group = aws("iam"), "/aws/sagemaker/Endpoints/kept"
    iam.create_user(UserName="keeper")
    key = iam.create_access_key(UserName="keeper")["AccessKey"]
    arn = f"arn:aws:logs:*:111111111111:log-group:{group}"
    keeper = aws("logs", key["AccessKeyId"], key["SecretAccessKey"])
    for resource, allowed in ((arn, False), (f"{arn}:*", True)):
        statement = {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:DeleteLogGroup"], "Resource": resource}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="keeper", PolicyName="p", PolicyDocument=policy)
        if allowed:
            keeper.create_log_group(logGroupName=group)
            keeper.delete_log_group(logGroupName=group)
        else:
            with pytest.raises(ClientError, match=f"log-group:{group}:log-stream:"):
                keeper.create_log_group(logGroupName=group)
