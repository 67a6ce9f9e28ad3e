"""Secrets Manager and Parameter Store of MiniStack: values under a customer's key are kept and read by who may use it.

Sources: Secrets Manager user guide, "Secret encryption and decryption" (`kms:GenerateDataKey` and `kms:Decrypt` of who
changes a value, `kms:Decrypt` of who reads it, the encryption context); KMS developer guide, "How Parameter Store uses
AWS KMS" (`kms:Encrypt` for a standard parameter, `kms:GenerateDataKey` for an advanced one, `kms:Decrypt` to read).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.core.responses import error_response_json
from ministack.services import secretsmanager, ssm

from localcloud.hooks.kms import keys

_VALUES: Final = ("SecretString", "SecretBinary", "KmsKeyId")
_CHANGE: Final = ("GenerateDataKey", "Decrypt")
Handle = Callable[..., Any]


def ask_for_keys() -> None:
    """Ask for keys before values of secrets and secure parameters are written or read."""
    for name in ("_create_secret", "_put_secret_value", "_update_secret"):
        setattr(secretsmanager, name, _written(getattr(secretsmanager, name)))
    secretsmanager._get_secret_value = _read(secretsmanager._get_secret_value)
    ssm._put_parameter = _put(ssm._put_parameter)
    show = ssm._param_out

    def shown(parameter: Mapping[str, Any], with_decryption: object, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        if with_decryption and parameter.get("Type") == "SecureString":
            keys.use(parameter["KeyId"], ("Decrypt",), _via_parameter(parameter["ARN"]))
        return show(parameter, with_decryption, *rest, **named)

    ssm._param_out = shown
    for name in ("_get_parameter", "_get_parameters", "_get_parameters_by_path", "_get_parameter_history"):
        setattr(ssm, name, _refused(getattr(ssm, name)))


def _written(handle: Handle) -> Handle:
    def handled(data: dict[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        _, secret = secretsmanager._resolve(data.get("SecretId"))
        key = data.get("KmsKeyId") or (secret or {}).get("KmsKeyId")
        denial = _denial(key, _CHANGE, (secret or {}).get("ARN", "")) if any(map(data.get, _VALUES)) else None
        return denial or handle(data)

    return handled


def _read(handle: Handle) -> Handle:
    def handled(data: dict[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        _, secret = secretsmanager._resolve(data.get("SecretId"))
        found = secret or {}
        return _denial(found.get("KmsKeyId"), ("Decrypt",), found.get("ARN", "")) or handle(data)

    return handled


def _denial(key: str | None, actions: tuple[str, ...], arn: str) -> Any:  # noqa: ANN401 - MiniStack's
    """Return the answer to who may not do these actions with the key of a secret (ARN); None where they may."""
    try:
        if key and arn:
            keys.use(keys.of(arn, key), actions, keys.Via("secretsmanager", {"SecretARN": arn}))
        elif key:  # of a secret that is not there yet
            keys.use(key, actions, keys.Via("secretsmanager"))
    except keys.KeyDenied as denied:
        return error_response_json("AccessDeniedException", f"Access to KMS is not allowed: {denied}", 400)
    return None


def _put(handle: Handle) -> Handle:
    def handled(data: dict[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        if data.get("Type") == "SecureString" and (name := data.get("Name")):
            action = "GenerateDataKey" if data.get("Tier") == "Advanced" else "Encrypt"
            keys.use(data.get("KeyId") or "alias/aws/ssm", (action,), _via_parameter(ssm._param_arn(name)))
        return handle(data)

    return _refused(handled)


def _refused(handle: Handle) -> Handle:
    def handled(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        try:
            return handle(*arguments, **named)
        except keys.KeyDenied as denied:
            return error_response_json("AccessDeniedException", str(denied), 400)

    return handled


def _via_parameter(arn: str) -> keys.Via:
    return keys.Via("ssm", {"PARAMETER_ARN": arn})
