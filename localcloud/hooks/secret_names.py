"""Secrets Manager of MiniStack: names that are none are refused, and force deletes also what is not there.

Sources: API reference of Secrets Manager, "CreateSecret" and "DeleteSecret"; answers that localstack/localstack
recorded from AWS (tests/aws/services/secretsmanager/test_secretsmanager.snapshot.json, Apache-2.0).
"""

import json
import re
import time
from collections.abc import Mapping
from typing import Any, Final

from ministack import app
from ministack.core import responses
from ministack.services import secretsmanager

Answer = tuple[int, Any, bytes]
SAID: Final = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
_NAME: Final = re.compile(r"[\w/+=.@!:-]+", re.ASCII)
"""A name, or an ARN, which has colons besides."""


def refuse_names() -> None:
    """Refuse names that Secrets Manager refuses, in every operation."""
    handle, delete = app.SERVICE_HANDLERS["secretsmanager"], secretsmanager._delete_secret

    async def answer(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        given = _parameters(body)
        if any(not _NAME.fullmatch(each) for name in ("Name", "SecretId") if isinstance(each := given.get(name), str)):
            refused: Answer = responses.error_response_json("ValidationException", SAID, 400)
            return refused
        answered: Answer = await handle(method, path, headers, body, query)
        return answered

    def deleted(data: Mapping[str, Any]) -> Answer:
        name = str(data.get("SecretId"))
        if data.get("ForceDeleteWithoutRecovery") and not secretsmanager._resolve(name)[1]:
            arn = f"arn:aws:secretsmanager:{responses.get_region()}:{responses.get_account_id()}:secret:{name}"
            told = {"ARN": name if name.startswith("arn:") else arn, "Name": name, "DeletionDate": int(time.time())}
            gone: Answer = responses.json_response(told)
            return gone
        answered: Answer = delete(data)
        return answered

    app.SERVICE_HANDLERS["secretsmanager"], secretsmanager._delete_secret = answer, deleted


def _parameters(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
