"""AWS::SageMaker types of Studio in templates, against the running cloud."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow
Aws = Callable[..., Any]
Deploy = Callable[..., Any]


@pytest.fixture
def network(deploy: Deploy) -> dict[str, str]:
    """A VPC with a subnet and a security group, in a stack of their own: ids by logical id, and `Stack`."""
    vpc = {"VpcId": {"Ref": "Vpc"}}
    resources = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.8.0.0/16"}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {**vpc, "CidrBlock": "10.8.1.0/24"}},
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {**vpc, "GroupDescription": "apps"}},
    }
    stack = deploy(resources, **{name: {"Ref": name} for name in ("Vpc", "Subnet")}, Group=_group_id())
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    return {**stack["Outputs"], "Stack": stack["StackName"]}


def _group_id() -> dict[str, Any]:
    return {"Fn::GetAtt": ["Group", "GroupId"]}


def _get(name: str, attribute: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]}


@pytest.fixture
def studio(network: dict[str, str], role: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """Resources of a domain with a profile, a space and a lifecycle configuration."""

    def make(*, tags: dict[str, str] | None = None, idle_minutes: int = 60, **profile: Any) -> dict[str, Any]:
        idle = {"IdleSettings": {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": idle_minutes}}
        lab = {"AppLifecycleManagement": idle, "LifecycleConfigArns": [_get("Script", "StudioLifecycleConfigArn")]}
        defaults = {
            "ExecutionRole": _get("Role", "Arn"),
            "SecurityGroups": [network["Group"]],
            "JupyterLabAppSettings": lab,
        }
        domain = {
            "DomainName": "rehearsed",
            "AuthMode": "IAM",
            "AppNetworkAccessType": "VpcOnly",
            "VpcId": network["Vpc"],
            "SubnetIds": [network["Subnet"]],
            "DefaultUserSettings": defaults,
            "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
        }
        space = {
            "DomainId": {"Ref": "Domain"},
            "SpaceName": "work",
            "OwnershipSettings": {"OwnerUserProfileName": "ana"},
            "SpaceSharingSettings": {"SharingType": "Private"},
            "SpaceSettings": {"AppType": "JupyterLab"},
        }
        script = {
            "StudioLifecycleConfigName": "start",
            "StudioLifecycleConfigAppType": "JupyterLab",
            "StudioLifecycleConfigContent": "ZWNobw==",
        }
        user = {"DomainId": {"Ref": "Domain"}, "UserProfileName": "ana", **profile}
        return {
            "Role": role("sagemaker.amazonaws.com"),
            "Script": {"Type": "AWS::SageMaker::StudioLifecycleConfig", "Properties": script},
            "Domain": {"Type": "AWS::SageMaker::Domain", "Properties": domain},
            "Ana": {"Type": "AWS::SageMaker::UserProfile", "Properties": user},
            "Space": {"Type": "AWS::SageMaker::Space", "Properties": space, "DependsOn": "Ana"},
        }

    return make


OUTPUTS = {
    "Domain": {"Ref": "Domain"},
    "DomainArn": _get("Domain", "DomainArn"),
    "Home": _get("Domain", "HomeEfsFileSystemId"),
    "Url": _get("Domain", "Url"),
    "Ana": {"Ref": "Ana"},
    "AnaArn": _get("Ana", "UserProfileArn"),
    "Space": {"Ref": "Space"},
    "Script": {"Ref": "Script"},
}


def _until(describe: Callable[..., Any], status: str, **names: str) -> None:
    while describe(**names)["Status"] != status:
        time.sleep(0.05)


def _delete(aws: Aws, stack: str) -> dict[str, str]:
    """Delete a stack, and return why resources could not go; nothing when it is gone."""
    cloudformation = aws("cloudformation")
    identity = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=stack)
    while (status := cloudformation.describe_stacks(StackName=identity)["Stacks"][0]["StackStatus"]).endswith(
        "PROGRESS"
    ):
        time.sleep(0.05)
    if status == "DELETE_COMPLETE":
        return {}
    events = cloudformation.describe_stack_events(StackName=identity)["StackEvents"]
    return {e["LogicalResourceId"]: e["ResourceStatusReason"] for e in events if e["ResourceStatus"] == "DELETE_FAILED"}


def _clear_home(aws: Aws, vpc: str) -> list[tuple[str, str]]:
    """Delete the file systems that domains left behind: id and domain of each."""
    files, ec2, left = aws("efs"), aws("ec2"), []
    for found in files.describe_file_systems()["FileSystems"]:
        (owner,) = (tag["Value"] for tag in found["Tags"] if tag["Key"] == "ManagedByAmazonSageMakerResource")
        for target in files.describe_mount_targets(FileSystemId=found["FileSystemId"])["MountTargets"]:
            files.delete_mount_target(MountTargetId=target["MountTargetId"])
        files.delete_file_system(FileSystemId=found["FileSystemId"])
        left.append((found["FileSystemId"], owner))
    for group in ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]:
        if group["GroupName"].startswith(("security-group-for-inbound-nfs-", "security-group-for-outbound-nfs-")):
            ec2.delete_security_group(GroupId=group["GroupId"])
    return left


@pytest.fixture
def member(aws: Aws) -> Iterator[Callable[[list[dict[str, Any]]], Any]]:
    """SageMaker as a user with these statements sees it."""
    iam, name = aws("iam"), f"member-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)

    def client(statements: list[dict[str, Any]]) -> Any:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return aws("sagemaker", key["AccessKeyId"], key["SecretAccessKey"])

    yield client
    iam.delete_user_policy(UserName=name, PolicyName="p")


def test_a_studio_stack_lives_and_goes_in_order(
    aws: Aws,
    deploy: Deploy,
    network: dict[str, str],
    studio: Callable[..., dict[str, Any]],
    member: Callable[[list[dict[str, Any]]], Any],
) -> None:
    stack = deploy(studio(), **OUTPUTS)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    name, made = stack["StackName"], stack["Outputs"]
    domain = made["Domain"]
    assert (made["Ana"], made["Space"], made["Script"]) == (f"ana|{domain}", f"{domain}|work", "start")
    assert made["DomainArn"].endswith(f":domain/{domain}")
    assert made["AnaArn"].endswith(f":user-profile/{domain}/ana")
    assert made["Url"].startswith(f"https://{domain}.studio.")

    updated = deploy(studio(tags={"team": "fraud"}, idle_minutes=90), name, **OUTPUTS)
    assert updated["StackStatus"] == "UPDATE_COMPLETE", updated["Failed"]
    assert updated["Outputs"] == made, "tags and settings replace nothing"
    sagemaker = aws("sagemaker")
    shown = sagemaker.describe_domain(DomainId=domain)["DefaultUserSettings"]["JupyterLabAppSettings"]
    assert shown["AppLifecycleManagement"]["IdleSettings"]["IdleTimeoutInMinutes"] == 90
    assert sagemaker.list_tags(ResourceArn=made["DomainArn"])["Tags"] == [{"Key": "team", "Value": "fraud"}]
    tagged = studio(tags={"team": "fraud"}, idle_minutes=90, Tags=[{"Key": "a", "Value": "b"}])
    assert "already existing user profile" in deploy(tagged, name, **OUTPUTS)["Failed"]["Ana"]

    app = {"DomainId": domain, "SpaceName": "work", "AppType": "JupyterLab", "AppName": "default"}
    small = {"ForAllValues:StringLike": {"sagemaker:InstanceTypes": "ml.t3.*"}}
    for owner, size, allowed in (("bo", "t3", False), ("ana", "p4d", False), ("ana", "t3", True)):
        owned = {"ArnLike": {"sagemaker:OwnerUserProfileArn": made["AnaArn"].replace("/ana", f"/{owner}")}, **small}
        someone = member([{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*", "Condition": owned}])
        machine = {"InstanceType": "ml.t3.medium" if size == "t3" else "ml.p4d.24xlarge"}
        if allowed:
            someone.create_app(**app, ResourceSpec=machine)
        else:
            with pytest.raises(ClientError, match="not authorized to perform: sagemaker:CreateApp"):
                someone.create_app(**app, ResourceSpec=machine)
    _until(sagemaker.describe_app, "InService", **app)
    ec2, in_group = aws("ec2"), [{"Name": "group-id", "Values": [network["Group"]]}]
    (interface,) = ec2.describe_network_interfaces(Filters=in_group)["NetworkInterfaces"]
    assert (interface["SubnetId"], interface["Status"]) == (network["Subnet"], "in-use")

    assert "because App(s) are associated with it" in _delete(aws, name)["Space"]
    sagemaker.delete_app(**app)
    _until(sagemaker.describe_app, "Deleted", **app)
    assert _delete(aws, name) == {}
    assert sagemaker.list_domains()["Domains"] == []

    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_subnet(SubnetId=network["Subnet"])
    assert _clear_home(aws, network["Vpc"]) == [(made["Home"], made["DomainArn"])]
    assert _delete(aws, network["Stack"]) == {}
    assert ec2.describe_network_interfaces(Filters=in_group)["NetworkInterfaces"] == []


def test_another_start_script_under_another_name_comes_before_the_old_one_goes(
    aws: Aws, deploy: Deploy, network: dict[str, str], studio: Callable[..., dict[str, Any]]
) -> None:
    """DeleteStudioLifecycleConfig refuses one that a domain names: the domain must have the new one by then."""
    stack = deploy(studio(), **OUTPUTS)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    name, made = stack["StackName"], stack["Outputs"]
    changed = studio()
    changed["Script"]["Properties"] |= {
        "StudioLifecycleConfigName": "start-2",
        "StudioLifecycleConfigContent": "ZWNobyAy",
    }
    updated = deploy(changed, name, **OUTPUTS)
    assert updated["StackStatus"] == "UPDATE_COMPLETE", updated["Failed"]
    assert updated["Outputs"] == {**made, "Script": "start-2"}, "nothing else is replaced"
    sagemaker = aws("sagemaker")
    (left,) = sagemaker.list_studio_lifecycle_configs()["StudioLifecycleConfigs"]
    lab = sagemaker.describe_domain(DomainId=made["Domain"])["DefaultUserSettings"]["JupyterLabAppSettings"]
    assert lab["LifecycleConfigArns"] == [left["StudioLifecycleConfigArn"]]
    assert _delete(aws, name) == {}
    _clear_home(aws, network["Vpc"])


def test_a_stack_whose_studio_cannot_be_leaves_its_home_file_system_only(
    aws: Aws, deploy: Deploy, network: dict[str, str], studio: Callable[..., dict[str, Any]]
) -> None:
    broken = studio(UserSettings={"ExecutionRole": "arn:aws:iam::000000000000:role/none"})
    stack = deploy(broken, **OUTPUTS)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "role/none" in stack["Failed"]["Ana"]
    assert aws("sagemaker").list_domains()["Domains"] == []
    assert len(_clear_home(aws, network["Vpc"])) == 1


def test_a_notebook_instance_is_stopped_to_change_and_to_go(aws: Aws, deploy: Deploy, role: Callable[..., Any]) -> None:
    def template(**properties: Any) -> dict[str, Any]:
        notebook = {
            "NotebookInstanceName": "bench",
            "RoleArn": _get("Role", "Arn"),
            "InstanceType": "ml.t3.medium",
            "LifecycleConfigName": _get("Setup", "NotebookInstanceLifecycleConfigName"),
            **properties,
        }
        return {
            "Role": role("sagemaker.amazonaws.com"),
            "Setup": {
                "Type": "AWS::SageMaker::NotebookInstanceLifecycleConfig",
                "Properties": {"OnStart": [{"Content": "ZWNobw=="}]},
            },
            "Notebook": {"Type": "AWS::SageMaker::NotebookInstance", "Properties": notebook},
        }

    outputs = {"Arn": {"Ref": "Notebook"}, "Name": _get("Notebook", "NotebookInstanceName")}
    stack = deploy(template(), **outputs)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    assert stack["Outputs"]["Arn"].endswith(":notebook-instance/bench")
    grown = deploy(template(InstanceType="ml.t3.large"), stack["StackName"], **outputs)
    assert (grown["StackStatus"], grown["Outputs"]) == ("UPDATE_COMPLETE", stack["Outputs"])
    shown = aws("sagemaker").describe_notebook_instance(NotebookInstanceName="bench")
    assert (shown["InstanceType"], shown["NotebookInstanceStatus"]) == ("ml.t3.large", "InService")
    assert _delete(aws, stack["StackName"]) == {}
    assert aws("sagemaker").list_notebook_instances()["NotebookInstances"] == []
