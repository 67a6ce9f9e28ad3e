"""CloudWatch Logs of MiniStack: log groups under a key of KMS, which the key's policy must let the service use.

Source: CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import responses
from ministack.services import cloudwatch_logs as logs

from localcloud.hooks.kms import keys
from localcloud.hooks.stacks import cloudformation

ACTIONS = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey")


class LogKeyError(ValueError):
    """A key that CloudWatch Logs may not use for a log group."""


def require_keys() -> None:
    """Refuse a key that Logs may not use when a group is made, and let keys be associated and taken away."""
    create, handle = logs._create_log_group, logs.handle_request

    def created(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        try:
            _check(data.get("logGroupName", ""), data.get("kmsKeyId") or "")
        except LogKeyError as error:
            return responses.error_response_json("InvalidParameterException", str(error), 400)
        return create(data)

    async def handled(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Any:  # noqa: ANN401 - MiniStack's
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action in {"AssociateKmsKey", "DisassociateKmsKey"}:
            return _associate(json.loads(body or b"{}"))
        return await handle(method, path, headers, body, query)

    def check(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        _check(name, properties.get("KmsKeyId") or "")
        logs._log_groups[name]["kmsKeyId"] = properties.get("KmsKeyId")
        return {}

    logs._create_log_group, logs.handle_request = created, handled
    cloudformation.after("AWS::Logs::LogGroup", check)


def _associate(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
    name = data.get("logGroupName") or str(data.get("resourceIdentifier", "")).split(":log-group:")[-1].removesuffix(
        ":*"
    )
    if name not in logs._log_groups:
        return responses.error_response_json(
            "ResourceNotFoundException", "The specified log group does not exist.", 400
        )
    try:
        _check(name, data.get("kmsKeyId") or "")
    except LogKeyError as error:
        return responses.error_response_json("InvalidParameterException", str(error), 400)
    logs._log_groups[name]["kmsKeyId"] = data.get("kmsKeyId")
    return responses.json_response({})


def _check(group: str, key: str) -> None:
    """Raise `LogKeyError` unless the key's policy lets the service use it for that group."""
    if not key:
        return
    account, region = responses.get_account_id(), responses.get_region()
    arn = f"arn:aws:logs:{region}:{account}:log-group:{group}"
    try:
        keys.use(key, ACTIONS, keys.Via("logs", {"aws:logs:arn": arn}), f"logs.{region}.amazonaws.com")
    except keys.KeyDenied as denied:
        said = "The specified KMS key does not exist or is not allowed to be used with Arn"
        raise LogKeyError(f"{said} '{arn}'") from denied
