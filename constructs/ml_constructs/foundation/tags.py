"""Tags by which costs are told apart: of what environment, what system, and whose."""

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import IConstruct

ENVIRONMENT = "environment"
SYSTEM = "system"
OWNER = "owner"
COST_TAGS = (ENVIRONMENT, SYSTEM, OWNER)
PLATFORM = "platform"
"""What stands for a system on what is of none, or of all."""


def add_tags(scope: IConstruct, tags: Mapping[str, str]) -> None:
    """Give every resource below `scope` these tags, unless one further below has others."""
    for name, value in tags.items():
        cdk.Tags.of(scope).add(name, value)


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as AWS's requests have them."""
    return [{"Key": name, "Value": value} for name, value in tags.items()]
