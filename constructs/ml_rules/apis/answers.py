"""Rules of what an API lets in, asks for and answers: what is checked is checked, and a failure says so."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, mappings, named_values, number, parse_json

Found = Iterator[tuple[Resource, str]]

_INSIDE: Final = re.compile(
    r"\$stageVariables|\$context\.(authorizer|identity|integrationErrorMessage|integration\.error)"
)
_WHOLE_ANSWER: Final = re.compile(r"\$input\.(json|path)\(['\"]\$['\"]\)|\$input\.body")
_FAILED: Final = 400
_CHOSEN: Final = re.compile(
    r":(runtime\.sagemaker:path/endpoints|s3:path|sqs:path/[^/{]*|lambda:path/[^{]*functions|dynamodb:path|kinesis:path)/?\{"
)
"""An address of a service of AWS in which the caller says which resource is asked."""
_MOST_A_SECOND: Final = 10_000
"""Requests a second that an account has for all of its APIs (API Gateway guide, "Amazon API Gateway quotas")."""
_ASKS: Final = {"$ref", "allOf", "anyOf", "oneOf", "enum", "properties", "required", "items", "pattern", "const"}


@rule
def failure_told(templates: Templates) -> Found:
    """An answer that tells a failure has the status of one, and nothing of what is inside."""
    for answer in templates.of("AWS::ApiGateway::GatewayResponse"):
        status = number(answer.get("StatusCode"))
        if status is not None and status < _FAILED:
            yield answer, f"A failure is told as a success: its StatusCode is {status:g}."
        for name, text in answer.get("ResponseTemplates", {}).items():
            if match := _INSIDE.search(str(text)):
                yield answer, f"It tells callers {match[0]} ({name})."
    for method in templates.of("AWS::ApiGateway::Method"):
        for each in as_list(method.get("Integration.IntegrationResponses")):
            failed = (number(get(each, "StatusCode")) or 0) >= _FAILED
            for text in get(each, "ResponseTemplates", {}).values() if failed else ():
                if _WHOLE_ANSWER.search(str(text)):
                    yield method, "Its failures tell callers all that the function said of them, with its stack trace."


@rule
def body_checked(templates: Templates) -> Found:
    """What checks a body asks for something, and no type of content goes round it."""
    used = [str(method.get("RequestValidatorId")) for method in templates.of("AWS::ApiGateway::Method")]
    for validator in templates.of("AWS::ApiGateway::RequestValidator"):
        lone = not any(templates.find(each) == validator for each in used)
        if lone and not is_true(validator.get("ValidateRequestBody")):
            yield validator, "It checks no body: ValidateRequestBody is not on."
    for model in templates.of("AWS::ApiGateway::Model", "AWS::ApiGatewayV2::Model"):
        schema = parse_json(model.get("Schema"))
        if isinstance(schema, Mapping) and not _ASKS & schema.keys():
            yield model, "Every document has its schema: it asks for no property."
        if any(each.get("additionalProperties") is True for each in mappings(schema)):
            yield model, "It lets in what it does not know: additionalProperties is true."


@rule
def mapping_closed(templates: Templates) -> Found:
    """No type of content goes round what an API asks of a body, and a validator of its definition checks bodies."""
    for method in templates.of("AWS::ApiGateway::Method"):
        maps = method.get("Integration.Type") in {"AWS", "HTTP"} and method.get("Integration.RequestTemplates")
        if maps and method.get("Integration.PassthroughBehavior", "WHEN_NO_MATCH") == "WHEN_NO_MATCH":
            yield (
                method,
                "What has another type of content goes round its mapping: PassthroughBehavior is WHEN_NO_MATCH.",
            )
    for api in templates.of("AWS::ApiGateway::RestApi"):
        body = parse_json(api.get("Body"))
        for name, validator in get(body, "x-amazon-apigateway-request-validators", {}).items():
            chosen = {each for key, each in named_values(body) if key == "x-amazon-apigateway-request-validator"}
            sent = any(key == "requestBody" for key, _ in named_values(body))
            if name in chosen and sent and not is_true(get(validator, "validateRequestBody")):
                yield api, f"Its validator {name} checks no body."


@rule
def backend_named(templates: Templates) -> Found:
    """A caller does not choose which resource is asked, and whom an API asks shows a certificate that is checked."""
    for method in templates.of("AWS::ApiGateway::Method"):
        if _CHOSEN.search(str(method.get("Integration.Uri"))):
            yield method, "Its caller chooses which resource is asked."
        keys = {str(each) for each in as_list(method.get("Integration.CacheKeyParameters"))}
        asked = {name for name in method.get("RequestParameters", {}) if ".header." not in name}
        if keys and asked - keys:
            yield (
                method,
                f"One caller gets another's answer: its cache does not tell {', '.join(sorted(asked - keys))} apart.",
            )
    for resource in templates.resources:
        for name, value in named_values(parse_json(resource.get("Body")) or resource.properties):
            if name.lower() == "insecureskipverification" and is_true(value):
                yield resource, "Any certificate is taken for its backend's."


@rule
def stage_settled(templates: Templates) -> Found:
    """A stage has a throttle of its own, and what serves is a version that stays."""
    for stage in templates.of("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage"):
        for name, value in named_values(stage.properties):
            if name == "ThrottlingRateLimit" and (number(value) or 0) >= _MOST_A_SECOND:
                yield stage, f"It lets in as many requests as the account has: {value} a second."
        for name, value in (stage.get("Variables") or stage.get("StageVariables") or {}).items():
            if "$LATEST" in str(value):
                yield stage, f"What somebody uploads serves at once: {name} is {value}."
    for alias in templates.of("AWS::Lambda::Alias"):
        if alias.get("FunctionVersion") == "$LATEST":
            yield alias, "What somebody uploads serves at once: it leads to $LATEST."


@rule
def way_guarded(templates: Templates) -> Found:
    """An API with a domain is reached by it alone, and what is deployed of an API has its methods."""
    mapped = [templates.find(each.get("RestApiId")) for each in templates.of("AWS::ApiGateway::BasePathMapping")]
    mapped += [templates.find(each.get("ApiId")) for each in templates.of("AWS::ApiGatewayV2::ApiMapping")]
    for api in templates.of("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        if api in mapped and not is_true(api.get("DisableExecuteApiEndpoint")):
            yield api, "Callers go round its domain: DisableExecuteApiEndpoint is not on."
    for deployment in templates.of("AWS::ApiGateway::Deployment"):
        if _is_early(templates, deployment):
            yield deployment, "It may be made before the methods that it is to have: it does not depend on them."


def _is_early(templates: Templates, deployment: Resource) -> bool:
    """Return whether nothing makes a deployment wait for the methods of its API (CloudFormation's reference of it)."""
    awaited: list[Any] = as_list(deployment.attributes.get("DependsOn"))
    methods = [
        method
        for method in templates.of("AWS::ApiGateway::Method")
        if method.stack == deployment.stack and method.get("RestApiId") == deployment.get("RestApiId")
    ]
    return bool(methods) and not any(method.logical_id in awaited for method in methods)


@rule
def token_hidden(templates: Templates) -> Found:
    """A token comes in a header: an address stands in logs, histories and referrers."""
    for authorizer in templates.of("AWS::ApiGateway::Authorizer", "AWS::ApiGatewayV2::Authorizer"):
        for source in as_list(authorizer.get("IdentitySource")):
            if "querystring" in str(source).lower():
                yield authorizer, f"Tokens stand in addresses: IdentitySource is {source}."


@rule
def allow_list_closed(templates: Templates) -> Found:
    """A web ACL that lists whom it lets in refuses everybody else."""
    for acl in templates.of("AWS::WAFv2::WebACL"):
        lists = any(get(each, "Action.Allow") is not None for each in as_list(acl.get("Rules")))
        if lists and acl.get("DefaultAction.Allow") is not None:
            yield acl, "Whom it lets in makes no difference: everybody else comes in by default."


RULES: Final = (
    allow_list_closed,
    token_hidden,
    failure_told,
    body_checked,
    mapping_closed,
    backend_named,
    stage_settled,
    way_guarded,
)
