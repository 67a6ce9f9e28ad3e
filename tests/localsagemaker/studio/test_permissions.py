"""Resources and condition keys of Studio's operations, as the Service Authorization Reference lists them."""

from contextlib import suppress
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from tests.localsagemaker.fakes import ADMIN, ROLE, Call, FakeHost
from tests.localsagemaker.studio.bench import DOMAIN, app, domain, profile, settled, space

ACCOUNT = "arn:aws:sagemaker:eu-west-1:111111111111"
USER = {"DomainId": "d-1", "UserProfileName": "ana"}


@pytest.mark.parametrize(
    ("operation", "parameters", "resource"),
    [
        ("ListDomains", {}, "*"),
        ("ListApps", {"DomainIdEquals": "d-1"}, "*"),
        ("DescribeDomain", {"DomainId": "d-1"}, f"{ACCOUNT}:domain/d-1"),
        ("CreateUserProfile", USER, f"{ACCOUNT}:user-profile/d-1/ana"),
        ("CreatePresignedDomainUrl", USER, f"{ACCOUNT}:user-profile/d-1/ana"),
        ("DeleteSpace", {"DomainId": "d-1", "SpaceName": "lab"}, f"{ACCOUNT}:space/d-1/lab"),
        ("CreateApp", app("d-1"), f"{ACCOUNT}:app/d-1/lab/jupyterlab/default"),
        (
            "DescribeStudioLifecycleConfig",
            {"StudioLifecycleConfigName": "idle"},
            f"{ACCOUNT}:studio-lifecycle-config/idle",
        ),
        ("StartNotebookInstance", {"NotebookInstanceName": "n"}, f"{ACCOUNT}:notebook-instance/n"),
        ("StopNotebookInstance", {"NotebookInstanceName": "n"}, f"{ACCOUNT}:notebook-instance/n"),
        (
            "DeleteNotebookInstanceLifecycleConfig",
            {"NotebookInstanceLifecycleConfigName": "c"},
            f"{ACCOUNT}:notebook-instance-lifecycle-config/c",
        ),
    ],
)
def test_resource_of_an_operation(
    call: Call, host: FakeHost, operation: str, parameters: dict[str, Any], resource: str
) -> None:
    with suppress(ServiceError):  # most of these resources do not exist
        call(operation, **parameters)
    assert host.actions() == [(f"sagemaker:{operation}", resource)]


def test_a_domain_needs_its_creation_tags_and_roles(call: Call, host: FakeHost) -> None:
    call("CreateDomain", **DOMAIN, Tags=[{"Key": "team", "Value": "fraud"}])
    actions = [action for action, _ in host.actions()]
    assert actions == ["sagemaker:CreateDomain", "sagemaker:AddTags", "iam:PassRole"]
    context = host.checked[0][3]
    assert context["sagemaker:AppNetworkAccessType"] == "VpcOnly"
    assert context["sagemaker:VpcSubnets"] == ["subnet-1", "subnet-2"]
    assert context["sagemaker:VpcSecurityGroupIds"] == ["sg-default"]
    assert host.checked[1][3]["sagemaker:TaggingAction"] == "CreateDomain"


def test_spaces_and_their_apps_are_known_by_owner_sharing_and_tags(call: Call, host: FakeHost) -> None:
    made = domain(call)
    profile(call, made)
    space(call, made)
    of_space = {
        "sagemaker:OwnerUserProfileArn": f"{ACCOUNT}:user-profile/{made}/ana",
        "sagemaker:SpaceSharingType": "Private",
    }
    (created,) = (context for _, action, _, context in host.checked if action == "sagemaker:CreateSpace")
    assert of_space.items() <= created.items()
    call("CreateApp", **app(made), ResourceSpec={"InstanceType": "ml.t3.medium"})
    assert {**of_space, "sagemaker:InstanceTypes": ["ml.t3.medium"]}.items() <= host.checked[-1][3].items()
    settled(call, "DescribeApp", **app(made))
    call("AddTags", ResourceArn=f"{ACCOUNT}:app/{made}/lab/jupyterlab/default", Tags=[{"Key": "a", "Value": "b"}])
    call("DeleteApp", **app(made))
    expected = {**of_space, "aws:ResourceTag/a": "b", "sagemaker:ResourceTag/a": "b"}
    assert expected.items() <= host.checked[-1][3].items()

    names = {"DomainId": made, "UserProfileName": "ana", "AppType": "Canvas", "AppName": "default"}
    call("CreateApp", **names)
    assert "sagemaker:OwnerUserProfileArn" not in host.checked[-1][3], "an app without a space has no owner key"


def test_what_iam_refuses_does_not_happen(call: Call, host: FakeHost) -> None:
    made = domain(call)
    host.denied = {"sagemaker:CreateUserProfile", "sagemaker:DeleteDomain"}
    for operation, parameters in (
        ("CreateUserProfile", {**USER, "DomainId": made}),
        ("DeleteDomain", {"DomainId": made}),
    ):
        with pytest.raises(ServiceError, match=f"sagemaker:{operation}") as refused:
            call(operation, **parameters)
        assert refused.value.code == "AccessDeniedException"
    assert call("ListUserProfiles")["UserProfiles"] == []
    assert settled(call, "DescribeDomain", DomainId=made) == "InService"


def asked_keys(host: FakeHost) -> set[tuple[str, str, str]]:
    """Caller, action and key of every check of a key."""
    return {(caller, action, key) for caller, action, key, _ in host.checked if action.startswith("kms:")}


def test_who_makes_a_domain_under_a_key_may_use_it_for_its_files(call: Call, host: FakeHost) -> None:
    """API permissions reference, CreateDomain: "Required if a KMS customer managed CMK is specified for KmsKeyId"."""
    call("CreateDomain", **DOMAIN, KmsKeyId="key")
    needed = {"CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext"}
    assert asked_keys(host) == {(ADMIN.arn, f"kms:{action}", "key") for action in needed}
    for action in needed:
        host.denied = {f"kms:{action}"}
        with pytest.raises(ServiceError, match=f"kms:{action} on resource: key"):
            call("CreateDomain", **{**DOMAIN, "DomainName": "other"}, KmsKeyId="key")


def test_an_app_under_the_domains_key_takes_rights_of_its_execution_role(call: Call, host: FakeHost) -> None:
    """How to use execution roles, CreateDomain: "The permissions are enforced during the CreateApp API call"."""
    within = domain(call, KmsKeyId="key")
    other = ROLE + "-ana"
    host.roles.add(other)
    profile(call, within, UserSettings={"ExecutionRole": other})
    profile(call, within, "bob")
    for name, owner in (("lab", "ana"), ("of-bob", "bob")):
        space(call, within, name, owner)
        host.checked.clear()
        call("CreateApp", **app(within, name))
        role = (other if owner == "ana" else ROLE).rpartition("/")[2]
        acting = f"arn:aws:sts::111111111111:assumed-role/{role}/SageMaker"
        assert asked_keys(host) == {(acting, "kms:CreateGrant", "key"), (acting, "kms:DescribeKey", "key")}
    for action in ("kms:CreateGrant", "kms:DescribeKey"):
        host.denied = {action}
        with pytest.raises(ServiceError, match=f"{action} on resource: key"):
            call("CreateApp", DomainId=within, UserProfileName="ana", AppType="JupyterServer", AppName="default")


def test_an_app_of_a_domain_without_a_key_asks_for_none(call: Call, host: FakeHost) -> None:
    within = domain(call)
    profile(call, within)
    space(call, within)
    call("CreateApp", **app(within))
    assert asked_keys(host) == set()
