"""Actions and resources, as the Service Authorization Reference lists them."""

from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from localsagemaker.errors import ServiceError
from localsagemaker.hosting.invocation import Request
from localsagemaker.kernel.authorization import Authorizer, Permissions
from localsagemaker.kernel.requests import Request as Asked
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import ADMIN, ROLE, Call, FakeHost, FakeImages

TESTS = Path(__file__).parents[2]
ACCOUNT = "arn:aws:sagemaker:eu-west-1:111111111111"
PACKAGE = f"{ACCOUNT}:model-package/fraud/1"
EXECUTION = f"{ACCOUNT}:pipeline/p/execution/abc"
PROCESSING = {
    "ProcessingJobName": "j",
    "RoleArn": ROLE,
    "AppSpecification": {"ImageUri": "image"},
    "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
}


def test_every_operation_has_a_test_and_acts_on_a_resource_or_is_known_to_act_on_all(
    host: FakeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is neither named after a kind nor in its capability's permissions would silently need its action on `*`.

    AWS has "resource-level restrictions … not available on List- calls", except ListTags (API permissions reference of
    SageMaker AI), and lists no resource type for Search and for the portfolio of projects (Service Authorization
    Reference).
    """
    declared: dict[str, Permissions] = {}
    monkeypatch.setattr(
        Authorizer,
        "declare",
        lambda _, operations, permissions: declared.update(dict.fromkeys(operations, permissions)),
    )
    SageMaker(host, FakeImages(), tmp_path, time_scale=1000.0).close()  # type: ignore[arg-type] # a fake of it
    on_all = {
        name
        for name, permissions in declared.items()
        if name not in permissions.resources and permissions.find(Asked(name, defaultdict(lambda: "x"), ADMIN)) == ["*"]
    }
    assert len(declared) > 100
    assert {name for name in on_all if not name.startswith("List")} == {
        "Search",
        "EnableSagemakerServicecatalogPortfolio",
        "DisableSagemakerServicecatalogPortfolio",
        "GetSagemakerServicecatalogPortfolioStatus",
    }
    tested = "".join(file.read_text(encoding="utf-8") for file in TESTS.rglob("*.py"))
    untested = [name for name in declared if f'"{name}"' not in tested and f".{xform_name(name)}(" not in tested]
    assert " ".join(untested) == ""


@pytest.mark.parametrize(
    ("operation", "parameters", "resources"),
    [
        ("ListModels", {}, ["*"]),
        ("ListTrainingJobs", {}, ["*"]),
        ("ListPipelines", {}, ["*"]),
        ("DescribeModel", {"ModelName": "m"}, [f"{ACCOUNT}:model/m"]),
        ("DeleteEndpointConfig", {"EndpointConfigName": "c"}, [f"{ACCOUNT}:endpoint-config/c"]),
        ("DeleteTrainingJob", {"TrainingJobName": "t"}, [f"{ACCOUNT}:training-job/t"]),
        ("DescribeModelPackageGroup", {"ModelPackageGroupName": "g"}, [f"{ACCOUNT}:model-package-group/g"]),
        ("UpdateUserProfile", {"DomainId": "d-1", "UserProfileName": "ana"}, [f"{ACCOUNT}:user-profile/d-1/ana"]),
        ("StopTrainingJob", {"TrainingJobName": "t"}, [f"{ACCOUNT}:training-job/t"]),
        (
            "CreateEndpoint",
            {"EndpointName": "e", "EndpointConfigName": "c"},
            [f"{ACCOUNT}:endpoint/e", f"{ACCOUNT}:endpoint-config/c"],
        ),
        (
            "UpdateEndpointWeightsAndCapacities",
            {"EndpointName": "e", "DesiredWeightsAndCapacities": [{"VariantName": "v"}]},
            [f"{ACCOUNT}:endpoint/e"],
        ),
        (
            "CreateModelPackage",
            {"ModelPackageGroupName": "fraud"},
            [f"{ACCOUNT}:model-package-group/fraud", f"{ACCOUNT}:model-package/fraud/*"],
        ),
        ("CreateModelPackage", {"ModelPackageName": "alone"}, [f"{ACCOUNT}:model-package/alone"]),
        ("DescribeModelPackage", {"ModelPackageName": PACKAGE}, [PACKAGE]),
        ("UpdateModelPackage", {"ModelPackageArn": PACKAGE}, [PACKAGE]),
        ("BatchDescribeModelPackage", {"ModelPackageArnList": [PACKAGE]}, [PACKAGE]),
        ("ListModelPackages", {"ModelPackageGroupName": "fraud"}, ["*"]),
        (
            "GetModelPackageGroupPolicy",
            {"ModelPackageGroupName": "fraud"},
            [f"{ACCOUNT}:model-package-group/fraud"],
        ),
        ("StartPipelineExecution", {"PipelineName": "p"}, [f"{ACCOUNT}:pipeline/p"]),
        ("StartPipelineExecution", {"PipelineName": f"{ACCOUNT}:pipeline/p"}, [f"{ACCOUNT}:pipeline/p"]),
        ("ListPipelineExecutions", {"PipelineName": "p"}, [f"{ACCOUNT}:pipeline/p"]),
        ("DescribePipelineExecution", {"PipelineExecutionArn": EXECUTION}, [EXECUTION]),
        ("ListPipelineExecutionSteps", {"PipelineExecutionArn": EXECUTION}, [EXECUTION]),
        ("StopPipelineExecution", {"PipelineExecutionArn": EXECUTION}, [EXECUTION]),
        ("ListTags", {"ResourceArn": PACKAGE}, [PACKAGE]),
    ],
)
def test_resources_of_an_operation(
    call: Call, host: FakeHost, operation: str, parameters: dict[str, Any], resources: list[str]
) -> None:
    with suppress(ServiceError):  # most of these resources do not exist
        call(operation, **parameters)
    assert host.actions() == [(f"sagemaker:{operation}", resource) for resource in resources]


def test_roles_are_passed_to_sagemaker(call: Call, host: FakeHost) -> None:
    host.denied = {"iam:PassRole"}
    with pytest.raises(ServiceError, match="iam:PassRole on resource: " + ROLE) as refused:
        call("CreateProcessingJob", **PROCESSING)
    assert refused.value.code == "AccessDeniedException"
    assert host.actions()[-1] == ("iam:PassRole", ROLE)
    assert host.checked[-1][3] == {"iam:PassedToService": "sagemaker.amazonaws.com"}


def test_tags_of_a_new_resource_need_their_own_permission(call: Call, host: FakeHost) -> None:
    tags = [{"Key": "team", "Value": "fraud"}]
    call("CreateModelPackageGroup", ModelPackageGroupName="g", Tags=tags)
    arn = f"{ACCOUNT}:model-package-group/g"
    assert host.actions() == [("sagemaker:CreateModelPackageGroup", arn), ("sagemaker:AddTags", arn)]
    assert host.checked[0][3]["aws:RequestTag/team"] == "fraud"


def test_condition_keys_of_a_job(call: Call, host: FakeHost) -> None:
    with suppress(ServiceError):
        call(
            "CreateProcessingJob",
            **PROCESSING,
            NetworkConfig={"EnableNetworkIsolation": True},
            ProcessingOutputConfig={"Outputs": [], "KmsKeyId": "key"},
        )
    context = host.checked[0][3]
    assert context["sagemaker:NetworkIsolation"] == "true"
    assert context["sagemaker:OutputKmsKey"] == "key"


def test_a_denied_request_changes_nothing(call: Call, host: FakeHost) -> None:
    host.denied = {"sagemaker:CreateModelPackageGroup"}
    with pytest.raises(ServiceError, match="sagemaker:CreateModelPackageGroup"):
        call("CreateModelPackageGroup", ModelPackageGroupName="g")
    assert call("ListModelPackageGroups")["ModelPackageGroupSummaryList"] == []


def test_invoking_needs_permission_on_the_endpoint(sagemaker: SageMaker, host: FakeHost) -> None:
    host.denied = {"sagemaker:InvokeEndpoint"}
    with pytest.raises(ServiceError, match="InvokeEndpoint on resource: " + f"{ACCOUNT}:endpoint/e"):
        sagemaker.invoke_endpoint("e", Request(b"1,2"), ADMIN)
    host.denied = set()
    with pytest.raises(ServiceError, match="not found") as refused:
        sagemaker.invoke_endpoint("e", Request(b"1,2"), ADMIN)
    assert refused.value.code == "ValidationError"


def test_a_volume_under_a_key_takes_a_grant_of_the_role_or_else_of_the_caller(call: Call, host: FakeHost) -> None:
    """API permissions reference: needed of the caller where "the associated role does not have a policy" for it."""
    cluster = {**PROCESSING["ProcessingResources"]["ClusterConfig"], "VolumeKmsKeyId": "key"}  # type: ignore[index] # a mapping
    job = {**PROCESSING, "ProcessingResources": {"ClusterConfig": cluster}}
    with suppress(ServiceError):
        call("CreateProcessingJob", **job)
    passed = f"arn:aws:sts::111111111111:assumed-role/{ROLE.rpartition('/')[2]}/SageMaker"
    asked = [(caller, key) for caller, action, key, _ in host.checked if action == "kms:CreateGrant"]
    assert asked == [(passed, "key")]
    host.checked.clear()
    host.denied = {"kms:CreateGrant"}
    with pytest.raises(ServiceError, match="is not authorized to perform: kms:CreateGrant on resource: key"):
        call("CreateProcessingJob", **job)
    assert [caller for caller, action, *_ in host.checked if action == "kms:CreateGrant"] == [passed, ADMIN.arn]


def test_an_endpoint_whose_configuration_has_a_key_takes_a_grant_of_who_makes_it(call: Call, host: FakeHost) -> None:
    model = {"ModelName": "m", "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": "image"}}
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    with suppress(ServiceError):
        call("CreateModel", **model)
    call("CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=[variant], KmsKeyId="key")
    host.denied = {"kms:CreateGrant"}
    with pytest.raises(ServiceError, match="kms:CreateGrant on resource: key"):
        call("CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    assert host.actions()[-1] == ("kms:CreateGrant", "key")
