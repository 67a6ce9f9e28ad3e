"""KMS of MiniStack: grants, which let a principal use a key beside what policies say, until they are taken back.

MiniStack keeps and lists them, and nothing asks them. Source: KMS developer guide, "Grants in AWS KMS", "Creating
grants" (constraints, grants of those who were granted `CreateGrant`), "Managing grants" (who may retire one) and
"Condition keys".
"""

import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ministack.core import iam_actions, iam_evaluator, responses
from ministack.services import kms

Grant = Mapping[str, Any]
_CONTEXT: Final = "kms:encryptioncontext:"
_PAGE: Final = 50
_GRANT: Final = "localcloud:grant"
"""Condition key, of no policy, that holds the id of the grant that a request retires."""
_ASKED: Final = "localcloud:granted"
"""Condition key, of no policy, that holds the grant that a request asks for."""


def let_grants_count() -> None:
    """Let what a policy does not allow, and none denies, be done by whom a grant lets do it."""
    combine, context, extract = (
        iam_evaluator.combine_resource_policy,
        iam_actions.request_tag_context,
        iam_actions.extract_resource_arn,
    )

    def combined(identity: Any, evaluation: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - MiniStack's
        result = combine(identity, evaluation, *rest, **named)
        service, _, operation = evaluation.action.partition(":")
        if service == "kms" and result.decision == "ImplicitDeny" and _granted(evaluation, operation):
            return iam_evaluator.EvalResult("Allow", evaluation.principal_arn, "", "a grant")
        return result

    def request_context(service: str, action: str, body: bytes, parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - MiniStack's
        found: dict[str, Any] = context(service, action, body, parameters)
        return {**found, **_conditions(body)} if service == "kms" else found

    def resource(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:  # noqa: ANN401 - MiniStack's
        request = _read(body) if service == "kms" else {}
        retired = _retired(request) if "GrantToken" in request else None
        return str(retired["KeyId"] if retired else extract(service, method, path, headers, body, *rest))

    handle = kms.handle_request

    async def handled(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Any:  # noqa: ANN401 - MiniStack's
        if headers.get("x-amz-target", "").endswith(".ListRetirableGrants"):
            return _retirable(_read(body))
        return await handle(method, path, headers, body, query)

    kms.handle_request = handled
    iam_evaluator.combine_resource_policy = combined
    iam_actions.request_tag_context, iam_actions.extract_resource_arn = request_context, resource


def make(key: Mapping[str, Any], grantee: str, operations: Sequence[str], context: Mapping[str, str]) -> str:
    """Make a grant on a key (its record) in the name of a service, for that encryption context; its id."""
    identifier = secrets.token_hex(32)
    account, region = key["Arn"].split(":")[4], key["Arn"].split(":")[3]
    grant = {
        "KeyId": key["Arn"],
        "GrantId": identifier,
        "Name": "",
        "GranteePrincipal": grantee,
        "RetiringPrincipal": None,
        "IssuingAccount": f"arn:aws:iam::{account}:root",
        "Operations": list(operations),
        "Constraints": {"EncryptionContextEquals": dict(context)} if context else None,
        "CreationDate": int(time.time()),
        "_tokens": [],
    }
    kms._grants.set_scoped(account, region, identifier, grant)
    return identifier


def retire(identifier: str) -> None:
    """Take a grant back; nothing when there is none."""
    for scoped in [scoped for scoped in list(kms._grants._data) if scoped[-1] == identifier]:
        del kms._grants._data[scoped]


def session(role: str, name: str) -> str:
    """Return the ARN of a session of a role, which may do what a grant to the role says."""
    return f"arn:aws:sts::{role.split(':')[4]}:assumed-role/{role.rpartition('/')[2]}/{name}"


def name(caller: str, key: str) -> bool:
    """Return whether a key (ARN) has a grant for a principal."""
    return any(_is(grant["GranteePrincipal"], caller) for grant in _of_key(key))


def _granted(evaluation: Any, operation: str) -> bool:  # noqa: ANN401 - MiniStack's
    """Return whether a grant lets the principal do the operation."""
    given = evaluation.service_context
    for grant in _of_key(evaluation.resource_arn):
        if operation == "RetireGrant":
            if grant["GrantId"] == given.get(_GRANT) and _may_retire(grant, evaluation.principal_arn):
                return True
        elif (
            operation in grant["Operations"]
            and _is(grant["GranteePrincipal"], evaluation.principal_arn)
            and (_is_within(given.get(_ASKED) or {}, grant) if operation == "CreateGrant" else _is_for(given, grant))
        ):
            return True
    return False


def _of_key(arn: str) -> Iterator[Grant]:
    record = kms._resolve_key(arn)
    arn = record["Arn"] if record else arn
    return (grant for grant in list(kms._grants._data.values()) if grant["KeyId"] == arn)


def _is(named: str | None, caller: str) -> bool:
    """Return whether a grant names who calls: a user, a session, or the role of it."""
    return bool(named) and (named == caller or bool(iam_evaluator._names_caller(named, caller)))


def _may_retire(grant: Grant, caller: str) -> bool:
    by_grantee = "RetireGrant" in grant["Operations"] and _is(grant["GranteePrincipal"], caller)
    return by_grantee or _is(grant["RetiringPrincipal"], caller)


def _is_for(given: Mapping[str, Any], grant: Grant) -> bool:
    """Return whether the encryption context of a request is one that the constraints of a grant let pass."""
    constraints = grant["Constraints"] or {}
    context = {name.removeprefix(_CONTEXT): value for name, value in given.items() if name.startswith(_CONTEXT)}
    equal, subset = (
        {name.lower(): value for name, value in constraints[kind].items()} if constraints.get(kind) else None
        for kind in ("EncryptionContextEquals", "EncryptionContextSubset")
    )
    return equal in (None, context) and (subset or {}).items() <= context.items()


def _is_within(asked: Mapping[str, Any], grant: Grant) -> bool:
    """Return whether a grant that a grantee asks for is as narrow as their own, or narrower."""
    own, wanted = grant["Constraints"] or {}, asked.get("Constraints") or {}
    equal, subset = own.get("EncryptionContextEquals"), own.get("EncryptionContextSubset") or {}
    exact = wanted.get("EncryptionContextEquals")
    narrow = exact if exact is not None else wanted.get("EncryptionContextSubset") or {}
    fits = exact == equal if equal else subset.items() <= narrow.items()
    return set(asked.get("Operations") or ()) <= set(grant["Operations"]) and fits


def _retirable(request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
    """Answer ListRetirableGrants, which MiniStack has not: the grants of the account that a principal may retire."""
    named = request.get("RetiringPrincipal")
    if not named:
        return responses.error_response_json("ValidationException", "RetiringPrincipal is required.", 400)
    own = (kms._grant_entry(grant) for grant in kms._grants.values())
    found = sorted((each for each in own if each.get("RetiringPrincipal") == named), key=lambda each: each["GrantId"])
    after = [each for each in found if each["GrantId"] > request.get("Marker", "")]
    page = after[: request.get("Limit", _PAGE)]
    more = {"NextMarker": page[-1]["GrantId"]} if len(page) < len(after) else {}
    return responses.json_response({"Grants": page, "Truncated": bool(more), **more})


def _conditions(body: bytes) -> dict[str, Any]:
    """Return the condition keys of a request that is sent to KMS itself."""
    request = _read(body)
    context = request.get("EncryptionContext") or {}
    constraints = request.get("Constraints") or {}
    retired = _retired(request)
    members = {
        "kms:GranteePrincipal": request.get("GranteePrincipal"),
        "kms:RetiringPrincipal": request.get("RetiringPrincipal"),
        "kms:GrantOperations": request.get("Operations"),
        "kms:GrantConstraintType": next(iter(constraints), None),
        "kms:EncryptionContextKeys": list(context) or None,
        _GRANT: retired["GrantId"] if retired else None,
        _ASKED: request if "GranteePrincipal" in request else None,
    }
    found = {name: value for name, value in members.items() if value is not None}
    return found | {f"kms:EncryptionContext:{name}": value for name, value in context.items()}


def _retired(request: Mapping[str, Any]) -> Grant | None:
    """Return the grant that a request names by its token, or by its id."""
    token, identifier = request.get("GrantToken"), request.get("GrantId")
    every: list[Grant] = list(kms._grants._data.values()) if token or identifier else []
    return next((each for each in every if token in each["_tokens"] or each["GrantId"] == identifier), None)


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return {}  # the service says so
    return request if isinstance(request, dict) else {}
