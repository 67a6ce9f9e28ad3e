"""Rules of functions: layers, handlers and logs that fit them, and calls that they have room and time for."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates, function_of
from ml_rules.values import as_list, get, number

Found = Iterator[tuple[Resource, str]]

_LEAST_AGE: Final = 300.0
"""Seconds that an event waits at least before it is thrown away: a throttled function is tried again for so long."""
_KEPT: Final = {"Retain", "RetainExceptOnCreate"}
_BATCH: Final = 10.0
"""Messages of a queue that a function takes at once without waiting for more (Lambda guide, "Amazon SQS")."""
_SNAP_STORAGE: Final = 512.0
_FLOODS: Final = re.compile(r"backfill|bulk|replay|reprocess|migrat", re.IGNORECASE)
"""Names of functions that are called for everything that there is at once."""
_SECRET: Final = re.compile(
    r"(.*_)?(PASSWORD|PASSWD|PASSPHRASE|SECRET|API_?KEY|ACCESS_?TOKEN|PRIVATE_?KEY)", re.IGNORECASE
)
_PARAMETER: Final = re.compile(r"\$\{(?!AWS::)[^/}:]+\}")


def _functions(templates: Templates) -> Iterator[Resource]:
    return templates.of("AWS::Lambda::Function")


@rule
def layer_fits(templates: Templates) -> Found:
    """A layer is for the processor and the runtime of the function that has it, and stays while others use it.

    Source: Lambda guide, "Managing Lambda dependencies with layers".
    """
    for function in _functions(templates):
        own = str(as_list(function.get("Architectures", ["x86_64"]))[0])
        runtime = function.get("Runtime")
        for layer in filter(None, map(templates.find, as_list(function.get("Layers")))):
            processors = as_list(layer.get("CompatibleArchitectures"))
            runtimes = as_list(layer.get("CompatibleRuntimes"))
            if processors and own not in processors:
                yield layer, f"It is for {', '.join(map(str, processors))}, and {function.logical_id} runs on {own}."
            if runtimes and runtime is not None and runtime not in runtimes:
                yield function, f"It runs {runtime}, and its layer is for {', '.join(map(str, runtimes))}."
    for permission in templates.of("AWS::Lambda::LayerVersionPermission"):
        shared = templates.find(permission.get("LayerVersionArn"))
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if shared and shared.attributes.get(policy) not in _KEPT:
                yield shared, f"Others use it, and a new version deletes it: its {policy} is not Retain."


@rule
def handler_there(templates: Templates) -> Found:
    """A function whose code is in the template names a handler of that code, which is in the file index.

    Source: CloudFormation reference, AWS::Lambda::Function Code, ZipFile.
    """
    for function in _functions(templates):
        code, handler = function.get("Code.ZipFile"), str(function.get("Handler", ""))
        if not isinstance(code, str) or "${" in handler:
            continue
        file, _, name = handler.rpartition(".")
        if file != "index":
            yield function, f"Its code is the file index, and its handler is {handler}."
        elif not re.search(rf"\b{re.escape(name)}\b", code):
            yield function, f"Its code has no {name}."


@rule
def function_set(templates: Templates) -> Found:
    """What is set of a function goes together: levels of logs with JSON, snapshots with the storage that they take.

    Source: Lambda guide, "Configuring JSON and plain text log formats", "Improving startup performance with SnapStart".
    """
    for function in _functions(templates):
        logging = function.get("LoggingConfig", {})
        levels = {"ApplicationLogLevel", "SystemLogLevel"} & logging.keys()
        if levels and logging.get("LogFormat", "Text") == "Text":
            yield function, f"It is refused: {', '.join(sorted(levels))} needs the LogFormat JSON."
        storage = number(function.get("EphemeralStorage.Size")) or 0
        if function.get("SnapStart.ApplyOn") == "PublishedVersions":
            if storage > _SNAP_STORAGE:
                yield (
                    function,
                    f"Its versions are refused: with SnapStart it has {_SNAP_STORAGE:g} MB of storage, no more.",
                )
            if function.get("FileSystemConfigs"):
                yield function, "Its versions are refused: with SnapStart it has no file system."


@rule
def function_has_room(templates: Templates) -> Found:
    """No source calls a function more often at once than it may run, and none takes all that the account has.

    Source: Lambda guide, "Setting maximum concurrency for Amazon SQS event sources" and "Reserved concurrency".
    """
    for mapping in templates.of("AWS::Lambda::EventSourceMapping"):
        function = function_of(templates, mapping.get("FunctionName"))
        most = number(mapping.get("ScalingConfig.MaximumConcurrency"))
        reserved = number(function.get("ReservedConcurrentExecutions")) if function else None
        if most is not None and reserved is not None and most > reserved:
            yield mapping, f"It calls the function {most:g} times at once, which may run {reserved:g} times."
        batch, window = number(mapping.get("BatchSize")), number(mapping.get("MaximumBatchingWindowInSeconds"))
        source = templates.find(mapping.get("EventSourceArn"))
        of_queue = (source is not None and source.type == "AWS::SQS::Queue") or ":sqs:" in str(
            mapping.get("EventSourceArn")
        )
        if of_queue and batch is not None and batch > _BATCH and not window:
            yield mapping, f"It is refused: {batch:g} messages at once need a MaximumBatchingWindowInSeconds."
    for held in templates.of("AWS::Lambda::Alias", "AWS::Lambda::Version"):
        function = function_of(templates, held.get("FunctionName"))
        ready = number(held.get("ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions"))
        reserved = number(function.get("ReservedConcurrentExecutions")) if function else None
        if ready is not None and reserved is not None and ready > reserved:
            yield held, f"It is refused: {ready:g} are held ready of a function that may run {reserved:g} times."
    for function in _functions(templates):
        words = f"{function.logical_id} {function.get('FunctionName', '')} {function.get('Description', '')}"
        if _FLOODS.search(words) and function.get("ReservedConcurrentExecutions") is None:
            yield function, "It may take all of the account's concurrency: it has no ReservedConcurrentExecutions."


@rule
def event_waits(templates: Templates) -> Found:
    """An event waits until a function that is busy has time, and the settings are of what is called.

    Source: Lambda guide, "Configuring error handling settings for asynchronous invocations".
    """
    for config in templates.of("AWS::Lambda::EventInvokeConfig"):
        age = number(config.get("MaximumEventAgeInSeconds"))
        if age is not None and age < _LEAST_AGE:
            yield config, f"An event is thrown away after {age:g} s, before it could be tried again."
        function = function_of(templates, config.get("FunctionName"))
        aliases = [
            str(alias.get("Name"))
            for alias in templates.of("AWS::Lambda::Alias")
            if function is not None and function_of(templates, alias.get("FunctionName")) is function
        ]
        qualifier = str(config.get("Qualifier", "$LATEST"))
        named = templates.find(config.get("FunctionName"))
        by_alias = named is not None and named.type == "AWS::Lambda::Alias"
        if aliases and not by_alias and qualifier == "$LATEST" and not _is_called(templates, function):
            yield config, f"It is of $LATEST, and what is called is {', '.join(aliases)}."


def _is_called(templates: Templates, function: Resource | None) -> bool:
    """Return whether something in the template calls a function itself, and not by its alias."""
    texts = [get(each, "Arn") for rule_ in templates.of("AWS::Events::Rule") for each in as_list(rule_.get("Targets"))]
    texts += [each.get("Target.Arn") for each in templates.of("AWS::Scheduler::Schedule")]
    texts += [each.get("Endpoint") for each in templates.of("AWS::SNS::Subscription")]
    texts += [each.get("FunctionName") for each in templates.of("AWS::Lambda::Permission")]
    return function is not None and any(templates.find(text) is function for text in texts)


@rule
def variables_hidden(templates: Templates) -> Found:
    """What a function is told by its variables is no secret that a parameter gives: it stands there in the clear."""
    for function in _functions(templates):
        variables = function.get("Environment.Variables", {})
        if not isinstance(variables, Mapping):
            continue
        for name, value in variables.items():
            if _SECRET.fullmatch(str(name)) and _PARAMETER.fullmatch(str(value)):
                yield function, f"{name} stands in the clear: let it name where the secret is kept."


RULES: Final = (layer_fits, handler_there, function_set, function_has_room, event_waits, variables_hidden)
