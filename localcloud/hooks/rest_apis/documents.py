"""OpenAPI documents that REST APIs are made of: the parts that MiniStack's import leaves out, and documentation.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html and
https://docs.aws.amazon.com/apigateway/latest/api/API_DocumentationPartLocation.html.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ministack.services import apigateway_v1 as apigateway
from ministack.services.cloudformation import engine

from localcloud.hooks.rest_apis.calls import Call, RefusedError, api_of

ANY: Final = "x-amazon-apigateway-any-method"
INTEGRATION: Final = "x-amazon-apigateway-integration"
DOCUMENTATION: Final = "x-amazon-apigateway-documentation"
VERBS: Final = frozenset({"get", "put", "post", "delete", "patch", "options", "head"})
PLACES: Final[Mapping[str, str]] = {"path": "path", "query": "querystring", "header": "header"}
OF_ALL: Final = frozenset({"API", "AUTHORIZER", "MODEL"})
"""What documentation is of that has no path."""
AS_IN_REQUESTS: Final = (
    "cacheKeyParameters",
    "cacheNamespace",
    "connectionId",
    "connectionType",
    "credentials",
    "requestParameters",
    "requestTemplates",
    "timeoutInMillis",
    "tlsConfig",
)
"""Members of the extension for integrations that are called as in requests."""


def import_whole_documents() -> None:
    """Let imports make models, every method, its parameters and responses, and the whole of its integration."""
    make = apigateway._import_rest_api

    def imported(spec: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - MiniStack's id
        api = make(spec, base)
        _complete(api, spec)
        return api

    apigateway._import_rest_api = imported


def import_api(call: Call) -> dict[str, Any]:
    """Make an API of a document."""
    api = apigateway._import_rest_api(_parsed(call.body), {})
    found: dict[str, Any] = apigateway._rest_api_view(apigateway._rest_apis[api])
    return found


def put_api(call: Call) -> dict[str, Any]:
    """Put a document's parts over those of an API, or with mode=overwrite in their place."""
    api, spec = api_of(call.parameters), _parsed(call.body)
    info = spec.get("info") or {}
    api |= {name: info[given] for name, given in (("name", "title"), ("version", "version")) if info.get(given)}
    if call.parameters.get("mode") == "overwrite":
        resources = apigateway._resources[api["id"]]
        apigateway._resources[api["id"]] = {key: each for key, each in resources.items() if not each.get("parentId")}
        for root in apigateway._resources[api["id"]].values():
            root["resourceMethods"] = {}
    schemes = apigateway._import_security_schemes(api["id"], spec)
    for path, item in (spec.get("paths") or {}).items():
        apigateway._import_path_item(api["id"], path, item, schemes, spec.get("security"))
    _complete(api["id"], spec)
    found: dict[str, Any] = apigateway._rest_api_view(api)
    return found


def import_parts(call: Call) -> dict[str, Any]:
    """Keep the documentation of a document."""
    api, spec = call.parameters["restApiId"], _parsed(call.body)
    api_of(call.parameters)
    if call.parameters.get("mode") == "overwrite":
        apigateway._documentation_parts[api] = {}
    return {"ids": _documentation(api, spec)}


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        spec = engine.yaml.safe_load(body)
    except (engine.yaml.YAMLError, UnicodeDecodeError):
        spec = None
    if not isinstance(spec, Mapping) or not ({"openapi", "swagger"} & spec.keys()):
        raise RefusedError("Unable to build importer with provided input.")
    return spec


def _complete(api: str, spec: Mapping[str, Any]) -> None:
    schemas = {**(spec.get("definitions") or {}), **((spec.get("components") or {}).get("schemas") or {})}
    models = apigateway._models.setdefault(api, {})
    for name, schema in schemas.items():
        model = {"id": apigateway._new_id()[:6], "name": name, "contentType": "application/json"}
        models.setdefault(name, {**model, "schema": json.dumps(schema)})
    by_path = {resource["path"]: resource for resource in (apigateway._resources.get(api) or {}).values()}
    for path, item in (spec.get("paths") or {}).items():
        resource = by_path.get(path if path == "/" else path.rstrip("/"))
        if resource is None:
            continue
        if ANY in item:
            apigateway._import_operation(api, resource["id"], "ANY", item[ANY])
        for verb, operation in _operations(item):
            if method := resource["resourceMethods"].get(verb):
                _complete_method(method, item, operation or {})
    _documentation(api, spec)


def _operations(item: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, operation in item.items():
        if name == ANY or name.lower() in VERBS:
            yield "ANY" if name == ANY else name.upper(), operation


def _complete_method(method: dict[str, Any], item: Mapping[str, Any], operation: Mapping[str, Any]) -> None:
    method["operationName"] = operation.get("operationId", "")
    for each in [*(item.get("parameters") or ()), *(operation.get("parameters") or ())]:
        if each.get("in") in PLACES:
            name = f"method.request.{PLACES[each['in']]}.{each['name']}"
            method["requestParameters"][name] = bool(each.get("required"))
    for status, response in (operation.get("responses") or {}).items():
        schemas = {kind: content.get("schema") for kind, content in (response.get("content") or {}).items()}
        schemas |= {"application/json": response["schema"]} if "schema" in response else {}
        method["methodResponses"][str(status)] = {
            "statusCode": str(status),
            "responseModels": {
                kind: schema["$ref"].rpartition("/")[2] for kind, schema in schemas.items() if "$ref" in (schema or {})
            },
            "responseParameters": {f"method.response.header.{name}": False for name in response.get("headers") or ()},
        }
    if (given := operation.get(INTEGRATION)) and (integration := method.get("methodIntegration")):
        _complete_integration(integration, given)


def _complete_integration(integration: dict[str, Any], given: Mapping[str, Any]) -> None:
    integration |= {name: given[name] for name in AS_IN_REQUESTS if name in given}
    for name in ("passthroughBehavior", "contentHandling"):
        if given.get(name):
            integration[name] = given[name].upper()
    for pattern, response in (given.get("responses") or {}).items():
        status = str(response.get("statusCode", "200"))
        integration["integrationResponses"][status] = {
            "statusCode": status,
            "selectionPattern": "" if pattern == "default" else pattern,
            "responseParameters": response.get("responseParameters") or {},
            "responseTemplates": response.get("responseTemplates") or {},
        }


def _documentation(api: str, spec: Mapping[str, Any]) -> list[str]:
    """Keep the documentation of a document, and return the ids of its parts."""
    parts = (spec.get(DOCUMENTATION) or {}).get("documentationParts") or ()
    kept = apigateway._documentation_parts.setdefault(api, {})
    ids = []
    for part in parts:
        part_id, location = apigateway._new_id(), dict(part["location"])
        if location.get("type") not in OF_ALL:
            location.setdefault("path", "/")
        kept[part_id] = {"id": part_id, "location": location, "properties": json.dumps(part.get("properties"))}
        ids.append(part_id)
    return ids
