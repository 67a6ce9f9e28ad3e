"""KMS of MiniStack: keys that other services use in the rights of who calls them (forward access sessions).

Source: the developer guide of KMS, "Condition keys", and of each service, "Encryption": which action it asks for, with
which encryption context, and via which service.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.core import responses
from ministack.services import kms

from localcloud.hooks import identity


class KeyDenied(Exception):  # noqa: N818 - the message is AWS's
    """A key that the caller may not use, or that cannot be used; `code` as KMS names it."""

    def __init__(self, message: str, code: str = "AccessDenied") -> None:
        super().__init__(message)
        self.code = code


def use(
    key: str,
    actions: Sequence[str],
    via: str,
    context: Mapping[str, str] | None = None,
    caller: str = "",
) -> None:
    """Raise `KeyDenied` unless the caller may do each action (`Decrypt`) on a key through a service (`s3`).

    `context` is the encryption context. The caller is who sent the request that is
    being served, if no other is named. Keys of AWS itself let every principal of the account use them.
    """
    record = find(key)
    if record is None:
        return
    if record["KeyState"] != "Enabled":
        state = "is disabled" if record["KeyState"] == "Disabled" else "is pending deletion"
        raise KeyDenied(f"{record['Arn']} {state}.", "KMS.DisabledException")
    account, region = identity.request_scope()
    conditions: dict[str, str | Sequence[str]] = {
        "kms:ViaService": f"{via}.{region}.amazonaws.com",
        "kms:CallerAccount": account,
        **{f"kms:EncryptionContext:{name}": value for name, value in (context or {}).items()},
        **({"kms:EncryptionContextKeys": list(context)} if context else {}),
    }
    for action in actions:
        arn = record["Arn"]
        given = {**conditions, **({"kms:GrantIsForAWSResource": "true"} if action == "CreateGrant" else {})}
        said = identity.key_denial(
            caller or identity.request_caller(), f"kms:{action}", arn, record.get("Policy") or "", given
        )
        if said:
            raise KeyDenied(said)


def find(key: str) -> Mapping[str, Any] | None:
    """Return the record of a customer's key by id, ARN or alias; None for a key of AWS or of another place."""
    record: Mapping[str, Any] | None = kms._resolve_key(key)
    return record


def aws_managed(alias: str) -> str:
    """ARN of the key that AWS manages for a service (`aws/s3`) in the account and region of the request."""
    account, region = responses.get_account_id(), responses.get_region()
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"{account}/{region}/{alias}")
    return f"arn:aws:kms:{region}:{account}:key/{identifier}"
