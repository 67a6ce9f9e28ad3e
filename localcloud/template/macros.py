"""Macros of a template: which of its parts each gets, in which order, and what becomes of the answers.

Source: user guide of CloudFormation, "Perform custom processing on CloudFormation templates with template macros"
(the innermost `Fn::Transform` first, which gets its siblings; then the section `Transform`, each entry getting all of
the template but that section); the words are those that localstack/localstack recorded from AWS
(tests/aws/services/cloudformation/test_template_engine.snapshot.json, Apache-2.0).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from localcloud.template.checks import TemplateError

SNIPPET: Final = "Fn::Transform"
OF_AWS: Final = "AWS::"
NO_NAME: Final = "Key Name of transform definition must be a string."
NO_TEMPLATE: Final = "Template format error: unsupported structure."
Call = Callable[[str, Any, Mapping[str, Any]], Any]
"""Calls a macro by its name with a fragment and its parameters, and returns what becomes of the fragment."""


def names_macros(template: object) -> bool:
    """Return whether a template names a macro that is none of AWS's."""
    return any(_is_own(spec) for spec in _declared(template)) or _has_snippets(template)


def expand(template: Mapping[str, Any], parameters: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """Return a template with its macros expanded; those of AWS stay. Raises `TemplateError`."""
    found = _expand_snippets({name: part for name, part in template.items() if name != "Transform"}, parameters, call)
    left = []
    for spec in _declared(template):
        if not _is_own(spec):
            left.append(spec)
            continue
        found = call(*_named(spec, parameters, found))
        if not isinstance(found, Mapping) or not isinstance(found.get("Resources"), Mapping):
            raise TemplateError(NO_TEMPLATE)
    return {**found, **({"Transform": left if len(left) > 1 else left[0]} if left else {})}


def _expand_snippets(value: Any, parameters: Mapping[str, Any], call: Call) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, list):
        return [_expand_snippets(item, parameters, call) for item in value]
    if not isinstance(value, Mapping):
        return value
    inner = {name: _expand_snippets(item, parameters, call) for name, item in value.items() if name != SNIPPET}
    specs = value.get(SNIPPET, [])
    found: Any = inner
    for spec in specs if isinstance(specs, list) else [specs]:
        found = call(*_named(spec, parameters, found)) if _is_own(spec) else {**found, SNIPPET: spec}
    return found


def _named(spec: Any, values: Mapping[str, Any], fragment: Any) -> tuple[str, Any, Mapping[str, Any]]:  # noqa: ANN401 - any JSON value
    """Return a macro's name, what it gets, and its parameters, in which a template's are known."""
    given = spec if isinstance(spec, Mapping) else {"Name": spec}
    if not isinstance(given.get("Name"), str):
        raise TemplateError(NO_NAME)
    parameters = given.get("Parameters") or {}
    return given["Name"], fragment, {name: _known(value, values) for name, value in parameters.items()}


def _known(value: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping) and set(value) == {"Ref"} and value["Ref"] in values:
        return values[value["Ref"]]
    if isinstance(value, Mapping):
        return {name: _known(item, values) for name, item in value.items()}
    return [_known(item, values) for item in value] if isinstance(value, list) else value


def _declared(template: object) -> list[Any]:
    declared = template.get("Transform") if isinstance(template, Mapping) else None
    return declared if isinstance(declared, list) else [declared] if declared else []


def _is_own(spec: object) -> bool:
    name = spec.get("Name") if isinstance(spec, Mapping) else spec
    return not str(name).startswith(OF_AWS)


def _has_snippets(value: object) -> bool:
    if isinstance(value, Mapping):
        specs = value.get(SNIPPET, [])
        named = any(map(_is_own, specs if isinstance(specs, list) else [specs]))
        return named or any(map(_has_snippets, value.values()))
    return isinstance(value, list) and any(map(_has_snippets, value))
