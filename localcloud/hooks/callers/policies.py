"""Policies that AWS refuses, where requests bring them and where templates have them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack import app
from ministack.core import responses
from ministack.services import iam, s3

from localcloud import policy_documents as policies
from localcloud.hooks.callers import identity
from localcloud.hooks.callers.condition_keys import role_of
from localcloud.hooks.requests.refusals import Check, Parameters, Refusal, checking
from localcloud.policy_documents import PolicyError

Properties = Mapping[str, Any]
BYPASS: Final = "BypassPolicyLockoutSafetyCheck"
_OF_SERVICES: Final = ":role/aws-service-role/"
"""Roles that a service makes for itself when it first needs them."""


def refuse_wrong_policies() -> None:
    """Refuse requests with policies that are none."""
    for service, checks in CHECKS.items():
        app.SERVICE_HANDLERS[service] = checking(app.SERVICE_HANDLERS[service], checks)
    put = s3._put_bucket_policy

    def put_checked(bucket: str, body: bytes) -> Any:  # noqa: ANN401 - MiniStack's
        refusal = _refusal(lambda: policies.check_bucket(body.decode(errors="replace"), bucket, exists))
        return put(bucket, body) if refusal is None else s3._error(*refusal, 400)

    s3._put_bucket_policy = put_checked


def check_template(kind: str, properties: Properties) -> None:
    """Raise `PolicyError` for policies that are none in the properties of a resource of type `kind`."""
    if check := TYPES.get(kind):
        check(properties)


def exists(arn: str) -> bool:
    """Return whether there is a user or a role of that ARN, or the role of that session."""
    _, _, service, _, account, name = arn.split(":", 5)
    if service == "sts":
        return name.startswith("federated-user/") or (account, name.split("/")[1]) in iam._roles._data
    return _OF_SERVICES in arn or any(
        record["Arn"] == arn for records in (iam._roles, iam._users) for record in list(records._data.values())
    )


def _refusal(check: Callable[[], None]) -> Refusal | None:
    try:
        check()
    except PolicyError as error:
        return error.code, str(error)
    return None


def _of(member: str, check: Callable[[str], None]) -> Check:
    """Return a check of a request that has its policy in that member, if it has one."""

    def checked(parameters: Parameters) -> Refusal | None:
        document = parameters.get(member)
        return _refusal(lambda: check(document)) if isinstance(document, str) else None

    return checked


def _inline(kind: str, member: str) -> Check:
    records = {"role": lambda name: (iam._roles.get(name) or {}).get("InlinePolicies", {})}
    others = {"user": iam._user_inline_policies, "group": iam._group_inline_policies}

    def checked(parameters: Parameters) -> Refusal | None:
        document, name = parameters.get("PolicyDocument", ""), parameters.get(member, "")
        held = records[kind](name) if kind in records else others[kind].get(name) or {}
        kept = [each for other, each in held.items() if other != parameters.get("PolicyName")]

        def check() -> None:
            policies.check_identity(document)
            policies.check_inline([*kept, document], kind, name)

        return _refusal(check)

    return checked


def _trust(document: Any) -> None:  # noqa: ANN401 - a text or its JSON
    policies.check_trust(document, exists)


def _managed(document: Any) -> None:  # noqa: ANN401 - a text or its JSON
    policies.check_identity(document, is_managed=True)


def _key(parameters: Parameters) -> Refusal | None:
    document = parameters.get("Policy")
    if not isinstance(document, str):
        return None
    account = responses.get_account_id()
    caller = None if parameters.get(BYPASS) else role_of(identity.request_caller())
    return _refusal(lambda: policies.check_key(document, account, exists, caller=caller))


def _queue(parameters: Parameters) -> Refusal | None:
    document = (parameters.get("Attributes") or {}).get("Policy")
    return _refusal(lambda: policies.check_queue(document, exists)) if document else None


def _topic(parameters: Parameters) -> Refusal | None:
    document = parameters.get("AttributeValue") if parameters.get("AttributeName") == "Policy" else None
    return _refusal(lambda: policies.check_topic(document, exists)) if document else None


CHECKS: Final[Mapping[str, Mapping[str, Check]]] = {
    "iam": {
        "CreatePolicy": _of("PolicyDocument", _managed),
        "CreatePolicyVersion": _of("PolicyDocument", _managed),
        "CreateRole": _of("AssumeRolePolicyDocument", _trust),
        "PutGroupPolicy": _inline("group", "GroupName"),
        "PutRolePolicy": _inline("role", "RoleName"),
        "PutUserPolicy": _inline("user", "UserName"),
        "UpdateAssumeRolePolicy": _of("PolicyDocument", _trust),
    },
    "kms": {"CreateKey": _key, "PutKeyPolicy": _key},
    "sns": {"SetTopicAttributes": _topic},
    "sqs": {"CreateQueue": _queue, "SetQueueAttributes": _queue},
}


def _role_type(properties: Properties) -> None:
    _trust(properties.get("AssumeRolePolicyDocument", {}))
    inline = _inline_of(properties)
    policies.check_inline(inline, "role", str(properties.get("RoleName", "")))


def _inline_of(properties: Properties) -> list[Any]:
    documents = [each.get("PolicyDocument", {}) for each in properties.get("Policies") or ()]
    for document in documents:
        policies.check_identity(document)
    return documents


def _policy_type(properties: Properties) -> None:
    document, named = properties["PolicyDocument"], properties.get("PolicyName")
    policies.check_identity(document)
    for name in properties.get("Roles") or ():
        held = (iam._roles.get(name) or {}).get("InlinePolicies", {})
        policies.check_inline([*(each for other, each in held.items() if other != named), document], "role", name)


def _key_type(properties: Properties) -> None:
    if "KeyPolicy" in properties:
        caller = None if properties.get(BYPASS) in {True, "true"} else ""
        policies.check_key(properties["KeyPolicy"], responses.get_account_id(), exists, caller=caller)


TYPES: Final[Mapping[str, Callable[[Properties], object]]] = {
    "AWS::IAM::Group": _inline_of,
    "AWS::IAM::ManagedPolicy": lambda found: _managed(found["PolicyDocument"]),
    "AWS::IAM::Policy": _policy_type,
    "AWS::IAM::Role": _role_type,
    "AWS::IAM::User": _inline_of,
    "AWS::KMS::Key": _key_type,
    "AWS::S3::BucketPolicy": lambda found: policies.check_bucket(found["PolicyDocument"], found["Bucket"], exists),
    "AWS::SNS::TopicPolicy": lambda found: policies.check_topic(found["PolicyDocument"], exists),
    "AWS::SQS::QueuePolicy": lambda found: policies.check_queue(found["PolicyDocument"], exists),
}
"""The types whose policies CloudFormation hands to a service that judges them."""
