"""Rules of an API's methods and stages: each is answered by what it is for, over TLS, and for the one who asks.

Sources: API Gateway developer guide, "Enable API caching", "Lambda proxy integrations" (the integration's method is
POST), "Set up CloudWatch logging", "Data models for REST APIs".
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, mappings, parse_json

Found = Iterator[tuple[Resource, str]]

_METHOD: Final = "AWS::ApiGateway::Method"
_STAGE: Final = "AWS::ApiGateway::Stage"
_ASKED: Final = re.compile(r"method\.request\.(path|querystring)\.|method\.request\.header\.(?!Accept|Content|X-Amz)")
_WHO: Final = re.compile(r"\$context\.(identity|authorizer)\.")
_WHICH: Final = re.compile(r"\$context\.(extendedRequestId|requestId)")
_LAMBDA: Final = re.compile(r":lambda:path/|/functions/")


def _caches(stage: Resource) -> bool:
    settings = as_list(stage.get("MethodSettings"))
    return is_true(stage.get("CacheClusterEnabled")) and any(is_true(get(each, "CachingEnabled")) for each in settings)


@rule
def cache_by_caller(templates: Templates) -> Found:
    """What is cached is kept by what it was asked with: each parameter of the request is in the cache's key."""
    apis = {str(stage.get("RestApiId")) for stage in templates.of(_STAGE) if _caches(stage)}
    for method in templates.of(_METHOD):
        asked = [name for name in method.get("RequestParameters", {}) if _ASKED.match(name)]
        kept = as_list(method.get("Integration.CacheKeyParameters"))
        left = [name for name in asked if name not in kept]
        if left and str(method.get("RestApiId")) in apis and method.get("HttpMethod") in {"GET", "ANY"}:
            yield method, f"One caller gets another's answer: {left[0]} is not in the cache's key."


@rule
def cache_used(templates: Templates) -> Found:
    """A stage that rents a cache caches something."""
    for stage in templates.of(_STAGE):
        told = any("Cach" in name for each in as_list(stage.get("MethodSettings")) for name in each)
        off = told and all(
            get(each, "CachingEnabled", default=True) is False for each in as_list(stage.get("MethodSettings"))
        )
        if is_true(stage.get("CacheClusterEnabled")) and (off or not told):
            yield stage, "It rents a cache that no method uses."


@rule
def integration_works(templates: Templates) -> Found:
    """A method calls a function with POST, which is all that Lambda takes, and a server over TLS."""
    for method in templates.of(_METHOD):
        uri = str(method.get("Integration.Uri", ""))
        kind, verb = method.get("Integration.Type"), str(method.get("Integration.IntegrationHttpMethod", "POST"))
        if kind in {"AWS", "AWS_PROXY"} and _LAMBDA.search(uri) and verb != "POST":
            yield method, f"Each call fails: Lambda is called with POST, and not with {verb}."
        if kind in {"HTTP", "HTTP_PROXY"} and uri.startswith("http://"):
            yield method, "It passes requests on in plain text: its address is http."
    for integration in templates.of("AWS::ApiGatewayV2::Integration"):
        uri = str(integration.get("IntegrationUri", ""))
        if uri.startswith("http://"):
            yield integration, "It passes requests on in plain text: its address is http."


@rule
def stage_after_account(templates: Templates) -> Found:
    """A stage that logs is made after the account's role for its logs, without which it is refused."""
    accounts = {each.stack: each.logical_id for each in templates.of("AWS::ApiGateway::Account")}
    for stage in templates.of(_STAGE):
        logs = [str(get(each, "LoggingLevel", "OFF")) for each in as_list(stage.get("MethodSettings"))]
        account = accounts.get(stage.stack)
        writes = bool(stage.get("AccessLogSetting")) or any(each != "OFF" for each in logs)
        if account and writes and account not in _waits(templates, stage):
            yield stage, f"It may be made before {account}: API Gateway then has no role to write its logs with."


def _waits(templates: Templates, stage: Resource) -> set[str]:
    """Return what a resource waits for, and what that waits for."""
    resources = get(templates.sources[stage.stack], "Resources", {})
    seen: set[str] = set()
    ahead = [stage.logical_id]
    while ahead:
        body = resources.get(ahead.pop(), {})
        named = [*as_list(get(body, "DependsOn")), *(item["Ref"] for item in mappings(body) if "Ref" in item)]
        named += [str(as_list(item["Fn::GetAtt"])[0]) for item in mappings(body) if "Fn::GetAtt" in item]
        fresh = {str(each) for each in named if str(each) in resources} - seen
        seen |= fresh
        ahead += fresh
    return seen


@rule
def model_can_be_met(templates: Templates) -> Found:
    """A schema does not require what it does not let in."""
    for model in templates.of("AWS::ApiGateway::Model", "AWS::ApiGatewayV2::Model"):
        for each in mappings(parse_json(model.get("Schema"))):
            known: Any = each.get("properties", {})
            required = [name for name in as_list(each.get("required")) if isinstance(name, str)]
            closed = each.get("additionalProperties") is False and "properties" in each
            if closed and (left := [name for name in required if name not in known]):
                yield model, f"No request meets it: it requires {left[0]}, and lets in only {', '.join(known)}."


@rule
def access_told(templates: Templates) -> Found:
    """An access log says who asked and which request it was, and what an API's definition lets in is told there."""
    for stage in templates.of("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage"):
        form = str(stage.get("AccessLogSetting.Format", stage.get("AccessLogSettings.Format", "")))
        if form and not _WHO.search(form):
            yield stage, "Its access log does not say who asked: $context.identity is missing."
        elif form and not _WHICH.search(form):
            yield stage, "Its access log does not say which request it was: $context.requestId is missing."
    for api in templates.of("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        if any(each.get("additionalProperties") is True for each in mappings(parse_json(api.get("Body")))):
            yield api, "It lets in what it does not know: additionalProperties is true."


RULES: Final = (cache_by_caller, cache_used, integration_works, stage_after_account, model_can_be_met, access_told)
