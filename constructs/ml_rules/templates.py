"""Templates as data: every stack of an application, with the references in and between them followed."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ml_rules.values import as_list, get, mappings

Template = Mapping[str, Any]

REFERENCE = re.compile(r"\$\{([^/}]+)/([^.}]+)(?:\.([^}]+))?\}")
"""How a reference to a resource is written: `${stack/LogicalId}`, or `${stack/LogicalId.Attribute}`."""
_PSEUDO: Final = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
_NO_VALUE: Final = object()
_EXTENSIONS: Final = "AWS::LanguageExtensions"
"""AWS's own macro for further intrinsic functions; of these only `Fn::ForEach` makes resources."""
_POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")
_CONDITION: Final = re.compile(r'"Fn::If": \["([^"]+)"')


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

    def __init__(self, templates: Mapping[str, Template], environments: Sequence[Target] = ()) -> None:
        known = {environment.name: environment for environment in environments}
        self.resources: list[Resource] = []
        for case in _cases(templates):
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


@dataclass(frozen=True)
class _Case:
    """One case to judge: the conditions that hold, and the entry of a map that is taken where no template tells."""

    holding: frozenset[str]
    entry: int = 0


def _cases(templates: Mapping[str, Template]) -> list[_Case]:
    """Return the worlds to judge: conditions that hold all, none, each alone, and all but each; each entry of a map.

    So both sides of every condition are judged, also of one within another.
    """
    text = json.dumps(list(templates.values()))
    names = frozenset(_CONDITION.findall(text))
    alone = [frozenset({name}) for name in sorted(names)]
    several = dict.fromkeys([names, frozenset(), *alone, *(names - one for one in alone)])
    maps = [entries for template in templates.values() for entries in template.get("Mappings", {}).values()]
    most = max(map(len, maps), default=0) if "Fn::FindInMap" in text else 0
    return [*map(_Case, several), *(_Case(names, entry) for entry in range(1, most))]


class _Reader:
    """Replaces intrinsic functions by the text that they stand for, as far as a template tells it."""

    def __init__(self, templates: Mapping[str, Template], case: _Case) -> None:
        self._templates = templates
        self._case = case
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
                return self.value(argument[1 if argument[0] in self._case.holding else 2], stack)
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
            case "Fn::ToJsonString":
                return json.dumps(self.value(argument, stack), default=str)
            case _:
                return f"${{{name}}}"

    def _find_in_map(self, name: str, *keys: str, stack: str) -> Any:  # noqa: ANN401 - whatever a template holds
        found = self._templates[stack].get("Mappings", {}).get(name, {})
        for key in keys:
            entries = found if isinstance(found, Mapping) else {}
            untold = key not in entries and "${" in key and entries
            found = entries.get(sorted(entries)[min(self._case.entry, len(entries) - 1)] if untold else key)
        return f"${{{'.'.join((name, *keys))}}}" if found is None else found

    def _ref(self, name: str, stack: str) -> Any:  # noqa: ANN401 - whatever a template holds
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name.startswith("AWS::"):
            return _PSEUDO.get(name, f"${{{name}}}")
        parameter = self._templates[stack].get("Parameters", {}).get(name)
        if parameter is not None and parameter.get("Type", "").startswith("AWS::SSM::"):
            return f"${{{name}}}"  # its default is the name of what is elsewhere
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
