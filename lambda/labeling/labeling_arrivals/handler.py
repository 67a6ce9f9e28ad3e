"""The queue of the streams brings messages: each is taken in, given up with its reason, or comes again."""

import json
import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from labeling_arrivals.letters import Letters
from labeling_arrivals.receiving import TRIES, Message, Receiver
from reach.files import Files
from reach.functions import Functions
from reach.settings import Settings
from task_store.opened import open_store

logger = Logger(service="labeling-arrivals")
QUEUE = "aws:sqs"


@cache
def world() -> tuple[Any, ...]:
    """Return what this execution environment works with."""
    settings = Settings.of_environment(os.environ)
    return (
        open_store(os.environ),
        Files(boto3.client("s3"), settings.bucket, settings.inputs),
        Functions(boto3.client("lambda"), settings.functions),
        Letters(boto3.client("sqs"), os.environ["LETTERS_URL"]),
        settings,
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the messages that are to come again."""
    receiver = Receiver(*world())
    failed = take_all(receiver, messages(event))
    logger.info("taken in", extra={"counts": receiver.counts, "failed": len(failed)})
    if failed and "Records" not in event:
        raise RuntimeError(f"A dead letter that was put back cannot be taken in now: {'; '.join(failed.values())}")
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def messages(event: Mapping[str, Any]) -> list[Message]:
    """Return the messages of an event: those that the queue delivers, or a dead letter that is put back."""
    if "Records" not in event:
        return [Message("letter", json.dumps(event, ensure_ascii=False))]
    return [
        Message(each["messageId"], each["body"], int(each["attributes"]["ApproximateReceiveCount"]))
        for each in event["Records"]
        if each.get("eventSource") == QUEUE
    ]


def take_all(receiver: Receiver, found: Sequence[Message]) -> dict[str, str]:
    """Take messages in; return why messages are to come again, by their ids. The last time each is given up."""
    failed: dict[str, str] = {}
    for each in found:
        try:
            receiver.receive(each)
        except Exception as error:
            logger.exception("a message cannot be taken in", extra={"message_id": each.id})
            if each.tries < TRIES:
                failed[each.id] = f"{type(error).__name__}: {error}"
            else:
                receiver.give_up(each, f"It failed {each.tries} times, at last with {type(error).__name__}: {error}")
    receiver.carry_on()
    return failed
