"""Model packages: numbers, approval, metadata, events and deletion."""

from collections.abc import Callable
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from tests.localsagemaker.fakes import ROLE, Call, FakeHost

ACCOUNT = "arn:aws:sagemaker:eu-west-1:111111111111"
EVENT = "SageMaker Model Package State Change"
SPECIFICATION = {
    "Containers": [
        {"Image": "image", "ModelDataUrl": "s3://b/model.tar.gz", "Environment": {"A": "package", "B": "1"}}
    ],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


@pytest.fixture
def register(call: Call) -> Callable[..., str]:
    call("CreateModelPackageGroup", ModelPackageGroupName="fraud")

    def create(**members: object) -> str:
        package = {"ModelPackageGroupName": "fraud", "InferenceSpecification": SPECIFICATION, **members}
        arn: str = call("CreateModelPackage", **package)["ModelPackageArn"]
        return arn

    return create


def test_versions_are_numbered_and_wait_for_approval(call: Call, register: Callable[..., str]) -> None:
    assert [register(), register()] == [f"{ACCOUNT}:model-package/fraud/1", f"{ACCOUNT}:model-package/fraud/2"]
    shown = call("DescribeModelPackage", ModelPackageName=f"{ACCOUNT}:model-package/fraud/2")
    assert shown["ModelPackageVersion"] == 2
    assert shown["ModelPackageGroupName"] == "fraud"
    assert shown["ModelApprovalStatus"] == "PendingManualApproval"
    assert shown["ModelPackageStatus"] == "Completed"
    assert "ModelPackageName" not in shown


def test_a_number_is_never_used_again(call: Call, register: Callable[..., str]) -> None:
    call("DeleteModelPackage", ModelPackageName=register())
    assert register() == f"{ACCOUNT}:model-package/fraud/2"


def test_a_token_registers_once(call: Call, register: Callable[..., str]) -> None:
    assert register(ClientToken="t") == register(ClientToken="t") != register(ClientToken="u")
    assert len(call("ListModelPackages", ModelPackageGroupName="fraud")["ModelPackageSummaryList"]) == 2


def test_registration_announces_the_whole_package(host: FakeHost, register: Callable[..., str]) -> None:
    arn = register(CustomerMetadataProperties={"deploy-instance-count": "1"})
    ((kind, detail, resources),) = host.events
    assert (kind, resources) == (EVENT, [arn])
    assert detail["ModelPackageArn"] == arn
    assert detail["ModelPackageGroupName"] == "fraud"
    assert detail["ModelPackageVersion"] == 1
    assert detail["ModelApprovalStatus"] == "PendingManualApproval"
    assert detail["InferenceSpecification"] == SPECIFICATION
    assert detail["CreationTime"].endswith("Z")
    assert "UpdatedModelPackageFields" not in detail


def test_approval_is_announced_with_what_changed(call: Call, host: FakeHost, register: Callable[..., str]) -> None:
    arn = register()
    call("UpdateModelPackage", ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="good")
    _, detail, _ = host.events[-1]
    assert detail["ModelApprovalStatus"] == "Approved"
    assert detail["UpdatedModelPackageFields"] == ["ApprovalDescription", "ModelApprovalStatus"]
    shown = call("DescribeModelPackage", ModelPackageName=arn)
    assert shown["ApprovalDescription"] == "good"
    assert shown["LastModifiedBy"]["IamIdentity"]["Arn"].endswith("user/admin")


def test_approving_again_is_announced_again(call: Call, host: FakeHost, register: Callable[..., str]) -> None:
    arn = register(ModelApprovalStatus="Approved")
    call("UpdateModelPackage", ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert len(host.events) == 2


def test_metadata_is_merged_and_removed(call: Call, register: Callable[..., str]) -> None:
    arn = register(CustomerMetadataProperties={"a": "1", "b": "2"})
    call(
        "UpdateModelPackage",
        ModelPackageArn=arn,
        CustomerMetadataProperties={"b": "3", "c": "4"},
        CustomerMetadataPropertiesToRemove=["a"],
    )
    assert call("DescribeModelPackage", ModelPackageName=arn)["CustomerMetadataProperties"] == {"b": "3", "c": "4"}


def test_lists_by_group_and_approval(call: Call, register: Callable[..., str]) -> None:
    register()
    approved = register(ModelApprovalStatus="Approved")
    found = call("ListModelPackages", ModelPackageGroupName="fraud", ModelApprovalStatus="Approved")
    assert [summary["ModelPackageArn"] for summary in found["ModelPackageSummaryList"]] == [approved]
    both = call("ListModelPackages", ModelPackageGroupName=f"{ACCOUNT}:model-package-group/fraud")
    assert [summary["ModelPackageVersion"] for summary in both["ModelPackageSummaryList"]] == [1, 2]
    assert call("ListModelPackages")["ModelPackageSummaryList"] == []  # unversioned ones only, as documented


def test_several_are_described_at_once(call: Call, register: Callable[..., str]) -> None:
    arn, missing = register(), f"{ACCOUNT}:model-package/fraud/9"
    answer = call("BatchDescribeModelPackage", ModelPackageArnList=[arn, missing])
    assert list(answer["ModelPackageSummaries"]) == [arn]
    assert list(answer["BatchDescribeModelPackageErrorMap"]) == [missing]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"ModelPackageGroupName": "none"}, r"^Model Package Group does not exist\.$"),
        ({"ModelPackageName": "alone"}, "Cannot determine which one to use"),
        ({"ModelPackageGroupName": None}, "Invalid type"),
        ({"Tags": [{"Key": "k", "Value": "v"}]}, "tag the group instead"),
    ],
)
def test_refuses_packages_that_belong_nowhere(
    register: Callable[..., str], members: dict[str, Any], words: str
) -> None:
    with pytest.raises(ServiceError, match=words):
        register(**members)


def test_a_group_with_packages_cannot_be_deleted(call: Call, register: Callable[..., str]) -> None:
    arn = register()
    with pytest.raises(ServiceError, match="it has model packages") as refused:
        call("DeleteModelPackageGroup", ModelPackageGroupName="fraud")
    assert refused.value.code == "ConflictException"
    call("DeleteModelPackage", ModelPackageName=arn)
    call("DeleteModelPackageGroup", ModelPackageGroupName="fraud")
    assert call("ListModelPackageGroups")["ModelPackageGroupSummaryList"] == []


def test_only_an_approved_package_becomes_a_model(call: Call, host: FakeHost, register: Callable[..., str]) -> None:
    host.s3.content["s3://b/model.tar.gz"] = b""
    arn = register()
    model = {"ModelName": "m", "ExecutionRoleArn": ROLE, "PrimaryContainer": {"ModelPackageName": arn}}
    with pytest.raises(ServiceError, match="approval status is PendingManualApproval"):
        call("CreateModel", **model)
    call("UpdateModelPackage", ModelPackageArn=arn, ModelApprovalStatus="Approved")
    call("CreateModel", **model)
    assert call("DescribeModel", ModelName="m")["PrimaryContainer"] == {"ModelPackageName": arn}


def test_group_policy_is_kept(call: Call, register: Callable[..., str]) -> None:
    del register
    with pytest.raises(ServiceError, match=r"^Cannot find resource policy"):
        call("GetModelPackageGroupPolicy", ModelPackageGroupName="fraud")
    with pytest.raises(ServiceError, match="not JSON"):
        call("PutModelPackageGroupPolicy", ModelPackageGroupName="fraud", ResourcePolicy="{")
    call("PutModelPackageGroupPolicy", ModelPackageGroupName="fraud", ResourcePolicy="{}")
    assert call("GetModelPackageGroupPolicy", ModelPackageGroupName="fraud") == {"ResourcePolicy": "{}"}
    call("DeleteModelPackageGroupPolicy", ModelPackageGroupName="fraud")
    with pytest.raises(ServiceError, match=r"^Cannot find resource policy"):
        call("GetModelPackageGroupPolicy", ModelPackageGroupName="fraud")
