"""What API Gateway refuses of the parts of a REST API, as they are made and as they are after a change.

Sources: the answers that localstack/localstack recorded from AWS (tests/aws/services/apigateway, Apache-2.0);
aws/aws-cdk#5332 and hashicorp/terraform#6128 (deployments), aws/aws-cdk#1905 and serverless/serverless#3785 (paths).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.services import apigateway_v1 as apigateway

from localcloud.hooks.rest_apis.calls import (
    Parameters,
    RefusedError,
    absent,
    api_of,
    conflict,
    integration_of,
    method_of,
    resource_of,
    resources_of,
    response_of,
)

METHODS: Final = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY")
NO_AUTHORIZER: Final = (
    "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid "
    "authorizer."
)
NO_VALIDATOR: Final = "Invalid Request Validator identifier specified"
NO_SCHEMA: Final = "Model schema must have at least 1 property or array items defined"
SIZE: Final = "Invalid minimum compression size, must be between 0 and 10485760"
LARGEST_SIZE: Final = 10_485_760
NEED_AUTHORIZERS: Final = frozenset({"CUSTOM", "COGNITO_USER_POOLS"})
PRIVATE: Final = "PRIVATE"
ACCESS_LOGS: Final = ("/accessLogSettings/destinationArn", "/accessLogSettings/format")
_PART: Final = re.compile(r"[a-zA-Z0-9._:$-]+|\{[a-zA-Z0-9._:$-]+\+?\}")
_PART_WORDS: Final = (
    "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning "
    "and the end and an optional plus sign before the closing brace."
)


def check_api(parameters: Parameters) -> None:
    """Refuse an API's settings that cannot be."""
    if parameters.get("description") == "":
        raise RefusedError("Description cannot be an empty string")
    size = parameters.get("minimumCompressionSize")
    if size is not None and not 0 <= int(size) <= LARGEST_SIZE:
        raise RefusedError(SIZE)
    if "endpointConfiguration" in parameters:
        check_endpoints(parameters["endpointConfiguration"])


def check_endpoints(given: Mapping[str, Any]) -> None:
    """Refuse an API that can be called nowhere, at two places, or privately over IPv4 alone."""
    kinds = given.get("types", ["EDGE"])
    if not kinds:
        raise RefusedError("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")
    if len(kinds) > 1:
        raise RefusedError("Cannot create an api with multiple Endpoint Types.")
    if kinds == [PRIVATE] and given.get("ipAddressType") == "ipv4":
        raise RefusedError("Only dualstack ipAddressType is supported for Private APIs.")


def check_resource(parameters: Parameters) -> None:
    """Refuse a path beside another variable one, under one that takes everything, or that is none."""
    parent = resource_of(parameters, "parentId")
    part = parameters.get("pathPart", "")
    if parent.get("pathPart", "").endswith("+}"):
        raise RefusedError(f"Cannot create a child of a resource with a greedy path variable: {parent['pathPart']}")
    if not _PART.fullmatch(part):
        raise RefusedError(_PART_WORDS)
    check_siblings(parameters["restApiId"], "", parent["id"], part)


def check_siblings(api: str, resource: str, parent: str, part: str) -> None:
    """Refuse a name or a variable that another path under the same parent has."""
    siblings = [
        each for each in resources_of(api).values() if each.get("parentId") == parent and each["id"] != resource
    ]
    names = [each.get("pathPart", "") for each in siblings]
    if part in names:
        raise conflict(f"Another resource with the same parent already has this name: {part}")
    variable = next((name for name in names if name.startswith("{")), None)
    if variable and part.startswith("{"):
        raise RefusedError(
            f"A sibling ({variable}) of this resource already has a variable path part -- only one is allowed"
        )


def check_new_method(parameters: Parameters) -> None:
    """Refuse a method that is none, or whose authorizer, validator or models are not there."""
    resource_of(parameters)
    if parameters["httpMethod"] not in METHODS:
        raise RefusedError(f"Invalid HttpMethod specified. Valid options are {','.join(METHODS)}")
    check_method(parameters["restApiId"], parameters)


def check_method(api: str, method: Mapping[str, Any]) -> None:
    """Refuse a method whose authorizer, validator or models are not there, or that has two parameters of one name."""
    if method.get("authorizationType") in NEED_AUTHORIZERS and method.get("authorizerId") not in (
        apigateway._authorizers_v1.get(api) or {}
    ):
        raise RefusedError(NO_AUTHORIZER)
    validator = method.get("requestValidatorId")
    if validator and validator not in (apigateway._request_validators.get(api) or {}):
        raise RefusedError(NO_VALIDATOR)
    for model in (method.get("requestModels") or {}).values():
        if model not in (apigateway._models.get(api) or {}):
            raise RefusedError(f"Invalid model identifier specified: {model}")
    names = [str(name).split(".", 3)[3] for name in method.get("requestParameters") or () if str(name).count(".") > 2]  # noqa: PLR2004 - method.request.place.name
    if len(names) != len(set(names)):
        raise RefusedError("Parameter names must be unique across querystring, header and path")


def check_model(parameters: Parameters) -> None:
    """Refuse a model without a name or schema, or whose name another one has."""
    api_of(parameters)
    name = parameters.get("name")
    if not name:
        raise RefusedError("Model name must be non-empty")
    if not re.fullmatch(r"[a-zA-Z0-9]+", name):
        raise RefusedError(f"Model name must be alphanumeric: {name}")
    if name in (apigateway._models.get(parameters["restApiId"]) or {}):
        raise conflict("Model name already exists for this REST API")
    check_schema(parameters)


def check_schema(model: Mapping[str, Any]) -> None:
    """Refuse a model without a schema."""
    if not model.get("schema"):
        raise RefusedError(NO_SCHEMA)


def check_unused_model(parameters: Parameters) -> None:
    """Refuse to delete a model that a method names."""
    name = parameters["modelName"]
    for resource in reversed(list(resources_of(parameters["restApiId"]).values())):
        for verb, method in resource.get("resourceMethods", {}).items():
            if name in (method.get("requestModels") or {}).values():
                where = f"{resource['path']}/{verb}"
                raise conflict(f"Cannot delete model '{name}', is referenced in method request: {where}")


def check_validator(parameters: Parameters) -> None:
    """Refuse a validator of an API that is not there."""
    if parameters["restApiId"] not in apigateway._rest_apis:
        raise RefusedError("Invalid REST API identifier specified")


def check_new_authorizer(parameters: Parameters) -> None:
    """Refuse an authorizer of an API that is not there, as API Gateway does."""
    if parameters["restApiId"] not in apigateway._rest_apis:
        raise conflict("Unable to complete operation due to concurrent modification. Please try again later.")


def check_part(parameters: Parameters) -> None:
    """Refuse a part of the documentation that is not there."""
    if parameters["documentationPartId"] not in (apigateway._documentation_parts.get(parameters["restApiId"]) or {}):
        raise absent("Invalid Documentation part identifier specified")


def check_deleted_part(parameters: Parameters) -> None:
    """Refuse to delete a part of the documentation that is not there, of an API that is."""
    api_of(parameters)
    check_part(parameters)


def check_customized(parameters: Parameters) -> None:
    """Refuse to take back an answer of the gateway that is its own."""
    api_of(parameters)
    if parameters["responseType"] not in (apigateway._gateway_responses.get(parameters["restApiId"]) or {}):
        raise absent("Gateway response type not defined on api")


def check_deployable(parameters: Parameters) -> None:
    """Refuse to deploy an API without a method, or with one that leads nowhere."""
    api_of(parameters)
    methods = [
        method
        for resource in resources_of(parameters["restApiId"]).values()
        for method in resource.get("resourceMethods", {}).values()
    ]
    if not methods:
        raise RefusedError("The REST API doesn't contain any methods")
    if not all(method.get("methodIntegration") for method in methods):
        raise RefusedError("No integration defined for method")


def check_undeployed(parameters: Parameters) -> None:
    """Refuse to delete a deployment that a stage serves."""
    stages = (apigateway._stages_v1.get(parameters["restApiId"]) or {}).values()
    if any(stage.get("deploymentId") == parameters["deploymentId"] for stage in stages):
        raise RefusedError("Active stages pointing to this deployment must be moved or deleted")


def check_stage(parameters: Parameters) -> None:
    """Refuse a stage of no deployment, or whose name another one has."""
    api_of(parameters)
    api, name = parameters["restApiId"], parameters.get("stageName")
    if name in (apigateway._stages_v1.get(api) or {}):
        raise conflict("Stage already exists")
    if parameters.get("deploymentId") not in (apigateway._deployments_v1.get(api) or {}):
        raise RefusedError("Deployment id does not exist")


def check_stage_patches(parameters: Parameters) -> None:
    """Refuse settings of access logs that are none, or empty."""
    for patch in parameters.get("patchOperations") or ():
        path = str(patch.get("path"))
        if not path.startswith("/accessLogSettings") or (patch["op"], path) == ("remove", "/accessLogSettings"):
            continue
        if patch["op"] == "remove":
            raise RefusedError(
                f"Cannot remove method setting {path[1:]} because there is no method setting for this method "
            )
        if path not in ACCESS_LOGS:
            raise RefusedError(f"Invalid accessLogSettings path. Must be one of : [{', '.join(ACCESS_LOGS)}]")
        if not patch.get("value"):
            raise RefusedError("Access Log value must not be empty")


def check_deleted_response(parameters: Parameters) -> None:
    """Refuse to delete an integration's response that is not there."""
    resource = resource_of(parameters)
    if parameters["httpMethod"] not in resource["resourceMethods"]:
        raise absent("Invalid Integration identifier specified")
    response_of(integration_of(parameters)["integrationResponses"], parameters)


def check_deleted_method_response(parameters: Parameters) -> None:
    """Refuse to delete a method's response that is not there."""
    response_of(method_of(parameters)["methodResponses"], parameters)


CHECKS: Final[Mapping[str, Callable[[Parameters], object]]] = {
    "CreateAuthorizer": check_new_authorizer,
    "CreateDeployment": check_deployable,
    "CreateModel": check_model,
    "CreateRequestValidator": check_validator,
    "CreateResource": check_resource,
    "CreateRestApi": check_api,
    "CreateStage": check_stage,
    "DeleteDeployment": check_undeployed,
    "DeleteDocumentationPart": check_deleted_part,
    "DeleteGatewayResponse": check_customized,
    "DeleteIntegration": integration_of,
    "DeleteIntegrationResponse": check_deleted_response,
    "DeleteMethod": method_of,
    "DeleteMethodResponse": check_deleted_method_response,
    "DeleteModel": check_unused_model,
    "GetDocumentationPart": check_part,
    "PutMethod": check_new_method,
    "UpdateStage": check_stage_patches,
}
