"""Policy documents that AWS refuses: of identities, of trust, and of resources, in the words of who keeps them.

moto's validator knows the grammar, with the answers of IAM (moto, tests/test_iam/test_iam_policies.py, Apache-2.0).
Further sources: IAM user guide, "IAM JSON policy elements" and "IAM and AWS STS quotas"; S3 user guide, "Policies and
permissions in Amazon S3"; developer guide of KMS, "Key policies"; API reference of each service.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import BaseIAMPolicyValidator, IAMPolicyDocumentValidator

Document = str | Mapping[str, Any]
Exists = Callable[[str], bool]
"""Tells whether there is a user or a role of that ARN."""
MALFORMED: Final = "MalformedPolicyDocument"
LONGEST_INLINE: Final = {"role": 10_240, "user": 2_048, "group": 5_120}
"""Characters, without white space, of all inline policies of one identity."""
LONGEST_MANAGED: Final = 6_144
LONGEST_TRUST: Final = 2_048
_OLDER: Final = ("", "2008-10-17")
"""What only managed policies must not have: for the others the older version is the default."""
_IDENTITY: Final = re.compile(r"arn:aws[\w-]*:(iam|sts)::\d{12}:(root|(user|role|assumed-role|federated-user)/[^*?]+)")
_SID: Final = re.compile("[0-9A-Za-z]*")
"""What IAM takes; the policies of resources may have blanks and more."""
_ACCOUNT: Final = re.compile(r"\d{12}")
_KINDS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_FORMS: Final = {
    re.compile(r"arn:[^:]*:iam:[^:]*:[^:]*:\*.*"): "arn:aws:iam::*:role/*",
    re.compile(r"arn:[^:]*:s3:[^:]+:[^:]*:(job|storage-lens|async-request|access-grants|\*).*"): "arn:aws:s3:::*",
}
"""Resources of any kind of IAM, and those of S3 that have a region, which moto takes for none."""
_OF_OBJECTS: Final = re.compile(r"s3:(?!.*Bucket)\w*Object\w*|s3:AbortMultipartUpload|s3:ListMultipartUploadParts")


class PolicyError(ValueError):
    """A document that is no policy; `code` as its service names the error."""

    def __init__(self, message: str, code: str = MALFORMED) -> None:
        super().__init__(message)
        self.code = code


def check_identity(document: Document, *, is_managed: bool = False) -> None:
    """Raise `PolicyError` for what is no policy of a user, group or role."""
    policy = _parsed(document)
    if policy is not None and any("Principal" in each or "NotPrincipal" in each for each in _statements(policy)):
        raise PolicyError("Policy document should not specify a principal.")
    _check_grammar(document if policy is None else policy, IAMPolicyDocumentValidator, is_managed=is_managed)
    _check_ids(policy or {})
    if is_managed and size(document) > LONGEST_MANAGED:
        raise PolicyError(f"Cannot exceed quota for PolicySize: {LONGEST_MANAGED}", "LimitExceeded")


def check_inline(documents: Sequence[Document], kind: str, name: str) -> None:
    """Raise `PolicyError` where all inline policies of an identity are longer than it may have: `kind` is `role`."""
    if sum(map(size, documents)) > LONGEST_INLINE[kind]:
        message = f"Maximum policy size of {LONGEST_INLINE[kind]} bytes exceeded for {kind} {name}"
        raise PolicyError(message, "LimitExceeded")


def check_trust(document: Document, exists: Exists) -> None:
    """Raise `PolicyError` for what is no trust policy of a role."""
    policy = _parsed(document)
    if policy is None:
        raise PolicyError("This policy contains invalid Json")
    _check_grammar(policy, BaseIAMPolicyValidator)
    _check_ids(policy)
    for statement in _statements(policy):
        if {"Resource", "NotResource"} & set(statement):
            raise PolicyError("Has prohibited field Resource")
        if not all(action.lower().startswith("sts:") for action in _texts(statement.get("Action"))):
            raise PolicyError("AssumeRole policy may only specify STS AssumeRole actions.")
        if "NotPrincipal" in statement:
            raise PolicyError(
                "Allow with NotPrincipal is not allowed."
                if statement.get("Effect") == "Allow"
                else "AssumeRole policy must not contain NotPrincipal field."
            )
        if statement.get("Principal") is None:
            raise PolicyError("Missing required field Principal")
        if wrong := next(_wrong_principals(statement["Principal"], exists), None):
            raise PolicyError(f'Invalid principal in policy: "{wrong[0]}":"{wrong[1]}"')
    if size(document) > LONGEST_TRUST:
        raise PolicyError(f"Cannot exceed quota for ACLSizePerRole: {LONGEST_TRUST}", "LimitExceeded")


def check_bucket(document: Document, bucket: str, exists: Exists) -> None:
    """Raise `PolicyError` for what is no policy of that bucket."""
    policy, code = _parsed(document), "MalformedPolicy"
    if policy is None:
        raise PolicyError("Policies must be valid JSON and the first byte must be '{'", code)
    if not _statements(policy):
        raise PolicyError("Missing required field Statement", code)
    for statement in _statements(policy):
        for names in (("Effect",), ("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")):
            if not set(names) & set(statement):
                raise PolicyError(f"Missing required field {names[0]}", code)
        actions, places = _texts(statement.get("Action")), _texts(statement.get("Resource"))
        if not all(action == "*" or action.lower().startswith("s3:") for action in actions):
            raise PolicyError("Policy has invalid action", code)
        if not all(_is_of_bucket(place, bucket) for place in places):
            raise PolicyError("Policy has invalid resource", code)
        if any(_applies_to_none(action, places) for action in actions):
            raise PolicyError("Action does not apply to any resource(s) in statement", code)
        if any(True for name in ("Principal", "NotPrincipal") for _ in _wrong_principals(statement.get(name), exists)):
            raise PolicyError("Invalid principal in policy", code)
    _check_grammar(policy, BaseIAMPolicyValidator, code)


def check_key(document: Document, account: str, exists: Exists, *, caller: str | None = "") -> None:
    """Raise `PolicyError` for what is no policy of a KMS key, and for one that could never be changed again.

    `caller` is the ARN of who must be able to change it next: with an empty one anybody will do, with None nobody need.
    """
    policy, code = _parsed(document), "MalformedPolicyDocumentException"
    if policy is None:
        raise PolicyError("The policy document is not valid JSON.", code)
    _check_grammar(policy, BaseIAMPolicyValidator, code)
    statements = _statements(policy)
    if any(True for each in statements for _ in _wrong_principals(each.get("Principal") or {"Nobody": ""}, exists)):
        raise PolicyError("Policy contains a statement with one or more invalid principals.", code)
    if caller is not None and not any(_may_change_key(each, account, caller) for each in statements):
        message = "The new key policy will not allow you to update the key policy in the future."
        raise PolicyError(message, code)


def check_queue(document: Document, exists: Exists) -> None:
    """Raise `PolicyError` for what is no policy of a queue, which may name any text as its resource.

    Source: localstack/localstack, test_set_queue_policy, validated against AWS.
    """
    policy = _parsed(document)
    anywhere = [{**each, **({"Resource": "*"} if "Resource" in each else {})} for each in _statements(policy or {})]
    if policy is None or not _is_policy_of("sqs", {**policy, "Statement": anywhere}, exists):
        raise PolicyError("Invalid value for the parameter Policy.", "InvalidAttributeValue")


def check_topic(document: Document, exists: Exists) -> None:
    """Raise `PolicyError` for what is no policy of a topic."""
    policy, code = _parsed(document), "InvalidParameter"
    if policy is not None and not _has_actions_of("sns", policy):
        raise PolicyError("Invalid parameter: Policy statement action out of service scope!", code)
    if policy is not None and any(
        True for each in _statements(policy) for _ in _wrong_principals(each.get("Principal"), exists)
    ):
        raise PolicyError("Invalid parameter: Policy Error: PrincipalNotFound", code)
    if not _is_policy_of("sns", document, exists):
        raise PolicyError("Invalid parameter: Policy failed to parse.", code)


def size(document: Document) -> int:
    """Return the characters that count for a policy's quota: all but white space."""
    text = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))
    return len(re.sub(r"\s", "", text))


def _parsed(document: Document) -> dict[str, Any] | None:
    """Return a document with its numbers as texts, as the services read them; None for what is no JSON object."""
    try:
        found = json.loads(
            document if isinstance(document, str) else json.dumps(document), parse_int=str, parse_float=str
        )
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _in_known_forms(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy whose resources have the forms that moto knows, in place of others that IAM takes as well."""

    def known(value: object) -> object:
        if isinstance(value, str):
            return next((form for taken, form in _FORMS.items() if taken.fullmatch(value)), value)
        return [known(each) for each in value] if isinstance(value, list) else value

    statements = [
        {name: known(each) if name in {"Resource", "NotResource"} else each for name, each in statement.items()}
        for statement in _statements(policy)
    ]
    return {**policy, "Statement": statements} if statements else dict(policy)


def _check_grammar(
    document: Document, validator: type[BaseIAMPolicyValidator], code: str = MALFORMED, *, is_managed: bool = False
) -> None:
    if isinstance(document, Mapping) and not is_managed and document.get("Version", "") in _OLDER:
        document = {**document, "Version": "2012-10-17"}
    if isinstance(document, Mapping) and all(isinstance(each, Mapping) for each in _listed(document.get("Statement"))):
        document = _in_known_forms(document)
    try:
        validator(document if isinstance(document, str) else json.dumps(document)).validate()
    except MalformedPolicyDocument as error:
        raise PolicyError(str(error.message), code) from None


def _check_ids(policy: Mapping[str, Any]) -> None:
    if not all(_SID.fullmatch(each.get("Sid", "")) for each in _statements(policy)):
        words = "Check that your input satisfies the regular expression [0-9A-Za-z]*"
        raise PolicyError(f"Statement IDs (SID) must be alpha-numeric. {words}")


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _statements(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in _listed(policy.get("Statement", [])) if isinstance(each, Mapping)]


def _texts(value: object) -> list[str]:
    return [each for each in _listed(value) if isinstance(each, str)]


def _wrong_principals(principal: object, exists: Exists) -> Iterator[tuple[str, str]]:
    """Yield kind and name of what is no principal, or none that there is."""
    if principal is None or principal == "*":
        return
    if not isinstance(principal, Mapping):
        yield "AWS", str(principal)
        return
    for kind, names in principal.items():
        for name in _texts(names):
            if kind not in _KINDS or (kind == "AWS" and not _is_identity(name, exists)):
                yield kind, name


def _is_identity(name: str, exists: Exists) -> bool:
    if name == "*" or _ACCOUNT.fullmatch(name):
        return True
    return bool(_IDENTITY.fullmatch(name)) and (name.endswith(":root") or exists(name))


def _is_of_bucket(place: str, bucket: str) -> bool:
    name = place.removeprefix("arn:aws:s3:::")
    return place.startswith("arn:aws:s3:::") and name.partition("/")[0] == bucket


def _applies_to_none(action: str, places: Sequence[str]) -> bool:
    if not places or "*" in action or "?" in action:
        return False
    of_objects = bool(_OF_OBJECTS.fullmatch(action))
    return not any(("/" in place) == of_objects for place in places)


def _may_change_key(statement: Mapping[str, Any], account: str, caller: str) -> bool:
    principal = statement.get("Principal", {})
    names = ["*"] if principal == "*" else _texts(principal.get("AWS")) if isinstance(principal, Mapping) else []
    everybody = {"*", account, f"arn:aws:iam::{account}:root"}
    return (
        statement.get("Effect") == "Allow"
        and any(fnmatchcase("kms:putkeypolicy", action.lower()) for action in _texts(statement.get("Action")))
        and any(not caller or name in {*everybody, caller} for name in names)
    )


def _has_actions_of(service: str, policy: Mapping[str, Any]) -> bool:
    actions = [action for each in _statements(policy) for action in _texts(each.get("Action"))]
    return all(action == "*" or action.lower().startswith(f"{service}:") for action in actions)


def _is_policy_of(service: str, document: Document, exists: Exists) -> bool:
    policy = _parsed(document)
    if policy is None or not _has_actions_of(service, policy):
        return False
    try:
        _check_grammar(policy, BaseIAMPolicyValidator)
    except PolicyError:
        return False
    return not any(True for each in _statements(policy) for _ in _wrong_principals(each.get("Principal", {}), exists))
