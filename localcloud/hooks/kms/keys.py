"""KMS of MiniStack: keys that other services use in the rights of who calls them (forward access sessions).

Source: the developer guide of KMS, "Condition keys" and "Allowing users in other accounts to use a KMS key", and of
each service, "Encryption": which action it asks for, with which encryption context, and via which service.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ministack.services import kms

from localcloud.hooks.callers import identity
from localcloud.hooks.kms import grants, managed_keys
from localcloud.hooks.requests import services

_ARN: Final = re.compile(r"arn:aws:kms:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?:key|alias)/.+")


class KeyDenied(Exception):  # noqa: N818 - the message is AWS's
    """A key that the caller may not use, or that cannot be used; `code` as KMS names it."""

    def __init__(self, message: str, code: str = "AccessDenied") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Via:
    """The service (`s3`) through which a key is used, with which encryption context, and for which resource (ARN)."""

    service: str
    context: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    def conditions(self) -> dict[str, str | Sequence[str]]:
        """Return the condition keys of a request of that service to KMS."""
        account, region = identity.request_scope()
        return {
            "kms:ViaService": f"{self.service}.{region}.amazonaws.com",
            "kms:CallerAccount": account,
            **{f"kms:EncryptionContext:{name}": value for name, value in self.context.items()},
            **({"kms:EncryptionContextKeys": list(self.context)} if self.context else {}),
            **({"aws:SourceAccount": account, "aws:SourceArn": self.source} if self.source else {}),
        }


def use(key: str, actions: Sequence[str], via: Via, caller: str = "") -> None:
    """Raise `KeyDenied` unless the caller may do each action (`Decrypt`) on a key.

    The caller is who sent the request that is being served, if no other is named: a principal, or a service
    (`events.amazonaws.com`). A key of AWS lets every principal of the account use it, and no service: "you must create
    a customer managed key" (SQS developer guide).
    """
    caller = caller or identity.request_caller()
    record = find(key)
    if record is None:
        managed = "alias/aws/" in key or managed_keys.managed(key)
        if managed and caller.startswith("arn:"):
            return
        reason = "is managed by AWS: its policy cannot name a service" if managed else "does not exist"
        raise KeyDenied(f"Key '{key}' {reason}", "KMS.NotFoundException")
    if record["KeyState"] != "Enabled":
        state = "is disabled" if record["KeyState"] == "Disabled" else "is pending deletion"
        raise KeyDenied(f"{record['Arn']} {state}.", "KMS.DisabledException")
    for action in actions:
        _ask(record, action, caller, via.conditions())


def grant(key: str, grantee: str, operations: Sequence[str], via: Via, caller: str = "") -> str:
    """Make a grant in the caller's name for a resource of a service, and return its id, or "" for a key of AWS.

    Raise `KeyDenied` unless the caller may `CreateGrant` for a resource of AWS, with these operations and grantee.
    """
    caller = caller or identity.request_caller()
    use(key, (), via, caller)
    record = find(key)
    if record is None:
        return ""
    asked = {"kms:GranteePrincipal": grantee, "kms:GrantOperations": list(operations)}
    _ask(record, "CreateGrant", caller, {**via.conditions(), **asked})
    return grants.make(record, grantee, operations, via.context)


def open_volume(key: str, role: str, context: Mapping[str, str]) -> str:
    """Open a volume for a role's instances with a grant, and return the grant's id, or "" for a key of AWS.

    Who may have it made was asked before; `KeyDenied` for a key that cannot be used now. No document says to whom
    SageMaker grants: here it is the role, as it is the instance's for EBS ("Requirements for Amazon EBS encryption"),
    and for the volume (`context`) alone, so that the grant opens nothing else.
    """
    use(key, (), Via("ec2", context), grants.session(role, "SageMaker"))
    record = find(key)
    return grants.make(record, role, ("Decrypt",), context) if record else ""


def find(key: str) -> Mapping[str, Any] | None:
    """Return the record of a customer's key by id, ARN or alias, in any account of the region; None where none is."""
    account, region = identity.request_scope()
    named = _ARN.fullmatch(key)
    with services.scope(named["account"] if named and named["region"] == region else account, region):
        record: Mapping[str, Any] | None = kms._resolve_key(key)
    return record


def of(resource: str, key: str) -> str:
    """Return the ARN of a key that a resource (ARN) has by id or alias, which are names of the resource's account."""
    if not key or key.startswith("arn:"):
        return key
    region, account = resource.split(":")[3:5]
    return f"arn:aws:kms:{region}:{account}:{key if key.startswith('alias/') else f'key/{key}'}"


def _ask(record: Mapping[str, Any], action: str, caller: str, given: Mapping[str, str | Sequence[str]]) -> None:
    if action == "CreateGrant":
        given = {**given, "kms:GrantIsForAWSResource": "true"}
    said = identity.key_denial(caller, f"kms:{action}", record["Arn"], record.get("Policy") or "", given)
    if said:
        raise KeyDenied(said)
