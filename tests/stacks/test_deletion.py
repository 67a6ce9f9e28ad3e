"""What a first deployment that fails leaves behind."""

from typing import Any

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
