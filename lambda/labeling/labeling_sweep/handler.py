"""Each minute: leases that are over, objects whose time is over, and jobs that nobody carries on."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from task_store.opened import open_store
from task_store.store import Store

logger = Logger(service="labeling-sweep")


@cache
def store() -> Store:
    """Return the store of this environment."""
    return open_store(os.environ)


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Return how many of each there were."""
    done = {**store().sweep(), "job": len(store().look_again())}
    logger.info("swept", extra={"swept": done})
    return done
