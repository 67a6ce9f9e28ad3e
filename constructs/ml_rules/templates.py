"""Templates as data: every stack of an application, with the references in and between them followed."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ml_rules.values import as_list, get, mappings
from ml_rules.worlds import World, worlds

Template = Mapping[str, Any]

REFERENCE = re.compile(r"\$\{([^/}:]+)/([^.}]+)(?:\.([^}]+))?\}")
"""How a reference to a resource is written: `${stack/LogicalId}`, or `${stack/LogicalId.Attribute}`."""
_ELSEWHERE: Final = re.compile(r"\{\{resolve:|\$\{(?!AWS::)(?![^}:]*/)")
_PSEUDO: Final = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
_NO_VALUE: Final = object()
_EXTENSIONS: Final = "AWS::LanguageExtensions"
"""AWS's own macro for further intrinsic functions; of these only `Fn::ForEach` makes resources."""
_POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")
_DECLARED: Final = {"Parameters": "Parameter", "Outputs": "Output", "Mappings": "Mapping"}
"""Sections of a template beside its resources, and what they declare."""


@dataclass(frozen=True)
class Target:
    """What rules must know of the environment that a stack belongs to; the strictest unless said otherwise."""

    name: str = ""
    account: str = ""
    production: bool = True
    lasting: bool = True
    closed: bool = True


STRICTEST: Final = Target()


@dataclass(frozen=True)
class Resource:
    """One resource, its intrinsic functions replace_reference by text."""

    stack: str
    logical_id: str
    type: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, Any] = field(repr=False)
    environment: Target = field(default=STRICTEST, repr=False)

    @property
    def path(self) -> str:
        """Path of its construct, or stack and logical id where a template tells none."""
        path: str = self.attributes.get("Metadata", {}).get("aws:cdk:path", f"{self.stack}/{self.logical_id}")
        return path

    def get(self, path: str, default: Any = None) -> Any:  # noqa: ANN401 - whatever a template holds
        """Return the property at `path`, written with dots."""
        return get(self.properties, path, default)


class Templates:
    """Every template of an application, by the name of its stack."""

    def __init__(
        self, templates: Mapping[str, Template], environments: Sequence[Target] = (), world: World | None = None
    ) -> None:
        self._given = (templates, environments)
        known = {environment.name: environment for environment in environments}
        self.resources: list[Resource] = []
        for case in [world] if world else worlds(templates):
            reader = _Reader(templates, case)
            self.resources += [
                Resource(
                    stack,
                    logical_id,
                    body["Type"],
                    reader.value(body.get("Properties", {}), stack),
                    {
                        key: reader.value(value, stack) if key in _POLICIES else value
                        for key, value in body.items()
                        if key != "Properties"
                    },
                    known.get(stack.partition("-")[0], STRICTEST),
                )
                for stack, template in templates.items()
                for logical_id, body in template.get("Resources", {}).items()
                if isinstance(body, Mapping) and "Type" in body and reader.has(body, stack)
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
        reader = _Reader(templates, world or World())
        self.declarations = [
            Resource(stack, name, kind, reader.value(body, stack), {}, known.get(stack.partition("-")[0], STRICTEST))
            for stack, template in templates.items()
            for section, kind in _DECLARED.items()
            for name, body in template.get(section, {}).items()
            if isinstance(body, Mapping)
        ]
        """Parameters, outputs and maps, whose bodies are their properties."""

    def worlds(self) -> "Iterator[Templates]":
        """Yield these templates as they are in each world: conditions hold together there, or do not."""
        templates, environments = self._given
        for world in worlds(templates):
            yield Templates(templates, environments, world)

    @property
    def sources(self) -> Mapping[str, Template]:
        """The templates as they were given, by the name of their stack."""
        return self._given[0]

    def declares(self, text: str) -> bool:
        """Return whether the resource that `text` refers to is in a template, in this world or another."""
        match = REFERENCE.match(text)
        resources = self._given[0].get(match[1], {}).get("Resources", {}) if match else {}
        return match is not None and match[2] in resources

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


def leads_elsewhere(text: object) -> bool:
    """Return whether a parameter, an import or a dynamic reference tells what is meant: it is in no template here."""
    return bool(_ELSEWHERE.search(str(text)))


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


class _Reader:
    """Replaces intrinsic functions by the text that they stand for, as far as a template tells it."""

    def __init__(self, templates: Mapping[str, Template], world: World) -> None:
        self._templates = templates
        self._world = world
        self._exports = {
            self.text(output["Export"]["Name"], stack): (output["Value"], stack)
            for stack, template in templates.items()
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }

    def has(self, body: Mapping[str, Any], stack: str) -> bool:
        """Return whether a resource is there: the condition that it may have holds."""
        condition = body.get("Condition")
        return not isinstance(condition, str) or self._world.holds(self._templates, stack, condition)

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

    def _call(self, name: str, argument: Any, stack: str) -> Any:  # noqa: ANN401, C901, PLR0911, PLR0912 - one a function
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
                return self.value(argument[1 if self._world.holds(self._templates, stack, argument[0]) else 2], stack)
            case "Fn::GetStackOutput":
                output = get(self._templates, argument["StackName"], {}).get("Outputs", {}).get(argument["OutputName"])
                return (
                    self.value(output["Value"], argument["StackName"]) if output else f"${{{argument['OutputName']}}}"
                )
            case "Fn::ImportValue":
                exported = self._exports.get(self.text(argument, stack))
                return self.value(*exported) if exported else f"${{{self.text(argument, stack)}}}"
            case "Fn::FindInMap":
                return self._find_in_map(*(self.text(part, stack) for part in argument[:3]), stack=stack)
            case "Fn::Base64":
                return self.value(argument, stack)
            case "Fn::ToJsonString":
                return json.dumps(self.value(argument, stack), default=str)
            case _:
                return f"${{{name}}}"

    def _find_in_map(self, name: str, *keys: str, stack: str) -> Any:  # noqa: ANN401 - whatever a template holds
        found = self._templates[stack].get("Mappings", {}).get(name, {})
        for key in keys:
            entries = found if isinstance(found, Mapping) else {}
            untold = key not in entries and "${" in key and entries
            found = entries.get(sorted(entries)[min(self._world.entry, len(entries) - 1)] if untold else key)
        return f"${{{'.'.join((name, *keys))}}}" if found is None else found

    def _ref(self, name: str, stack: str) -> Any:  # noqa: ANN401 - whatever a template holds
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name.startswith("AWS::"):
            return _PSEUDO.get(name, f"${{{name}}}")
        parameter = self._templates[stack].get("Parameters", {}).get(name)
        if parameter is not None and parameter.get("Type", "").startswith("AWS::SSM::"):
            return f"${{{name}}}"  # its default is the name of what is elsewhere
        if (chosen := self._world.parameter(name)) is not None:
            return chosen
        if parameter is not None:
            default = parameter.get("Default", f"${{{name}}}")
            several = "Default" in parameter and "List" in parameter.get("Type", "")
            return str(default).split(",") if several else default
        return f"${{{stack}/{name}}}"

    def _sub(self, argument: Any, stack: str) -> str:  # noqa: ANN401 - text, or text and variables
        text, variables = (argument, {}) if isinstance(argument, str) else argument

        def replace_reference(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in variables:
                return self.text(variables[name], stack)
            call = {"Fn::GetAtt": name} if "." in name else {"Ref": name}
            return self.text(call, stack)

        return re.sub(r"\$\{([^}]+)\}", replace_reference, text)


def function_of(templates: Templates, text: object) -> Resource | None:
    """Return the function that `text` means, also by one of its aliases or versions."""
    found = templates.find(text)
    while found is not None and found.type in {"AWS::Lambda::Alias", "AWS::Lambda::Version"}:
        found = templates.find(found.get("FunctionName"))
    return found if found is not None and found.type == "AWS::Lambda::Function" else None
