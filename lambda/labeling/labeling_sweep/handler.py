"""Each minute: leases that are over, objects whose time is over, jobs and human loops that nobody carries on."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from task_store.opened import open_reviews
from task_store.reviews import ReviewStore

logger = Logger(service="labeling-sweep")


@cache
def store() -> ReviewStore:
    """Return the store of this environment."""
    return open_reviews(os.environ)


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Return how many of each there were."""
    done = {**store().sweep(), "job": len(store().look_again()), "loop": len(store().look_at_loops())}
    logger.info("swept", extra={"swept": done})
    return done
