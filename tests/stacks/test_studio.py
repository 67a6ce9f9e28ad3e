"""Studio as the environments have it: closed, nothing left behind, nothing replaced by a tag."""

import base64
import dataclasses
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from checks.upgrade.specification import decisive
from stacks.people import Notebook, Studio
from stacks.settings import Environment, Feature
from tests.environments import DEV

Resources = dict[str, dict[str, Any]]
SMALL = dataclasses.replace(DEV, features=frozenset({Feature.STUDIO}))
NOTEBOOK = dataclasses.replace(SMALL, studio=Studio(notebooks=(Notebook(user="ml-engineer", idle_minutes=30),)))


def of(resources: Resources, kind: str) -> list[dict[str, Any]]:
    return [resource for resource in resources.values() if resource["Type"] == kind]


def studio(environment: Environment, context: dict[str, Any], folder: Path, **tags: str) -> Resources:
    """Resources of the stack of Studio, which breaks no rule."""
    app = build(cdk.App(context=context, outdir=str(folder)), [environment])
    for key, value in tags.items():
        cdk.Tags.of(app.node.find_child(environment.name)).add(key, value)
    assembly = app.synth()
    for report in json.loads((folder / "validation-report.json").read_text())["pluginReports"]:
        assert not report.get("violations"), report["violations"]
    found: Resources = (
        assembly.get_nested_assembly(f"assembly-{environment.name}")
        .get_stack_by_name(f"{environment.name}-studio")
        .template["Resources"]
    )
    return found


@pytest.mark.parametrize("environment", ["dev", "staging", "prod", "sandbox"])
def test_the_domain_is_closed_but_in_a_sandbox_and_has_no_file_system_to_leave_behind(
    environment: str, templates: dict[str, dict[str, Any]]
) -> None:
    resources = templates[f"{environment}-studio"]["Resources"]
    (domain,) = (found["Properties"] for found in of(resources, "AWS::SageMaker::Domain"))
    assert domain["AppNetworkAccessType"] == ("PublicInternetOnly" if environment == "sandbox" else "VpcOnly")
    assert domain["HomeEfsFileSystemCreation"] == "Disabled"
    assert domain["DefaultUserSettings"]["AutoMountHomeEFS"] == "Disabled"
    assert domain["DefaultUserSettings"]["SharingSettings"] == {"NotebookOutputOption": "Disabled"}
    assert domain["DomainSettings"] == {"DockerSettings": {"EnableDockerAccess": "DISABLED"}}
    assert (domain["DefaultUserSettings"]["DefaultLandingUri"], domain["AuthMode"]) == ("studio::", "IAM")
    idle = domain["DefaultUserSettings"]["JupyterLabAppSettings"]["AppLifecycleManagement"]["IdleSettings"]
    assert (idle["LifecycleManagement"], idle["IdleTimeoutInMinutes"]) == ("ENABLED", 60)
    (end,) = of(resources, "Custom::StudioEnd")
    assert end["Properties"]["KeepsFiles"] == ("false" if environment in {"dev", "sandbox"} else "true")


def test_everybody_has_a_role_and_a_private_space_of_their_own(templates: dict[str, dict[str, Any]]) -> None:
    resources = templates["prod-studio"]["Resources"]
    profiles = {
        p["Properties"]["UserProfileName"]: p["Properties"] for p in of(resources, "AWS::SageMaker::UserProfile")
    }
    roles = {name: profile["UserSettings"]["ExecutionRole"]["Fn::GetAtt"][0] for name, profile in profiles.items()}
    assert len(set(roles.values())) == len(roles) == 4
    for name, role in roles.items():
        assert f"Studio user {name}," in resources[role]["Properties"]["Description"]
    for space in of(resources, "AWS::SageMaker::Space"):
        properties = space["Properties"]
        assert properties["OwnershipSettings"] == {"OwnerUserProfileName": properties["SpaceName"]}
        assert properties["SpaceSharingSettings"] == {"SharingType": "Private"}
        assert properties["SpaceSettings"]["AppType"] == "JupyterLab"


def test_whoever_has_no_persona_may_do_nothing(templates: dict[str, dict[str, Any]]) -> None:
    resources = templates["dev-studio"]["Resources"]
    (domain,) = of(resources, "AWS::SageMaker::Domain")
    nobody = domain["Properties"]["DefaultUserSettings"]["ExecutionRole"]["Fn::GetAtt"][0]
    policies = of(resources, "AWS::IAM::Policy") + of(resources, "AWS::IAM::ManagedPolicy")
    assert not [policy for policy in policies if {"Ref": nobody} in policy["Properties"]["Roles"]]


@pytest.mark.slow
def test_a_changed_tag_changes_tags_and_nothing_else(cdk_context: dict[str, Any], tmp_path: Path) -> None:
    def without_tags(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: without_tags(item) for name, item in value.items() if name != "Tags"}
        return [without_tags(item) for item in value] if isinstance(value, list) else value

    before = studio(NOTEBOOK, cdk_context, tmp_path / "1", team="one")
    after = studio(NOTEBOOK, cdk_context, tmp_path / "2", team="two")
    assert before != after
    assert without_tags(before) == without_tags(after)
    replaced = [
        name
        for name, resource in after.items()
        if "Tags" in resource.get("Properties", {}) and "Tags" in decisive(resource["Type"])
    ]
    assert not replaced, "CloudFormation replaces these for another tag"


def test_a_space_logs_pip_in_to_the_packages_of_its_environment(templates: dict[str, dict[str, Any]]) -> None:
    resources = templates["prod-studio"]["Resources"]
    ((name, script),) = (
        (name, found["Properties"])
        for name, found in resources.items()
        if found["Type"] == "AWS::SageMaker::StudioLifecycleConfig"
    )
    content = script["StudioLifecycleConfigContent"]["Fn::Base64"]
    assert "aws codeartifact login --tool pip --domain prod-packages --repository pypi ||" in content
    arn = {"Fn::GetAtt": [name, "StudioLifecycleConfigArn"]}
    (domain,) = (found["Properties"] for found in of(resources, "AWS::SageMaker::Domain"))
    assert domain["DefaultUserSettings"]["JupyterLabAppSettings"]["LifecycleConfigArns"] == [arn]
    for space in of(resources, "AWS::SageMaker::Space"):
        settings = space["Properties"]["SpaceSettings"]["JupyterLabAppSettings"]
        assert settings["DefaultResourceSpec"]["LifecycleConfigArn"] == arn


@pytest.mark.parametrize("environment", ["dev", "staging", "prod", "sandbox"])
def test_a_space_gets_its_first_notebook_when_it_starts(
    environment: str, templates: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    resources = templates[f"{environment}-studio"]["Resources"]
    (script,) = (found["Properties"] for found in of(resources, "AWS::SageMaker::StudioLifecycleConfig"))
    content = script["StudioLifecycleConfigContent"]["Fn::Base64"]
    assert len(base64.b64encode(content.encode())) <= 16384, "API reference, CreateStudioLifecycleConfig"
    start, home = tmp_path / "start.sh", tmp_path / "home"
    start.write_text(content)
    home.mkdir()
    here = {"PATH": os.environ["PATH"], "HOME": str(home)}
    subprocess.run(["/bin/bash", start], env=here, check=True, capture_output=True)
    (notebook,) = home.iterdir()
    document = json.loads(notebook.read_text())
    assert (document["nbformat"], document["metadata"]["kernelspec"]["language"]) == (4, "python")
    for cell in document["cells"]:
        assert cell["cell_type"] in {"code", "markdown"}
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
            compile(cell["source"], notebook.name, "exec")
    assert f'ENVIRONMENT = "{environment}"' in document["cells"][1]["source"]
    notebook.write_text("my own work")
    subprocess.run(["/bin/bash", start], env=here, check=True, capture_output=True)
    assert notebook.read_text() == "my own work", "what its owner changed stays"


@pytest.mark.slow
def test_a_notebook_instance_satisfies_every_control(cdk_context: dict[str, Any], tmp_path: Path) -> None:
    resources = studio(NOTEBOOK, cdk_context, tmp_path)
    (notebook,) = (found["Properties"] for found in of(resources, "AWS::SageMaker::NotebookInstance"))
    assert notebook["DirectInternetAccess"] == notebook["RootAccess"] == "Disabled"
    assert notebook["InstanceMetadataServiceConfiguration"] == {"MinimumInstanceMetadataServiceVersion": "2"}
    assert notebook["PlatformIdentifier"] == "notebook-al2023-v1"
    assert {"KmsKeyId", "SubnetId", "SecurityGroupIds", "LifecycleConfigName"} <= notebook.keys()
    (lifecycle,) = of(resources, "AWS::SageMaker::NotebookInstanceLifecycleConfig")
    script = lifecycle["Properties"]["OnStart"][0]["Content"]["Fn::Base64"]
    assert "timedelta(seconds=1800)" in script
    assert len(script) * 4 / 3 < 16384, "SageMaker takes no longer script"


def test_a_sandbox_has_nothing_of_a_network(templates: dict[str, dict[str, Any]]) -> None:
    resources = templates["sandbox-studio"]["Resources"]
    (domain,) = (found["Properties"] for found in of(resources, "AWS::SageMaker::Domain"))
    assert not of(resources, "AWS::CodeArtifact::Repository")
    assert "SecurityGroups" not in domain["DefaultUserSettings"]
    (end,) = of(resources, "Custom::StudioEnd")
    assert "SecurityGroupId" not in end["Properties"]
