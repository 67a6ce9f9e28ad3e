"""Rules of what a pattern waits for: events that their service sends, letter by letter, `decisions/events.csv`."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from ml_rules.decided import FOLDER, read_rows
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, parse_json

Found = Iterator[tuple[Resource, str]]

_TOP: Final = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
_TOP_TOO: Final = {"$or", "replay-name", "ingestion-time"}
"""What an event has at its top (EventBridge user guide, "Amazon EventBridge events")."""
_OF_ALL: Final = re.compile(r"AWS (API Call|Service Event|Console Action|Console Sign In|Insight) via CloudTrail")
_ADDRESS: Final = re.compile(r"\.amazonaws\.com$")
_APPROVALS: Final = "SageMaker Model Package State Change"
_TELLERS: Final = {"AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::Logs::LogGroup"}


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    return tuple(read_rows(FOLDER / "events.csv"))


@cache
def _detail_types() -> Mapping[str, frozenset[str]]:
    """Return the detail types that a service sends, by its source."""
    sources = {row["source"] for row in _rows()}
    return {
        source: frozenset(name for row in _rows() if row["source"] == source for name in row["detail types"].split("|"))
        for source in sources
    }


def _patterns(templates: Templates) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
    for waiting in templates.of("AWS::Events::Rule"):
        pattern = parse_json(waiting.get("EventPattern"))
        if isinstance(pattern, Mapping) and pattern:
            yield waiting, pattern


@rule
def pattern_formed(templates: Templates) -> Found:
    """A pattern has the names that events have, and lists of what it waits for."""
    for waiting, pattern in _patterns(templates):
        if strange := sorted(set(pattern) - _TOP - _TOP_TOO):
            yield waiting, f"No event has {', '.join(strange)}: it matches nothing."
        for path, wanted in _walk(pattern):
            if not isinstance(wanted, list) and "${" not in str(wanted):
                yield waiting, f"{path} is no list: a pattern has lists of what it waits for."
            elif wanted == []:
                yield waiting, f"{path} is an empty list: it matches nothing."


def _walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - part of a pattern
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name != "$or":
                yield from _walk(item, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


@rule
def event_sent(templates: Templates) -> Found:
    """A pattern waits for what its source sends: another service's event, or one that there is not, never comes."""
    sent = _detail_types()
    for waiting, pattern in _patterns(templates):
        sources = [each for each in as_list(pattern.get("source")) if isinstance(each, str)]
        for each in sources:
            if _ADDRESS.search(each):
                yield waiting, f"It waits for events of {each}, and AWS writes aws.{each.partition('.')[0]}."
        names = [each for each in as_list(pattern.get("detail-type")) if isinstance(each, str)]
        known = [sent[each] for each in sources if each in sent]
        if not known or len(known) < len(sources):
            continue
        for name in names:
            if "${" not in name and not _OF_ALL.match(name) and not any(name in each for each in known):
                yield waiting, f"{', '.join(sources)} sends no {name}."


@rule
def detail_sent(templates: Templates) -> Found:
    """A pattern asks for the fields that an event has, and for values that they take."""
    for waiting, pattern in _patterns(templates):
        detail = pattern.get("detail")
        names = {each for each in as_list(pattern.get("detail-type")) if isinstance(each, str)}
        for row in _rows():
            if isinstance(detail, Mapping) and names & set(row["detail types"].split("|")) and row["field"]:
                yield from _field(waiting, detail, row)
        if names and all(each.startswith("SageMaker ") and " Pipeline " not in each for each in names):
            for field in detail if isinstance(detail, Mapping) else ():
                if field[:1].islower():
                    yield (
                        waiting,
                        f"No event of SageMaker's has detail.{field}: its fields are written like Describe's.",
                    )
        if isinstance(detail, Mapping) and pattern.get("source") == ["aws.s3"] and not _OF_ALL.match(str(names)):
            strange = set(detail) - _OF_S3
            if strange and not any(_OF_ALL.match(each) for each in names):
                yield waiting, f"No event of S3's has detail.{', detail.'.join(sorted(strange))}."


_OF_S3: Final = {
    *("version", "bucket", "object", "request-id", "requester", "source-ip-address", "reason", "deletion-type"),
    *("source-storage-class", "destination-storage-class", "destination-access-tier", "restore-expiry-time", "$or"),
}
"""Fields of its events (S3 user guide, "EventBridge event message structure")."""


def _field(waiting: Resource, detail: Mapping[str, Any], row: Mapping[str, str]) -> Found:
    top, values = row["field"].partition(".")[0], row["values"].split("|")
    plain = re.sub(r"[-_]", "", top).lower()
    for name in detail:
        if name != top and re.sub(r"[-_]", "", name).lower() == plain:
            yield waiting, f"It asks for {name}, and AWS writes {top}."
    for wanted in as_list(get(detail, row["field"])):
        if isinstance(wanted, str) and "${" not in wanted and wanted not in values:
            yield waiting, f"{row['field']} is never {wanted}: it is {', '.join(values)}."


@rule
def approved_alone(templates: Templates) -> Found:
    """What happens to a model package starts work where somebody approved it, and tells people in any case."""
    for waiting, pattern in _patterns(templates):
        if waiting.environment.name:
            continue  # of ours the roll-out asks for the status, which takes a rejected model back too
        asked = pattern.get("detail")
        if as_list(pattern.get("detail-type")) != [_APPROVALS] or not asked or "ModelApprovalStatus" in str(asked):
            continue
        for target in as_list(waiting.get("Targets")):
            arn = str(get(target, "Arn", ""))
            found = templates.find(arn)
            if (found is not None and found.type not in _TELLERS) or (
                found is None and re.search(r":(lambda|states|codebuild|codepipeline|sagemaker):", arn)
            ):
                yield waiting, "It starts work for packages that nobody approved: it does not ask for the status."


@rule
def event_reaches(templates: Templates) -> Found:
    """Events of AWS come to the default bus, and those of a bucket only where it sends them."""
    for waiting, pattern in _patterns(templates):
        sources = [str(each) for each in as_list(pattern.get("source"))]
        bus = str(waiting.get("EventBusName", "default"))
        own = sources and all(each.startswith("aws.") for each in sources)
        if own and bus.rpartition("/")[2] != "default" and not pattern.get("account") and "${" not in bus:
            yield waiting, f"Services send their events to the default bus, and not to {bus}."
        if sources == ["aws.s3"] and not any(_OF_ALL.match(str(each)) for each in as_list(pattern.get("detail-type"))):
            for name in as_list(get(pattern, "detail.bucket.name")):
                bucket = templates.find(name)
                if bucket is not None and bucket.type == "AWS::S3::Bucket" and not _sends(bucket):
                    yield bucket, "A rule waits for its events, and it sends none: EventBridge is not on."


def _sends(bucket: Resource) -> bool:
    configuration = bucket.get("NotificationConfiguration.EventBridgeConfiguration")
    return isinstance(configuration, Mapping) and is_true(configuration.get("EventBridgeEnabled", True))


RULES: Final = (pattern_formed, event_sent, detail_sent, approved_alone, event_reaches)
