"""Rules of what stands beside the platform's jobs: monitors, captures, traffic, Glue, schedules, masks of logs."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from zoneinfo import available_timezones

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, mappings, number, parse_json

Found = Iterator[tuple[Resource, str]]

_BASELINES: Final = {
    "AWS::SageMaker::DataQualityJobDefinition": "DataQualityBaselineConfig",
    "AWS::SageMaker::ModelQualityJobDefinition": "ModelQualityBaselineConfig",
    "AWS::SageMaker::ModelBiasJobDefinition": "ModelBiasBaselineConfig",
    "AWS::SageMaker::ModelExplainabilityJobDefinition": "ModelExplainabilityBaselineConfig",
}
_HOUR: Final = 3600.0
_HOURLY: Final = re.compile(r"cron\(\s*\d+ \* ")
_TRIED: Final = re.compile(r"challenger|canary|candidate|experiment|trial", re.IGNORECASE)
_HALF: Final = 0.5
_MOST_INSTANCES: Final = 100.0
_MOST_RETRIES: Final = 3.0
_AGAIN: Final = re.compile(r"nightly|daily|weekly|hourly|monthly|every", re.IGNORECASE)


@rule
def monitor_compares(templates: Templates) -> Found:
    """A monitor of the quality of data compares with a baseline, and has ended before it is due again.

    Source: SageMaker guide, "Monitor data quality"; API reference, MonitoringStoppingCondition.
    """
    for job in templates.of("AWS::SageMaker::DataQualityJobDefinition"):
        baseline = job.get(_BASELINES[job.type], {})
        if not baseline.get("BaseliningJobName") and not get(baseline, "ConstraintsResource.S3Uri"):
            yield job, f"It compares with nothing: it has no {_BASELINES[job.type]}."
    for schedule in templates.of("AWS::SageMaker::MonitoringSchedule"):
        config = schedule.get("MonitoringScheduleConfig", {})
        name = config.get("MonitoringJobDefinitionName")
        named = [
            each
            for each in templates.of(*_BASELINES)
            if name is not None and (each.get("JobDefinitionName") == name or templates.find(name) is each)
        ]
        runs = number(get(config, "MonitoringJobDefinition.StoppingCondition.MaxRuntimeInSeconds"))
        runs = number(named[0].get("StoppingCondition.MaxRuntimeInSeconds")) if named else runs
        kind = str(config.get("MonitoringType"))
        if named and kind != "None" and kind not in named[0].type:
            yield schedule, f"It is refused: its job is no {kind}."
        hourly = _HOURLY.match(str(get(config, "ScheduleConfig.ScheduleExpression", "")))
        if hourly and runs is not None and runs > _HOUR:
            yield named[0] if named else schedule, f"It is due every hour, and may run for {runs:g} s."


@rule
def capture_whole(templates: Templates) -> Found:
    """What an endpoint captures has requests and answers: without answers nobody can say how good the model is."""
    for config in templates.of("AWS::SageMaker::EndpointConfig"):
        modes = {str(get(each, "CaptureMode")) for each in as_list(config.get("DataCaptureConfig.CaptureOptions"))}
        enabled = is_true(config.get("DataCaptureConfig.EnableCapture", False))
        if enabled and modes and "InputAndOutput" not in modes and not {"Input", "Output"} <= modes:
            yield config, f"It captures {' and '.join(sorted(modes))} alone."


@rule
def trial_small(templates: Templates) -> Found:
    """A model on trial takes the smaller share of the traffic, and an endpoint grows to a size that is meant."""
    for config in templates.of("AWS::SageMaker::EndpointConfig"):
        weights = {
            str(get(each, "VariantName")): number(get(each, "InitialVariantWeight", 1)) or 0.0
            for each in as_list(config.get("ProductionVariants"))
        }
        if len(weights) < len(as_list(config.get("ProductionVariants"))):
            yield config, "It is refused: two of its variants have one name."
        if weights and not any(weights.values()):
            yield config, "None of its variants is asked: all weights are 0."
        for name, weight in weights.items() if len(weights) > 1 else ():
            share = weight / sum(weights.values()) if sum(weights.values()) else 0.0
            if _TRIED.search(name) and share >= _HALF:
                yield config, f"{name} takes {100 * share:g} percent of the traffic."


@rule
def glue_careful(templates: Templates) -> Found:
    """A job of Glue reads what it has not read, and a connection shows whom it speaks to."""
    for job in templates.of("AWS::Glue::Job"):
        if job.get("DefaultArguments", {}).get("--job-bookmark-option") == "job-bookmark-disable":
            yield job, "It reads everything again at each run: its bookmark is off."
        if (number(job.get("MaxRetries")) or 0) > _MOST_RETRIES:
            yield job, f"It is tried {job.get('MaxRetries')} times, whatever it fails with."
        if (number(job.get("NumberOfWorkers")) or 0) > _MOST_INSTANCES:
            yield job, f"It takes {job.get('NumberOfWorkers')} workers."
    for connection in templates.of("AWS::Glue::Connection"):
        properties = connection.get("ConnectionInput.ConnectionProperties", {})
        jdbc = connection.get("ConnectionInput.ConnectionType") == "JDBC" or "JDBC_CONNECTION_URL" in properties
        if jdbc and not is_true(properties.get("JDBC_ENFORCE_SSL")):
            yield connection, "What it reads goes over the network in the clear: JDBC_ENFORCE_SSL is not true."


@rule
def schedule_comes_again(templates: Templates) -> Found:
    """What is to happen again and again has a schedule that does, in a zone that there is, and has not ended.

    Source: EventBridge Scheduler guide, "Schedule types": time zones are those of the IANA.
    """
    for schedule in templates.of("AWS::Scheduler::Schedule"):
        words = (schedule.get("Name"), schedule.get("Description"), schedule.get("Target.Input"), schedule.logical_id)
        again = any(_AGAIN.search(str(each)) for each in words)
        if again and str(schedule.get("ScheduleExpression", "")).startswith("at("):
            yield schedule, f"It starts once, and never again: {schedule.get('ScheduleExpression')}."
        zone = str(schedule.get("ScheduleExpressionTimezone", "UTC"))
        if "${" not in zone and zone not in available_timezones():
            yield schedule, f"It is refused: there is no time zone {zone}."
        end = str(schedule.get("EndDate", ""))
        if re.match(r"\d{4}-\d\d-\d\d", end) and end[:10] < datetime.now(UTC).date().isoformat():
            yield schedule, f"It never starts: it has ended on {end[:10]}."


@rule
def log_masked(templates: Templates) -> Found:
    """A policy that looks for personal data in a log hides them as well.

    Source: CloudWatch Logs guide, "Help protect sensitive log data with masking".
    """
    for group in templates.of("AWS::Logs::LogGroup"):
        policy = parse_json(group.get("DataProtectionPolicy"))
        operations = [each.get("Operation") for each in mappings(policy) if "Operation" in each]
        if operations and not any("Deidentify" in (each or {}) for each in operations):
            yield group, "Its data protection policy finds personal data, and hides none."


RULES: Final = (monitor_compares, capture_whole, trial_small, glue_careful, schedule_comes_again, log_masked)
