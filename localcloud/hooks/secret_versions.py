"""Secrets Manager of MiniStack: the labels of versions, and what AWS tells of secrets.

Sources: API reference of Secrets Manager on putting, describing and listing versions; user guide,
"What's in a secret: version"; answers that localstack/localstack recorded from AWS
(tests/aws/services/secretsmanager/test_secretsmanager.snapshot.json, Apache-2.0).
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import responses
from ministack.services import secretsmanager

DEFAULT_KEY = "DefaultEncryptionKey"
DAY_S = 24 * 60 * 60
_OK = 200
Answer = tuple[int, Any, bytes]
Operation = Callable[[Any], Answer]


def keep_labels() -> None:
    """Let a label be of one version only, and describe secrets and versions as AWS does."""
    for name, wrap in (
        ("_put_secret_value", _moved),
        ("_create_secret", _without_version),
        ("_get_secret_value", _accessed),
        ("_describe_secret", _described),
        ("_list_secret_version_ids", _listed),
        ("_rotate_secret", _rotated),
    ):
        setattr(secretsmanager, name, wrap(getattr(secretsmanager, name)))
    secretsmanager._apply_current_promotion = _keeping(secretsmanager._apply_current_promotion)
    handle = secretsmanager.error_response_json
    secretsmanager.error_response_json = lambda code, said, status=400: _told(handle(code, said, status))


def _told(answer: Answer) -> Answer:
    """Tell an error's message in the member that Secrets Manager has for it."""
    status, headers, body = answer
    error = json.loads(body)
    if "Validation" not in error["__type"]:
        error = {"__type": error["__type"], "Message": error.get("message") or error.get("Message")}
    return status, headers, json.dumps(error).encode()


def _secret(data: Mapping[str, Any]) -> dict[str, Any] | None:
    _, found = secretsmanager._resolve(data.get("SecretId"))
    secret: dict[str, Any] | None = found
    return secret


def _refused(code: str, said: str) -> Answer:
    refused: Answer = secretsmanager.error_response_json(code, said, 400)
    return refused


def _keeping(promote: Callable[..., None]) -> Callable[..., None]:
    """Keep a version that loses its last label: it is deprecated, and can still be read by its id."""

    def promoted(secret: dict[str, Any], version: str) -> None:
        before = dict(secret["Versions"])
        promote(secret, version)
        secret["Versions"] = {**before, **secret["Versions"]}

    return promoted


def _moved(put: Operation) -> Operation:
    def moved(data: Mapping[str, Any]) -> Answer:
        status, headers, body = put(data)
        secret = _secret(data)
        if status == _OK and secret is not None:
            version = json.loads(body)["VersionId"]
            for label in data.get("VersionStages") or ():
                secretsmanager._remove_stage_everywhere(secret, label, except_version_id=version)
                if label not in secret["Versions"][version]["Stages"]:
                    secret["Versions"][version]["Stages"].append(label)
            for kept in secret["Versions"].values() if "VersionStages" not in data else ():
                if "AWSPREVIOUS" in kept["Stages"] and "AWSPENDING" in kept["Stages"]:
                    kept["Stages"].remove("AWSPENDING")
            told = {**json.loads(body), "VersionStages": list(secret["Versions"][version]["Stages"])}
            return status, headers, json.dumps(told).encode()
        return status, headers, body

    return moved


def _without_version(create: Operation) -> Operation:
    """Give a secret that is made without a value no version, as there is none."""

    def created(data: Mapping[str, Any]) -> Answer:
        status, headers, body = create(data)
        if status == _OK and data.get("SecretString") is None and data.get("SecretBinary") is None:
            secretsmanager._secrets[data["Name"]]["Versions"].clear()
            told = json.loads(body)
            told.pop("VersionId")
            return status, headers, json.dumps(told).encode()
        return status, headers, body

    return created


def _accessed(get: Operation) -> Operation:
    def accessed(data: Mapping[str, Any]) -> Answer:
        secret, version, label = _secret(data), data.get("VersionId"), data.get("VersionStage")
        if secret and version in secret["Versions"] and label and label not in secret["Versions"][version]["Stages"]:
            said = "You provided a VersionStage that is not associated to the provided VersionId."
            return _refused("InvalidRequestException", said)
        if secret and version and version not in secret["Versions"]:
            said = f"Secrets Manager can't find the specified secret value for VersionId: {version}"
            return _refused("ResourceNotFoundException", said)
        status, headers, body = get(data)
        if status == _OK and secret is not None:
            today = int(time.time()) // DAY_S * DAY_S  # AWS keeps the day only
            secret["LastAccessedDate"] = today
            secret["Versions"][json.loads(body)["VersionId"]]["LastAccessedDate"] = today
        return status, headers, body

    return accessed


def _described(describe: Operation) -> Operation:
    def described(data: Mapping[str, Any]) -> Answer:
        status, headers, body = describe(data)
        if status != _OK:
            return status, headers, body
        told, secret = json.loads(body), _secret(data) or {}
        labelled = {version: labels for version, labels in told["VersionIdsToStages"].items() if labels}
        told["VersionIdsToStages"] = labelled
        rotated = secret.get("LastRotatedDate")
        if rotated:
            told["LastRotatedDate"] = rotated
            days = (secret.get("RotationRules") or {}).get("AutomaticallyAfterDays")
            if days:
                told["NextRotationDate"] = rotated + days * DAY_S
        kept = {name: value for name, value in told.items() if value}
        answer: Answer = responses.json_response(kept)
        return answer

    return described


def _listed(listing: Operation) -> Operation:
    def listed(data: Mapping[str, Any]) -> Answer:
        status, headers, body = listing(data)
        secret = _secret(data)
        if status != _OK or secret is None:
            return status, headers, body
        told = json.loads(body)
        versions = []
        for version in told["Versions"]:
            if not version["VersionStages"]:
                if not data.get("IncludeDeprecated"):
                    continue
                del version["VersionStages"]
            kept = secret["Versions"][version["VersionId"]]
            accessed = {"LastAccessedDate": kept["LastAccessedDate"]} if "LastAccessedDate" in kept else {}
            versions.append({**version, **accessed, "KmsKeyIds": [secret.get("KmsKeyId") or DEFAULT_KEY]})
        order = list(secret["Versions"])
        versions.sort(key=lambda version: order.index(version["VersionId"]))
        answer: Answer = responses.json_response({**told, "Versions": versions})
        return answer

    return listed


def _rotated(rotate: Operation) -> Operation:
    def rotated(data: Mapping[str, Any]) -> Answer:
        secret = _secret(data)
        if secret is not None and not (data.get("RotationLambdaARN") or secret.get("RotationLambdaARN")):
            said = "No Lambda rotation function ARN is associated with this secret."
            return _refused("InvalidRequestException", said)
        answer = rotate(data)
        if answer[0] == _OK and secret is not None:
            secret["LastRotatedDate"] = int(time.time())
        return answer

    return rotated
