"""`Search` over feature groups and over the metadata of features; other resources are refused by name."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from localsagemaker.errors import ServiceError
from localsagemaker.feature_store.kinds import FEATURE_GROUP
from localsagemaker.kernel.listing import moment_of, page
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Resources, describe

_TIMES: Final = {"CreationTime", "LastModifiedTime"}
_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "Equals": lambda found, value: found == value,
    "NotEquals": lambda found, value: found != value,
    "GreaterThan": lambda found, value: found > value,
    "GreaterThanOrEqualTo": lambda found, value: found >= value,
    "LessThan": lambda found, value: found < value,
    "LessThanOrEqualTo": lambda found, value: found <= value,
}
_DEEPEST: Final = 10


class Search:
    """Searches records by the filters of an expression; a name such as `Parameters.idType` reaches into a list."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def operations(self) -> dict[str, Handler]:
        """Return the one operation."""
        return {"Search": self._search}

    def _search(self, request: Request) -> dict[str, Any]:
        parameters = request.parameters
        kind = parameters["Resource"]
        if kind not in {"FeatureGroup", "FeatureMetadata"}:
            raise ServiceError("ValidationException", f"The local cloud does not search {kind}.")
        records = list(self._groups(request) if kind == "FeatureGroup" else self._features(request))
        kept = [record for record in records if _holds(record, parameters.get("SearchExpression") or {})]
        order = parameters.get("SortBy", "LastModifiedTime")
        if any(order not in record for record in kept):
            raise ServiceError("ValidationException", f"{kind} cannot be sorted by {order}.")
        kept.sort(key=lambda record: record[order])
        if parameters.get("SortOrder") != "Ascending":
            kept.reverse()
        return page(request, "Results", [{kind: record} for record in kept])

    def _groups(self, request: Request) -> Iterator[Mapping[str, Any]]:
        for record in self._resources.all(FEATURE_GROUP, request.scope):
            yield describe(record, "DescribeFeatureGroup")

    def _features(self, request: Request) -> Iterator[Mapping[str, Any]]:
        for record in self._resources.all(FEATURE_GROUP, request.scope):
            for definition in record["FeatureDefinitions"]:
                name = definition["FeatureName"]
                yield {
                    "FeatureGroupArn": record["FeatureGroupArn"],
                    "FeatureGroupName": record["FeatureGroupName"],
                    "FeatureName": name,
                    "FeatureType": definition["FeatureType"],
                    "CreationTime": record["CreationTime"],
                    "LastModifiedTime": record["CreationTime"],
                    "Parameters": [],
                    **record["Metadata"].get(name, {}),
                }


def _holds(record: Mapping[str, Any], expression: Mapping[str, Any], depth: int = 0) -> bool:
    """Return whether a record meets an expression: all of its parts, or any with the operator Or."""
    if depth > _DEEPEST:
        raise ServiceError("ValidationException", f"SubExpressions go at most {_DEEPEST} deep.")
    parts = [_meets(record, item) for item in expression.get("Filters", ())]
    parts += [_holds(record, item, depth + 1) for item in expression.get("SubExpressions", ())]
    return (any(parts) if expression.get("Operator") == "Or" else all(parts)) or not parts


def _meets(record: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    name: str = wanted["Name"]
    operator: str = wanted.get("Operator", "Equals")
    value: str | None = wanted.get("Value")
    found = _value(record, name)
    if operator in {"Exists", "NotExists"}:
        return (found is not None) == (operator == "Exists")
    if value is None:
        raise ServiceError("ValidationException", f"The filter on {name} needs a Value.")
    if found is None:
        return operator == "NotEquals"
    if operator == "Contains":
        return value.lower() in str(found).lower()
    if operator == "In":
        return str(found) in value.split(",")
    if name in _TIMES:
        try:
            return _COMPARED[operator](found, moment_of(value.replace("Z", "+00:00")))
        except ValueError:
            raise ServiceError("ValidationException", f"{value!r} is no time for {name}: use ISO 8601.") from None
    return _COMPARED[operator](str(found), value)


def _value(record: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - a member of any type
    member, dot, key = name.partition(".")
    if not dot:
        return record.get(name)
    for item in record.get(member, ()) if isinstance(record.get(member), list) else ():
        if item.get("Key") == key:
            return item.get("Value")
    return None
