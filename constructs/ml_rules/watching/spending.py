"""Rules of budgets and cost anomalies: somebody hears of what is spent while it is still little."""

import re
from collections.abc import Iterator
from typing import Any, Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, mappings, number, parse_json

Found = Iterator[tuple[Resource, str]]

_OF_USE: Final = {"RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION", "SAVINGS_PLANS_COVERAGE"}
"""Budgets of what should be much (AWS Cost Management guide, "Creating a budget")."""
_WHOLE: Final = 100.0
_MOST: Final = 10_000.0
"""Dollars above the usual of which somebody hears at the latest."""
_CODE: Final = re.compile(r"(Amazon|AWS)[A-Z]\w*")
_NAMES_IN_ONE: Final = {"AmazonCloudWatch", "AmazonWorkDocs", "AmazonMWAA"}
"""Services that the bill calls in one word; all others it calls `Amazon SageMaker`, by name and not by code."""


@rule
def budget_tells(templates: Templates) -> Found:
    """A budget tells somebody when more is spent than was planned, of services that the bill has."""
    for budget in templates.of("AWS::Budgets::Budget"):
        told = [
            each for each in as_list(budget.get("NotificationsWithSubscribers")) if as_list(get(each, "Subscribers"))
        ]
        if not told:
            yield budget, "It tells nobody: no notification has a subscriber."
        wanted_much = budget.get("Budget.BudgetType") in _OF_USE
        notifications = [get(each, "Notification", {}) for each in told]
        for each in notifications:
            if not wanted_much and each.get("ComparisonOperator") == "LESS_THAN":
                yield budget, "It tells when little is spent, and not when much is."
        limit = number(budget.get("Budget.BudgetLimit.Amount"))
        shares = [_share(each, limit) for each in notifications]
        if told and not wanted_much and all(share is not None and share > _WHOLE for share in shares):
            yield budget, f"It tells only when {min(filter(None, shares)):g} percent of it are spent."
        for name in _services(budget.get("Budget")):
            if _CODE.fullmatch(name) and name not in _NAMES_IN_ONE:
                yield budget, f"The bill knows no service {name}: a filter takes names, such as Amazon SageMaker."


def _share(notification: Any, limit: float | None) -> float | None:  # noqa: ANN401 - whatever a template holds
    """Return at how many percent of a budget a notification is sent, where a template tells."""
    threshold = number(get(notification, "Threshold"))
    if threshold is None or get(notification, "ThresholdType", "PERCENTAGE") == "PERCENTAGE":
        return threshold
    return 100 * threshold / limit if limit else None


def _services(budget: Any) -> Iterator[str]:  # noqa: ANN401 - whatever a template holds
    for item in mappings(budget):
        if item.get("Key") == "SERVICE":
            yield from map(str, as_list(item.get("Values")))
        yield from map(str, as_list(item.get("Service")))


@rule
def anomaly_tells(templates: Templates) -> Found:
    """Of a cost that nobody expected somebody hears before it is large, a topic at once, as it alone can."""
    for subscription in templates.of("AWS::CE::AnomalySubscription"):
        if not as_list(subscription.get("Subscribers")):
            yield subscription, "It tells nobody."
        topics = any(get(each, "Type") == "SNS" for each in as_list(subscription.get("Subscribers")))
        if topics and subscription.get("Frequency") != "IMMEDIATE":
            yield subscription, f"A topic is told IMMEDIATE alone, and not {subscription.get('Frequency')}."
        impacts = [number(subscription.get("Threshold"))]
        for item in mappings(parse_json(subscription.get("ThresholdExpression"))):
            if item.get("Key") == "ANOMALY_TOTAL_IMPACT_ABSOLUTE":
                impacts += map(number, as_list(item.get("Values")))
        for impact in impacts:
            if impact is not None and impact > _MOST:
                yield subscription, f"It tells only of anomalies above {impact:g} dollars."


RULES: Final = (budget_tells, anomaly_tells)
