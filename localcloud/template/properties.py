"""Properties of resources against the schema of their type, in the words of CloudFormation.

A type that is not in AWS's registry is not judged. Values may be written as CloudFormation converts them: numbers and
truth values as texts, and the other way round. Source of the words: aws-cloudformation/cloudformation-coverage-roadmap
#1005 and #1514, aws/aws-cdk#28984, and re:Post's "Model validation failed".
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

Schema = Mapping[str, Any]
"""What a value may be, as the registry says it: its `type`, and by that `element`, `types`, `reference` and so on."""
_INTEGER: Final = re.compile(r"[+-]?\d+")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_FOUND: Final = ((bool, "Boolean"), (int, "Integer"), (float, "Number"), (str, "String"), (list, "JSONArray"))
_TAG: Final = {"Key": {"type": {"type": "string"}, "required": True}, "Value": {"type": {"type": "string"}}}
"""The registry's `tag` stands for two kinds of tags: those of some types, as of functions, need no value."""


class PropertiesError(ValueError):
    """A resource whose properties are not those of its type; the message is what CloudFormation says."""


@dataclass(frozen=True)
class Schemas:
    """What the properties of resource types are, by name of a type or number of a definition, and by their own name."""

    properties: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, names: Iterable[str], tables: Mapping[str, Any]) -> Self:
        """Take the schemas of these types, and of what their properties are made of, from the registry's tables."""
        types = {each["cloudFormationType"]: each["properties"] for each in tables["resource"]["entities"]}
        definitions = {each["$id"]: each["properties"] for each in tables["typeDefinition"]["entities"]}
        found = {name: _without_prose(types[name]) for name in names if name in types}
        waiting = list(found.values())
        while waiting:
            for number in _references(waiting.pop()):
                if number not in found:
                    found[number] = _without_prose(definitions[number])
                    waiting.append(found[number])
        return cls(found)

    def check(self, logical_id: str, kind: str, properties: object) -> None:
        """Raise `PropertiesError` with everything that is wrong in the properties of a resource."""
        if kind not in self.properties:
            return
        if found := list(self._of_object(self.properties[kind], properties, "#")):
            raise PropertiesError(
                f"Properties validation failed for resource {logical_id} with message:\n" + "\n".join(found)
            )

    def _of_object(self, wanted: Mapping[str, Any], value: object, place: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield _unexpected(place, "JSONObject", value)
            return
        for name, schema in wanted.items():
            if name in value:
                yield from self._of_property(schema, value[name], f"{place}/{name}")
            elif schema.get("required"):
                yield f"{place}: required key [{name}] not found"
        for name in value:
            if name not in wanted:
                yield f"{place}: extraneous key [{name}] is not permitted"

    def _of_property(self, schema: Schema, value: object, place: str) -> Iterator[str]:
        return self._of_one([schema["type"], *schema.get("previousTypes", ())], value, place)

    def _of_one(self, schemas: Iterable[Schema], value: object, place: str) -> Iterator[str]:
        """Yield what is wrong by the first of the schemas, unless one of them takes the value."""
        found = [list(self._of_value(each, value, place)) for each in schemas]
        if all(found):
            yield from found[0]

    def _of_value(self, schema: Schema, value: object, place: str) -> Iterator[str]:
        match schema["type"]:
            case "ref":
                yield from self._of_object(self.properties[schema["reference"]["$ref"]], value, place)
            case "tag":
                yield from self._of_object(_TAG, value, place)
            case "array" | "map":
                yield from self._of_items(schema, value, place)
            case "union":
                yield from self._of_one(schema["types"], value, place)
            case name:
                yield from _of_scalar(*_SCALARS[name], schema, value, place)

    def _of_items(self, schema: Schema, value: object, place: str) -> Iterator[str]:
        kind, expected, items = _COLLECTIONS[schema["type"]]
        if not isinstance(value, kind):
            yield _unexpected(place, expected, value)
            return
        for key, item in items(value):
            yield from self._of_value(schema["element"], item, f"{place}/{key}")


def _of_scalar(
    expected: str, takes: Callable[[object], bool], schema: Schema, value: object, place: str
) -> Iterator[str]:
    if not takes(value):
        yield _unexpected(place, expected, value)
    elif "allowedValues" in schema and _text(value) not in map(_text, schema["allowedValues"]):
        yield f"{place}: {_text(value)} is not a valid enum value"


def _is_reference(value: object) -> bool:
    """Return whether a value is one that the service looks up when it is used."""
    return isinstance(value, str) and value.startswith("{{resolve:")


_COLLECTIONS: Final[Mapping[str, tuple[type, str, Callable[[Any], Iterable[tuple[object, Any]]]]]] = {
    "array": (list, "JSONArray", enumerate),
    "map": (dict, "JSONObject", dict.items),
}
_SCALARS: Final[Mapping[str, tuple[str, Callable[[object], bool]]]] = {
    "string": ("String", lambda value: isinstance(value, str | int | float)),
    "date-time": ("String", lambda value: isinstance(value, str | int | float)),
    "integer": ("Integer", lambda value: _is_number(value, _INTEGER)),
    "number": ("Number", lambda value: _is_number(value, _NUMBER)),
    "boolean": ("Boolean", lambda value: isinstance(value, bool) or _text(value).lower() in {"true", "false"}),
    "json": ("JSONObject", lambda value: isinstance(value, Mapping | list | str)),
}


def _is_number(value: object, form: re.Pattern[str]) -> bool:
    return not isinstance(value, bool) and bool(form.fullmatch(_text(value)) or _is_reference(value))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unexpected(place: str, expected: str, value: object) -> str:
    found = next((name for kind, name in _FOUND if isinstance(value, kind)), "JSONObject")
    return f"{place}: expected type: {expected}, found: {'Null' if value is None else found}"


def _without_prose(value: Any) -> Any:  # noqa: ANN401 - any value of JSON
    if isinstance(value, dict):
        return {key: _without_prose(child) for key, child in value.items() if key != "documentation"}
    return [_without_prose(child) for child in value] if isinstance(value, list) else value


def _references(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(number := value.get("$ref"), str):
            yield number
        for child in value.values():
            yield from _references(child)
    elif isinstance(value, list):
        for child in value:
            yield from _references(child)
