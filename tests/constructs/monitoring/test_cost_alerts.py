import json
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from ml_constructs.monitoring.cost_alerts import CostAlerts

EXISTING = "arn:aws:ce::111122223333:anomalymonitor/1234abcd-12ab-34cd-56ef-1234567890ab"


def template(stack: cdk.Stack, **given: Any) -> Template:
    values: dict[str, Any] = {"name": "dev", "monthly": 200, "anomaly": 20, "addresses": (), "monitor": None} | given
    CostAlerts(stack, "Alerts", key=kms.Key(stack, "OwnKey"), **values)
    return Template.from_stack(stack)


def test_a_budget_tells_at_80_percent_and_when_it_is_forecast_to_be_exceeded(stack: cdk.Stack) -> None:
    found = template(stack)
    found.has_resource_properties(
        "AWS::Budgets::Budget",
        {
            "Budget": {
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": 200, "Unit": "USD"},
            },
            "NotificationsWithSubscribers": [
                {"Notification": Match.object_like({"NotificationType": "ACTUAL", "Threshold": 80})} | to_topic(),
                {"Notification": Match.object_like({"NotificationType": "FORECASTED", "Threshold": 100})} | to_topic(),
            ],
        },
    )


def test_a_tag_of_the_app_replaces_no_monitor_of_which_there_is_one(stack: cdk.Stack) -> None:
    """Source: the registry schemas of both types: `ResourceTags` is among their `createOnlyProperties`."""
    cdk.Tags.of(stack).add("cost-center", "4711")
    found = template(stack)
    for kind in ("AWS::CE::AnomalyMonitor", "AWS::CE::AnomalySubscription"):
        (resource,) = found.find_resources(kind).values()
        assert "ResourceTags" not in resource["Properties"]


def test_without_a_budget_anomalies_are_told_all_the_same(stack: cdk.Stack) -> None:
    """CloudFormation has no budgets in some regions; nobody may then write to the topic in their name."""
    found = template(stack, monthly=None)
    found.resource_count_is("AWS::Budgets::Budget", 0)
    found.resource_count_is("AWS::CE::AnomalySubscription", 1)
    assert "budgets.amazonaws.com" not in json.dumps(found.to_json())


def test_a_budget_has_no_name_of_its_own_so_that_it_can_be_replaced(stack: cdk.Stack) -> None:
    """A change of its notifications replaces it, and a new one could not have the name of the old."""
    (budget,) = template(stack).find_resources("AWS::Budgets::Budget").values()
    assert "BudgetName" not in budget["Properties"]["Budget"]


def to_topic() -> dict[str, Any]:
    return {"Subscribers": [Match.object_like({"SubscriptionType": "SNS"})]}


def test_an_anomaly_is_told_at_once_from_its_amount_on(stack: cdk.Stack) -> None:
    (subscription,) = template(stack).find_resources("AWS::CE::AnomalySubscription").values()
    properties = subscription["Properties"]
    assert properties["Frequency"] == "IMMEDIATE"  # the only one that a topic takes
    assert json.loads(properties["ThresholdExpression"]) == {
        "Dimensions": {
            "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
            "Values": ["20"],
        }
    }


def test_a_monitor_that_the_account_has_is_not_made_again(stack: cdk.Stack) -> None:
    found = template(stack, monitor=EXISTING)
    found.resource_count_is("AWS::CE::AnomalyMonitor", 0)
    found.has_resource_properties("AWS::CE::AnomalySubscription", {"MonitorArnList": [EXISTING]})


def test_addresses_get_the_topics_messages(stack: cdk.Stack) -> None:
    found = template(stack, addresses=("team@example.com",))
    found.has_resource_properties("AWS::SNS::Subscription", {"Protocol": "email", "Endpoint": "team@example.com"})


def test_only_the_two_services_write_for_this_account_alone(stack: cdk.Stack) -> None:
    found = template(stack)
    (policy,) = found.find_resources("AWS::SNS::TopicPolicy").values()
    (key,) = found.find_resources("AWS::KMS::Key").values()
    topic = [s for s in policy["Properties"]["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    encrypted = key["Properties"]["KeyPolicy"]["Statement"][1:]
    for statements, actions in ((topic, "sns:Publish"), (encrypted, ["kms:Decrypt", "kms:GenerateDataKey"])):
        assert {s["Principal"]["Service"] for s in statements} == {"budgets.amazonaws.com", "costalerts.amazonaws.com"}
        for statement in statements:
            assert statement["Action"] == actions
            assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}
            assert "::111122223333:*" in json.dumps(statement["Condition"]["ArnLike"]["aws:SourceArn"])
