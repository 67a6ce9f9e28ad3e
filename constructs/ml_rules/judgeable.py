"""Rules of a template itself: all of it can be judged, what it refers to exists, and it holds no secret."""

import re
from collections.abc import Iterator
from typing import Final

from ml_rules.rule import rule
from ml_rules.templates import REFERENCE, Resource, Templates
from ml_rules.values import named_values

Found = Iterator[tuple[Resource, str]]

_ELSEWHERE: Final = re.compile(
    r"AWS::Serverless::|AWS::CloudFormation::(Stack|StackSet)$|AWS::ServiceCatalog::.+ProvisionedProduct$|.+::MODULE$"
)
"""Types of resources that stand for others, which no template here shows."""
_KEPT_APART: Final = ("DefinitionS3Location", "PipelineDefinitionS3Location", "BodyS3Location", "DefinitionS3Uri")
"""Properties that say where in S3 a definition is."""
_SECRET: Final = re.compile(
    r"(PASSWORD|PASSWD|SECRET|SECRET_?STRING|(?<!HTTP)TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)S?$", re.IGNORECASE
)
_FOUND_ELSEWHERE: Final = re.compile(r"\$\{|\{\{resolve:(secretsmanager|ssm-secure)|^arn:")


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
def no_secret_in_plain_text(templates: Templates) -> Found:
    """A secret is not written into a template: variables and properties named so refer to where it is kept."""
    for resource in templates.resources:
        for name, value in named_values(resource.properties):
            if _SECRET.search(name) and isinstance(value, str) and value and not _FOUND_ELSEWHERE.search(value):
                yield resource, f"{name} holds a secret in plain text: refer to where it is kept."


@rule
def references_exist(templates: Templates) -> Found:
    """What a template refers to in itself or in another stack exists."""
    for resource in templates.resources:
        for _, value in named_values(resource.properties):
            if isinstance(value, str) and REFERENCE.fullmatch(value) and templates.find(value) is None:
                yield resource, f"There is no {value}."


RULES: Final = (judgeable, no_secret_in_plain_text, references_exist)
