"""REST APIs of templates are judged as those of requests: MiniStack's CloudFormation goes past its control plane."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from localcloud.hooks.rest_apis import checks
from localcloud.hooks.rest_apis.calls import Parameters
from localcloud.hooks.stacks import cloudformation


def _model(parameters: Parameters) -> None:
    schema = parameters.get("schema")
    checks.check_schema({"schema": schema if isinstance(schema, str) else json.dumps(schema) if schema else ""})


MADE: Final[Mapping[str, Callable[[Parameters], object]]] = {
    "AWS::ApiGateway::Deployment": checks.check_deployable,
    "AWS::ApiGateway::Model": _model,
    "AWS::ApiGateway::Resource": checks.check_resource,
    "AWS::ApiGateway::RestApi": checks.check_api,
    "AWS::ApiGateway::Stage": checks.check_stage,
}
"""What is judged of a resource before it is made, by the check of the request that makes it."""


def judge_templates() -> None:
    """Fail the resources that API Gateway would refuse to make, or a method that it would refuse to change."""
    for kind, check in MADE.items():
        cloudformation.before(kind, _judging(check), changes=False)
    cloudformation.before("AWS::ApiGateway::Method", _judging(checks.check_new_method))


def _judging(check: Callable[[Parameters], object]) -> Callable[[Mapping[str, Any]], None]:
    def judge(properties: Mapping[str, Any]) -> None:
        given = {name[:1].lower() + name[1:]: value for name, value in properties.items()}
        endpoints = given.get("endpointConfiguration")
        if isinstance(endpoints, Mapping):
            given["endpointConfiguration"] = {name[:1].lower() + name[1:]: value for name, value in endpoints.items()}
        check(given)

    return judge
