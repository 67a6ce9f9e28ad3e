"""Rules of who calls whom: no event is lost, nothing is tried twice at once, and no caller waits in vain."""

from collections.abc import Iterator, Mapping
from typing import Final

from ml_rules.requests import states
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates, function_of, leads_elsewhere
from ml_rules.values import as_list, get, is_true, named_values, number, parse_json

Found = Iterator[tuple[Resource, str]]

FUNCTION_TIMEOUT: Final = 3.0
"""Seconds that Lambda gives a function for which a template says none."""
QUEUE_VISIBILITY: Final = 30.0
QUEUE_RETENTION: Final = 345600.0
REST_TIMEOUT: Final = 29_000.0
HTTP_TIMEOUT: Final = 30_000.0
"""Milliseconds that API Gateway gives an integration for which a template says none: of a REST or WebSocket API, and of
an HTTP API; AppSync gives a function as long as the latter (AWS AppSync endpoints and quotas)."""
VISIBILITY_FACTOR: Final = 6
LEAST_RECEIVES: Final = 5
"""Source of both: Lambda developer guide, "Using Lambda with Amazon SQS"."""
_NOT_WAITING: Final = {
    "cloudwatch.amazonaws.com",
    "codecommit.amazonaws.com",
    "config.amazonaws.com",
    "events.amazonaws.com",
    "iot.amazonaws.com",
    "lambda.alarms.cloudwatch.amazonaws.com",
    "logs.amazonaws.com",
    "s3.amazonaws.com",
    "secretsmanager.amazonaws.com",
    "ses.amazonaws.com",
    "sns.amazonaws.com",
}
"""Services that call a function and do not wait (Lambda developer guide, "Using services")."""
_NEVER_RETRIED: Final = {"email", "email-json", "sms", "application"}
_NO_QUEUE: Final = "A message that always fails comes back until it expires: the queue has no dead-letter queue."
_NO_DESTINATION: Final = "A record that always fails blocks its shard, and is then lost: no destination takes it."


def _has_dead_letter_queue(templates: Templates, resource: Resource) -> bool:
    """Return whether what fails at a queue or subscription goes elsewhere; its policy may be JSON written as text."""
    return _takes_failures(templates, get(parse_json(resource.get("RedrivePolicy")), "deadLetterTargetArn", ""))


def _takes_failures(templates: Templates, text: object) -> bool:
    """Return whether `text` means a queue (or topic) that can take what failed; one that is elsewhere counts."""
    found = templates.find(text)
    if found is None:
        return str(text).startswith("arn:") or leads_elsewhere(text)
    return found.type in {"AWS::SQS::Queue", "AWS::SNS::Topic"}


@rule
def target_dead_letters(templates: Templates) -> Found:
    """Every target of a rule or schedule of EventBridge has a dead-letter queue that exists."""
    for resource in templates.of("AWS::Events::Rule", "AWS::Scheduler::Schedule"):
        targets = as_list(resource.get("Targets")) or as_list(resource.get("Target"))
        for target in targets:
            if not _takes_failures(templates, get(target, "DeadLetterConfig.Arn", "")):
                name = f"target {target.get('Id', '')}".strip()
                yield resource, f"Events that its {name} rejects are lost: it has no dead-letter queue."


@rule
def subscription_dead_letters(templates: Templates) -> Found:
    """Every subscription of a topic has a dead-letter queue that exists."""
    for subscription in templates.of("AWS::SNS::Subscription"):
        if subscription.get("Protocol") in _NEVER_RETRIED:
            continue
        if not _has_dead_letter_queue(templates, subscription):
            yield subscription, "Messages that the subscriber rejects are lost: it has no dead-letter queue."
    for topic in templates.of("AWS::SNS::Topic"):
        for subscription in as_list(topic.get("Subscription")):
            if subscription.get("Protocol") not in _NEVER_RETRIED:
                yield topic, "A subscription inside of it can have no dead-letter queue: declare it by itself."


@rule
def asynchronous_dead_letters(templates: Templates) -> Found:
    """A function that is called without somebody waiting has a dead-letter queue, or a destination for failures."""
    targets = [target.get("Arn") for r in templates.of("AWS::Events::Rule") for target in as_list(r.get("Targets"))]
    targets += [schedule.get("Target.Arn") for schedule in templates.of("AWS::Scheduler::Schedule")]
    targets += [s.get("Endpoint") for s in templates.of("AWS::SNS::Subscription") if s.get("Protocol") == "lambda"]
    targets += [
        configuration.get("Function")
        for bucket in templates.of("AWS::S3::Bucket")
        for configuration in as_list(bucket.get("NotificationConfiguration.LambdaConfigurations"))
    ]
    targets += [resource.get("ServiceToken") for resource in templates.resources if resource.get("ServiceToken")]
    targets += [config.get("FunctionName") for config in templates.of("AWS::Lambda::EventInvokeConfig")]
    targets += [
        permission.get("FunctionName")
        for permission in templates.of("AWS::Lambda::Permission")
        if permission.get("Principal") in _NOT_WAITING
    ]
    targets += _called_as_events(templates)
    destinations = {
        id(function_of(templates, config.get("FunctionName")))
        for config in templates.of("AWS::Lambda::EventInvokeConfig")
        if _takes_failures(templates, config.get("DestinationConfig.OnFailure.Destination", ""))
    }
    for config in templates.of("AWS::Lambda::EventInvokeConfig"):
        elsewhere = function_of(templates, config.get("FunctionName")) is None
        if elsewhere and not _takes_failures(templates, config.get("DestinationConfig.OnFailure.Destination", "")):
            yield config, "Events that its function fails at are lost: it has no destination for failures."
    called = {id(f): f for f in (function_of(templates, target) for target in targets) if f is not None}
    for key, function in called.items():
        if key not in destinations and not _takes_failures(templates, function.get("DeadLetterConfig.TargetArn", "")):
            yield function, "Asynchronous calls that it fails at are lost: it has no dead-letter queue or destination."


def _called_as_events(templates: Templates) -> Iterator[object]:
    """Yield the functions that APIs and state machines call with the invocation type Event."""
    for method in templates.of("AWS::ApiGateway::Method"):
        if "'Event'" in str(method.get("Integration.RequestParameters", "")):
            yield str(method.get("Integration.Uri", "")).partition("/functions/")[2].partition("/invocations")[0]
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        for _, state in states(machine):
            arguments = state.get("Parameters", state.get("Arguments"))
            if get(arguments, "InvocationType") == "Event":
                yield get(arguments, "FunctionName")


@rule
def source_dead_letters(templates: Templates) -> Found:
    """A queue that a function polls has a dead-letter queue, a stream has a destination; batches may fail in part."""
    for mapping in templates.of("AWS::Lambda::EventSourceMapping"):
        source = templates.find(mapping.get("EventSourceArn"))
        arn = str(mapping.get("EventSourceArn", ""))
        if (source is not None and source.type == "AWS::SQS::Queue") or ":sqs:" in arn:
            if source is not None and not _has_dead_letter_queue(templates, source):
                yield source, _NO_QUEUE
        elif leads_elsewhere(mapping.get("EventSourceArn")) and not mapping.get("StartingPosition"):
            pass  # a queue, which is elsewhere with its dead-letter queue: only streams have a starting position
        elif not _takes_failures(templates, mapping.get("DestinationConfig.OnFailure.Destination", "")):
            yield mapping, _NO_DESTINATION
        halved = mapping.get("StartingPosition") and is_true(mapping.get("BisectBatchOnFunctionError"))
        if not halved and "ReportBatchItemFailures" not in as_list(mapping.get("FunctionResponseTypes")):
            yield mapping, "One failed record makes its whole batch come again."


@rule
def pipe_dead_letters(templates: Templates) -> Found:
    """What a pipe reads from a stream, or from a queue, and nobody takes is kept."""
    for pipe in templates.of("AWS::Pipes::Pipe"):
        source, parameters = templates.find(pipe.get("Source")), pipe.get("SourceParameters", {})
        of_a_queue = source is not None and source.type == "AWS::SQS::Queue"
        if source and of_a_queue and not _has_dead_letter_queue(templates, source):
            yield source, _NO_QUEUE
        for kind in ("DynamoDBStreamParameters", "KinesisStreamParameters"):
            if kind in parameters and not _takes_failures(templates, get(parameters[kind], "DeadLetterConfig.Arn", "")):
                yield pipe, _NO_DESTINATION


@rule
def queue_visibility(templates: Templates) -> Found:
    """A message stays hidden for six times the time-out of the function that has it, and the batching window."""
    for mapping in templates.of("AWS::Lambda::EventSourceMapping", "AWS::Pipes::Pipe"):
        queue = templates.find(mapping.get("EventSourceArn") or mapping.get("Source"))
        function = function_of(templates, mapping.get("FunctionName") or mapping.get("Target"))
        if queue is None or function is None or queue.type != "AWS::SQS::Queue":
            continue
        hidden = number(queue.get("VisibilityTimeout", QUEUE_VISIBILITY)) or 0.0
        timeout = number(function.get("Timeout", FUNCTION_TIMEOUT)) or 0.0
        needed = VISIBILITY_FACTOR * timeout + (number(mapping.get("MaximumBatchingWindowInSeconds")) or 0.0)
        if hidden < needed:
            yield queue, f"Messages come again after {hidden:g} s, and should after {needed:g} s or more."


@rule
def redrive(templates: Templates) -> Found:
    """A message is tried five times or more before it goes to a dead-letter queue, which is another queue."""
    for queue in templates.of("AWS::SQS::Queue"):
        policy = parse_json(queue.get("RedrivePolicy"))
        target = get(policy, "deadLetterTargetArn")
        if target is None:
            continue
        if templates.find(target) == queue:
            yield queue, "It is its own dead-letter queue."
        receives = number(get(policy, "maxReceiveCount"))
        if receives is None or receives < LEAST_RECEIVES:
            yield queue, f"Its messages are tried {receives or 0:g} times."


@rule
def dead_letters_kept(templates: Templates) -> Found:
    """A dead-letter queue keeps messages longer than the queue that they come from, and at least a week."""
    week = 7 * 86400
    holders: dict[int, tuple[Resource, float]] = {}
    for resource in templates.resources:
        for path in ("RedrivePolicy.deadLetterTargetArn", "DeadLetterConfig.TargetArn", "DeadLetterConfig.Arn"):
            for holder in [resource.properties, *as_list(resource.get("Targets"))]:
                queue = templates.find(get(holder, path))
                if queue is not None and queue.type == "AWS::SQS::Queue":
                    own = resource.get("MessageRetentionPeriod", QUEUE_RETENTION)
                    least = (number(own) or 0.0) if resource.type == "AWS::SQS::Queue" else 0.0
                    holders[id(queue)] = (queue, max(week, least, holders.get(id(queue), (queue, 0.0))[1]))
    for queue, least in holders.values():
        kept = number(queue.get("MessageRetentionPeriod", QUEUE_RETENTION)) or 0.0
        if kept < least:
            yield queue, f"It keeps what failed for {kept / 86400:g} days, and should for {least / 86400:g}."


@rule
def api_timeout(templates: Templates) -> Found:
    """A function ends before the API that waits for it gives up, so that no caller is left without its answer."""
    for api, function, limit in waiting_apis(templates):
        timeout = 1000 * (number(function.get("Timeout", FUNCTION_TIMEOUT)) or 0.0)
        if timeout >= limit:
            yield function, f"It may take {timeout:g} ms, and {api.path} waits {limit:g} ms."


@rule
def function_inside(templates: Templates) -> Found:
    """Where the network is closed, a function that answers an API, takes messages or is a task of a run is in it."""
    called = [mapping.get("FunctionName") for mapping in templates.of("AWS::Lambda::EventSourceMapping")]
    called += [pipe.get("Target") for pipe in templates.of("AWS::Pipes::Pipe")]
    for machine in templates.of("AWS::StepFunctions::StateMachine"):
        for _, state in states(machine):
            arguments = state.get("Parameters", state.get("Arguments"))
            called.append(get(arguments, "FunctionName", state.get("Resource")))
    working = [function for _, function, _ in waiting_apis(templates)]
    working += [function for function in (function_of(templates, text) for text in called) if function is not None]
    foreign = [function for function in templates.of("AWS::Lambda::Function") if not function.environment.name]
    for function in {id(each): each for each in [*working, *foreign]}.values():
        if function.environment.closed and not function.get("VpcConfig.SubnetIds"):
            yield function, "It is outside the network."


@rule
def event_told(templates: Templates) -> Found:
    """A rule that waits for events says from which source, so that nothing else sets off what it starts."""
    for waiting in templates.of("AWS::Events::Rule"):
        pattern = parse_json(waiting.get("EventPattern"))
        if waiting.get("EventPattern") is None:
            continue
        sources = as_list(get(pattern, "source"))
        if not sources or any(isinstance(each, Mapping) and _is_open(each) for each in sources):
            yield waiting, "Events of any source set it off."


def _is_open(wanted: Mapping[str, object]) -> bool:
    """Return whether a condition of a pattern is met by whatever there is."""
    return any(
        (key in {"prefix", "suffix", "wildcard"} and value in {"", "*"})
        or key == "anything-but"
        or (key == "exists" and bool(value))
        for key, value in wanted.items()
        if isinstance(value, str | bool) or key == "anything-but"
    )


def waiting_apis(templates: Templates) -> Iterator[tuple[Resource, Resource, float]]:
    """Yield every API that waits for a function, the function, and for how many milliseconds it waits."""
    functions = list(templates.of("AWS::Lambda::Function"))
    for api, uri, limit in _integrations(templates):
        meant = function_of(templates, uri)
        for function in functions:
            if f"${{{function.stack}/{function.logical_id}." in uri or meant == function:
                yield api, function, limit


def _integrations(templates: Templates) -> Iterator[tuple[Resource, str, float]]:
    for method in templates.of("AWS::ApiGateway::Method"):
        integration = method.get("Integration", {})
        if "'Event'" not in str(integration.get("RequestParameters", "")):
            limit = number(integration.get("TimeoutInMillis")) or REST_TIMEOUT
            yield method, str(integration.get("Uri", "")), limit
    for api in templates.of("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        default = REST_TIMEOUT if api.type == "AWS::ApiGateway::RestApi" else HTTP_TIMEOUT
        for name, item in named_values(parse_json(api.get("Body"))):
            if name == "x-amazon-apigateway-integration":
                yield api, str(get(item, "uri", "")), number(get(item, "timeoutInMillis")) or default
    for integration in templates.of("AWS::ApiGatewayV2::Integration"):
        owner = templates.find(integration.get("ApiId"))
        socket = owner is not None and owner.get("ProtocolType") == "WEBSOCKET"
        limit = number(integration.get("TimeoutInMillis")) or (REST_TIMEOUT if socket else HTTP_TIMEOUT)
        yield integration, str(integration.get("IntegrationUri", "")), limit
    for source in templates.of("AWS::AppSync::DataSource"):
        yield source, str(source.get("LambdaConfig.LambdaFunctionArn", "")), HTTP_TIMEOUT


RULES: Final = (
    target_dead_letters,
    subscription_dead_letters,
    asynchronous_dead_letters,
    source_dead_letters,
    pipe_dead_letters,
    queue_visibility,
    redrive,
    dead_letters_kept,
    api_timeout,
    function_inside,
    event_told,
)
