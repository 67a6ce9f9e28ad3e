"""Every five minutes: what models have predicted since is decided over, of each system that people review."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from human_loops.operations import Operations
from labels.review.gate import Rule
from reach.files import Files
from reach.settings import Settings
from review_gate.gate import Gate
from task_store.opened import open_reviews

logger = Logger(service="review-gate")


@cache
def gate() -> Gate:
    """Return the gate of this environment."""
    settings, s3 = Settings.of_environment(os.environ), boto3.client("s3")
    files = Files(s3, settings.bucket, settings.inputs)
    below, share, most = (os.environ[name] for name in ("REVIEW_BELOW", "REVIEW_SHARE", "REVIEWS_A_DAY"))
    return Gate(
        operations=Operations(open_reviews(os.environ), files, settings),
        s3=s3,
        rule=Rule(float(below), float(share), int(most)),
        team=settings.teams[0],
        role=os.environ["ROLE_ARN"],
        classes=json.loads(os.environ["MORE_CLASSES"]),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, Mapping[str, int]]:
    """Return how many predictions of each system became what."""
    systems = [each for each in os.environ["REVIEWED_SYSTEMS"].split(",") if each]
    done = {system: gate().look(system, datetime.now(UTC)) for system in systems}
    logger.info("looked", extra={"predictions": done})
    return done
