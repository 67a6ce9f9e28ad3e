"""The platform's own life on the local cloud: deployed, compared, changed, destroyed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from mdlc.local.cdk import Cdk, CdkError
from tests.systems.workplace import PROJECT, Workplace

SCIENTIST = "data-scientist"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def _cdk(here: Workplace, assembly: Path) -> tuple[Cdk, list[str]]:
    lines: list[str] = []
    return Cdk(here.variables, assembly=assembly, log=lines.append), lines


def _physical_ids(here: Workplace) -> dict[str, str]:
    cloudformation = here.client("cloudformation")
    return {
        f"{stack['StackName']}/{resource['LogicalResourceId']}": resource["PhysicalResourceId"]
        for stack in cloudformation.describe_stacks()["Stacks"]
        for resource in cloudformation.describe_stack_resources(StackName=stack["StackName"])["StackResources"]
    }


def _synthesized_with(folder: Path, old: str, new: str) -> Path:
    """The assembly of the platform with one line of its environments changed."""
    for name in ("app.py", "cdk.json"):
        shutil.copy(PROJECT / name, folder / name)
    shutil.copytree(PROJECT / "stacks", folder / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    environments = folder / "stacks" / "environments.py"
    text = environments.read_text()
    assert text.count(old) == 1
    environments.write_text(text.replace(old, new))
    subprocess.run(
        [PROJECT / "node_modules/.bin/cdk", "synth", "--quiet", "--no-notices", "--output", folder / "cdk.out", "**"],
        cwd=folder,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "CDK_VALIDATION": "false"},
        check=True,
        timeout=120,
    )
    return folder / "cdk.out"


def test_an_update_that_fails_leaves_what_was_there(demo: Workplace) -> None:
    cloudformation, functions = demo.client("cloudformation"), demo.client("lambda")
    before = _physical_ids(demo)
    described = {name: functions.get_function_configuration(FunctionName=name)["Description"] for name in _names(demo)}
    template = cloudformation.get_template(StackName="dev-serving")["TemplateBody"]
    changed = [name for name, found in template["Resources"].items() if found["Type"] == "AWS::Lambda::Function"]
    for name in changed:
        template["Resources"][name]["Properties"]["Description"] = "Changed, and changed back"
    template["Resources"]["Refused"] = {
        "Type": "AWS::SageMaker::Pipeline",
        "DependsOn": changed,
        "Properties": {
            "PipelineName": "refused",
            "PipelineDefinition": {"PipelineDefinitionBody": "no definition"},
            "RoleArn": "arn:aws:iam::111111111111:role/none",
        },
    }
    cloudformation.update_stack(
        StackName="dev-serving", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    cloudformation.get_waiter("stack_rollback_complete").wait(StackName="dev-serving", WaiterConfig={"Delay": 1})
    events = cloudformation.describe_stack_events(StackName="dev-serving")["StackEvents"]
    failed = {event["LogicalResourceId"] for event in events if event["ResourceStatus"].endswith("_FAILED")}
    updated = {event["LogicalResourceId"] for event in events if event["ResourceStatus"] == "UPDATE_COMPLETE"}
    assert failed == {"Refused"}
    assert set(changed) <= updated
    assert _physical_ids(demo) == before
    assert {
        name: functions.get_function_configuration(FunctionName=name)["Description"] for name in _names(demo)
    } == described
    assert demo.done("predict", "fraud", str(demo.folder / "build" / "demo" / "fraud" / "claim.json"))["predictions"]


def _names(here: Workplace) -> list[str]:
    return [function["FunctionName"] for function in here.client("lambda").list_functions()["Functions"]]


def test_deployed_compared_changed_and_destroyed(demo: Workplace, tmp_path: Path) -> None:
    assembly = demo.folder / "build" / "demo" / "fraud" / "cdk.out"
    cdk, lines = _cdk(demo, assembly)
    cdk("deploy", "dev/*")  # what another test may have destroyed
    before = _physical_ids(demo)
    lines.clear()
    cdk("diff", "dev/*")
    assert not [line for line in lines if line.startswith(("[+]", "[-]", "[~]"))]

    changed = _synthesized_with(tmp_path, 'log_level="DEBUG",', 'log_level="WARNING",')
    cdk, lines = _cdk(demo, changed)
    with pytest.raises(CdkError):
        cdk("diff", "dev/*")
    assert {line.split()[1] for line in lines if line.startswith("[~]")} == {"AWS::Lambda::Function"}
    cdk("deploy", "dev/*")
    assert _physical_ids(demo) == before
    levels = {
        function["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"]
        for function in demo.client("lambda").list_functions()["Functions"]
        if "POWERTOOLS_LOG_LEVEL" in function.get("Environment", {}).get("Variables", {})
    }
    assert levels == {"WARNING"}

    _work_in_studio(demo)
    cdk("destroy", "dev/*")
    left = [stack["StackName"] for stack in demo.client("cloudformation").describe_stacks()["Stacks"]]
    assert left == ["CDKToolkit"]
    sagemaker = demo.client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert sagemaker.list_models()["Models"] == []
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    assert sagemaker.list_domains()["Domains"] == []
    assert demo.client("efs").describe_file_systems()["FileSystems"] == []
    assert demo.client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []
    assert [
        bucket["Name"] for bucket in demo.client("s3").list_buckets()["Buckets"] if "cdk-" not in bucket["Name"]
    ] == []
    assert demo.client("iam").list_roles(PathPrefix="/")["Roles"] == [
        role for role in demo.client("iam").list_roles()["Roles"] if role["RoleName"].startswith("cdk-")
    ]


def _work_in_studio(here: Workplace) -> None:
    """Leave what the stack did not make: an app that a data scientist runs, and a space that somebody made by hand."""
    domain = here.output("dev-studio", "StudioDomainId")
    sagemaker = here.somebody_like("dev", f"Studio user {SCIENTIST}, data scientist").client("sagemaker")
    app = {"DomainId": domain, "AppType": "JupyterLab", "AppName": "default"}
    sagemaker.create_app(**app, SpaceName=SCIENTIST)
    assert sagemaker.describe_app(**app, SpaceName=SCIENTIST)["Status"] in {"Pending", "InService"}
    for operation, denied in {
        "create_app": {**app, "SpaceName": "ml-engineer"},
        "create_space": {"DomainId": domain, "SpaceName": "another"},
        "describe_space": {"DomainId": domain, "SpaceName": "ml-engineer"},
        "create_presigned_domain_url": {"DomainId": domain, "UserProfileName": "ml-engineer"},
        "delete_domain": {"DomainId": domain},
    }.items():
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(sagemaker, operation)(**denied)
    here.client("sagemaker").create_space(
        DomainId=domain,
        SpaceName="made-by-hand",
        OwnershipSettings={"OwnerUserProfileName": SCIENTIST},
        SpaceSharingSettings={"SharingType": "Private"},
    )
