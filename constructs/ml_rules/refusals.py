"""Rules of what a service refuses, or keeps without doing what it says: parts of one resource that do not go together.

Sources: ECR user guide, "Lifecycle policy properties"; Backup API reference, Lifecycle; Firehose developer guide,
"Dynamic partitioning"; Systems Manager user guide, "Parameter tiers" and "Parameter policies"; CodeBuild user guide,
"Build caching"; CloudTrail user guide, "Data events"; WAF developer guide, "Logging"; Secrets Manager user guide.
"""

import re
from collections.abc import Iterator
from typing import Final

from ml_rules import policies
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates, leads_elsewhere
from ml_rules.values import as_list, get, is_true, mappings, number, parse_json

Found = Iterator[tuple[Resource, str]]

_COLD: Final = 90
_STANDARD: Final = 4_096
_SECRET: Final = re.compile(r"(?<!name of the )(secret|token|password|passwd|api.?key|credential)", re.IGNORECASE)
_TOKEN: Final = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w+/=-]{16,}")
"""What only a machine makes up: letters of both kinds and digits, without an end."""
_POINTS: Final = re.compile(r"arn|name|path|uri|url|where|\bid\b|Id\}", re.IGNORECASE)


@rule
def images_in_order(templates: Templates) -> Found:
    """A repository's rule for all images comes after its other rules."""
    for repository in templates.of("AWS::ECR::Repository", "AWS::ECR::RepositoryCreationTemplate"):
        text = repository.get("LifecyclePolicy.LifecyclePolicyText", repository.get("LifecyclePolicy"))
        rules = as_list(get(parse_json(text), "rules"))
        order = [(number(get(each, "rulePriority")) or 0, get(each, "selection.tagStatus")) for each in rules]
        last = max((priority for priority, _ in order), default=0)
        if any(status == "any" and priority < last for priority, status in order):
            yield repository, "ECR refuses it: the rule for any image has to have the highest rulePriority."


@rule
def backup_kept(templates: Templates) -> Found:
    """A backup stays in cold storage for ninety days, and by a tag selects what has that tag."""
    tags = {
        str(get(each, "Key"))
        for resource in templates.resources
        for each in as_list(resource.get("Tags"))
        if isinstance(each, dict)
    }
    tags |= {
        name for resource in templates.of("AWS::Backup::BackupVault") for name in resource.get("BackupVaultTags", {})
    }
    for plan in templates.of("AWS::Backup::BackupPlan"):
        for each in mappings(dict(plan.properties)):
            cold, ends = number(each.get("MoveToColdStorageAfterDays")), number(each.get("DeleteAfterDays"))
            if cold is not None and ends is not None and ends < cold + _COLD:
                yield (
                    plan,
                    f"It is refused: what goes to cold storage after {cold:g} days stays until {cold + _COLD:g}.",
                )
    for selection in templates.of("AWS::Backup::BackupSelection"):
        for each in as_list(selection.get("BackupSelection.ListOfTags")):
            key = str(get(each, "ConditionKey", ""))
            near = [tag for tag in tags if tag != key and tag.lower() == key.lower()]
            if key not in tags and near:
                yield selection, f"It selects nothing: the tag is {near[0]}, and not {key}."


@rule
def partition_found(templates: Templates) -> Found:
    """A delivery stream's prefix uses the keys that its query extracts."""
    for stream in templates.of("AWS::KinesisFirehose::DeliveryStream"):
        text = str(dict(stream.properties))
        used = set(re.findall(r"partitionKeyFromQuery:([A-Za-z0-9_-]+)", text))
        queries = [
            str(each.get("ParameterValue", ""))
            for each in mappings(dict(stream.properties))
            if each.get("ParameterName") == "MetadataExtractionQuery"
        ]
        given = {name for query in queries for name in re.findall(r"[{,]\s*\"?([A-Za-z0-9_-]+)\"?\s*:", query)}
        if used - given:
            yield stream, f"It is refused: its prefix uses {min(used - given)}, which the query does not extract."


@rule
def parameter_formed(templates: Templates) -> Found:
    """A parameter's value fits its pattern and its tier, and holds no secret; a number's pattern admits numbers."""
    for parameter in templates.of("AWS::SSM::Parameter"):
        value, pattern = str(parameter.get("Value", "")), str(parameter.get("AllowedPattern", ""))
        told = "${" in value
        if pattern and not told and not _fits(pattern, value):
            yield parameter, f"It is refused: {value} does not fit {pattern}."
        plain_number = not told and number(value) is not None
        if plain_number and not pattern:
            yield parameter, f"It takes whatever is typed: {value} is a number, and it has no AllowedPattern."
        tier = parameter.get("Tier", "Standard")
        if parameter.get("Policies") and tier == "Standard":
            yield parameter, "It is refused: policies are of the tier Advanced."
        if tier == "Advanced" and not parameter.get("Policies") and not told and len(value.encode()) <= _STANDARD:
            yield parameter, "It costs each month without need: up to 4 KB without policies are of the tier Standard."
        about = f"{parameter.logical_id} {parameter.get('Name', '')} {parameter.get('Description', '')}"
        points = _POINTS.search(value) if told else _points(value)
        about_where = re.search(r"\b(where|arn|name|location)\b", about, re.IGNORECASE)
        named = _SECRET.search(about) and not points and not about_where and not plain_number
        if named or (not told and _TOKEN.fullmatch(value)):
            yield parameter, "It holds a secret in plain text: keep it in Secrets Manager, and its name here."


def _points(value: str) -> bool:
    return bool(re.match(r"arn:|/|https?://|[a-z0-9/-]+$", value)) and not re.search(r"[A-Z].*\d|\d.*[A-Z]", value)


def _fits(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True


@rule
def build_formed(templates: Templates) -> Found:
    """A build pulls a private image with its role, gets secrets by reference, and caches layers where it may."""
    for project in templates.of("AWS::CodeBuild::Project"):
        modes = as_list(project.get("Cache.Modes"))
        if "LOCAL_DOCKER_LAYER_CACHE" in modes and not is_true(project.get("Environment.PrivilegedMode")):
            yield project, "It caches no layer: LOCAL_DOCKER_LAYER_CACHE needs PrivilegedMode."
        image = str(project.get("Environment.Image", ""))
        private = ".dkr.ecr." in image
        if private and project.get("Environment.ImagePullCredentialsType", "CODEBUILD") == "CODEBUILD":
            yield project, "It cannot pull its image: one of a private registry takes SERVICE_ROLE."
        for each in as_list(project.get("Environment.EnvironmentVariables")):
            name, value = str(get(each, "Name", "")), str(get(each, "Value", ""))
            if (
                get(each, "Type", "PLAINTEXT") == "PLAINTEXT"
                and _SECRET.search(name)
                and not _POINTS.search(name + value)
            ):
                yield project, f"{name} is handed over in plain text: take it from SECRETS_MANAGER."
        if not project.get("VpcConfig") and not is_true(project.get("Environment.PrivilegedMode")):
            yield project, "It builds outside the VPC, with a way to every host: VpcConfig is missing."


_READABLE: Final = {
    "AWS::Lambda::Function": "Environment",
    "AWS::SSM::Parameter": "Value",
    "AWS::CodeBuild::Project": "Environment",
    "AWS::ECS::TaskDefinition": "ContainerDefinitions",
    "AWS::SageMaker::Model": "PrimaryContainer",
    "AWS::Glue::Job": "DefaultArguments",
    "AWS::ApiGateway::Stage": "Variables",
}


@rule
def hidden_stays_hidden(templates: Templates) -> Found:
    """A parameter that a template hides (`NoEcho`) goes nowhere where whoever may describe a resource reads it."""
    for resource in templates.of(*_READABLE):
        parameters = templates.sources[resource.stack].get("Parameters", {})
        hidden = [name for name, each in parameters.items() if is_true(get(each, "NoEcho"))]
        text = str(resource.get(_READABLE[resource.type], ""))
        if shown := [name for name in hidden if f"${{{name}}}" in text]:
            yield resource, f"Whoever describes it reads {shown[0]}, which the template hides: keep it in a secret."


_FIXED: Final = re.compile(r"docker push \S+?:([A-Za-z][\w.-]*)(?=\s|$)")


@rule
def pushed_anew(templates: Templates) -> Found:
    """A build does not push one tag twice into a repository whose tags stay."""
    kept = {"IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"}
    fixed = any(each.get("ImageTagMutability") in kept for each in templates.of("AWS::ECR::Repository"))
    for project in templates.of("AWS::CodeBuild::Project"):
        if fixed and (found := _FIXED.search(str(project.get("Source.BuildSpec", "")))):
            yield project, f"Its second push is refused: {found[1]} is there, and the repository's tags stay."


@rule
def search_admits(templates: Templates) -> Found:
    """The access policy of a search domain is of that domain."""
    for domain in templates.of("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"):
        name = domain.get("DomainName")
        own = [each for each in policies.read(domain.get("AccessPolicies")) if each.allows]
        of_it = f":domain/{name}"
        meant = [each for statement in own for each in statement.resources]
        if name and meant and not any(_is_of(each, of_it, domain) for each in meant):
            yield domain, f"It admits nobody: its access policy is of {meant[0]}, and not of {name}."


def _is_of(text: str, of_it: str, domain: Resource) -> bool:
    _, _, rest = text.partition(":domain/")
    before, star, _ = rest.partition("*")
    held = of_it.removeprefix(":domain/")
    whole = text == "*" or f"/{domain.logical_id}" in text or text.partition("/")[0] == of_it
    return whole or rest.rstrip("*").rstrip("/") == held or (bool(star) and held.startswith(before))


@rule
def recorded(templates: Templates) -> Found:
    """A trail records who reads data, and a firewall's log has no credentials in it."""
    for trail in templates.of("AWS::CloudTrail::Trail"):
        for each in as_list(trail.get("AdvancedEventSelectors")):
            fields = {get(item, "Field"): as_list(get(item, "Equals")) for item in as_list(get(each, "FieldSelectors"))}
            data = "Data" in fields.get("eventCategory", [])
            if data and [str(value).lower() for value in fields.get("readOnly", [])] == ["false"]:
                yield trail, "It does not record who reads data: readOnly is false."
        for each in as_list(trail.get("EventSelectors")):
            if get(each, "ReadWriteType") == "WriteOnly" and get(each, "DataResources"):
                yield trail, "It does not record who reads data: ReadWriteType is WriteOnly."
    for log in templates.of("AWS::WAFv2::LoggingConfiguration"):
        hidden = {str(get(each, "SingleHeader.Name", "")).lower() for each in as_list(log.get("RedactedFields"))}
        if "authorization" not in hidden:
            yield log, "It holds what callers sign in with: the header authorization is not redacted."


_ROTATED: Final = 365


@rule
def secret_rotated(templates: Templates) -> Found:
    """A secret changes within a year."""
    for schedule in templates.of("AWS::SecretsManager::RotationSchedule"):
        text = str(schedule.get("RotationRules.ScheduleExpression", ""))
        found = re.fullmatch(r"rate\((\d+) days?\)", text)
        days = number(found[1]) if found else number(schedule.get("RotationRules.AutomaticallyAfterDays"))
        if days is not None and days > _ROTATED:
            yield schedule, f"It changes after {days:g} days."


@rule
def database_over_tls(templates: Templates) -> Found:
    """A connection to a database is encrypted."""
    for connection in templates.of("AWS::Glue::Connection"):
        given = connection.get("ConnectionInput.ConnectionProperties", {})
        if str(get(given, "JDBC_ENFORCE_SSL", "true")).lower() == "false":
            yield connection, "It reads in plain text: JDBC_ENFORCE_SSL is false."


_MOST_KEPT: Final = 10
_MOST_SCALED: Final = 100


@rule
def capacity_bounded(templates: Templates) -> Found:
    """What is paid whether it is used or not is small, and what scales ends where a person has thought of."""
    for fleet in templates.of("AWS::CodeBuild::Fleet"):
        kept = number(fleet.get("BaseCapacity"))
        if kept is not None and kept > _MOST_KEPT:
            yield fleet, f"It keeps {kept:g} machines that are paid whether they build or not."
    for target in templates.of("AWS::ApplicationAutoScaling::ScalableTarget"):
        most = number(target.get("MaxCapacity"))
        if target.get("ServiceNamespace") == "sagemaker" and most is not None and most > _MOST_SCALED:
            yield target, f"It may grow to {most:g} instances: a flood of calls becomes a bill."


@rule
def housekeeping(templates: Templates) -> Found:
    """A bucket that keeps versions has rules for how long."""
    for bucket in templates.of("AWS::S3::Bucket"):
        kept = bucket.get("VersioningConfiguration.Status") == "Enabled"
        ends = bool(as_list(bucket.get("LifecycleConfiguration.Rules")))
        locked = is_true(bucket.get("ObjectLockEnabled")) or leads_elsewhere(bucket.get("LifecycleConfiguration"))
        if kept and not ends and not locked:
            yield bucket, "Old versions are kept, and paid, for ever: NoncurrentVersionExpiration is missing."


RULES: Final = (
    images_in_order,
    backup_kept,
    partition_found,
    parameter_formed,
    build_formed,
    hidden_stays_hidden,
    pushed_anew,
    search_admits,
    recorded,
    secret_rotated,
    database_over_tls,
    capacity_bounded,
    housekeeping,
)
