"""Templates as data: every stack of an application, with the references in and between them followed."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

Template = Mapping[str, Any]

REFERENCE = re.compile(r"\$\{([^/}]+)/([^.}]+)(?:\.([^}]+))?\}")
"""How a reference to a resource is written: `${stack/LogicalId}`, or `${stack/LogicalId.Attribute}`."""
_PSEUDO: Final = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
_NO_VALUE: Final = object()
_EXTENSIONS: Final = "AWS::LanguageExtensions"
"""AWS's own macro for further intrinsic functions; of these only `Fn::ForEach` makes resources."""
_CONDITION: Final = re.compile(r'"Fn::If": \["([^"]+)"')


@dataclass(frozen=True)
class Environment:
    """What rules must know of the environment that a stack belongs to; the strictest unless said otherwise."""

    name: str = ""
    production: bool = True
    lasting: bool = True
    closed: bool = True


STRICTEST: Final = Environment()


@dataclass(frozen=True)
class Resource:
    """One resource, its intrinsic functions replaced by text."""

    stack: str
    logical_id: str
    type: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, Any] = field(repr=False)
    environment: Environment = field(default=STRICTEST, repr=False)

    @property
    def path(self) -> str:
        """Path of its construct, or stack and logical id where a template tells none."""
        path: str = self.attributes.get("Metadata", {}).get("aws:cdk:path", f"{self.stack}/{self.logical_id}")
        return path

    def get(self, path: str, default: Any = None) -> Any:  # noqa: ANN401 - whatever a template holds
        """Return the property at `path`, written with dots."""
        return get(self.properties, path, default)


def get(value: Any, path: str, default: Any = None) -> Any:  # noqa: ANN401 - whatever a template holds
    """Return what `value` holds at `path`, written with dots."""
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return default
        value = value[key]
    return value


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - whatever a template holds
    """Return `value` as the list that it may be written without."""
    if value is None:
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def named(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - whatever a template holds
    """Yield every property in `value`, however deep, by its name; also one written as a pair of Name and Value."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield str(name), item
            yield from named(item)
        if "Name" in value and "Value" in value:
            yield str(value["Name"]), value["Value"]
    elif isinstance(value, list):
        for item in value:
            yield from named(item)


def parsed(value: Any) -> Any:  # noqa: ANN401 - text or an object
    """Return `value`, or what it holds where it is JSON written as text; nothing where it is other text."""
    if isinstance(value, str):
        with suppress(ValueError):
            return json.loads(value)
        return {}
    return value


def mappings(value: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - whatever a template holds
    """Yield every mapping in `value`, however deep, and `value` itself."""
    if isinstance(value, Mapping):
        yield value
    for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from mappings(item)


def is_true(value: object) -> bool:
    """Return whether CloudFormation takes `value` for true: it may be written as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def number(value: object) -> float | None:
    """Return the number that a template gives, as one or as text."""
    try:
        return float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except ValueError:
        return None


class Templates:
    """Every template of an application, by the name of its stack."""

    def __init__(self, templates: Mapping[str, Template], environments: Sequence[Environment] = ()) -> None:
        known = {environment.name: environment for environment in environments}
        self.resources: list[Resource] = []
        for holding in _worlds(templates):
            reader = _Reader(templates, holding)
            self.resources += [
                Resource(
                    stack,
                    logical_id,
                    body["Type"],
                    reader.value(body.get("Properties", {}), stack),
                    {key: value for key, value in body.items() if key != "Properties"},
                    known.get(stack.partition("-")[0], STRICTEST),
                )
                for stack, template in templates.items()
                for logical_id, body in template.get("Resources", {}).items()
                if isinstance(body, Mapping) and "Type" in body
            ]
        self._by_id = {(resource.stack, resource.logical_id): resource for resource in self.resources}
        self._by_name: dict[str, Resource] = {}
        for resource in self.resources:
            name = resource.get(f"{resource.type.rpartition('::')[2]}Name")
            if isinstance(name, str) and name:
                self._by_name.setdefault(name, resource)
        self.macros = [
            Resource(stack, "Transform", name, {}, {})
            for stack, template in templates.items()
            for name in sorted(set(_macros(template)))
        ]

    def of(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of `types`, in the order of the templates."""
        return (resource for resource in self.resources if resource.type in types)

    def find(self, text: object) -> Resource | None:
        """Return the resource that `text` refers to, by reference or by the name that a template gives it."""
        if not isinstance(text, str):
            return None
        if match := REFERENCE.match(text):
            return self._by_id.get((match[1], match[2]))
        starts = [0, *(match.end() for match in re.finditer("[:/]", text))]
        return next((self._by_name[text[at:]] for at in reversed(starts) if text[at:] in self._by_name), None)


def read(assembly: Path) -> tuple[dict[str, Template], dict[str, Path]]:
    """Return the template of every stack in the cloud assembly at `assembly`, and its file, by the stack's name."""
    found: dict[str, Template] = {}
    files: dict[str, Path] = {}
    for manifest in sorted(assembly.glob("**/manifest.json")):
        for artifact in json.loads(manifest.read_text())["artifacts"].values():
            if artifact["type"] == "aws:cloudformation:stack":
                name, file = artifact["properties"]["stackName"], artifact["properties"]["templateFile"]
                files[name] = manifest.parent / file
                found[name] = json.loads(files[name].read_text())
    return found, files


def _macros(template: Template) -> Iterator[str]:
    """Yield the names of the macros that make other resources of `template` than those that it shows."""
    for used in [template.get("Transform"), *(item.get("Fn::Transform") for item in mappings(template))]:
        for macro in as_list(used):
            name = str(get(macro, "Name", macro))
            if name != _EXTENSIONS:
                yield name
    if any(key.startswith("Fn::ForEach") for item in mappings(template) for key in item):
        yield "Fn::ForEach"


def _worlds(templates: Mapping[str, Template]) -> list[frozenset[str]]:
    """Return which conditions hold at a time: all, none, each alone, and all but each.

    So both sides of every condition are judged, also of one within another.
    """
    names = frozenset(_CONDITION.findall(json.dumps(list(templates.values()))))
    alone = [frozenset({name}) for name in sorted(names)]
    return list(dict.fromkeys([names, frozenset(), *alone, *(names - one for one in alone)]))


class _Reader:
    """Replaces intrinsic functions by the text that they stand for, as far as a template tells it."""

    def __init__(self, templates: Mapping[str, Template], holding: frozenset[str]) -> None:
        self._templates = templates
        self._holding = holding
        self._exports = {
            self.text(output["Export"]["Name"], stack): (output["Value"], stack)
            for stack, template in templates.items()
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }

    def value(self, value: Any, stack: str) -> Any:  # noqa: ANN401 - whatever a template holds
        if isinstance(value, list):
            return [item for item in (self.value(item, stack) for item in value) if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(name, argument, stack)
        items = ((key, self.value(item, stack)) for key, item in value.items())
        return {key: item for key, item in items if item is not _NO_VALUE}

    def text(self, value: Any, stack: str) -> str:  # noqa: ANN401 - whatever a template holds
        value = self.value(value, stack)
        return value if isinstance(value, str) else json.dumps(value, default=str)

    def _call(self, name: str, argument: Any, stack: str) -> Any:  # noqa: ANN401, C901, PLR0911 - one branch a function
        match name:
            case "Ref":
                return self._ref(argument, stack)
            case "Fn::GetAtt":
                target, _, attribute = argument.partition(".") if isinstance(argument, str) else (argument[0], "", "")
                return f"${{{stack}/{target}.{attribute or argument[1]}}}"
            case "Fn::Join":
                return argument[0].join(self.text(part, stack) for part in as_list(self.value(argument[1], stack)))
            case "Fn::Sub":
                return self._sub(argument, stack)
            case "Fn::Split":
                text = self.text(argument[1], stack)
                return text if re.fullmatch(r"\$\{[^}]*\}", text) else text.split(argument[0])
            case "Fn::Select":
                parts = self.value(argument[1], stack)
                index = int(argument[0])
                return parts[index] if isinstance(parts, list) and index < len(parts) else f"${{part {index}}}"
            case "Fn::If":
                return self.value(argument[1 if argument[0] in self._holding else 2], stack)
            case "Fn::GetStackOutput":
                output = get(self._templates, argument["StackName"], {}).get("Outputs", {}).get(argument["OutputName"])
                return (
                    self.value(output["Value"], argument["StackName"]) if output else f"${{{argument['OutputName']}}}"
                )
            case "Fn::ImportValue":
                exported = self._exports.get(self.text(argument, stack))
                return self.value(*exported) if exported else f"${{{self.text(argument, stack)}}}"
            case "Fn::FindInMap":
                path = ".".join(self.text(part, stack) for part in argument[:3])
                return get(self._templates[stack].get("Mappings", {}), path, f"${{{path}}}")
            case "Fn::ToJsonString":
                return json.dumps(self.value(argument, stack), default=str)
            case _:
                return f"${{{name}}}"

    def _ref(self, name: str, stack: str) -> Any:  # noqa: ANN401 - whatever a template holds
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name.startswith("AWS::"):
            return _PSEUDO.get(name, f"${{{name}}}")
        parameter = self._templates[stack].get("Parameters", {}).get(name)
        if parameter is not None:
            default = parameter.get("Default", f"${{{name}}}")
            several = "Default" in parameter and "List" in parameter.get("Type", "")
            return str(default).split(",") if several else default
        return f"${{{stack}/{name}}}"

    def _sub(self, argument: Any, stack: str) -> str:  # noqa: ANN401 - text, or text and variables
        text, variables = (argument, {}) if isinstance(argument, str) else argument

        def replaced(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in variables:
                return self.text(variables[name], stack)
            call = {"Fn::GetAtt": name} if "." in name else {"Ref": name}
            return self.text(call, stack)

        return re.sub(r"\$\{([^}]+)\}", replaced, text)
