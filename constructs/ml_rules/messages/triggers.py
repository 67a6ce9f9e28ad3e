"""Rules of what EventBridge starts: with a role, by the event that is meant, told what it needs, and not by itself."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ml_rules.requests import pipeline_body
from ml_rules.rule import rule
from ml_rules.templates import REFERENCE, Resource, Templates, function_of
from ml_rules.values import as_list, get, is_true, mappings, parse_json

Found = Iterator[tuple[Resource, str]]
Json = Mapping[str, Any]

_WITH_ROLE: Final = re.compile(
    r":(states|sagemaker|batch|ecs|kinesis|firehose|codebuild|codepipeline|ssm|execute-api|redshift|redshift-data|inspector|appsync)"
    r":|:events:[^:]*:[^:]*:(event-bus|api-destination)/"
)
"""Targets that EventBridge acts on with a role of the rule (EventBridge guide, "Event bus targets")."""
_ROLE_TYPES: Final = {
    "AWS::StepFunctions::StateMachine",
    "AWS::SageMaker::Pipeline",
    "AWS::Batch::JobQueue",
    "AWS::ECS::Cluster",
    "AWS::Kinesis::Stream",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::CodeBuild::Project",
    "AWS::CodePipeline::Pipeline",
    "AWS::Events::ApiDestination",
}
_BY_NAME: Final = re.compile(r"\$\{\w*(Flow|StateMachine|Pipeline|Workflow|DeliveryStream|BuildProject)(Arn)?\}$")
"""A parameter whose name says what it is."""
_ONLY_TOLD: Final = re.compile(
    r"topic|queue|log-?group|:(sns|sqs|logs|firehose):|alert|notif|audit|record", re.IGNORECASE
)
"""Targets that hear of something, and start nothing."""
_PACKAGE: Final = "SageMaker Model Package State Change"
_PACKAGE_FIELDS: Final = frozenset(
    (
        *("ModelPackageGroupName", "ModelPackageName", "ModelPackageVersion", "ModelPackageArn"),
        *("ModelPackageDescription", "CreationTime", "InferenceSpecification", "ModelPackageStatus"),
        *("ModelPackageStatusDetails", "CertifyForMarketplace", "ModelApprovalStatus", "CreatedBy"),
        *("LastModifiedTime", "LastModifiedBy", "ApprovalDescription", "CustomerMetadataProperties"),
        *("SourceAlgorithmSpecification", "ValidationSpecification", "MetadataProperties", "ModelMetrics"),
        *("DriftCheckBaselines", "Domain", "Task", "SamplePayloadUrl"),
        *("AdditionalInferenceSpecifications", "SourceUri", "SecurityConfig", "ModelCard"),
        *("ModelLifeCycle", "SkipModelValidation", "Tags", "EventName"),
        *("ModelPackageRegistrationType",),
    )
)
"""What an event has of a package (SageMaker guide, "Events that Amazon SageMaker AI sends"; DescribeModelPackage)."""
_STATUS: Final = {
    _PACKAGE: ("ModelApprovalStatus",),
    "SageMaker Training Job State Change": ("TrainingJobStatus", "SecondaryStatus"),
    "SageMaker Processing Job State Change": ("ProcessingJobStatus",),
    "SageMaker Transform Job State Change": ("TransformJobStatus",),
    "SageMaker HyperParameter Tuning Job State Change": ("HyperParameterTuningJobStatus",),
    "SageMaker Model Building Pipeline Execution Status Change": ("currentPipelineExecutionStatus",),
    "Step Functions Execution Status Change": ("status",),
}
"""Which property says what became of something."""
_WRITES: Final = re.compile(r"out|result|target|dest|prepared|report|write", re.IGNORECASE)
_OUTPUTS: Final = {"S3OutputPath", "S3Output", "OutputPath", "DestinationS3Uri"}


def _targets(templates: Templates) -> Iterator[tuple[Resource, Json, Json]]:
    """Yield every target of a rule, with the pattern that sets it off."""
    for waiting in templates.of("AWS::Events::Rule"):
        pattern = parse_json(waiting.get("EventPattern"))
        for target in as_list(waiting.get("Targets")):
            yield waiting, pattern if isinstance(pattern, Mapping) else {}, target


def _only_told(templates: Templates, waiting: Resource, target: Json) -> bool:
    """Return whether a target hears of something and starts nothing."""
    found = templates.find(target.get("Arn"))
    kind = found.type if found else ""
    told = (str(target.get("Arn")), kind, str(waiting.get("Name", "")), str(waiting.get("Description", "")))
    return any(_ONLY_TOLD.search(each) for each in told)


def _is_function(templates: Templates, target: Json) -> bool:
    """Return whether a target is a function, which looks at the event itself."""
    arn = str(target.get("Arn"))
    return function_of(templates, arn) is not None or bool(re.search(r":function:|Function(Arn)?\}$", arn))


def _pipeline(templates: Templates, arn: object) -> Resource | None:
    """Return the pipeline that an ARN means, also where it ends in a reference."""
    reference = list(REFERENCE.finditer(str(arn)))
    found = templates.find(arn) or (templates.find(reference[-1][0]) if reference else None)
    return found if found is not None and found.type == "AWS::SageMaker::Pipeline" else None


@rule
def target_role(templates: Templates) -> Found:
    """A rule has a role for what it starts by a call of its own."""
    for waiting, _, target in _targets(templates):
        arn = str(target.get("Arn"))
        found = templates.find(arn)
        needs = found.type in _ROLE_TYPES if found else bool(_WITH_ROLE.search(arn) or _BY_NAME.search(arn))
        if needs and not target.get("RoleArn"):
            yield waiting, f"It cannot start its target {target.get('Id')}: it has no RoleArn."


@rule
def pattern_narrow(templates: Templates) -> Found:
    """What starts something waits for one kind of event, and for what became of it."""
    for waiting, pattern, target in _targets(templates):
        if not pattern or _only_told(templates, waiting, target) or _is_function(templates, target):
            continue
        kinds, detail = as_list(pattern.get("detail-type")), get(pattern, "detail", {})
        sources = [str(each) for each in as_list(pattern.get("source"))]
        if not kinds and not detail and any(each.startswith("aws.") for each in sources):
            yield waiting, f"Every event of {', '.join(sources)} starts it: it names no detail-type."
        for kind in kinds:
            wanted = _STATUS.get(str(kind)) if isinstance(kind, str) else None
            if wanted and not any(_wants(detail, name) for name in wanted):
                yield waiting, f"It starts whatever became of it: it does not ask for {wanted[0]}."


def _wants(detail: object, name: str) -> bool:
    return any(name in item for item in mappings(detail))


@rule
def target_told(templates: Templates) -> Found:
    """What an event starts is told what the event is of, by names that the event has.

    Source: EventBridge guide, "Input transformation"; SageMaker guide, "Events that Amazon SageMaker AI sends".
    """
    for waiting, pattern, target in _targets(templates):
        if _PACKAGE not in as_list(pattern.get("detail-type")):
            continue
        if isinstance(target.get("Input"), str) and not _only_told(templates, waiting, target):
            yield waiting, "Its target is told the same of every model: it has a fixed Input."
        paths = get(target, "InputTransformer.InputPathsMap", {})
        for path in [*paths.values(), target.get("InputPath")]:
            match = re.match(r"\$\.detail\.(\w+)", str(path))
            if match and match[1] not in _PACKAGE_FIELDS:
                yield waiting, f"An event of a model package has no {match[1]}."


@rule
def template_filled(templates: Templates) -> Found:
    """A transformer puts in what it has taken out: every name in its template has a path."""
    for waiting, _, target in _targets(templates):
        paths = set(get(target, "InputTransformer.InputPathsMap", {}))
        used = set(re.findall(r"<([A-Za-z][\w-]*)>", str(get(target, "InputTransformer.InputTemplate", ""))))
        if used - paths:
            yield waiting, f"Its InputTemplate names {', '.join(sorted(used - paths))}, which no path gives."


@rule
def own_output(templates: Templates) -> Found:
    """What an object starts does not write where the next object would start it again."""
    for waiting, pattern, target in _targets(templates):
        keys = as_list(get(pattern, "detail.object.key"))
        prefixes = [str(get(each, "prefix", "")) if isinstance(each, Mapping) else str(each) for each in keys]
        for bucket in as_list(get(pattern, "detail.bucket.name")):
            for address in _find_written(templates, target):
                name, key = _split(address)
                inside = not prefixes or any(prefix and key.startswith(prefix) for prefix in prefixes)
                if isinstance(bucket, str) and name == bucket and inside:
                    yield waiting, f"What it starts writes to {address}, which starts it again."


def _split(address: str) -> tuple[str, str]:
    """Return bucket and key; a reference in a bucket's place may hold a slash itself."""
    match = re.match(r"s3://(\$\{[^}]*\}|[^/]+)/?(.*)", address)
    return (match[1], match[2]) if match else ("", "")


def _find_written(templates: Templates, target: Json) -> Iterator[str]:
    """Yield the addresses that a target is told to write to, and those in the definition of a pipeline."""
    for item in as_list(get(target, "SageMakerPipelineParameters.PipelineParameterList")):
        if _WRITES.search(str(get(item, "Name"))):
            yield str(get(item, "Value"))
    for item in mappings(parse_json(target.get("Input"))):
        yield from (str(value) for key, value in item.items() if _WRITES.search(key))
    pipeline = _pipeline(templates, target.get("Arn"))
    if pipeline is not None:
        for item in mappings(pipeline_body(pipeline)):
            for key in _OUTPUTS & item.keys():
                yield str(get(item[key], "S3Uri", item[key]))


@rule
def group_named(templates: Templates) -> Found:
    """A message to a FIFO queue names its group: without one the queue refuses it."""
    for waiting, _, target in [*_targets(templates), *_find_scheduled(templates)]:
        arn = str(target.get("Arn"))
        queue = templates.find(arn)
        fifo = queue is not None and queue.type == "AWS::SQS::Queue" and is_true(queue.get("FifoQueue"))
        if (fifo or (":sqs:" in arn and arn.endswith(".fifo"))) and not get(target, "SqsParameters.MessageGroupId"):
            yield waiting, f"The queue of its target {target.get('Id', '')} refuses what names no MessageGroupId."


def _find_scheduled(templates: Templates) -> Iterator[tuple[Resource, Json, Json]]:
    for schedule in templates.of("AWS::Scheduler::Schedule"):
        if isinstance(schedule.get("Target"), Mapping):
            yield schedule, {}, schedule.get("Target")


@rule
def parameter_known(templates: Templates) -> Found:
    """A pipeline is started with the parameters that it has, and with all that have no default."""
    for waiting, _, target in [*_targets(templates), *_find_scheduled(templates)]:
        pipeline = _pipeline(templates, target.get("Arn"))
        body = pipeline_body(pipeline) if pipeline else None
        if not isinstance(body, Mapping) or "Steps" not in body:
            continue
        has = {str(get(each, "Name")): "DefaultValue" in each for each in as_list(body.get("Parameters"))}
        given = {
            str(get(each, "Name")) for each in as_list(get(target, "SageMakerPipelineParameters.PipelineParameterList"))
        }
        if given - set(has):
            yield waiting, f"Its pipeline has no parameter {', '.join(sorted(given - set(has)))}."
        if lacking := sorted(name for name, default in has.items() if not default and name not in given):
            yield waiting, f"Its pipeline does not start without {', '.join(lacking)}."


@rule
def permission_meets(templates: Templates) -> Found:
    """The permission of a function lets in the rule that calls it, on the alias that is called.

    Source: EventBridge guide, "Using resource-based policies"; Lambda guide, "Using function aliases".
    """
    granted = [
        each for each in templates.of("AWS::Lambda::Permission") if each.get("Principal") == "events.amazonaws.com"
    ]
    for waiting, _, target in _targets(templates):
        called, function = templates.find(target.get("Arn")), function_of(templates, target.get("Arn"))
        own = [each for each in granted if function_of(templates, each.get("FunctionName")) is function]
        if function is None or called is None or not own:
            continue
        admitting = [each for each in own if _admits(templates, each.get("SourceArn"), waiting)]
        if not admitting:
            yield own[0], f"It lets in another rule than {waiting.logical_id}, which calls the function."
        elif not any(_is_of(templates, each, called) for each in admitting):
            yield admitting[0], f"It is not of {called.logical_id}, which {waiting.logical_id} calls."


def _admits(templates: Templates, source: object, waiting: Resource) -> bool:
    if source is None or templates.find(source) is waiting:
        return True
    text = str(source)
    return ":rule/" not in text or "*" in text.rpartition(":rule/")[2] or "${" in text.rpartition(":rule/")[2]


def _is_of(templates: Templates, permission: Resource, called: Resource) -> bool:
    """Return whether a permission is of the very function or alias that is called."""
    qualifier, named = permission.get("Qualifier"), templates.find(permission.get("FunctionName"))
    if called.type == "AWS::Lambda::Alias" and qualifier is not None:
        return str(qualifier) == str(called.get("Name")) or "${" in str(qualifier)
    return named is called


RULES: Final = (
    target_role,
    pattern_narrow,
    target_told,
    template_filled,
    own_output,
    group_named,
    parameter_known,
    permission_meets,
)
