"""Alerts when an account costs more than it should."""

import json
from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_ce as ce
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct, IDependable

from ml_constructs.foundation.untagged import keep_untagged

ACTUAL_PERCENT = 80
FORECAST_PERCENT = 100


class CostAlerts(Construct):
    """A monthly budget, if any, and an anomaly subscription for the account, both to one encrypted topic.

    The amounts are USD. AWS Budgets and Cost Anomaly Detection see whole accounts, some hours late. An account has one
    monitor of its services; `monitor` is the ARN of one that is there already. Source: AWS Cost Management user guide,
    "budgets-sns-policy", "ad-SNS" and "getting-started-ad".
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        monthly: int | None,
        anomaly: int,
        addresses: Sequence[str],
        monitor: str | None,
        key: kms.Key,
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", display_name=f"Cost of {name}", enforce_ssl=True, master_key=key)
        for address in addresses:
            self.topic.add_subscription(subscriptions.EmailSubscription(address))
        writing = [self._let_write(key, "Budgets", "budgets.amazonaws.com", "budgets")] if monthly else []
        writing.append(self._let_write(key, "Anomalies", "costalerts.amazonaws.com", "ce"))
        alerts: list[Construct] = [self._budget(monthly)] if monthly else []
        alerts.append(self._subscription(name, anomaly, monitor or self._monitor(name)))
        for alert in alerts:
            alert.node.add_dependency(*writing)

    def _let_write(self, key: kms.Key, sid: str, service: str, source: str) -> IDependable:
        """Let a service, for this account alone, publish to the topic and encrypt what it publishes."""
        stack = cdk.Stack.of(self)
        principal = iam.ServicePrincipal(service)
        conditions = {
            "StringEquals": {"aws:SourceAccount": stack.account},
            "ArnLike": {"aws:SourceArn": f"arn:{stack.partition}:{source}::{stack.account}:*"},
        }
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid=f"{sid}Topic",
                principals=[principal],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions=conditions,
            )
        )
        added = self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                principals=[principal],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions=conditions,
            )
        )
        return added.policy_dependable

    def _budget(self, monthly: int) -> budgets.CfnBudget:
        to_topic = budgets.CfnBudget.SubscriberProperty(address=self.topic.topic_arn, subscription_type="SNS")
        return budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=monthly, unit="USD"),
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN",
                        notification_type=kind,
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[to_topic],
                )
                for kind, percent in (("ACTUAL", ACTUAL_PERCENT), ("FORECASTED", FORECAST_PERCENT))
            ],
        )

    def _monitor(self, name: str) -> str:
        monitor = ce.CfnAnomalyMonitor(
            self, "Monitor", monitor_name=f"{name}-services", monitor_type="DIMENSIONAL", monitor_dimension="SERVICE"
        )
        keep_untagged(monitor, member="ResourceTags")  # the account takes no second one to replace it with
        return monitor.ref

    def _subscription(self, name: str, anomaly: int, monitor: str) -> ce.CfnAnomalySubscription:
        impact = {
            "Dimensions": {
                "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
                "Values": [str(anomaly)],
            }
        }
        subscription = ce.CfnAnomalySubscription(
            self,
            "Subscription",
            subscription_name=f"{name}-anomalies",
            frequency="IMMEDIATE",  # the one that a topic takes
            monitor_arn_list=[monitor],
            subscribers=[ce.CfnAnomalySubscription.SubscriberProperty(address=self.topic.topic_arn, type="SNS")],
            threshold_expression=json.dumps(impact),
        )
        keep_untagged(subscription, member="ResourceTags")
        return subscription
