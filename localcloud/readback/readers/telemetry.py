"""Log groups and alarms."""

from collections.abc import Mapping
from typing import Any

from localcloud.readback.reading import Ask, Gone, Reader, only, pascal


def log_group(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a log group and its tags."""
    del properties
    groups = ask("logs", "describe_log_groups", logGroupNamePrefix=name)["logGroups"]
    found: dict[str, Any] = pascal(only(groups, logGroupName=name))
    arn = found["Arn"].removesuffix(":*")
    return {**found, "Tags": ask("logs", "list_tags_for_resource", resourceArn=arn).get("tags", {})}


def log_stream(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a log stream."""
    group = properties["LogGroupName"]
    streams = ask("logs", "describe_log_streams", logGroupName=group, logStreamNamePrefix=name)["logStreams"]
    return {**pascal(only(streams, logStreamName=name)), "LogGroupName": group}


def subscription_filter(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a subscription filter."""
    group = properties["LogGroupName"]
    found = ask("logs", "describe_subscription_filters", logGroupName=group)["subscriptionFilters"]
    return dict(pascal(only(found, filterName=name)))


def metric_filter(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a metric filter."""
    group = properties["LogGroupName"]
    found = ask("logs", "describe_metric_filters", logGroupName=group)["metricFilters"]
    return dict(pascal(only(found, filterName=name)))


def alarm(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a metric alarm."""
    del properties
    found = ask("cloudwatch", "describe_alarms", AlarmNames=[name]).get("MetricAlarms", ())
    if not found:
        raise Gone
    tags = ask("cloudwatch", "list_tags_for_resource", ResourceARN=found[0]["AlarmArn"])["Tags"]
    return {**found[0], "Tags": tags}


def dashboard(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a dashboard."""
    del properties
    return ask("cloudwatch", "get_dashboard", DashboardName=name)


def resource_policy(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a policy of the account's logs."""
    del properties
    found = ask("logs", "describe_resource_policies")["resourcePolicies"]
    return dict(pascal(only(found, policyName=name)))


READERS: Mapping[str, Reader] = {
    "AWS::Logs::LogGroup": log_group,
    "AWS::Logs::LogStream": log_stream,
    "AWS::Logs::SubscriptionFilter": subscription_filter,
    "AWS::Logs::MetricFilter": metric_filter,
    "AWS::Logs::ResourcePolicy": resource_policy,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::CloudWatch::Dashboard": dashboard,
}
