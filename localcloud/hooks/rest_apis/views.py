"""What API Gateway tells of the parts of a REST API: only what is set, where MiniStack tells every member.

Sources: the answers that localstack/localstack recorded from AWS (tests/aws/services/apigateway, Apache-2.0).
"""

from collections.abc import Mapping
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from localcloud.hooks.rest_apis.calls import Call

KEPT: Final[Mapping[str, frozenset[str]]] = {
    "Account": frozenset({"features"}),
    "GatewayResponse": frozenset({"responseParameters", "responseTemplates"}),
    "Integration": frozenset({"cacheKeyParameters"}),
    "IntegrationResponse": frozenset({"selectionPattern"}),
    "MethodResponse": frozenset({"responseModels", "responseParameters"}),
    "Stage": frozenset({"methodSettings"}),
    "Tags": frozenset({"tags"}),
    "VpcLink": frozenset({"targetArns"}),
}
"""Members that are told though they are empty, by the shape that they are of."""
ADDED: Final = frozenset({"apiStatus", "apiStatusMessage"})
"""Members that only the newest APIs have."""
TAGGED: Final = frozenset({"GetVpcLink", "UpdateRestApi", "UpdateVpcLink"})
"""Operations that tell of tags where there are none."""
SUMMARY: Final = "apisummary"


def view(call: Call, answer: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return an answer as API Gateway gives it."""
    shape = call.model.output_shape
    if shape is None:
        return answer
    told = _told(answer, shape)
    if call.operation in TAGGED:
        told["tags"] = answer.get("tags") or {}
    embedded = call.parameters.get("embed") or ()
    for each in told.get("item", [told]):
        if shape.name.startswith("Deployment") and SUMMARY not in embedded:
            each.pop("apiSummary", None)
        if shape.name in {"Resource", "Resources"} and "methods" not in embedded and "resourceMethods" in each:
            each["resourceMethods"] = {verb: {} for verb in each["resourceMethods"]}
    return told


def _told(value: Any, shape: Shape) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        kept = KEPT.get(shape.name, frozenset())
        shapes = {each.serialization.get("name", name): each for name, each in shape.members.items()}
        return {
            name: _told(each, shapes[name])
            for name, each in value.items()
            if name in shapes
            and name not in ADDED
            and (name in kept or name == "item" or (each is not None and each not in ("", {}, [])))
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_told(each, shape.member) for each in value]
    if isinstance(shape, MapShape) and isinstance(value, Mapping) and isinstance(shape.value, StructureShape):
        return {name: _told(each, shape.value) for name, each in value.items()}
    return value
