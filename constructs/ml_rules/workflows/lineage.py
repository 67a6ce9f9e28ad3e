"""Rules of the data in pipelines: a model is tested on what it has not seen, and registered with what that gave."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from ml_rules.decided import FOLDER, read_rows
from ml_rules.requests import pipeline_body, requests
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, mappings
from ml_rules.workflows.definitions import threshold
from ml_rules.workflows.measured import better_when_high

Found = Iterator[tuple[Resource, str]]
Json = Mapping[str, Any]

_ROLES: Final = {
    "train": re.compile(r"(^|[^a-z])train(ing)?([^a-z]|$)", re.IGNORECASE),
    "validation": re.compile(r"(^|[^a-z])(valid(ation)?|val|dev)([^a-z]|$)", re.IGNORECASE),
    "test": re.compile(r"(^|[^a-z])(test(ing)?|hold-?_?out|eval(uation)?)([^a-z]|$)", re.IGNORECASE),
}
"""What a set of data is for, by its name."""
_OUTPUT: Final = re.compile(r"Steps\.([^.]+)\.ProcessingOutputConfig\.Outputs\[['\"]?([^'\"\]]+)['\"]?\]")
_REGISTERS: Final = {"RegisterModel", "Model", "CreateModel", "Deploy"}
_DURATION: Final = re.compile(
    r"P?(?:(?P<y>\d+)Y)?(?:(?P<mo>\d+)M)?(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?(?:T?(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+)S)?)?",
    re.IGNORECASE,
)
_DAYS: Final = {"y": 365.0, "mo": 30.0, "w": 7.0, "d": 1.0, "h": 1 / 24, "m": 1 / 1440, "s": 1 / 86400}
_FIXED_DAYS: Final = 1.0
"""How long an answer may be used again where the address of the data does not change with the data."""
_NAMED_DAYS: Final = 90.0
"""And where a parameter of the run names the data."""


def _steps(pipeline: Resource) -> list[Json]:
    """Return the steps of a pipeline, those inside of conditions too."""
    return [
        each for each in mappings(pipeline_body(pipeline)) if {"Name", "Type"} <= each.keys() and "Arguments" in each
    ]


def _role(name: str) -> str | None:
    """Return what data of a name is for, where the name says one thing."""
    found = [role for role, words in _ROLES.items() if words.search(name)]
    return found[0] if len(found) == 1 else None


def _inputs(request: Json) -> Iterator[tuple[str, str]]:
    """Yield the inputs of a job: name and address."""
    for channel in as_list(request.get("InputDataConfig")):
        address = get(channel, "DataSource.S3DataSource.S3Uri")
        if address is not None:
            yield str(get(channel, "ChannelName")), json.dumps(address, sort_keys=True)
    for item in as_list(request.get("ProcessingInputs")):
        address = get(item, "S3Input.S3Uri")
        if address is not None:
            yield str(get(item, "InputName")), json.dumps(address, sort_keys=True)


def _source_role(address: str) -> str | None:
    """Return what data was made for, by the output or the folder that an address names."""
    if match := _OUTPUT.search(address):
        return _role(match[2])
    uri = address.strip('"')
    return _role(uri.rstrip("/").rpartition("/")[2]) if uri.startswith("s3://") else None


@rule
def data_apart(templates: Templates) -> Found:
    """What a model is validated or tested on is not what it was trained on.

    Source: SageMaker guide, "Amazon SageMaker Pipelines", and Machine Learning Lens, MLREL and "Evaluate model".
    """
    trained: dict[int, dict[str, str]] = {}
    held = list(requests(templates))
    for resource, name, request in held:
        for channel, address in _inputs(request) if "InputDataConfig" in request else ():
            if _role(channel) in {"train", None} and len(address) > len('""'):
                trained.setdefault(id(resource), {})[address] = name
    for resource, name, request in held:
        for channel, address in _inputs(request):
            role, source = _role(channel), _source_role(address)
            learned = [by for used, by in trained.get(id(resource), {}).items() if _is_within(address, used)]
            if role in {"validation", "test"} and learned:
                yield resource, f"{name} takes for {channel} what {learned[0]} trains on."
            elif role and source and role != source and "train" in {role, source}:
                yield resource, f"{name} takes for {channel} what was made for {source}."


def _is_within(address: str, folder: str) -> bool:
    """Return whether an address is another, or in the folder that it is."""
    inside = folder.startswith('"s3://') and address.startswith(folder.strip('"').rstrip("/").join(('"', "/")))
    return address == folder or inside


@rule
def outputs_apart(templates: Templates) -> Found:
    """Two outputs of a job go to two places: else what is to test a model is mixed with what trains it."""
    for resource, name, request in requests(templates):
        outputs = as_list(get(request, "ProcessingOutputConfig.Outputs"))
        places = [get(each, "S3Output.S3Uri") for each in outputs if get(each, "S3Output.S3Uri")]
        counted = Counter(json.dumps(place, sort_keys=True) for place in places)
        for place in (place for place, times in counted.items() if times > 1):
            yield resource, f"{name} writes two outputs to {place}."


@rule
def steps_ordered(templates: Templates) -> Found:
    """A pipeline's steps have names of their own, and none waits for what waits for it."""
    for pipeline in templates.of("AWS::SageMaker::Pipeline"):
        steps = _steps(pipeline)
        for name in (name for name, times in Counter(str(each["Name"]) for each in steps).items() if times > 1):
            yield pipeline, f"It is refused: two of its steps are called {name}."
        needs = {str(step["Name"]): {str(each) for each in as_list(step.get("DependsOn"))} for step in steps}
        for step in steps:
            for item in mappings(step.get("Arguments")) if step["Type"] != "Condition" else ():
                if match := re.match(r"Steps\.([^.\[]+)", str(item.get("Get", ""))):
                    needs[str(step["Name"])].add(match[1])
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            yield pipeline, f"It is refused: {', '.join(sorted(set(map(str, error.args[1]))))} wait for each other."


@cache
def _properties() -> Mapping[str, frozenset[str]]:
    """Return what a step of each type has, which is what describes its job, `decisions/steps.csv`."""
    return {row["step"]: frozenset(row["properties"].split()) for row in read_rows(FOLDER / "steps.csv")}


@rule
def reference_exists(templates: Templates) -> Found:
    """What a pipeline refers to is there: the step, its output, the parameter."""
    for pipeline in templates.of("AWS::SageMaker::Pipeline"):
        body = pipeline_body(pipeline)
        steps = {str(step["Name"]): step for step in _steps(pipeline)}
        known = {str(get(each, "Name")) for each in as_list(get(body, "Parameters"))}
        for item in mappings(body):
            told = item.get("Get")
            if set(item) != {"Get"} or not isinstance(told, str) or "${" in told:
                continue
            kind, _, rest = told.partition(".")
            name = re.split(r"[.\[]", rest)[0]
            if kind == "Steps" and name not in steps:
                yield pipeline, f"It refers to the step {name}, which it has not."
            elif kind == "Steps" and (unknown := _lacks(steps[name], rest)):
                yield pipeline, f"It refers to {unknown} of {name}, which a step of its type has not."
            elif kind == "Parameters" and name not in known:
                yield pipeline, f"It refers to the parameter {name}, which it has not."
            elif match := _OUTPUT.match(told):
                outputs = as_list(get(steps[match[1]], "Arguments.ProcessingOutputConfig.Outputs"))
                if match[2] not in {str(get(each, "OutputName")) for each in outputs} and not match[2].isdigit():
                    yield pipeline, f"It refers to {match[2]} of {match[1]}, which writes no such output."


def _lacks(step: Json, rest: str) -> str | None:
    """Return the property of a step that a reference names, where a step of its type has none of the name."""
    known = _properties().get(str(step["Type"]))
    name = re.split(r"[.\[]", rest.partition(".")[2])[0]
    return name if known and name and name not in known | {"PropertyFiles", "OutputParameters"} else None


@rule
def gate_right_way(templates: Templates) -> Found:
    """A gate lets through models that are good: with much of what is good, or little of what is bad."""
    for pipeline in templates.of("AWS::SageMaker::Pipeline"):
        parameters = as_list(get(pipeline_body(pipeline), "Parameters"))
        defaults = {get(each, "Name"): get(each, "DefaultValue") for each in parameters}
        for step in _steps(pipeline):
            arguments = get(step, "Arguments", {})
            passed = _registers(arguments.get("IfSteps"))
            if step["Type"] != "Condition" or passed == _registers(arguments.get("ElseSteps")):
                continue
            for metric, rises in _find_compared(arguments.get("Conditions"), defaults):
                high = better_when_high(metric)
                if high is not None and high != (rises == passed):
                    yield pipeline, f"{step['Name']} registers models with {'little' if high else 'much'} of {metric}."


def _registers(steps: object) -> bool:
    return any(each.get("Type") in _REGISTERS for each in mappings(steps) if "Name" in each)


def _find_compared(
    conditions: object, defaults: Mapping[Any, Any], *, turned: bool = False
) -> Iterator[tuple[str, bool]]:
    """Yield every metric that conditions compare with a number, and whether they want it to be more."""
    for condition in as_list(conditions):
        kind = str(get(condition, "Type"))
        if kind == "Not":
            inner = get(condition, "Expression", get(condition, "Condition"))
            yield from _find_compared(inner, defaults, turned=not turned)
        elif kind == "Or":
            yield from _find_compared(get(condition, "Conditions"), defaults, turned=turned)
        elif kind.startswith(("GreaterThan", "LessThan")):
            sides = (get(condition, "LeftValue"), get(condition, "RightValue"))
            for (measured, limit), exchanged in ((sides, False), (sides[::-1], True)):
                path = get(measured, "Std:JsonGet.Path")
                if isinstance(path, str) and threshold(limit, defaults) is not None:
                    yield path, kind.startswith("GreaterThan") != (turned != exchanged)


@rule
def cache_fresh(templates: Templates) -> Found:
    """A step that reads data from outside of its run is not answered from a cache after these data have changed.

    Source: SageMaker guide, "Caching pipeline steps": a hit asks whether arguments are the same, and not the data.
    """
    for pipeline in templates.of("AWS::SageMaker::Pipeline"):
        for step in _steps(pipeline):
            if not is_true(get(step, "CacheConfig.Enabled")):
                continue
            days = _days(str(get(step, "CacheConfig.ExpireAfter", "")))
            addresses = [address for _, address in _inputs(get(step, "Arguments", {}))]
            named = [address for address in addresses if '"Get": "Parameters.' in address]
            fixed = [address for address in addresses if address.startswith('"s3://')]
            if (fixed and days > _FIXED_DAYS) or (named and days > _NAMED_DAYS):
                yield pipeline, f"{step['Name']} may be answered for {days:g} days from before its data changed."


def _days(text: str) -> float:
    """Return a duration in days; without one an answer is kept for ever."""
    match = _DURATION.fullmatch(text)
    parts = match.groupdict() if match else {}
    found = sum(float(value) * _DAYS[key] for key, value in parts.items() if value)
    return found or float("inf")


@rule
def metrics_registered(templates: Templates) -> Found:
    """Who approves a model sees what it was measured: it is registered with its metrics."""
    for pipeline in templates.of("AWS::SageMaker::Pipeline"):
        for step in _steps(pipeline):
            packaged = step["Type"] == "RegisterModel"
            if packaged and not get(step, "Arguments.ModelMetrics") and not pipeline.environment.name:
                yield pipeline, f"{step['Name']} registers a model without what it was measured: no ModelMetrics."


@rule
def key_kept_out(templates: Templates) -> Found:
    """A column that is kept as the key of an answer is no feature of the model.

    Source: SageMaker guide, "Associate Prediction Results with Input Records".
    """
    for resource, name, request in requests(templates):
        processing = request.get("DataProcessing")
        if not isinstance(processing, Mapping) or processing.get("JoinSource") != "Input":
            continue
        kept = re.match(r"\$\[(\d+)\s*[,\]]", str(processing.get("OutputFilter", "")))
        fed = str(processing.get("InputFilter", "$"))
        if kept and (fed == "$" or re.match(rf"\$\[{kept[1]}(?!\d)", fed)):
            yield (
                resource,
                f"{name} feeds column {kept[1]}, which it keeps as the key, to the model: InputFilter is {fed}.",
            )


RULES: Final = (
    data_apart,
    reference_exists,
    outputs_apart,
    steps_ordered,
    gate_right_way,
    cache_fresh,
    metrics_registered,
    key_kept_out,
)
