"""Rules of what programs are told by their environment: no secret, and nothing that takes their guard away."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules.decided import leaves
from ml_rules.requests import DEFINED, requests
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, mappings, number, parse_json

Found = Iterator[tuple[Resource, str]]

_HOLDERS: Final = ("Environment", "EnvironmentVariables", "Variables", "ContainerEnvironment")
_OFF: Final = {"0", "false", "no", "off", "none", ""}
_ON: Final = {"1", "true", "yes", "on"}
_GUARDS: Final = re.compile(
    r"NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY|(\w+_)?(SSL|TLS)_VERIFY|VERIFY_(SSL|TLS|CERTS?)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
    r"|\w*VERIFY_SIGNATURES?|AWS_CA_BUNDLE|\w*(SIGNATURE|CERT|AUTH|VALIDATION|APPROVAL)\w*_(CHECK|REQUIRED|ENABLED)|REQUIRE_\w+"
)
"""Variables that turn a check off where they are false or empty."""
_HOLES: Final = re.compile(
    r"(\w+_)?TRUST_REMOTE_CODE|GIT_SSL_NO_VERIFY|\w*(SSL|TLS)_?(NO|SKIP|INSECURE)\w*|\w*(INSECURE|SKIP|DISABLE)\w*(SSL|TLS|VERIF\w*|CERT\w*)"
    r"|NPM_CONFIG_STRICT_SSL_OFF|ALLOW_PICKLE|TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"
    r"|POWERTOOLS_LOGGER_LOG_EVENT|(FLASK_|DJANGO_|APP_)?DEBUG|(SKIP|DISABLE|BYPASS|NO)_\w*(VALIDATION|AUTH\w*|CHECKS?|VERIF\w*|APPROVAL|SCAN\w*)"
)
"""Variables that open something where they are true."""
_LOUD: Final = re.compile(r"(\w+_)?LOG_?LEVEL")
_LEVELS: Final = {"debug", "trace", "notset", "silly"}
"""Levels at which programs write down what they are given."""
_ELSEWHERE: Final = re.compile(r"AWS_ENDPOINT_URL(_\w+)?|(PIP_|UV_)TRUSTED_HOST|(ALL|HTTPS?)_PROXY")
_OF_AWS: Final = re.compile(r"https://[\w.${}:-]*\.amazonaws\.com(\.cn)?(/.*)?|.*\$\{.*")
_RESOLVED: Final = re.compile(r"\{\{resolve:(secretsmanager|ssm-secure):")
_IN_THE_CLEAR: Final = re.compile(
    r"(^|\.)(Environment|EnvironmentVariables|Variables|Metadata|UserData|Value|BuildSpec|Content|Input|Tags|Command|HyperParameters)"
    r"(\.|$)"
)
"""Where AWS shows what a dynamic reference stood for to whoever may describe the resource."""


@rule
def guards_on(templates: Templates) -> Found:
    """No variable turns off the check of certificates, or lets a program run code that comes with its data."""
    for resource in templates.resources:
        for name, value in _variables(templates, resource):
            text = str(value).strip().lower()
            if _GUARDS.fullmatch(name.upper()) and text in _OFF:
                yield resource, f"{name} is {value or 'empty'}: whom it speaks to is not checked."
            if _HOLES.fullmatch(name.upper()) and text in _ON:
                yield resource, f"{name} is {value}: what it loads runs, is not checked, or stands in its log."
            if resource.environment.production and _LOUD.fullmatch(name.upper()) and text in _LEVELS:
                yield resource, f"{name} is {value}: what it is given stands in its log."
            if _ELSEWHERE.fullmatch(name.upper()) and text and not _OF_AWS.fullmatch(str(value)):
                yield resource, f"{name} is {value}: it speaks to another than AWS, or to whom it does not check."


def _variables(templates: Templates, resource: Resource) -> Iterator[tuple[str, Any]]:
    """Yield the variables of whatever a resource runs, also as pairs of Name and Value."""
    bodies: list[Any] = [resource.properties]
    if resource.type in DEFINED:
        bodies = [request for of, _, request in requests(templates) if of is resource]
    for item in (each for body in bodies for each in mappings(body)):
        for holder in _HOLDERS:
            held = item.get(holder)
            if isinstance(held, Mapping):
                yield from ((str(key), value) for key, value in held.items() if not isinstance(value, Mapping | list))
            for pair in as_list(held) if isinstance(held, list) else ():
                if isinstance(pair, Mapping):
                    yield str(get(pair, "Name", "")), get(pair, "Value")


@rule
def secret_stays_hidden(templates: Templates) -> Found:
    """A secret is not resolved into what AWS shows: a program reads it itself, from where it is kept.

    Source: CloudFormation guide, "Get a secret or secret value from Secrets Manager".
    """
    for resource in templates.resources:
        for path, value in leaves(resource.properties):
            if _RESOLVED.search(str(value)) and _IN_THE_CLEAR.search(path):
                yield resource, f"{path} would hold the secret itself, for all who may describe it to read."


@rule
def function_runs(templates: Templates) -> Found:
    """A function has a share of the account's concurrency, or no limit: with a share of none it never runs."""
    for function in templates.of("AWS::Lambda::Function"):
        if number(function.get("ReservedConcurrentExecutions")) == 0:
            yield function, "It never runs: its ReservedConcurrentExecutions is 0."


@rule
def setting_stays(templates: Templates) -> Found:
    """A parameter that programs read does not delete itself (Systems Manager guide, "Assigning parameter policies")."""
    for parameter in templates.of("AWS::SSM::Parameter"):
        if "Expiration" in {get(each, "Type") for each in as_list(parse_json(parameter.get("Policies")))}:
            yield parameter, "It deletes itself on a day, and what reads it fails."


RULES: Final = (setting_stays, guards_on, secret_stays_hidden, function_runs)
