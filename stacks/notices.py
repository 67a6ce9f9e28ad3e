"""What people are told of an environment."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.monitoring.notices import Notices
from stacks.foundation import Foundation


class NoticesStack(cdk.Stack):
    """One topic for all that fails: runs, jobs, roll-outs, events that nobody could take, builds and watches."""

    def __init__(self, scope: Construct, construct_id: str, *, on: Foundation) -> None:
        super().__init__(scope, construct_id, description="Notices to people")
        environment = on.environment
        systems = {
            name: system.name
            for system in environment.systems
            for name in (system.name, system.training_stack, system.serving_stack)
            if name
        }
        notices = Notices(
            self,
            "Notices",
            environment=environment.name,
            systems=dict(sorted(systems.items())),
            addresses=[environment.owner] if "@" in environment.owner else [],
            builds=on.images.builds if environment.systems else None,
            key=on.storage.key,
            functions=on.functions,
            removal_policy=environment.removal_policy,
        )
        cdk.CfnOutput(self, "NoticesTopicArn", value=notices.topic.topic_arn)
        cdk.CfnOutput(self, "NoticesTableName", value=notices.ledger.table.table_name)
