"""The model registry."""

from typing import Any

from tests.localcloud.answers.case import ABSENT, PRESENT, Call, Case, answers, call, like, refuses, shows, until
from tests.localcloud.answers.sources import ACK, BOTOCORE, TERRAFORM

REFUSED = "ValidationException"


def group(name: str = "<id>") -> Call:
    return call("sagemaker.CreateModelPackageGroup", ModelPackageGroupName=name)


def package(**more: Any) -> Call:
    specification = {
        "Containers": [{"Image": "<image>", "ModelDataUrl": "s3://<bucket>/model.tar.gz"}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    return call("sagemaker.CreateModelPackage", InferenceSpecification=specification, **more)


VERSION = package(ModelPackageGroupName="<id>")

REGISTRY = (
    refuses(
        "describe a group that is not there",
        ACK + "ModelPackageGroup 404 code ValidationException, message_suffix 'does not exist.'",
        REFUSED,
        r"does not exist\.$",
        call("sagemaker.DescribeModelPackageGroup", ModelPackageGroupName="<id>"),
    ),
    refuses(
        "describe a package that is not there",
        ACK + "ModelPackage 404 code ValidationException, message_suffix 'does not exist.'",
        REFUSED,
        r"does not exist\.$",
        call("sagemaker.DescribeModelPackage", ModelPackageName="<id>"),
    ),
    refuses(
        "describe a package by something that is no name",
        "aws/amazon-sagemaker-examples#2289: Value '<Customer to specify …>' at 'modelPackageName' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern",
        REFUSED,
        "Value 'no name' at 'modelPackageName' failed to satisfy constraint: Member must satisfy regular expression",
        call("sagemaker.DescribeModelPackage", ModelPackageName="no name"),
    ),
    refuses(
        "create a group twice",
        BOTOCORE + "CreateModelPackageGroup has no ResourceInUse; users catch ValidationException with 'Model Package "
        "Group already exists' (find_string, id 15027993654)",
        REFUSED,
        "Model Package Group already exists",
        group(),
        group(),
    ),
    refuses(
        "register a version in a group that is not there",
        "a user's function creates the group when CreateModelPackage says just this (find_string, id 9565997842); "
        "getmoto/moto, tests/test_sagemaker/test_sagemaker_model_packages.py, has the same words",
        REFUSED,
        r"^Model Package Group does not exist\.$",
        VERSION,
    ),
    refuses(
        "policy of a group without one",
        TERRAFORM + "find.go FindModelPackageGroupPolicyByName, ValidationException 'Cannot find resource policy'",
        REFUSED,
        "Cannot find resource policy",
        group(),
        call("sagemaker.GetModelPackageGroupPolicy", ModelPackageGroupName="<id>"),
    ),
    refuses(
        "policy of a group that is not there",
        TERRAFORM + "find.go FindModelPackageGroupPolicyByName, ValidationException 'Cannot find Model Package Group'",
        REFUSED,
        "Cannot find Model Package Group",
        call("sagemaker.GetModelPackageGroupPolicy", ModelPackageGroupName="<id>"),
    ),
    refuses(
        "delete the policy of a group that is not there",
        TERRAFORM + "model_package_group_policy.go: 'Cannot find Model Package Group'",
        REFUSED,
        "Cannot find Model Package Group",
        call("sagemaker.DeleteModelPackageGroupPolicy", ModelPackageGroupName="<id>"),
    ),
    refuses(
        "delete a group that has packages",
        BOTOCORE + "DeleteModelPackageGroup errors: ConflictException",
        "ConflictException",
        "",
        group(),
        VERSION,
        call("sagemaker.DeleteModelPackageGroup", ModelPackageGroupName="<id>"),
    ),
    refuses(
        "a package with a name and a group",
        "getmoto/moto#7165: Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot "
        "determine which one to use.",
        REFUSED,
        "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot determine which one to use",
        group(),
        package(ModelPackageGroupName="<id>", ModelPackageName="<id>"),
    ),
    refuses(
        "a package with neither name nor group",
        "getmoto/moto#7165: Missing ARN.",
        REFUSED,
        r"Missing ARN\.",
        package(),
    ),
    shows(
        "versions count from one",
        BOTOCORE + "DescribeModelPackageOutput ModelPackageVersion; an ARN ends in its version",
        {
            "ModelPackageVersion": 2,
            "ModelPackageGroupName": "<id>",
            "ModelPackageArn": like("model-package/<id>/2$"),
        },
        group(),
        VERSION,
        VERSION,
        call("sagemaker.DescribeModelPackage", ModelPackageName="<2.ModelPackageArn>"),
    ),
    shows(
        "a new version is completed and waits for approval",
        "aws/sagemaker-python-sdk Session.create_model_package_from_containers: approval_status defaults to "
        "PendingManualApproval",
        {"ModelPackageStatus": "Completed", "ModelApprovalStatus": "PendingManualApproval"},
        group(),
        VERSION,
        until(
            call("sagemaker.DescribeModelPackage", ModelPackageName="<1.ModelPackageArn>"),
            ModelPackageStatus="Completed",
        ),
        call("sagemaker.DescribeModelPackage", ModelPackageName="<1.ModelPackageArn>"),
    ),
    shows(
        "an approved version says who changed it and why",
        BOTOCORE + "UpdateModelPackageInput ApprovalDescription; DescribeModelPackageOutput LastModifiedTime",
        {"ModelApprovalStatus": "Approved", "ApprovalDescription": "good", "LastModifiedTime": PRESENT},
        group(),
        VERSION,
        call(
            "sagemaker.UpdateModelPackage",
            ModelPackageArn="<1.ModelPackageArn>",
            ModelApprovalStatus="Approved",
            ApprovalDescription="good",
        ),
        call("sagemaker.DescribeModelPackage", ModelPackageName="<1.ModelPackageArn>"),
    ),
    shows(
        "a listed version has no name",
        "aws/sagemaker-python-sdk#5606: for versioned model packages ListModelPackages does not return "
        "ModelPackageName; it only returns ModelPackageArn",
        {
            "ModelPackageSummaryList[0].ModelPackageName": ABSENT,
            "ModelPackageSummaryList[0].ModelPackageArn": PRESENT,
            "ModelPackageSummaryList[0].ModelPackageVersion": 1,
        },
        group(),
        VERSION,
        call("sagemaker.ListModelPackages", ModelPackageGroupName="<id>"),
    ),
    shows(
        "versions are not listed unless a group or a type is named",
        BOTOCORE + "ListModelPackagesInput ModelPackageType: UNVERSIONED … This is the default value if no "
        "ModelPackageType is specified",
        {"ModelPackageSummaryList": []},
        group(),
        VERSION,
        call("sagemaker.ListModelPackages", NameContains="<id>"),
    ),
    shows(
        "versions are listed oldest first",
        BOTOCORE + "ListModelPackagesInput SortOrder: The default is Ascending; SortBy: The default is CreationTime",
        {"ModelPackageSummaryList[].ModelPackageVersion": [1, 2]},
        group(),
        VERSION,
        VERSION,
        call("sagemaker.ListModelPackages", ModelPackageGroupName="<id>"),
    ),
    shows(
        "versions newest first when asked",
        BOTOCORE + "ListModelPackagesInput SortOrder Descending",
        {"ModelPackageSummaryList[].ModelPackageVersion": [2, 1]},
        group(),
        VERSION,
        VERSION,
        call(
            "sagemaker.ListModelPackages",
            ModelPackageGroupName="<id>",
            SortBy="CreationTime",
            SortOrder="Descending",
        ),
    ),
    shows(
        "groups are listed oldest first",
        BOTOCORE + "ListModelPackageGroupsInput SortOrder: The default is Ascending",
        {"ModelPackageGroupSummaryList[].ModelPackageGroupName": ["<id>-b", "<id>-a"]},
        group("<id>-b"),
        group("<id>-a"),
        call("sagemaker.ListModelPackageGroups", NameContains="<id>"),
    ),
    refuses(
        "group name of 64 characters",
        BOTOCORE + "EntityName max 63",
        REFUSED,
        "at 'modelPackageGroupName' failed to satisfy constraint: Member must have length less than or equal to 63",
        group("g" * 64),
    ),
    refuses(
        "fifty-one metadata of a version",
        BOTOCORE + "CustomerMetadataMap max 50",
        REFUSED,
        "at 'customerMetadataProperties' failed to satisfy constraint: Member must have length less than or equal "
        "to 50",
        group(),
        package(ModelPackageGroupName="<id>", CustomerMetadataProperties={f"k{n}": "v" for n in range(51)}),
    ),
    answers(
        "fifty metadata of a version",
        BOTOCORE + "CustomerMetadataMap max 50",
        group(),
        package(ModelPackageGroupName="<id>", CustomerMetadataProperties={f"k{n}": "v" for n in range(50)}),
        ModelPackageArn=PRESENT,
    ),
)


CASES: tuple[Case, ...] = REGISTRY
