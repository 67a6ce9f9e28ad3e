"""What a queue delivers: the text that somebody published, the topic that it came by, and its id there.

Source: SNS developer guide, "Fanout to Amazon SQS queues" (sns-sqs-as-subscriber) and "Raw message delivery".
"""

import json
from dataclasses import dataclass


class MessageError(ValueError):
    """A message of which no object can be made; one sentence, which goes with it to the dead letters."""


@dataclass(frozen=True)
class Envelope:
    """A message as it was published."""

    topic: str
    """ARN of the topic."""
    id: str
    """The topic's id of the message, the same in every delivery of it."""
    text: str


def unwrap(body: str, topic: str = "", message_id: str = "") -> Envelope:
    """Return what the body of a message of the queue holds. Raises MessageError.

    `topic` and `message_id` are for bodies that come raw, and so without theirs; of a raw one the queue's id is all
    there is, and another delivery of it by the topic has another.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"The message is no JSON ({error}): publish one object, as json.dumps writes it.") from error
    match value:
        case {"Type": "Notification", "TopicArn": str(arn), "MessageId": str(identity), "Message": str(text)}:
            return Envelope(arn, identity, text)
        case {"Type": "SubscriptionConfirmation" | "UnsubscribeConfirmation" as kind, "TopicArn": _}:
            raise MessageError(f"The message is a {kind} of the topic, and no object: subscribe by the queue's owner.")
    if not topic or not message_id:
        raise MessageError(
            "The message does not say its TopicArn and MessageId: publish to the job's input topic, and leave raw "
            "message delivery off."
        )
    return Envelope(topic, message_id, body)
