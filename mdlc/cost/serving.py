"""Endpoints, which roll-outs create and no template declares, and the API's way to them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mdlc.cost.assembly import Stacks, resources

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Endpoint:
    """What a roll-out makes of an approved model: `minimum` instances when idle, each for so many calls a minute."""

    stack: str
    name: str
    instance_type: str
    minimum: Decimal
    maximum: Decimal
    calls_per_minute: Decimal


@dataclass(frozen=True)
class Front:
    """A function that an API calls for each prediction: its memory in GB, and the endpoint that it asks."""

    stack: str
    name: str
    memory: Decimal
    endpoint: str
    in_network: bool


def endpoints(stacks: Stacks) -> Iterator[Endpoint]:
    """Yield the endpoints that the functions of roll-outs are set up for."""
    for stack, template in stacks.templates.items():
        for properties in resources(template, "AWS::Lambda::Function").values():
            variables = _variables(properties)
            if {"ENDPOINT_NAME", "INSTANCE_TYPE", "MIN_CAPACITY"} <= set(variables):
                yield Endpoint(
                    stack=stack,
                    name=variables["ENDPOINT_NAME"],
                    instance_type=variables["INSTANCE_TYPE"],
                    minimum=Decimal(variables["MIN_CAPACITY"]),
                    maximum=Decimal(variables["MAX_CAPACITY"]),
                    calls_per_minute=Decimal(variables["INVOCATIONS_PER_INSTANCE"]),
                )


def fronts(stacks: Stacks) -> Iterator[Front]:
    """Yield the functions behind the methods of APIs that ask an endpoint."""
    for stack, template in stacks.templates.items():
        called = json.dumps(
            [
                properties.get("Integration", {})
                for properties in resources(template, "AWS::ApiGateway::Method").values()
            ]
        )
        for name, properties in resources(template, "AWS::Lambda::Function").items():
            variables = _variables(properties)
            if f'"{name}"' in called and "ENDPOINT_NAME" in variables:
                yield Front(
                    stack=stack,
                    name=properties.get("Description", name),
                    memory=Decimal(properties.get("MemorySize", 128)) / 1024,
                    endpoint=variables["ENDPOINT_NAME"],
                    in_network="VpcConfig" in properties,
                )


def _variables(properties: Mapping[str, Any]) -> Variables:
    variables: Variables = properties.get("Environment", {}).get("Variables", {})
    return variables
