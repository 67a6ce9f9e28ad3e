"""Rules of a template itself: all of it can be judged, and what it refers to exists."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ml_rules.decided import leaves
from ml_rules.requests import bare_numbers, definition, pipeline_body
from ml_rules.rule import rule
from ml_rules.templates import REFERENCE, Resource, Templates
from ml_rules.values import get, named_values, parse_json

Found = Iterator[tuple[Resource, str]]

_ELSEWHERE: Final = re.compile(
    r"AWS::Serverless::|AWS::CloudFormation::(Stack|StackSet)$|AWS::ServiceCatalog::.+ProvisionedProduct$|.+::MODULE$"
)
"""Types of resources that stand for others, which no template here shows."""
_KEPT_APART: Final = ("DefinitionS3Location", "PipelineDefinitionS3Location", "BodyS3Location", "DefinitionS3Uri")
"""Properties that say where in S3 a definition is."""
_TEXTS: Final = re.compile(
    r"(^|\.)(PolicyDocument|AssumeRolePolicyDocument|KeyPolicy|Policy|PolicyText|RepositoryPolicyText|ResourcePolicy"
    r"|AccessPolicy|LifecyclePolicyText|RedrivePolicy|RedriveAllowPolicy|FilterPolicy|EventPattern|DashboardBody"
    r"|ThresholdExpression|PermissionsPolicyDocument|DefinitionString|PipelineDefinitionBody|DestinationPolicy)$"
)
"""Properties that are JSON where they are text."""


@rule
def judgeable(templates: Templates) -> Found:
    """A template shows its resources and their definitions: no macro, nested template or file has others."""
    for macro in templates.macros:
        yield macro, f"{macro.type} makes resources that no rule sees."
    for resource in templates.resources:
        if _ELSEWHERE.match(resource.type):
            yield resource, f"{resource.type} stands for resources that no rule sees."
        for name, value in named_values(resource.properties):
            if name in _KEPT_APART and value:
                yield resource, f"{name} is a definition that no rule sees."


@rule
def readable(templates: Templates) -> Found:
    """A definition that a template shows can be read: no rule sees what is in one that cannot."""
    for resource in templates.resources:
        for path, value in leaves(resource.properties):
            if _TEXTS.search(path) and isinstance(value, str) and not _is_json(value):
                yield resource, f"{path} is no JSON, so that no rule sees what it says."
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        if not isinstance(definition(machine).get("States"), Mapping) and not _is_elsewhere(machine):
            yield machine, "Its definition cannot be read, so that no rule sees its tasks."
    for pipeline in templates.of("AWS::SageMaker::Pipeline"):
        if not isinstance(get(pipeline_body(pipeline), "Steps"), list) and not _is_elsewhere(pipeline):
            yield pipeline, "Its definition cannot be read, so that no rule sees its steps."
    for api in templates.of("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        if api.get("Body") is not None and not isinstance(get(parse_json(api.get("Body")), "paths"), Mapping):
            yield api, "Its body cannot be read, so that no rule sees its operations."


def _is_elsewhere(resource: Resource) -> bool:
    return any(name in _KEPT_APART and value for name, value in named_values(resource.properties))


def _is_json(text: str) -> bool:
    """Return whether `text` is JSON, or all of it comes from elsewhere; a number may be a substitution."""
    return bool(
        REFERENCE.fullmatch(text) or re.fullmatch(r"\$\{[^}]*\}|\{\}|\[\]|", text) or parse_json(bare_numbers(text))
    )


@rule
def references_exist(templates: Templates) -> Found:
    """What a template refers to in itself or in another stack exists."""
    for resource in templates.resources:
        for _, value in named_values(resource.properties):
            if isinstance(value, str) and REFERENCE.fullmatch(value) and not templates.declares(value):
                yield resource, f"There is no {value}."


RULES: Final = (judgeable, readable, references_exist)
