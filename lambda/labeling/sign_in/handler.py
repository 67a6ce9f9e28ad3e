"""POST /auth: forwards what a sign-in needs to Cognito, from inside of the network.

Nothing here logs a body: requests hold proofs, answers tokens.
"""

import os
from functools import cache
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from portal import body
from portal.answer import answer
from portal.app import resolver
from sign_in.exchange import MEMBERS, SignIn

MOST: Final = 32_768
"""Bytes of a request."""

logger = Logger(service="sign_in")
app = resolver(logger)


@cache
def sign_in() -> SignIn:
    """Return the way to Cognito, which is that of this execution environment."""
    config = Config(connect_timeout=2, read_timeout=8, retries={"total_max_attempts": 2})
    return SignIn(boto3.client("cognito-idp", config=config), os.environ["USER_POOL_ID"], os.environ["CLIENT_ID"])


@app.post("/auth")
def authenticate() -> Response[str]:
    """Do one step of a sign-in."""
    return answer(sign_in().step(body.read(app.current_event.decoded_body, *MEMBERS, most=MOST)))


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST, clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway REST proxy event."""
    return app.resolve(event, context)
