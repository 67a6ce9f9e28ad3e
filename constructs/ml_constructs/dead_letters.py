"""Where events end that nothing took."""

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ml_constructs.rules import acknowledge

KEPT = cdk.Duration.days(14)  # as long as SQS keeps anything


def dead_letter_queue(scope: Construct, construct_id: str) -> sqs.Queue:
    """Return an encrypted queue that keeps what failed for two weeks."""
    queue = sqs.Queue(
        scope, construct_id, encryption=sqs.QueueEncryption.SQS_MANAGED, enforce_ssl=True, retention_period=KEPT
    )
    acknowledge(queue, SQSRedrivePolicy="This queue is where undelivered events end, so it has no further one.")
    return queue
