"""Lambda of MiniStack: a function whose environment is under a customer's key.

Who gives it the key makes a grant for its role, with which the role decrypts the variables at every start; who reads
them needs `kms:Decrypt` of their own. Sources: Lambda developer guide, "Securing environment variables" ("Lambda uses
your permissions to create a grant on the key"; `kms:CreateGrant` and `kms:Encrypt` to configure, `kms:Decrypt` to
view); botocore's model of `KMSAccessDeniedException`; its message as reported in cattle-ops/terraform-aws-gitlab-runner
pull request 1253, and that of a refused configuration in hashicorp/terraform-provider-aws issue 4633.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from localcloud.hooks.kms import grants, keys

_GRANT: Final = "environment_grant"
"""Where the record of a function keeps the id of its grant."""
_OPERATIONS: Final = ("Decrypt", "RetireGrant")
_DECRYPT: Final = "Lambda was unable to decrypt the environment variables because KMS access was denied."


def ask_for_keys() -> None:
    """Ask for the key of a function when it is configured, started, read and deleted."""
    create, update, delete = lambda_svc._create_function, lambda_svc._update_config, lambda_svc._delete_function
    invoke, execute = lambda_svc._invoke, lambda_svc._execute_function_dispatch

    def created(data: dict[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        return _configured(data.get("FunctionName", ""), data, lambda: create(data))

    def updated(name: str, data: dict[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        return _configured(name, data, lambda: update(name, data))

    def deleted(name: str, *rest: Any) -> Any:  # noqa: ANN401 - MiniStack's
        grant = lambda_svc._functions.get(name, {}).get(_GRANT, "")
        answer = delete(name, *rest)
        if name not in lambda_svc._functions:
            grants.retire(grant)
        return answer

    async def invoked(name: str, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        function = lambda_svc._functions.get(name)
        if said := _refusal(function["config"]) if function else "":
            return error_response_json("KMSAccessDeniedException", said, 502)
        return await invoke(name, *rest, **named)

    def executed(function: Any, config: Mapping[str, Any], *rest: Any) -> Any:  # noqa: ANN401 - MiniStack's
        if said := _refusal(config):
            body = {"errorType": "KMSAccessDeniedException", "errorMessage": said}
            return {"error": True, "function_error": "Unhandled", "body": body, "log": said}
        return execute(function, config, *rest)

    lambda_svc._create_function, lambda_svc._update_config, lambda_svc._delete_function = created, updated, deleted
    lambda_svc._invoke, lambda_svc._execute_function_dispatch = invoked, executed
    for reader in ("_get_function", "_get_function_config", "_list_functions"):
        setattr(lambda_svc, reader, _hidden(getattr(lambda_svc, reader)))


def _configured(name: str, data: Mapping[str, Any], act: Callable[[], Any]) -> Any:  # noqa: ANN401 - MiniStack's
    """Create or update a function, and make the grant of its role anew where key or role are given."""
    before = lambda_svc._functions.get(name, {})
    key = data.get("KMSKeyArn", before.get("config", {}).get("KMSKeyArn", ""))
    given = bool(data.keys() & {"KMSKeyArn", "Role", "Environment"})
    grant = ""
    try:
        if key and given:
            role = data.get("Role") or before["config"]["Role"]
            keys.use(key, ("Encrypt",), _via(name))
            grant = keys.grant(key, role, _OPERATIONS, _via(name))
    except keys.KeyDenied as denied:
        said = "Lambda was unable to configure access to your environment variables because the KMS key is invalid"
        reason = f"KMS Exception: {denied.code}Exception KMS Message: {denied}"
        message = f"{said} for CreateGrant. Please check your KMS key settings. {reason}"
        return error_response_json("InvalidParameterValueException", message, 400)
    status, *rest = act()
    after = lambda_svc._functions.get(name)
    if status >= 400 or after is None:  # noqa: PLR2004 - HTTP's errors
        grants.retire(grant)
    elif given:
        grants.retire(after.pop(_GRANT, ""))
        after[_GRANT] = grant
    return (status, *rest)


def _refusal(config: Mapping[str, Any]) -> str:
    """Return why the role of a function cannot decrypt its environment; "" where it can."""
    key, role = config.get("KMSKeyArn"), config.get("Role", "")
    if not key or not config.get("Environment", {}).get("Variables"):
        return ""
    name = config["FunctionName"]
    try:
        keys.use(key, ("Decrypt",), _via(name), grants.session(role, name))
    except keys.KeyDenied as denied:
        reason = f"KMS Exception: {denied.code}Exception KMS Message: {denied}"
        return f"{_DECRYPT} Please check the function's KMS key settings. {reason}"
    return ""


def _via(name: str) -> keys.Via:
    return keys.Via("lambda", {"aws:lambda:FunctionArn": str(lambda_svc._func_arn(name))})


def _hidden(read: Callable[..., Any]) -> Callable[..., Any]:
    """Leave out of what `read` answers the variables that the caller may not decrypt, and say why."""

    def answered(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = read(*arguments, **named)
        answer = json.loads(body) if status == 200 else {}  # noqa: PLR2004 - HTTP's success
        found = [answer, answer.get("Configuration", {}), *answer.get("Functions", ())]
        told = [each for each in found if each.get("KMSKeyArn") and each.get("Environment", {}).get("Variables")]
        denied = [each for each in told if _hide(each)]
        return (status, headers, json.dumps(answer).encode()) if denied else (status, headers, body)

    return answered


def _hide(config: dict[str, Any]) -> bool:
    """Take the variables out of a configuration unless the caller may decrypt them; return whether they were."""
    try:
        keys.use(config["KMSKeyArn"], ("Decrypt",), _via(config["FunctionName"]))
    except keys.KeyDenied as denied:
        message = f"Lambda was unable to decrypt your environment variables because the KMS access was denied. {denied}"
        config["Environment"] = {"Error": {"ErrorCode": "AccessDeniedException", "Message": message}}
        return True
    return False
