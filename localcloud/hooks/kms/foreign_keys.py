"""KMS of MiniStack: keys of other accounts, which a request names by their ARN."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from ministack.services import kms

from localcloud.hooks.callers import identity
from localcloud.hooks.kms import grants
from localcloud.hooks.requests import services

_KEY: Final = re.compile(r"arn:aws:kms:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):key/(?P<id>[\w-]+)")
ACROSS_ACCOUNTS: Final = frozenset(
    {
        "CreateGrant",
        "Decrypt",
        "DescribeKey",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GetKeyRotationStatus",
        "GetPublicKey",
        "ListGrants",
        "RevokeGrant",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)
"""Source: KMS developer guide, "Allowing users in other accounts to use a KMS key". A grant that retires has no key."""


def use_keys_of_other_accounts() -> None:
    """Serve a key of another account to whom its key policy names; the caller's own policies are judged before.

    A grant on the key lets its grantee do the same, whatever the policies of both accounts leave open.
    """
    handle, policy_of = kms.handle_request, kms.key_policy_for_arn

    def policy_of_granted(arn: str) -> tuple[str, str] | None:
        key = _KEY.fullmatch(arn)
        if key is None or not grants.name(identity.request_caller(), arn):
            return policy_of(arn)  # type: ignore[no-any-return] # MiniStack's
        record = kms._keys.get_scoped(key["account"], key["region"], key["id"])
        return record.get("Policy") or "", key["account"]

    async def across(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Any:  # noqa: ANN401 - MiniStack's
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        key = _KEY.fullmatch(_key_id(body)) if operation in ACROSS_ACCOUNTS else None
        account, region = identity.request_scope()
        record = kms._keys.get_scoped(key["account"], key["region"], key["id"]) if key else None
        if key is None or record is None or key["account"] == account or key["region"] != region:
            return await handle(method, path, headers, body, query)
        action, caller = f"kms:{operation}", identity.request_caller()
        if not grants.name(caller, key[0]) and not identity.is_allowed_by(record.get("Policy"), action, key[0]):
            message = (
                f"User: {caller} is not authorized to perform: {action} on resource: {key[0]} because no "
                f"resource-based policy allows the {action} action"
            )
            return kms.error_response_json("AccessDeniedException", message, 400)
        with services.scope(key["account"], key["region"]):
            return await handle(method, path, headers, body, query)

    kms.handle_request, kms.key_policy_for_arn = across, policy_of_granted


def _key_id(body: bytes) -> str:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return ""
    return str(request.get("KeyId", "")) if isinstance(request, dict) else ""
