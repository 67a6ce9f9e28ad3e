"""The table tells of human loops that are new or changed, and of answers: what is next for each is done."""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from human_loop_course.course import carry_on, now
from reach.files import Files
from reach.settings import Settings
from task_store import items
from task_store.opened import open_reviews
from task_store.results import Pool
from task_store.reviews import LOOPS, ReviewStore

logger = Logger(service="human-loop-course")


@cache
def world() -> tuple[ReviewStore, Files, Pool]:
    """Return what this execution environment works with."""
    settings = Settings.of_environment(os.environ)
    files = Files(boto3.client("s3"), settings.bucket, settings.inputs)
    return open_reviews(os.environ), files, Pool(settings.region, settings.issuer)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Carry on each loop that the records are about; return how far each is."""
    store, files, pool = world()
    found = {name: carry_on(store, name, files, pool, now()).step.value for name in dict.fromkeys(_loops(event))}
    logger.info("carried on", extra={"loops": found})
    return found


def _loops(event: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the loops that records are about: of themselves, of their objects, and of leases of these.

    A dead letter of the stream that is put back has no records; the sweep has had its loops looked at again.
    """
    for record in event.get("Records", ()):
        partition, sort = (items.text(record["dynamodb"]["Keys"], name) for name in ("PK", "SK"))
        if partition == LOOPS:
            yield sort.removeprefix("LOOP#")
        elif sort.startswith("OBJECT#"):
            yield sort.removeprefix("OBJECT#")
        else:
            yield partition.rpartition("#")[2]
