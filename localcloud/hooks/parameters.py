"""Systems Manager of MiniStack: names of parameters, and secrets that are read as parameters.

Sources: user guide of Systems Manager, "Referencing AWS Secrets Manager secrets from Parameter Store parameters" (a
path, `WithDecryption`, and that the caller must be allowed to read the secret); API reference, PutParameter, of names;
the words are AWS's in aws/aws-sdk-php#1952, and those that localstack/localstack recorded (tests/aws/services/ssm).
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.services import secretsmanager, ssm

from localcloud.hooks.callers import identity

SECRETS: Final = "/aws/reference/secretsmanager/"
INVALID: Final = "ValidationException"
NAME: Final = (
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of '
    "sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 "
    "symbols .-_"
)
UNDECRYPTED: Final = "WithDecryption flag must be True for retrieving a Secret Manager secret."
_PATH: Final = re.compile(r"[\w.-]+|(/[\w.-]+)+/?")
Data = dict[str, Any]
Answer = tuple[int, Any, bytes]
Handle = Callable[[Data], Answer]


def know_names_and_secrets() -> None:
    """Refuse names that are no path, find a parameter with or without its slash, and read secrets by their path."""
    ssm._put_parameter = _named(ssm._put_parameter)
    ssm._get_parameter = _named(_reading(ssm._get_parameter))
    ssm._get_parameters = _named(_reading_all(ssm._get_parameters))
    select = ssm._select_parameter

    def selected(name: str) -> tuple[Any, Any]:
        found, error = select(name)
        if found is None and name.count("/") == int(name.startswith("/")) and not name.startswith("arn:"):
            found, error = select(name[1:] if name.startswith("/") else f"/{name}")
            found = found and {**found, "Name": ssm._split_selector(name)[0]}
        return found, error

    ssm._select_parameter = selected


def _named(handle: Handle) -> Handle:
    def handled(data: Data) -> Answer:
        names = [data.get("Name"), *(data.get("Names") or ())]
        if any(name and not _is_name(str(name)) for name in names):
            return _refused(INVALID, NAME)
        return handle(data)

    return handled


def _is_name(name: str) -> bool:
    return name.startswith(("arn:", SECRETS)) or _PATH.fullmatch(ssm._split_selector(name)[0]) is not None


def _reading(handle: Handle) -> Handle:
    def handled(data: Data) -> Answer:
        name = str(data.get("Name"))
        if not name.startswith(SECRETS):
            return handle(data)
        if not data.get("WithDecryption"):
            return _refused(INVALID, UNDECRYPTED)
        found = _secret(name)
        if isinstance(found, str):
            return _refused("ParameterNotFound", found)
        answer: Answer = ssm.json_response({"Parameter": found})
        return answer

    return handled


def _reading_all(handle: Handle) -> Handle:
    def handled(data: Data) -> Answer:
        secrets = [name for name in data.get("Names") or () if name.startswith(SECRETS)]
        if secrets and not data.get("WithDecryption"):
            return _refused(INVALID, UNDECRYPTED)
        status, headers, body = handle({**data, "Names": [name for name in data["Names"] if name not in secrets]})
        told = json.loads(body)
        for name in secrets:
            found = _secret(name)
            told["InvalidParameters" if isinstance(found, str) else "Parameters"].append(
                name if isinstance(found, str) else found
            )
        return status, headers, json.dumps(told).encode()

    return handled


def _refused(code: str, said: str) -> Answer:
    answer: Answer = ssm.error_response_json(code, said, 400)
    return answer


def _secret(path: str) -> Mapping[str, Any] | str:
    """Return a secret as a parameter, or why the caller cannot have it."""
    name = path.removeprefix(SECRETS)
    _, secret = secretsmanager._resolve(name)
    failed = (
        f"An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret {path.lstrip('/')} not found."
    )
    if secret is None or secret.get("DeletedDate"):
        return failed
    denied = identity.denial(identity.request_caller(), "secretsmanager:GetSecretValue", secret["ARN"], {})
    if denied:
        return denied
    status, _, body = secretsmanager._get_secret_value({"SecretId": name})
    if status != 200:  # noqa: PLR2004 - HTTP's
        return failed
    source = json.loads(body)
    told = {
        "ARN": source["ARN"],
        "name": source["Name"],
        "versionId": source["VersionId"],
        "secretString": source.get("SecretString"),
        "versionStages": source["VersionStages"],
        "createdDate": source["CreatedDate"],
    }
    return {
        "Name": path,
        "Type": "SecureString",
        "Value": source.get("SecretString", ""),
        "Version": 0,
        "SourceResult": json.dumps(told),
        "LastModifiedDate": source["CreatedDate"],
        "ARN": ssm._param_arn(path),
        "DataType": "text",
    }
