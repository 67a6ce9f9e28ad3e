"""Dead-letter queues for events that could not be delivered, each with an alarm."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge

KEPT = cdk.Duration.days(14)
"""As long as SQS keeps a message."""


def dead_letters(scope: Construct, construct_id: str, *, what: str, topic: sns.ITopic | None = None) -> sqs.Queue:
    """Add a dead-letter queue for `what`, with an alarm that fires while it holds a message.

    The environment's notices hear every alarm; one about the notices themselves writes to their `topic` itself.
    """
    queue = sqs.Queue(
        scope,
        construct_id,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=KEPT,
    )
    acknowledge(queue, SQSRedrivePolicy="This queue is where undelivered events end, so it has no further one.")
    alarm = cloudwatch.Alarm(
        queue,
        "NotEmpty",
        alarm_description=f"{what} could not be delivered, or failed: see the messages in {queue.queue_name}",
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=1,
        metric=queue.metric_approximate_number_of_messages_visible(
            period=cdk.Duration.minutes(5), statistic=cloudwatch.Stats.MAXIMUM
        ),
        threshold=0,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    if topic is not None:
        alarm.add_alarm_action(actions.SnsAction(topic))
        return queue
    acknowledge(
        alarm,
        CloudWatchAlarmAction="A rule of the environment's notices hears every alarm of its stacks, and tells people.",
    )
    return queue
