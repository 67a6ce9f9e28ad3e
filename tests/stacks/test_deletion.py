"""What a first deployment that fails leaves behind."""

import json
from pathlib import Path
from typing import Any

import pytest

from stacks.settings import Environment
from tests.environments import ALL_ENVIRONMENTS

RETAINED = {"AWS::DynamoDB::Table", "AWS::ECR::Repository"}
"""What a rollback cannot delete: a table that is protected, a repository with images. Neither has a name of its own."""
NAMES = ("RepositoryName", "TableName")


def test_what_a_failed_creation_leaves_has_no_name_that_is_in_the_next_ones_way(
    templates: dict[str, dict[str, Any]],
) -> None:
    """CloudFormation keeps `Retain` also when a create is rolled back; `RetainExceptOnCreate` it deletes then.

    Source: CloudFormation user guide, attribute DeletionPolicy.
    """
    kept = [
        (f"{stack}/{logical_id}", resource)
        for stack, template in templates.items()
        for logical_id, resource in template["Resources"].items()
        if resource.get("DeletionPolicy") == "Retain"
    ]
    assert {resource["Type"] for _, resource in kept} == RETAINED
    named = [place for place, each in kept for name in NAMES if name in each["Properties"]]
    assert named == []


@pytest.mark.parametrize("environment", ALL_ENVIRONMENTS, ids=lambda each: each.name)
def test_stacks_that_keep_data_are_protected_from_deletion(environment: Environment, outdir: Path) -> None:
    """`cdk destroy 'prod/*'` by mistake would take endpoints, API and network at once."""
    manifest = json.loads((outdir / f"assembly-{environment.name}" / "manifest.json").read_text())
    stacks = [each for each in manifest["artifacts"].values() if each["type"] == "aws:cloudformation:stack"]
    protected = {bool(each["properties"].get("terminationProtection")) for each in stacks}
    assert protected == {not environment.ephemeral}
