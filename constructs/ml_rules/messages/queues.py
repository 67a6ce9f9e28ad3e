"""Rules of queues: what nobody can handle is kept, in a queue that takes it."""

import re
from collections.abc import Iterator
from typing import Final

from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, mappings, parse_json

Found = Iterator[tuple[Resource, str]]


@rule
def queue_redriven(templates: Templates) -> Found:
    """A queue has a dead-letter queue, unless it is one (SQS guide, "Using dead-letter queues in Amazon SQS")."""
    dead = set()
    for resource in templates.resources:
        for name in _dead_letters(resource):
            found = templates.find(name)
            dead |= {found.logical_id} if found is not None else set()
    for queue in templates.of("AWS::SQS::Queue"):
        said = f"{queue.logical_id} {queue.get('QueueName', '')}"
        is_one = queue.logical_id in dead or queue.get("RedriveAllowPolicy") or re.search(r"(?i)dead|dlq|failed", said)
        if not queue.get("RedrivePolicy") and not is_one:
            yield queue, "A message that always fails comes back until it expires: the queue has no dead-letter queue."


def _dead_letters(resource: Resource) -> Iterator[object]:
    """Yield the queues that a resource sends to what it failed at."""
    for item in mappings(resource.properties):
        for key in ("deadLetterTargetArn", "TargetArn", "Destination"):
            yield item.get(key)
        yield from (each.get("Arn") for each in as_list(item.get("DeadLetterConfig")) if isinstance(each, dict))
        parsed = parse_json(item.get("RedrivePolicy"))
        yield parsed.get("deadLetterTargetArn") if isinstance(parsed, dict) else None


@rule
def dead_letters_alike(templates: Templates) -> Found:
    """A queue and the queue of its dead letters are of one kind, FIFO or not; others are refused."""
    for queue in templates.of("AWS::SQS::Queue"):
        dead = templates.find(get(parse_json(queue.get("RedrivePolicy")), "deadLetterTargetArn"))
        if dead is not None and is_true(dead.get("FifoQueue")) != is_true(queue.get("FifoQueue")):
            yield queue, "Its dead letters are refused: one of the two queues is FIFO, and the other is not."


RULES: Final = (queue_redriven, dead_letters_alike)
