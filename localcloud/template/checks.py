"""What CloudFormation refuses in a template before it touches anything, each in one sentence of its own words.

Sources: "Template anatomy" and the intrinsic function reference of the user guide; the words are those that AWS gave to
users who met them (aws/aws-cdk, localstack/localstack and Stack Overflow quote them).
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

from localcloud.template import functions

SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Globals",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
        "Hooks",
    }
)
NO_MAPS = frozenset({"AWSTemplateFormatVersion", "Description", "Transform"})
"""Sections that are texts, or lists of them."""
RESOURCE = frozenset(
    {
        "Type",
        "Properties",
        "DependsOn",
        "Condition",
        "Metadata",
        "CreationPolicy",
        "UpdatePolicy",
        "DeletionPolicy",
        "UpdateReplacePolicy",
        "Version",  # of custom resources
        "Connectors",  # of the SAM transform
    }
)
PSEUDO_PARAMETERS = frozenset(
    f"AWS::{name}"
    for name in (
        "AccountId",
        "NoValue",
        "NotificationARNs",
        "Partition",
        "Region",
        "StackId",
        "StackName",
        "URLSuffix",
    )
)
VERSION: Final = "2010-09-09"
POLICIES: Final = {
    "DeletionPolicy": frozenset({"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"}),
    "UpdateReplacePolicy": frozenset({"Delete", "Retain", "Snapshot"}),
}
WITH_SNAPSHOTS: Final = frozenset(
    {
        "AWS::DocDB::DBCluster",
        "AWS::EC2::Volume",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::Neptune::DBCluster",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
    }
)
"""Types that leave a snapshot behind, by the page of DeletionPolicy."""
PARAMETER: Final = frozenset(
    {
        *("AllowedPattern", "AllowedValues", "ConstraintDescription", "Default", "Description", "MaxLength"),
        *("MaxValue", "MinLength", "MinValue", "NoEcho", "Type"),
    }
)
LANGUAGE_EXTENSIONS: Final = "AWS::LanguageExtensions"
_PARAMETER_TYPE: Final = re.compile(
    r"String|Number|CommaDelimitedList|List<(String|Number|AWS::[\w:]+)>|AWS::SSM::Parameter::(Name|Value<.+>)|AWS::[\w:]+"
)
_NAME = re.compile(r"[A-Za-z0-9]+")
_IN_TEXT = re.compile(r"\$\{([^!}][^}]*)\}")


class TemplateError(ValueError):
    """A template that CloudFormation does not take; the message is what it says."""


def check(template: Mapping[str, Any]) -> None:
    """Raise `TemplateError` for the first thing in a template, its macros expanded, that CloudFormation refuses."""
    if unknown := sorted(str(name) for name in set(template) - SECTIONS):
        raise TemplateError(f"Invalid template property or properties [{', '.join(unknown)}]")
    if template.get("AWSTemplateFormatVersion", VERSION) not in {VERSION, dt.date.fromisoformat(VERSION)}:
        raise TemplateError("Template format error: unsupported value for AWSTemplateFormatVersion.")
    _check_declarations(template.get("Parameters") or {})
    resources = template.get("Resources")
    if not isinstance(resources, Mapping) or not resources:
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    _check_shapes(resources)
    names = _Names(template)
    names.check_conditions(template.get("Conditions") or {})
    for name, resource in resources.items():
        names.check_condition(resource.get("Condition"), "Resources")
        needed = resource.get("DependsOn", [])
        names.check_resources(needed if isinstance(needed, list) else [needed], "Resources")
        names.check_value(resource.get("Properties", {}), "Resources", f"resource {name}")
    for output in (template.get("Outputs") or {}).values():
        if not isinstance(output, Mapping) or "Value" not in output:
            raise TemplateError("Template format error: Every Outputs member must contain a Value object")
        names.check_condition(output.get("Condition"), "Outputs")
        names.check_value({key: output.get(key) for key in ("Value", "Export")}, "Outputs", "")


def check_written(template: object) -> None:
    """Raise `TemplateError` for what is refused in a template as it is written, before macros are expanded.

    What reads templates puts "Template format error: " before the message.
    """
    check_keys(template)
    if not isinstance(template, Mapping):
        return
    if not template.get("Transform"):  # a macro may take nulls, as those of serverless templates
        _check_nulls(template, "")
    for section in SECTIONS - NO_MAPS:
        if not isinstance(template.get(section), Mapping | None):
            raise TemplateError(f"[/{section}] is no map.")
    if LANGUAGE_EXTENSIONS in str(template.get("Transform")):
        return
    for resource in (template.get("Resources") or {}).values():
        for attribute in POLICIES:
            if isinstance(resource, Mapping) and not isinstance(resource.get(attribute, ""), str):
                raise TemplateError(f"Every {attribute} member must be a string.")


def _check_nulls(value: object, path: str) -> None:
    if value is None:
        raise TemplateError(f"[{path}] 'null' values are not allowed in templates")
    children = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        _check_nulls(child, f"{path}/{key}")


def check_keys(value: object, path: str = "") -> None:
    """Raise `TemplateError` for a key that is no text, such as YAML's `Yes`, which is a truth value."""
    if isinstance(value, Mapping):
        for key, child in value.items():
            if not isinstance(key, str):
                raise TemplateError(f"[{path or '/'}] the key {key!r} is no text: put it in quotes")
            check_keys(child, f"{path}/{key}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            check_keys(child, f"{path}/{index}")


def check_parameters(template: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raise `TemplateError` for parameters that the template lacks, and for those that have no value."""
    declared = template.get("Parameters") or {}
    if unknown := sorted(set(given) - set(declared)):
        raise TemplateError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    if missing := sorted(name for name, item in declared.items() if "Default" not in item and name not in given):
        raise TemplateError(f"Parameters: [{', '.join(missing)}] must have values")


def check_values(declared: Mapping[str, Any], values: Mapping[str, Any], there: Mapping[str, set[str]]) -> None:
    """Raise `TemplateError` for a parameter that names what is not there; `there` is what is, by a parameter's type."""
    for name, item in declared.items():
        kind = str(item.get("Type", "")).removeprefix("List<").removesuffix(">")
        given = (values.get(name) or {}).get("Value", "")
        for value in given if isinstance(given, list) else str(given).split(","):
            if kind in there and value and value not in there[kind]:
                what = f"parameter value {value} for parameter name {name} does not exist"
                raise TemplateError(f"Parameter validation failed: {what}")


def as_texts(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the declarations of parameters with their values as the texts that CloudFormation compares."""
    return {
        name: {
            **item,
            **({"Default": _text(item["Default"])} if "Default" in item else {}),
            **({"AllowedValues": [_text(value) for value in item["AllowedValues"]]} if "AllowedValues" in item else {}),
        }
        for name, item in parameters.items()
    }


def _text(value: object) -> object:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def _check_shapes(resources: Mapping[str, Any]) -> None:
    for name, resource in resources.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise TemplateError(f"Template format error: Resource name {name} is non alphanumeric.")
        if not isinstance(resource, Mapping):
            raise TemplateError("Template format error: Any Resources member must be an object.")
        if not isinstance(resource.get("Type"), str):
            raise TemplateError(
                f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
            )
        if unknown := sorted(set(resource) - RESOURCE):
            raise TemplateError(f"Invalid template resource property '{unknown[0]}'")
        needed = resource.get("DependsOn", [])
        if not all(isinstance(each, str) for each in (needed if isinstance(needed, list) else [needed])):
            raise TemplateError(f"Template format error: DependsOn of {name} must be a string or list of strings.")
        _check_policies(name, resource)


def _check_policies(name: str, resource: Mapping[str, Any]) -> None:
    for attribute, values in POLICIES.items():
        value = resource.get(attribute, "Delete")
        if isinstance(value, Mapping):  # a call, which the language extensions take
            continue
        if value not in values:
            raise TemplateError(f"Template format error: Unrecognized {attribute} {value} for resource {name}")
        if value == "Snapshot" and resource["Type"] not in WITH_SNAPSHOTS:
            raise TemplateError(
                f"Template error: resource type {resource['Type']} does not support deletion policy Snapshot"
            )


def _check_declarations(parameters: Mapping[str, Any]) -> None:
    for declared in parameters.values():
        if not isinstance(declared, Mapping) or "Type" not in declared:
            raise TemplateError("Template format error: Every Parameters object must contain a Type member.")
        if unknown := sorted(set(declared) - PARAMETER):
            raise TemplateError(f"Invalid template parameter property '{unknown[0]}'")
        if not _PARAMETER_TYPE.fullmatch(str(declared["Type"])):
            raise TemplateError(f"Template format error: Unrecognized parameter type: {declared['Type']}")


class _Names:
    """The names that a template defines, and the references that must lead to them."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        self._resources = set(template["Resources"])
        self._known = self._resources | set(template.get("Parameters") or {}) | PSEUDO_PARAMETERS
        self._conditions = set(template.get("Conditions") or {})

    def check_condition(self, name: object, block: str) -> None:
        if name is not None and name not in self._conditions:
            raise TemplateError(
                f"Template format error: Unresolved condition dependency {name} in the {block} block of the template"
            )

    def check_conditions(self, conditions: Mapping[str, Any]) -> None:
        for function, argument in functions.calls(conditions):
            if wrong := functions.wrong_call(function, argument):
                raise TemplateError(wrong)
            if function == "Ref" and argument in self._resources:
                raise TemplateError(
                    f"Template format error: Unresolved dependencies [{argument}]. Cannot reference resources in the "
                    "Conditions block of the template"
                )

    def check_resources(self, names: list[Any], block: str) -> None:
        self._refuse([name for name in names if name not in self._resources], block)

    def check_value(self, value: object, block: str, where: str) -> None:
        for function, argument in functions.calls(value):
            if wrong := functions.wrong_call(function, argument):
                raise TemplateError(wrong)
            if function == "Ref":
                self._refuse([argument] if argument not in self._known else [], block)
            elif function == "Fn::GetAtt":
                self._check_attribute(argument, where)
            elif function == "Fn::Sub":
                self._check_text(argument, block)
            elif function == "Fn::If":
                self.check_condition(argument[0], block)

    def _check_attribute(self, argument: Any, where: str) -> None:  # noqa: ANN401 - a text or a list
        name = argument.split(".")[0] if isinstance(argument, str) else argument[0]
        if isinstance(name, str) and name not in self._resources:
            tail = f" in {where}" if where else ""
            raise TemplateError(f"Template error: instance of Fn::GetAtt references undefined resource {name}{tail}")

    def _check_text(self, argument: Any, block: str) -> None:  # noqa: ANN401 - a text or a list
        text, own = argument if isinstance(argument, list) else (argument, {})
        named = {name.strip() for name in _IN_TEXT.findall(text)} - set(own)
        self._refuse(sorted(name for name in named if name.split(".")[0] not in self._known), block)

    def _refuse(self, missing: list[str], block: str) -> None:
        if missing:
            raise TemplateError(
                f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] "
                f"in the {block} block of the template"
            )
