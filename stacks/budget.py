"""The environment's budget."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.monitoring.cost_alerts import CostAlerts
from stacks.foundation import Foundation
from stacks.settings import Spending


class BudgetStack(cdk.Stack):
    """A budget of the environment's account, and alerts to people when it is exceeded or costs jump."""

    def __init__(self, scope: Construct, construct_id: str, *, on: Foundation, spending: Spending) -> None:
        super().__init__(scope, construct_id, description="Budget and cost anomalies")
        alerts = CostAlerts(
            self,
            "Alerts",
            name=on.environment.name,
            monthly=spending.monthly,
            anomaly=spending.anomaly,
            addresses=spending.addresses,
            monitor=spending.monitor,
            key=on.storage.key,
        )
        cdk.CfnOutput(self, "CostTopicArn", value=alerts.topic.topic_arn)
