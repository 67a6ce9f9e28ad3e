"""Domains, user profiles, spaces and apps: what may be made, what may go, and in which order."""

import time
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from tests.localsagemaker.fakes import ROLE, Call, FakeHost
from tests.localsagemaker.studio.bench import DOMAIN, app, domain, profile, settled, space

ACCOUNT = "arn:aws:sagemaker:eu-west-1:111111111111"


def test_a_domain_is_made_in_its_network_described_listed_and_changed(call: Call, host: FakeHost) -> None:
    made = call("CreateDomain", **DOMAIN, KmsKeyId="key", Tags=[{"Key": "team", "Value": "fraud"}])
    identifier = made["DomainId"]
    assert made["DomainArn"] == f"{ACCOUNT}:domain/{identifier}"
    assert call("DescribeDomain", DomainId=identifier)["Status"] == "Pending"
    assert settled(call, "DescribeDomain", DomainId=identifier) == "InService"
    shown = call("DescribeDomain", DomainId=identifier)
    assert shown["Url"] == f"https://{identifier}.studio.eu-west-1.sagemaker.aws"
    home = host.homes[shown["HomeEfsFileSystemId"]]
    assert (home.owner_arn, home.kms_key, home.vpc) == (made["DomainArn"], "key", "vpc-1")
    assert [each["DomainId"] for each in call("ListDomains")["Domains"]] == [identifier]
    assert call("ListTags", ResourceArn=made["DomainArn"])["Tags"] == [{"Key": "team", "Value": "fraud"}]

    idle = {"AppLifecycleManagement": {"IdleSettings": {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 60}}}
    call("UpdateDomain", DomainId=identifier, DefaultUserSettings={"JupyterLabAppSettings": idle})
    assert settled(call, "DescribeDomain", DomainId=identifier) == "InService"
    settings = call("DescribeDomain", DomainId=identifier)["DefaultUserSettings"]
    assert settings == {**DOMAIN["DefaultUserSettings"], "JupyterLabAppSettings": idle}  # type: ignore[dict-item] # a dictionary


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"SubnetIds": ["none"]}, "does not exist"),
        ({"DefaultUserSettings": {"ExecutionRole": ROLE + "-gone"}}, "Could not assume role"),
    ],
)
def test_a_domain_that_cannot_be_leaves_nothing_behind(
    call: Call, host: FakeHost, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ServiceError, match=words):
        call("CreateDomain", **{**DOMAIN, **change})
    assert (call("ListDomains")["Domains"], host.homes) == ([], {})


@pytest.mark.parametrize("access", ["VpcOnly", "PublicInternetOnly"])
def test_only_a_domain_of_unified_studio_with_internet_is_without_a_vpc(call: Call, access: str) -> None:
    given = {**DOMAIN, "AppNetworkAccessType": access}
    del given["VpcId"], given["SubnetIds"]
    with pytest.raises(ServiceError, match="needs VpcId and SubnetIds"):
        call("CreateDomain", **given)
    unified = {**given, "DomainSettings": {"UnifiedStudioSettings": {"StudioWebPortalAccess": "ENABLED"}}}
    if access == "PublicInternetOnly":
        call("CreateDomain", **unified)


@pytest.mark.parametrize(("policy", "left"), [({}, 1), ({"HomeEfsFileSystem": "Delete"}, 0)])
def test_the_home_file_system_outlives_a_domain_unless_it_is_to_go(
    call: Call, host: FakeHost, policy: dict[str, str], left: int
) -> None:
    made = domain(call)
    call("DeleteDomain", DomainId=made, RetentionPolicy=policy)
    with pytest.raises(ServiceError, match="is Deleting") as refused:
        call("DeleteDomain", DomainId=made)
    assert refused.value.code == "ResourceInUse"
    assert settled(call, "DescribeDomain", DomainId=made) == "gone"
    assert len(host.homes) == left


def test_names_are_unique_within_a_domain(call: Call) -> None:
    made = domain(call)
    other = domain(call, DomainName="other")
    profile(call, made)
    profile(call, other)
    for operation, parameters in (
        ("CreateDomain", DOMAIN),
        ("CreateUserProfile", {"DomainId": made, "UserProfileName": "ana"}),
    ):
        with pytest.raises(ServiceError) as refused:
            call(operation, **parameters)
        assert refused.value.code == "ResourceInUse"
    listed = call("ListUserProfiles", DomainIdEquals=made)["UserProfiles"]
    assert [(each["DomainId"], each["UserProfileName"]) for each in listed] == [(made, "ana")]


@pytest.mark.parametrize(
    ("change", "members", "words"),
    [
        ({}, {"SingleSignOnUserIdentifier": "UserName", "SingleSignOnUserValue": "ana"}, "AuthMode SSO"),
        ({"AuthMode": "SSO"}, {}, "AuthMode SSO needs"),
        ({"DefaultUserSettings": {"ExecutionRole": ROLE}}, {}, "VpcOnly needs SecurityGroups"),
        ({}, {"UserSettings": {"ExecutionRole": ROLE + "-gone"}}, "Could not assume role"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(
    call: Call, change: dict[str, Any], members: dict[str, Any], words: str
) -> None:
    made = domain(call, **change)
    with pytest.raises(ServiceError, match=words):
        call("CreateUserProfile", DomainId=made, UserProfileName="ana", **members)


def test_nothing_is_made_in_a_domain_that_is_not_in_service(call: Call) -> None:
    made = call("CreateDomain", **DOMAIN)["DomainId"]
    with pytest.raises(ServiceError, match="is Pending: not InService"):
        call("CreateUserProfile", DomainId=made, UserProfileName="ana")


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"SpaceSharingSettings": {"SharingType": "Private"}}, "needs OwnershipSettings"),
        ({"OwnershipSettings": {"OwnerUserProfileName": "bo"}}, "does not exist"),
    ],
)
def test_a_space_that_cannot_be_is_refused(call: Call, members: dict[str, Any], words: str) -> None:
    made = domain(call)
    with pytest.raises(ServiceError, match=words):
        call("CreateSpace", DomainId=made, SpaceName="lab", **members)


def test_a_space_keeps_its_app_type_and_is_listed_with_owner_and_sharing(call: Call) -> None:
    made = domain(call)
    profile(call, made)
    space(call, made)
    with pytest.raises(ServiceError, match="cannot be edited"):
        call("UpdateSpace", DomainId=made, SpaceName="lab", SpaceSettings={"AppType": "CodeEditor"})
    call("UpdateSpace", DomainId=made, SpaceName="lab", SpaceDisplayName="Lab")
    assert settled(call, "DescribeSpace", DomainId=made, SpaceName="lab") == "InService"
    (shown,) = call("ListSpaces", DomainIdEquals=made, SpaceNameContains="LA")["Spaces"]
    assert shown["OwnershipSettingsSummary"] == {"OwnerUserProfileName": "ana"}
    assert (shown["SpaceDisplayName"], shown["SpaceSharingSettingsSummary"]) == ("Lab", {"SharingType": "Private"})


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"AppType": "JupyterLab"}, "either UserProfileName or SpaceName"),
        ({"AppType": "JupyterLab", "UserProfileName": "ana", "SpaceName": "lab"}, "either UserProfileName or"),
        ({"AppType": "JupyterLab", "UserProfileName": "ana"}, "runs in a space"),
        ({"AppType": "CodeEditor", "SpaceName": "lab"}, "is not for CodeEditor apps"),
        ({"AppType": "JupyterLab", "SpaceName": "play"}, "does not exist"),
    ],
)
def test_an_app_that_cannot_be_is_refused(call: Call, parameters: dict[str, str], words: str) -> None:
    made = domain(call)
    profile(call, made)
    space(call, made)
    with pytest.raises(ServiceError, match=words):
        call("CreateApp", DomainId=made, AppName="default", **parameters)


def test_everything_goes_in_order_only_and_the_interface_of_an_app_goes_last(call: Call, host: FakeHost) -> None:
    made = domain(call)
    profile(call, made, UserSettings={"SecurityGroups": ["sg-ana"]})
    space(call, made)
    user, room = {"DomainId": made, "UserProfileName": "ana"}, {"DomainId": made, "SpaceName": "lab"}
    arn = call("CreateApp", **app(made))["AppArn"]
    assert arn == f"{ACCOUNT}:app/{made}/lab/jupyterlab/default"
    with pytest.raises(ServiceError, match="is Pending"):
        call("DeleteApp", **app(made))
    assert settled(call, "DescribeApp", **app(made)) == "InService"
    assert list(host.interfaces.values()) == [("subnet-1", ("sg-ana",))]

    for operation, names, words in (
        ("CreateApp", app(made), "already existing app"),
        ("DeleteDomain", {"DomainId": made}, r"Unable to delete Domain .* because UserProfile\(s\) are associated"),
        ("DeleteUserProfile", user, r"because Space\(s\) are associated with it"),
        ("DeleteSpace", room, r"because App\(s\) are associated with it"),
        ("UpdateDomain", {"DomainId": made, "AppNetworkAccessType": "PublicInternetOnly"}, "End the domain's apps"),
        ("UpdateDomain", {"DomainId": made, "SubnetIds": ["subnet-1"]}, "End the domain's apps"),
    ):
        with pytest.raises(ServiceError, match=words) as refused:
            call(operation, **names)
        assert refused.value.code == "ResourceInUse", operation

    call("DeleteApp", **app(made))
    assert settled(call, "DescribeApp", **app(made)) == "Deleted"
    assert host.interfaces, "the interface outlives its app"
    with pytest.raises(ServiceError, match="does not exist"):
        call("DeleteApp", **app(made))
    for verb, kind, names in (("Delete", "Space", room), ("Delete", "UserProfile", user)):
        call(f"{verb}{kind}", **names)
        assert settled(call, f"Describe{kind}", **names) == "gone"
    call("DeleteDomain", DomainId=made)
    assert settled(call, "DescribeDomain", DomainId=made) == "gone"
    assert call("ListApps")["Apps"] == []
    while host.interfaces:
        time.sleep(0.005)


def test_an_app_has_the_tags_of_its_domain_and_owner_and_starts_again_after_its_end(call: Call) -> None:
    made = domain(call, Tags=[{"Key": "team", "Value": "fraud"}])
    profile(call, made, Tags=[{"Key": "person", "Value": "ana"}])
    names = {"DomainId": made, "UserProfileName": "ana", "AppType": "Canvas", "AppName": "default"}
    for _ in range(2):
        arn = call("CreateApp", **names)["AppArn"]
        assert settled(call, "DescribeApp", **names) == "InService"
        tags = {tag["Key"]: tag["Value"] for tag in call("ListTags", ResourceArn=arn)["Tags"]}
        assert tags == {"team": "fraud", "person": "ana"}
        call("DeleteApp", **names)
        assert settled(call, "DescribeApp", **names) == "Deleted"


def test_an_app_whose_interface_cannot_be_fails_and_keeps_nothing_from_going(call: Call) -> None:
    made = domain(call, HomeEfsFileSystemCreation="Disabled", SubnetIds=["none"])
    profile(call, made)
    space(call, made)
    call("CreateApp", **app(made))
    shown = call("DescribeApp", **app(made))
    assert (shown["Status"], shown["FailureReason"]) == ("Failed", "The subnet ID 'none' does not exist")
    call("DeleteSpace", DomainId=made, SpaceName="lab")


def test_an_address_opens_studio_of_iam_domains_and_says_that_there_is_none_here(call: Call) -> None:
    made = domain(call)
    profile(call, made)
    url = call("CreatePresignedDomainUrl", DomainId=made, UserProfileName="ana")["AuthorizedUrl"]
    token = "the-local-cloud-has-no-studio-user-interface"  # pragma: allowlist secret
    assert url == f"https://{made}.studio.eu-west-1.sagemaker.aws/auth?token={token}"
    with pytest.raises(ServiceError, match="does not exist"):
        call("CreatePresignedDomainUrl", DomainId=made, UserProfileName="bo")
