"""Changes of the parts of a REST API: found, patched, judged as they are then, and kept."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from botocore.model import StructureShape
from ministack.services import apigateway_v1 as apigateway

from localcloud.hooks.rest_apis import checks, vpc_links
from localcloud.hooks.rest_apis.calls import (
    Call,
    Parameters,
    RefusedError,
    absent,
    api_of,
    integration_of,
    method_of,
    resource_of,
    resources_of,
    response_of,
)
from localcloud.hooks.rest_apis.patches import PATCHABLE, Patch, patched

Target = dict[str, Any]
TYPES: Final = ("REGIONAL", "EDGE", checks.PRIVATE)
ADDRESSES: Final = ("ipv4", "dualstack")
_TYPES: Final = "/endpointConfiguration/types/"


def update(call: Call) -> Mapping[str, Any]:
    """Change what a request names, and return it; refuse a change after which it could not be."""
    found = FOUND[call.operation](call.parameters)
    patches: Sequence[Patch] = call.parameters.get("patchOperations") or ()
    PATCHABLE[call.operation].check(patches)
    if check := BEFORE.get(call.operation):
        check(patches)
    shape = call.model.output_shape
    assert isinstance(shape, StructureShape)  # noqa: S101 - the shape of every answer
    changed = patched(found, [patch for patch in patches if not patch["path"].startswith(_TYPES)], shape)
    if judge := AFTER.get(call.operation):
        judge(call.parameters, changed, patches)
    found.clear()
    found.update(changed)
    if call.operation == "UpdateResource":
        for resource in resources_of(call.parameters["restApiId"]).values():
            resource["path"] = apigateway._compute_path(call.parameters["restApiId"], resource["id"])
    answer: Mapping[str, Any] = apigateway._rest_api_view(found) if call.operation == "UpdateRestApi" else found
    return answer


def _part(parameters: Parameters) -> Target:
    checks.check_part(parameters)
    found: Target = apigateway._documentation_parts[parameters["restApiId"]][parameters["documentationPartId"]]
    return found


def _model(parameters: Parameters) -> Target:
    return _of(apigateway._models, parameters, "modelName", f"Invalid model name specified: {parameters['modelName']}")


def _of(store: Any, parameters: Parameters, name: str, message: str) -> Target:  # noqa: ANN401 - MiniStack's
    found: Target | None = (store.get(parameters["restApiId"]) or {}).get(parameters[name])
    if found is None:
        raise absent(message)
    return found


def _gateway_response(parameters: Parameters) -> Target:
    api_of(parameters)
    customized = apigateway._gateway_responses.get(parameters["restApiId"]) or {}
    found: Target = apigateway._gateway_response_for_type(customized, parameters["responseType"])
    return found


def _top(store: Any, name: str, message: str) -> Callable[[Parameters], Target]:  # noqa: ANN401 - MiniStack's
    def find(parameters: Parameters) -> Target:
        found: Target | None = store.get(parameters[name])
        if found is None:
            raise absent(message)
        return found

    return find


def _mapping(parameters: Parameters) -> Target:
    found: Target | None = (apigateway._base_path_mappings.get(parameters["domainName"]) or {}).get(
        parameters["basePath"]
    )
    if found is None:
        raise absent("Invalid base path mapping identifier specified")
    return found


FOUND: Final[Mapping[str, Callable[[Parameters], Target]]] = {
    "UpdateApiKey": _top(apigateway._api_keys, "apiKey", "Invalid API Key identifier specified"),
    "UpdateAuthorizer": lambda given: _of(
        apigateway._authorizers_v1, given, "authorizerId", "Invalid Authorizer identifier specified"
    ),
    "UpdateBasePathMapping": _mapping,
    "UpdateDeployment": lambda given: _of(
        apigateway._deployments_v1, given, "deploymentId", "Invalid Deployment identifier specified"
    ),
    "UpdateDocumentationPart": _part,
    "UpdateGatewayResponse": _gateway_response,
    "UpdateIntegration": integration_of,
    "UpdateIntegrationResponse": lambda given: response_of(integration_of(given)["integrationResponses"], given),
    "UpdateMethod": method_of,
    "UpdateMethodResponse": lambda given: response_of(method_of(given)["methodResponses"], given),
    "UpdateModel": _model,
    "UpdateRequestValidator": lambda given: _of(
        apigateway._request_validators, given, "requestValidatorId", checks.NO_VALIDATOR
    ),
    "UpdateResource": resource_of,
    "UpdateRestApi": api_of,
    "UpdateVpcLink": vpc_links.link_of,
}
"""What each request changes."""


def _check_sizes(patches: Sequence[Patch]) -> None:
    for patch in patches:
        path, value = patch["path"], patch.get("value")
        if path == "/minimumCompressionSize" and value not in {None, ""}:
            if not str(value).isdigit() or int(value) > checks.LARGEST_SIZE:
                raise RefusedError(checks.SIZE)
        elif path.startswith(_TYPES) and value not in TYPES:
            raise RefusedError(f"Invalid EndpointTypes specified. Valid options are {','.join(TYPES)}")
        elif path == "/endpointConfiguration/ipAddressType" and value not in ADDRESSES:
            raise RefusedError("ipAddressType must be either ipv4 or dualstack.")


def _check_values(patches: Sequence[Patch]) -> None:
    for patch in patches:
        name = patch["path"].split("/")[1]
        if patch["op"] != "remove" and name != "statusCode" and not patch.get("value"):
            raise RefusedError(f"Invalid null or empty value in {name}")


def _check_name(patches: Sequence[Patch]) -> None:
    if any(patch["path"] == "/name" and not patch.get("value") for patch in patches):
        raise RefusedError("Request Validator name cannot be blank")


BEFORE: Final[Mapping[str, Callable[[Sequence[Patch]], None]]] = {
    "UpdateGatewayResponse": _check_values,
    "UpdateRequestValidator": _check_name,
    "UpdateRestApi": _check_sizes,
}
"""What is refused of the patches themselves."""


def _judge_api(parameters: Parameters, changed: Target, patches: Sequence[Patch]) -> None:
    del parameters
    kinds = [patch.get("value") for patch in patches if patch["path"].startswith(_TYPES)]
    endpoints = changed["endpointConfiguration"]
    if kinds:
        endpoints |= {"types": [kinds[-1]], "ipAddressType": "dualstack" if kinds[-1] == checks.PRIVATE else "ipv4"}
    checks.check_endpoints(endpoints)
    changed.setdefault("tags", {})


def _judge_method(parameters: Parameters, changed: Target, patches: Sequence[Patch]) -> None:
    del patches
    if changed.get("authorizationType") not in checks.NEED_AUTHORIZERS:
        changed.pop("authorizerId", None)
    checks.check_method(parameters["restApiId"], changed)


def _judge_resource(parameters: Parameters, changed: Target, patches: Sequence[Patch]) -> None:
    api, resource = parameters["restApiId"], parameters["resourceId"]
    if not resources_of(api)[resource].get("parentId"):
        for name in ("pathPart", "parentId"):
            if any(patch["path"] == f"/{name}" for patch in patches):
                raise RefusedError(f"Root resource cannot update its {name}.")
    above, parents = changed.get("parentId"), resources_of(api)
    if above and above not in parents:
        raise absent("Invalid Resource identifier specified")
    checks.check_siblings(api, resource, changed["parentId"], changed.get("pathPart", ""))
    while above:
        if above == resource:
            raise RefusedError("Resources cannot be cyclical.")
        above = parents[above].get("parentId")


def _keep_gateway_response(parameters: Parameters, changed: Target, patches: Sequence[Patch]) -> None:
    """Keep an answer of the gateway's own that is changed for the first time."""
    del patches
    changed["defaultResponse"] = False
    apigateway._gateway_responses.setdefault(parameters["restApiId"], {})[parameters["responseType"]] = changed


def _judge_response(parameters: Parameters, changed: Target, patches: Sequence[Patch]) -> None:
    del parameters, patches
    for name in ("responseModels", "responseParameters"):
        if not changed.get(name):
            changed.pop(name, None)


AFTER: Final[Mapping[str, Callable[[Parameters, Target, Sequence[Patch]], None]]] = {
    "UpdateGatewayResponse": _keep_gateway_response,
    "UpdateMethod": _judge_method,
    "UpdateMethodResponse": _judge_response,
    "UpdateModel": lambda _, changed, __: checks.check_schema(changed),
    "UpdateResource": _judge_resource,
    "UpdateRestApi": _judge_api,
}
"""What is refused of a part as it would be after a change, and what else a change does."""
