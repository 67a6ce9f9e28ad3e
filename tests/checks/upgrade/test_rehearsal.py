"""The platform's own life on the local cloud: a release that people use, upgraded, changed, and destroyed."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from checks.upgrade.losses import scopes
from checks.upgrade.release import deliberate, last, read
from localcloud.cdk import CdkError
from ml_constructs.functions.log_groups import STUDIO
from ml_constructs.jobs.kinds import KINDS
from tests.checks.upgrade.conftest import Platform, Upgrade, changed
from tests.checks.upgrade.inventory import inventory

SCIENTIST = "data-scientist"
CONFIGURED = ("CodeSha256", "Description", "Environment", "Handler", "Layers", "MemorySize", "Role", "Timeout")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("stack", ["dev-serving", "dev-vision"])
def test_an_upgrade_that_fails_half_way_leaves_the_release(
    stack: str, released: Upgrade, today: Path, tmp_path: Path
) -> None:
    changed_back: list[str] = []

    def refused(name: str, template: dict[str, Any]) -> None:
        if name != stack:
            return
        for logical_id, resource in template["Resources"].items():
            if resource["Type"] == "AWS::Lambda::Function" and f"{stack}/{logical_id}" in released.ids:
                resource["Properties"]["Description"] = "Changed, and changed back"
                changed_back.append(logical_id)
        template["Resources"]["Refused"] = {
            "Type": "AWS::SageMaker::Pipeline",
            "DependsOn": list(template["Resources"]),
            "Properties": {
                "PipelineName": "refused",
                "PipelineDefinition": {"PipelineDefinitionBody": "no definition"},
                "RoleArn": "arn:aws:iam::111111111111:role/none",
            },
        }

    here, before = released.here, _functions(released.here, stack)
    with pytest.raises(CdkError, match=f"{stack} failed to deploy"):
        here.cdk(changed(today, tmp_path / "refused", refused), "deploy", stack.replace("-", "/"))
    pages = here.cloud.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    events = [event for page in pages for event in page["StackEvents"]]
    assert {e["LogicalResourceId"] for e in events if e["ResourceStatus"].endswith("_FAILED")} == {"Refused"}
    updates = Counter(e["LogicalResourceId"] for e in events if e["ResourceStatus"] == "UPDATE_COMPLETE")
    assert changed_back
    assert {name: updates[name] for name in changed_back} == dict.fromkeys(changed_back, 2), "there, and back"
    assert _functions(here, stack) == before
    assert _of(stack, here.cloud.physical_ids("dev")) == _of(stack, released.ids)
    assert released.holdings.held() == released.held


def test_an_upgrade_keeps_what_the_release_holds(upgraded: Upgrade, today: Path) -> None:
    here, folder = upgraded.here, last()
    now = here.cloud.physical_ids("dev")
    kept = {"/".join(where) for where, entry in read(folder).items() if entry.kept and where[0].startswith("dev-")}
    kept = {place for place in kept if not deliberate(folder).keys() & set(scopes(place))}
    assert {place: _but_tag(now.get(place)) for place in kept} == {
        place: _but_tag(upgraded.ids[place]) for place in kept
    }
    assert upgraded.holdings.held() == upgraded.held
    assert not [resource for resource in here.local.resources() if resource["status"] == "refused"]
    here.cdk(today, "diff", "dev/*")  # which fails where there is a difference


def test_a_changed_setting_arrives_and_replaces_nothing(upgraded: Upgrade, today: Path, tmp_path: Path) -> None:
    def quieter(_: str, template: dict[str, Any]) -> None:
        for resource in template["Resources"].values():
            variables = resource.get("Properties", {}).get("Environment", {}).get("Variables", {})
            if "POWERTOOLS_LOG_LEVEL" in variables:
                variables["POWERTOOLS_LOG_LEVEL"] = "WARNING"

    here, lines = upgraded.here, list[str]()
    before = here.cloud.physical_ids("dev")
    assembly = changed(today, tmp_path / "quieter", quieter)
    with pytest.raises(CdkError):
        here.cdk(assembly, "diff", "dev/*", log=lines.append)
    assert {line.split()[1] for line in lines if line.startswith(("[+]", "[-]", "[~]"))} == {"AWS::Lambda::Function"}
    here.cdk(assembly, "deploy", "dev/*")
    assert here.cloud.physical_ids("dev") == before
    variables = [(each["Environment"] or {}).get("Variables", {}) for each in _functions(here).values()]
    assert {each["POWERTOOLS_LOG_LEVEL"] for each in variables if "POWERTOOLS_LOG_LEVEL" in each} == {"WARNING"}


def test_destroyed_with_people_at_work_nothing_is_left(upgraded: Upgrade, today: Path) -> None:
    """But for the log groups of the jobs and apps of all environments of an account, which need no key then."""
    _work_in_studio(upgraded.here)
    upgraded.here.cdk(today, "destroy", "dev/*")
    now = inventory(upgraded.here.cloud)
    left = {kind: [name for name in names if name not in upgraded.before[kind]] for kind, names in now.items()}
    left["iam list_policies"] = [
        name
        for name in left["iam list_policies"]
        if not name.startswith("like-")  # the test's own person's
    ]
    left["logs describe_log_groups"] = [
        name for name in left["logs describe_log_groups"] if name not in {STUDIO, *(kind.log_group for kind in KINDS)}
    ]
    groups = upgraded.here.client("logs").describe_log_groups(logGroupNamePrefix="/aws/sagemaker/")["logGroups"]
    assert groups
    assert not [group for group in groups if "kmsKeyId" in group or "retentionInDays" not in group]
    assert {kind: names for kind, names in left.items() if names} == {}


def _functions(here: Platform, stack: str = "dev") -> dict[str, Any]:
    """What the functions of a stack are, by name."""
    client = here.client("lambda")
    found = [each for page in client.get_paginator("list_functions").paginate() for each in page["Functions"]]
    return {
        each["FunctionName"]: {key: each.get(key) for key in CONFIGURED}
        for each in found
        if each["FunctionName"].startswith(f"{stack}-")
    }


def _but_tag(physical_id: str | None) -> str | None:
    """An id, and of an image its repository: its tag is the hash of its source, and earlier ones stay beside it."""
    return physical_id.rpartition(":")[0] if physical_id and ".dkr.ecr." in physical_id else physical_id


def _of(stack: str, ids: Mapping[str, str]) -> dict[str, str]:
    return {place: known for place, known in ids.items() if place.startswith(f"{stack}/")}


def _work_in_studio(here: Platform) -> None:
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
