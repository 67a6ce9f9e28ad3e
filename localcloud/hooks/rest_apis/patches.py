"""What PATCH may change of each part of a REST API, and how: JSON patches, as API Gateway takes them.

Source of the table: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html; of the words: the answers
that localstack/localstack recorded from AWS (tests/aws/services/apigateway, Apache-2.0).
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from botocore.model import MapShape, Shape, StructureShape

from localcloud.hooks.rest_apis.calls import RefusedError, absent

Patch = Mapping[str, Any]
REPLACE: Final = frozenset({"replace"})
LISTED: Final = frozenset({"add", "remove"})
CHANGED: Final = frozenset({"add", "replace", "remove"})
NO_PARAMETER, NO_CONTENT_TYPE = "Invalid parameter name specified", "Content-Type specified was not found"
ABSENT: Final[Mapping[str, str]] = {
    "requestParameters": NO_PARAMETER,
    "responseParameters": NO_PARAMETER,
    "requestModels": NO_CONTENT_TYPE,
    "responseModels": NO_CONTENT_TYPE,
    "requestTemplates": NO_CONTENT_TYPE,
    "responseTemplates": NO_CONTENT_TYPE,
}
"""What is said of an entry that is to be replaced or removed and is not there."""


def _unnamed(operation: str, path: str, paths: Mapping[str, frozenset[str]]) -> str:
    del operation, paths
    return f"Invalid patch path {path}"


def _listing(operation: str, path: str, paths: Mapping[str, frozenset[str]]) -> str:
    takes = [each for each, operations in paths.items() if operation in operations]
    told = f"Must be one of: [{', '.join(takes)}]" if takes else "Please choose supported operations"
    return f"Invalid patch path  '{path}' specified for op '{operation}'. {told}"


def _choosing(operation: str, path: str, paths: Mapping[str, frozenset[str]]) -> str:
    if path not in paths:
        return _unnamed(operation, path, paths)
    return f"Invalid patch operation specified. Must be one of: [{', '.join(sorted(paths[path]))}]"


@dataclass(frozen=True)
class Patchable:
    """What may be patched: operations by path, where `*` is the name of any entry; and what is said of another."""

    paths: Mapping[str, frozenset[str]]
    refusal: Callable[[str, str, Mapping[str, frozenset[str]]], str] = _choosing

    def check(self, patches: Sequence[Patch]) -> None:
        """Refuse an operation that is not taken where it is asked for."""
        for patch in patches:
            operation, path = str(patch.get("op")), patch.get("path")
            if path is None:
                raise RefusedError("Invalid patch path null")
            known = path if path in self.paths else _pattern(path)
            if operation not in self.paths.get(known, ()):
                raise RefusedError(self.refusal(operation, path if known not in self.paths else known, self.paths))


def _entries(*names: str) -> dict[str, frozenset[str]]:
    return {f"/{name}/*": CHANGED for name in names}


def _each(*names: str) -> dict[str, frozenset[str]]:
    return dict.fromkeys([f"/{name}" for name in names], REPLACE)


PATCHABLE: Final[Mapping[str, Patchable]] = {
    "UpdateApiKey": Patchable({**_each("name", "description", "enabled", "customerId"), "/stages": LISTED}),
    "UpdateAuthorizer": Patchable(
        {
            **_each(
                "name",
                "type",
                "authType",
                "authorizerUri",
                "authorizerCredentials",
                "identitySource",
                "identityValidationExpression",
                "authorizerResultTtlInSeconds",
            ),
            "/providerARNs": CHANGED,
        }
    ),
    "UpdateBasePathMapping": Patchable(_each("basePath", "restapiId", "stage")),
    "UpdateDeployment": Patchable(_each("description")),
    "UpdateDocumentationPart": Patchable(_each("properties"), _listing),
    "UpdateGatewayResponse": Patchable(
        {**_each("statusCode"), **_entries("responseParameters", "responseTemplates")}, _unnamed
    ),
    "UpdateIntegration": Patchable(
        {
            **_each(
                "cacheNamespace",
                "connectionId",
                "connectionType",
                "contentHandling",
                "credentials",
                "httpMethod",
                "passthroughBehavior",
                "timeoutInMillis",
                "tlsConfig/insecureSkipVerification",
                "uri",
            ),
            **_entries("requestParameters", "requestTemplates"),
            "/cacheKeyParameters/*": LISTED,
        }
    ),
    "UpdateIntegrationResponse": Patchable(
        {**_each("contentHandling", "selectionPattern"), **_entries("responseParameters", "responseTemplates")}
    ),
    "UpdateMethod": Patchable(
        {
            **_each("apiKeyRequired", "authorizationType", "authorizerId", "operationName", "requestValidatorId"),
            **_entries("requestModels", "requestParameters"),
            "/authorizationScopes": LISTED,
        }
    ),
    "UpdateMethodResponse": Patchable(_entries("responseModels", "responseParameters")),
    "UpdateModel": Patchable(_each("description", "schema"), _listing),
    "UpdateRequestValidator": Patchable(_each("name", "validateRequestParameters", "validateRequestBody"), _listing),
    "UpdateResource": Patchable(_each("parentId", "pathPart"), _listing),
    "UpdateRestApi": Patchable(
        {
            **_each(
                "apiKeySource",
                "disableExecuteApiEndpoint",
                "endpointConfiguration/ipAddressType",
                "minimumCompressionSize",
                "name",
                "policy",
                "version",
            ),
            "/binaryMediaTypes/*": CHANGED,
            "/description": frozenset({"replace", "remove"}),
            "/endpointConfiguration/types/*": REPLACE,
            "/endpointConfiguration/vpcEndpointIds": LISTED,
        }
    ),
    "UpdateVpcLink": Patchable(_each("name", "description")),
}


def patched(target: Mapping[str, Any], patches: Sequence[Patch], shape: StructureShape) -> dict[str, Any]:
    """Return a target as its patches leave it, each value of the type that the shape gives its member."""
    found: dict[str, Any] = deepcopy(dict(target))
    for patch in patches:
        _apply(found, patch, shape)
    return found


def steps(path: str) -> list[str]:
    """Return the names that a path goes by."""
    return [step.replace("~1", "/").replace("~0", "~") for step in path.lstrip("/").split("/")]


def _apply(target: dict[str, Any], patch: Patch, shape: StructureShape) -> None:
    operation, value = patch["op"], patch.get("value")
    names = steps(patch["path"])
    member = shape.members.get(names[0])
    if len(names) == 1 and member is not None and member.type_name == "list":
        _change_list(target, names[0], operation, value, value)
    elif len(names) == 1:
        _set(target, names[0], operation, value, member)
    elif member is not None and member.type_name == "list":
        _change_list(target, names[0], operation, names[1], value)
    elif isinstance(member, StructureShape):
        inner = target.get(names[0]) or {}
        target[names[0]] = inner
        _apply(inner, {**patch, "path": "/" + patch["path"].lstrip("/").split("/", 1)[1]}, member)
    else:
        _change_entry(target, names[0], names[1], operation, value, member)


def _set(target: dict[str, Any], name: str, operation: str, value: Any, member: Shape | None) -> None:  # noqa: ANN401 - any JSON value
    kind = member.type_name if member is not None else "string"
    if operation == "remove" or (kind != "boolean" and (value is None or value == "")):
        target.pop(name, None)
    else:
        target[name] = _typed(value, kind)


def _change_list(target: dict[str, Any], name: str, operation: str, item: Any, value: Any) -> None:  # noqa: ANN401 - any JSON value
    items = [each for each in target.get(name) or () if operation == "add" or each != item]
    if operation != "remove":
        items.append(value if operation == "replace" else item)
    target[name] = list(dict.fromkeys(items))


def _change_entry(  # noqa: PLR0913, PLR0917 - all that one patch says
    target: dict[str, Any],
    name: str,
    entry: str,
    operation: str,
    value: Any,  # noqa: ANN401 - any JSON value
    member: Shape | None,
) -> None:
    entries = target.get(name) or {}
    if operation != "add" and entry not in entries:
        raise absent(ABSENT[name])
    if operation == "remove":
        del entries[entry]
    else:
        entries[entry] = _typed(value, member.value.type_name if isinstance(member, MapShape) else "string")
    target[name] = entries


def _typed(value: Any, kind: str) -> Any:  # noqa: ANN401 - any JSON value
    if kind == "boolean":
        return str(value).lower() == "true"
    if kind in {"integer", "long"}:
        return int(value)
    return float(value) if kind in {"double", "float"} else value


def _pattern(path: str) -> str:
    return path.rpartition("/")[0] + "/*"
