"""Nested stacks of MiniStack, which are stacks: expanded, checked, exporting, and removed when they fail.

What the local cloud cannot create is refused before anything is made, in nested stacks too.

MiniStack deploys a nested stack inside of one resource of its parent, and does less for it than for a stack.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, helpers, provisioners, stacks

from account import resource_types
from localcloud.hooks.stacks.cloudformation import known

TYPE = "AWS::CloudFormation::Stack"
Template = Mapping[str, Any]
Properties = Mapping[str, Any]
_parent: ContextVar[tuple[str, Properties] | None] = ContextVar("parent", default=None)
"""The stack whose nested stack is about to be read, and that one's properties; None once it was read."""


def treat_as_stacks() -> None:
    """Treat nested stacks like other stacks."""
    handler = provisioners._RESOURCE_HANDLERS[TYPE]
    create, update = handler["create"], handler["update"]

    def created(logical_id: str, properties: Properties, parent: str) -> Any:  # noqa: ANN401 - MiniStack's
        before = set(cloudformation._stacks)
        try:
            return _exported(_reading(create, parent, properties)(logical_id, properties, parent))
        except Exception:
            begun = f"{parent}-{logical_id}-"
            for name in [each for each in cloudformation._stacks if each not in before and each.startswith(begun)]:
                provisioners._cfn_nested_stack_delete(name, properties)
            raise

    def updated(physical_id: str, old: Properties, new: Properties, parent: str) -> Any:  # noqa: ANN401 - MiniStack's
        return _exported(_reading(update, parent, new)(physical_id, old, new, parent))

    handler.update(create=created, update=updated)
    parse = engine._parse_template

    def parsed(text: str) -> Any:  # noqa: ANN401 - MiniStack's
        template, parent = parse(text), _parent.get()
        if parent is None:
            return template
        _parent.set(None)
        return _expanded(template, *parent)

    engine._parse_template = parsed


def watch_refusals(reads: Callable[[str], bool], refused: Callable[[Mapping[str, str]], str]) -> None:
    """Refuse a template with types that are unknown or not read back, in the words of `refused`.

    It is given their logical ids and types. ValidateTemplate makes nothing, so it takes every type that AWS has.
    """

    def has_type(name: str) -> bool:
        return known(name) and reads(name)

    original = engine.validate_template_support

    def validate(template: Template, conditions: Mapping[str, bool], params: Any = None) -> None:  # noqa: ANN401 - MiniStack's
        def resolve(value: Any) -> Any:  # noqa: ANN401 - any value of a template
            return engine._resolve_refs(value, {}, params or {}, conditions, template.get("Mappings") or {}, "", "")

        unknown = unknown_types(
            template, has_type, resolve, lambda each: conditions.get(each.get("Condition", ""), True)
        )
        if params is None:
            template = {**template, "Resources": _without(template, unknown)}
            unknown = {name: kind for name, kind in unknown.items() if kind not in resource_types.names()}
        if unknown:
            raise ValueError(refused(unknown))
        original(template, conditions, params)

    for module in (engine, handlers, changesets):
        module.validate_template_support = validate


def _without(template: Template, unknown: Mapping[str, str]) -> dict[str, Any]:
    """Return the resources of a template but those that are known to AWS alone."""
    return {name: each for name, each in template["Resources"].items() if name not in unknown}


def unknown_types(
    template: Template,
    has_type: Callable[[str], bool],
    resolve: Callable[[Any], Any],
    holds: Callable[[Template], bool],
) -> dict[str, str]:
    """Return the resources of unknown types, by logical id, of a template and of the nested stacks that it names.

    `resolve` resolves what does not depend on resources, `holds` tells whether a resource's condition holds. Of a
    nested stack only resources without a condition are judged before it is made: its parameters are not known yet.
    """
    found: dict[str, str] = {}
    for logical_id, resource in (template.get("Resources") or {}).items():
        name = str(resource.get("Type", ""))
        if not holds(resource):
            continue
        if not has_type(name):
            found[logical_id] = name
        elif name == TYPE:
            nested = _named((resource.get("Properties") or {}).get("TemplateURL"), resolve)
            inner = unknown_types(nested, has_type, lambda value: value, lambda each: "Condition" not in each)
            found |= {f"{logical_id}/{each}": kind for each, kind in inner.items()}
    return found


def _named(url: object, resolve: Callable[[Any], Any]) -> Template:
    """Return the template at a URL, expanded; an empty one where that is not known before resources are made."""
    try:
        address = resolve(url)
        text, error = helpers._resolve_template({"TemplateURL": [address]}) if isinstance(address, str) else ("", None)
        found: Template = engine._apply_transforms(engine._parse_template(text)) if text and not error else {}
    except Exception:  # noqa: BLE001 - it is refused in its own words when it is made
        return {}
    return found


def _reading(deploy: Callable[..., Any], parent: str, properties: Properties) -> Callable[..., Any]:
    def deployed(*arguments: Any) -> Any:  # noqa: ANN401 - MiniStack's
        token = _parent.set((parent, properties))
        try:
            return deploy(*arguments)
        finally:
            _parent.reset(token)

    return deployed


def _expanded(template: Template, parent: str, properties: Properties) -> Template:
    """Apply the transforms of a nested template, and refuse in it what a template is refused for."""
    provisioners._check_nested_stack_capabilities(parent, template)
    given = properties.get("Parameters") or {}
    provided = [{"Key": key, "Value": "" if value is None else str(value)} for key, value in given.items()]
    expanded: Template = engine._apply_transforms(template, provided)
    parameters = engine._resolve_parameters(expanded, provided)
    engine.validate_template_support(expanded, engine._evaluate_conditions(expanded, parameters), parameters)
    return expanded


def _exported(made: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Give the other stacks what a nested stack exports."""
    name = provisioners._nested_stack_lookup_name(made[0])
    child = cloudformation._stacks[name]
    template = child["_template"]
    child["Outputs"], exports = stacks._resolve_stack_outputs(
        template.get("Outputs") or {},
        child["_conditions"],
        child["_resources"],
        child["_resolved_params"],
        template.get("Mappings") or {},
        name,
        made[0],
    )
    cloudformation._exports.update(exports)
    return made
