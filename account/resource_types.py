"""Resource types of CloudFormation and what their properties are, as AWS's registry publishes them.

Source: npm's @aws-cdk/aws-service-spec, which the pinned CDK command line brings along.
"""

import functools
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

DATABASE: Final = Path(__file__).parents[1] / "node_modules" / "aws-cdk" / "db.json.gz"
"""AWS's registry schemas and resource specification in one."""


def specification() -> Mapping[str, Any]:
    """Read what is known of every type, in the tables `resource` and `typeDefinition` of the database.

    It takes 70 MB, so keep of it what is needed. Raises RuntimeError where the command line is not installed.
    """
    if not DATABASE.exists():
        raise RuntimeError("The CDK's specification of resource types is missing: run `make setup`.")
    with gzip.open(DATABASE) as file:
        schema: Mapping[str, Any] = json.load(file)["schema"]
    return schema


@functools.cache
def names() -> frozenset[str]:
    """Return the names of all types that AWS publishes."""
    return frozenset(entity["cloudFormationType"] for entity in specification()["resource"]["entities"])
