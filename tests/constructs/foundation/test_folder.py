import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from ml_constructs.foundation.folder import Folder
from ml_constructs.foundation.values import render
from ml_constructs.pipelines import ExecutionVariable


def test_a_known_folder_is_a_plain_uri(folder: Folder) -> None:
    assert (folder / "a").uri == "s3://data/fraud/versions/a"
    assert (folder / "a").objects == "arn:aws:s3:::data/fraud/versions/a/*"


def test_a_name_that_comes_later_is_any_name_in_the_permission(folder: Folder) -> None:
    later = folder / ExecutionVariable("PipelineExecutionId") / "model"
    assert render(later.uri) == {
        "Std:Join": {
            "On": "/",
            "Values": ["s3://data", "fraud", "versions", {"Get": "Execution.PipelineExecutionId"}, "model"],
        }
    }
    assert later.objects == "arn:aws:s3:::data/fraud/versions/*/model/*"


def test_a_whole_bucket_is_no_folder(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match="A folder is a part of its bucket"):
        Folder(s3.Bucket.from_bucket_name(stack, "Plain", "plain"), [])


def test_readers_decrypt_and_cannot_write(stack: cdk.Stack, folder: Folder) -> None:
    folder.grant_read(iam.Role(stack, "Reader", assumed_by=iam.AccountRootPrincipal()))
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": [
                    Match.object_like({"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::data"}),
                    Match.object_like({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/fraud/versions/*"}),
                    Match.object_like({"Action": "kms:Decrypt"}),
                ]
            }
        },
    )


def test_writers_have_what_sagemaker_asks_of_a_key_for_outputs(stack: cdk.Stack, folder: Folder) -> None:
    """Source: SageMaker developer guide, "CreateTrainingJob API: Execution Role Permissions"."""
    folder.grant_write(iam.Role(stack, "Writer", assumed_by=iam.AccountRootPrincipal()))
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [Match.object_like({"Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]})]
                )
            }
        },
    )
