"""Custom resources: each is in the harness, and its function, its answer and its resource's time-out fit together."""

from collections.abc import Iterator
from typing import Any

from common.custom_resource import RESERVE_SECONDS
from tests.lambda_.custom_resources.test_custom_resources import KINDS

Templates = dict[str, dict[str, Any]]
LAMBDA_RETRIES_WITHIN = 60  # Lambda calls a function that failed again after a minute
LONGEST = 3600  # CloudFormation's own limit


def custom_resources(templates: Templates) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield type, properties and the function's properties of every custom resource."""
    for template in templates.values():
        resources = template["Resources"]
        for resource in resources.values():
            if resource["Type"].startswith("Custom::"):
                properties = resource["Properties"]
                (function, _) = properties["ServiceToken"]["Fn::GetAtt"]
                yield resource["Type"], properties, resources[function]["Properties"]


def test_the_harness_knows_every_custom_resource(templates: Templates) -> None:
    handlers = {(type_, function["Handler"]) for type_, _, function in custom_resources(templates)}
    assert handlers == {(f"Custom::{name}", f"{kind.module.__name__}.{kind.function}") for name, kind in KINDS.items()}


def test_time_outs_fit(templates: Templates) -> None:
    for type_, properties, function in custom_resources(templates):
        works, waits = int(function["Timeout"]), int(properties["ServiceTimeout"])
        assert works > 2 * RESERVE_SECONDS, type_
        assert works + LAMBDA_RETRIES_WITHIN < waits <= LONGEST, type_
