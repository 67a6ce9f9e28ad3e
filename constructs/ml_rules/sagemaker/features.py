"""Rules of features and models: groups of features that Feature Store takes, and groups of models that others read."""

import re
from collections.abc import Iterator
from typing import Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, number

Found = Iterator[tuple[Resource, str]]

_RESERVED: Final = {"is_deleted", "write_time", "api_invocation_time"}
_TIMES: Final = {"String", "Fractional"}
_LEAST_UNITS: Final = 5.0
_SECONDS: Final = {"Seconds": 1, "Minutes": 60, "Hours": 3600, "Days": 86400, "Weeks": 604800}
_EVERY: Final = {"minute": 60, "hour": 3600, "day": 86400}
_PER: Final = re.compile(r"\b(?:per|each|every)\s+([a-z]+)", re.IGNORECASE)
_OF_PACKAGES: Final = re.compile(r"sagemaker:(Describe|Update|Delete|Create|List)ModelPackages?$", re.IGNORECASE)


@rule
def group_taken(templates: Templates) -> Found:
    """A group of features has its key and its time, of a type and by names that Feature Store takes.

    Source: SageMaker API reference, CreateFeatureGroup and FeatureDefinition.
    """
    for group in templates.of("AWS::SageMaker::FeatureGroup"):
        features = {
            str(get(each, "FeatureName")): str(get(each, "FeatureType"))
            for each in as_list(group.get("FeatureDefinitions"))
        }
        if not features or any("${" in name for name in features):
            continue
        for key in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
            name = str(group.get(key))
            if name not in features and "${" not in name:
                yield group, f"It is refused: {key} is {name}, which is no feature of it."
        time = features.get(str(group.get("EventTimeFeatureName")))
        if time is not None and time not in _TIMES and "${" not in time:
            yield group, f"It is refused: its event time is {time}, and not String or Fractional."
        if len(features) < len(as_list(group.get("FeatureDefinitions"))):
            yield group, "It is refused: two of its features have one name."
        if group.get("RecordIdentifierFeatureName") == group.get("EventTimeFeatureName"):
            yield group, "It is refused: its key and its time are one feature."
        for name in sorted(features.keys() & _RESERVED):
            yield group, f"It is refused: Feature Store keeps the name {name} for itself."


@rule
def group_kept_apart(templates: Templates) -> Found:
    """A record is of one thing: the key of a group is what its description says that there is a record of."""
    for group in templates.of("AWS::SageMaker::FeatureGroup"):
        names = [str(get(each, "FeatureName")) for each in as_list(group.get("FeatureDefinitions"))]
        key = str(group.get("RecordIdentifierFeatureName"))
        for thing in _PER.findall(str(group.get("Description", ""))):
            meant = [each for each in names if re.fullmatch(rf"{thing}_?(id|key|no|number)", each, re.IGNORECASE)]
            if meant and key not in meant:
                yield group, f"A record is of one {thing}, and its key is {key}: one replaces another's."


@rule
def group_used(templates: Templates) -> Found:
    """Features can be asked for as of a time, as fast as they are read, and are there until they come anew."""
    every = [
        seconds
        for each in templates.of("AWS::Events::Rule", "AWS::Scheduler::Schedule")
        if re.search(r"feature|refresh|ingest", f"{each.logical_id} {each.get('Description', '')}", re.IGNORECASE)
        and (seconds := _interval(str(each.get("ScheduleExpression", ""))))
    ]
    for group in templates.of("AWS::SageMaker::FeatureGroup"):
        tabled = group.environment.name or any(templates.of("AWS::Glue::Table"))
        if is_true(group.get("OfflineStoreConfig.DisableGlueTableCreation")) and not tabled:
            yield group, "Nobody can ask for its features as of a time: it has no table in the catalog."
        if group.get("ThroughputConfig.ThroughputMode") == "Provisioned":
            units = [number(group.get(f"ThroughputConfig.Provisioned{way}CapacityUnits")) for way in ("Read", "Write")]
            if any(each is not None and each < _LEAST_UNITS for each in units):
                yield group, "Its online store refuses the first reads at once: it has hardly a unit of throughput."
        value = number(group.get("OnlineStoreConfig.TtlDuration.Value"))
        lives = (value or 0) * _SECONDS.get(str(group.get("OnlineStoreConfig.TtlDuration.Unit")), 0)
        if lives and every and lives < min(every):
            yield group, f"Its features are gone after {lives:g} s, and come anew after {min(every):g} s."


def _interval(expression: str) -> float | None:
    """Return how many seconds lie between two starts."""
    if match := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression.strip()):
        return float(match[1]) * _EVERY[match[2]]
    if match := re.match(r"cron\(\d+ (\d+|\*) (\*|\?) \* (\*|\?)", expression):
        return 3600.0 if match[1] == "*" else 86400.0
    return None


@rule
def package_meant(templates: Templates) -> Found:
    """Who may read the packages of a group may: a package has an ARN of its own, which is not that of its group.

    Source: Service Authorization Reference, Amazon SageMaker: DescribeModelPackage is on model-package.
    """
    for group in templates.of("AWS::SageMaker::ModelPackageGroup"):
        for statement in as_list(group.get("ModelPackageGroupPolicy.Statement")):
            actions = [str(each) for each in as_list(get(statement, "Action"))]
            resources = [str(each) for each in as_list(get(statement, "Resource"))]
            of_packages = any(map(_OF_PACKAGES.fullmatch, actions))
            if of_packages and resources and all(":model-package-group/" in each for each in resources):
                yield (
                    group,
                    "It lets others at no package: their ARNs are model-package/, and not model-package-group/.",
                )


RULES: Final = (group_taken, group_kept_apart, group_used, package_meant)
