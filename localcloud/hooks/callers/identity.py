"""IAM of MiniStack: who calls, what they may do, and sessions of roles."""

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_actions, iam_evaluator, responses, router
from ministack.services import iam, sts

SESSION_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of a role session."""

    access_key: str
    secret_key: str
    token: str
    arn: str


def request_scope() -> tuple[str, str]:
    """Account and region of the request that is being served."""
    return str(responses.get_account_id()), str(responses.get_region())


def request_caller() -> str:
    """ARN of the user, role session or account root that signed the request."""
    return str(iam_evaluator.caller_arn())


def caller_of(headers: Mapping[str, str], query: Mapping[str, Sequence[str]]) -> str:
    """ARN of who has signed a request that is not served yet."""
    responses.set_request_account_id(router.extract_access_key_id(headers, query))
    return str(iam_evaluator.request_caller_arn(headers, query))


def unique_id(length: int) -> str:
    """Make up an id of lower-case hexadecimal digits."""
    return secrets.token_hex(length)[:length]


def verify_root_signatures() -> None:
    """Verify the signature of an account's root too: it needs this cloud's secret, which jobs and functions lack."""
    iam_evaluator._is_root_key = lambda access_key_id: not access_key_id


def authorize_builds_by_project() -> None:
    """Check calls about builds on the project that the builds belong to, as the Service Authorization Reference has it.

    MiniStack checks them on `*`, which no policy for one project allows.
    """
    extract = iam_actions.extract_resource_arn

    def resource(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:  # noqa: ANN401 - MiniStack's
        found = str(extract(service, method, path, headers, body, *rest))
        if service != "codebuild" or found != "*":
            return found
        request = json.loads(body or b"{}")
        names = [*request.get("ids", ()), *request.get("names", ()), *filter(None, [request.get("id")])]
        projects = {name.split(":")[0] for name in names}
        _, region, account = rest
        return f"arn:aws:codebuild:{region}:{account}:project/{projects.pop()}" if len(projects) == 1 else "*"

    iam_actions.extract_resource_arn = resource


def authorize_logs_by_stream() -> None:
    """Check calls about a log group on what AWS checks them on: `<group>:log-stream:`, and the stream if it names one.

    A policy that names the group without `:*` at its end allows none of them. Source: CloudWatch Logs user guide,
    "Overview of managing access permissions", and AWS's words when it denies one (github:anomalyco/sst#4256).
    """
    extract = iam_actions.extract_resource_arn

    def resource(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:  # noqa: ANN401 - MiniStack's
        found = str(extract(service, method, path, headers, body, *rest))
        if service != "logs" or b'"logGroupName"' not in body or not found.startswith("arn:"):
            return found
        return f"{found}:log-stream:{json.loads(body).get('logStreamName') or ''}"

    iam_actions.extract_resource_arn = resource


def authorize_settings_by_id() -> None:
    """Check calls about a setting of Systems Manager on it, as the Service Authorization Reference has it."""
    extract = iam_actions.extract_resource_arn

    def resource(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:  # noqa: ANN401 - MiniStack's
        found = str(extract(service, method, path, headers, body, *rest))
        if service != "ssm" or found != "*" or b'"SettingId"' not in body:
            return found
        setting = str(json.loads(body)["SettingId"])
        _, region, account = rest
        arn = f"arn:aws:ssm:{region}:{account}:servicesetting/{setting.lstrip('/')}"
        return setting if setting.startswith("arn:") else arn

    iam_actions.extract_resource_arn = resource


def role_exists(role_arn: str) -> bool:
    """Return whether there is a role of that ARN."""
    return role_arn.startswith("arn:") and _role(role_arn) is not None


def session_of(role_arn: str, name: str) -> str:
    """Return the ARN of a session of that name with the role; a session's ARN has no path."""
    account, role = _account(role_arn), role_arn.rsplit("/", 1)[-1]
    return f"arn:aws:sts::{account}:assumed-role/{role}/{name}"


def trusts_service(role_arn: str, service: str, context: Mapping[str, str]) -> bool:
    """Return whether the trust policy of the role lets the AWS service (`sagemaker.amazonaws.com`) assume it.

    `context` holds the condition keys that the service sends, such as `aws:SourceAccount`.
    """
    role = _role(role_arn)
    if role is None:
        return False
    named = [statement for statement in _statements(role["AssumeRolePolicyDocument"]) if _names(statement, service)]
    root = f"arn:aws:iam::{_account(role_arn)}:root"  # MiniStack lets the account root stand for a service
    evaluation = _evaluation(root, "sts:AssumeRole", role_arn, context)
    return bool(iam_evaluator.evaluate_trust_policy({"Statement": named}, root, evaluation))


def denial(caller_arn: str, action: str, resource: str, context: Mapping[str, str | Sequence[str]]) -> str | None:
    """Why the identity-based policies of a principal refuse an action, or None when they allow it."""
    if _principal(caller_arn)[0] == "Root":
        return None
    policies, limits = _policies(caller_arn)
    result = iam_evaluator.evaluate(_evaluation(caller_arn, action, resource, context), policies, *limits)
    return _denial(caller_arn, action, resource, result)


def key_denial(
    caller_arn: str, action: str, key: str, policy: str, context: Mapping[str, str | Sequence[str]]
) -> str | None:
    """Why a principal may not use a key (ARN): its own policies and the key's policy are evaluated as KMS does.

    The key's policy must allow, the principal itself or its account, whose policies then decide. It may name a
    service (`logs.eu-west-1.amazonaws.com`) too, which is then the principal.
    """
    if not caller_arn.startswith("arn:"):
        named = {"Statement": [statement for statement in _statements(policy) if _names(statement, caller_arn)]}
        evaluation = _evaluation(f"arn:aws:iam::{_account(key)}:root", action, key, context)
        result = iam_evaluator.evaluate_resource_policy(named, evaluation, service=caller_arn)
        return None if result.decision == "Allow" else f"The key policy does not allow {caller_arn} the action {action}"
    evaluation = _evaluation(caller_arn, action, key, context)
    policies, limits = ([], []) if _principal(caller_arn)[0] == "Root" else _policies(caller_arn)
    own = iam_evaluator.evaluate(evaluation, policies, *limits)
    if _principal(caller_arn)[0] == "Root":
        own = iam_evaluator.EvalResult("Allow", caller_arn, "", "the root of the account")
    result = iam_evaluator.combine_resource_policy(
        own, evaluation, policy, _account(key), required=True, limits=tuple(limits)
    )
    if result.decision != "Allow" and own.decision == "Allow":
        reason = f"because no resource-based policy allows the {action} action"
        return f"User: {caller_arn} is not authorized to perform: {action} on resource: {key} {reason}"
    return _denial(caller_arn, action, key, result)


def lets_service(  # noqa: PLR0913, PLR0917 - what a policy is asked
    policy: str | Mapping[str, Any] | None,
    service: str,
    action: str,
    resource: str,
    account: str,
    context: Mapping[str, str],
) -> bool:
    """Return whether statements of a resource's policy that name a service let it act on behalf of an account."""
    named = {"Statement": [statement for statement in _statements(policy or "{}") if _names(statement, service)]}
    evaluation = _evaluation(f"arn:aws:iam::{account}:root", action, resource, context)
    return bool(iam_evaluator.evaluate_resource_policy(named, evaluation, service=service).decision == "Allow")


def _policies(caller_arn: str) -> tuple[Any, Any]:
    """Return the policies of a principal, and what limits them."""
    account, kind, name = _account(caller_arn), *_principal(caller_arn)
    if kind == "User":
        return iam_evaluator._gather_user_policies(name, account), iam_evaluator._permissions_boundary(
            iam._users, name, account
        )
    return iam_evaluator._gather_role_policies(name, account), iam_evaluator._permissions_boundary(
        iam._roles, name, account
    )


def _denial(caller_arn: str, action: str, resource: str, result: Any) -> str | None:  # noqa: ANN401 - MiniStack's
    if result.decision == "Allow":
        return None
    return str(iam_actions.identity_denial_message(action, caller_arn, resource, result.decision == "Deny"))


def is_allowed_by(policy: object, action: str, resource: str) -> bool:
    """Return whether a resource's own policy lets the caller of this request do an action."""
    evaluation = _evaluation(request_caller(), action, resource, {})
    return bool(iam_evaluator.evaluate_resource_policy(policy, evaluation).decision == "Allow")


def open_session(role_arn: str, session: str) -> Credentials:
    """Temporary credentials of `role_arn`, as STS would hand them to a service."""
    role = role_arn.rsplit("/", 1)[-1]
    account = _account(role_arn)
    credentials = Credentials(
        access_key="ASIA" + secrets.token_hex(8).upper(),
        secret_key=secrets.token_hex(20),
        token=secrets.token_hex(32),
        arn=f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
    )
    sts.register_session(
        credentials.access_key,
        {
            "Arn": credentials.arn,
            "UserId": f"{(_role(role_arn) or {}).get('RoleId', role)}:{session}",
            "SecretAccessKey": credentials.secret_key,
            "SessionToken": credentials.token,
            "Expiration": time.time() + SESSION_SECONDS,
        },
    )
    return credentials


def _role(role_arn: str) -> dict[str, Any] | None:
    role: dict[str, Any] | None = iam._roles.get_scoped(_account(role_arn), None, role_arn.rsplit("/", 1)[-1])
    return role


def _statements(policy: str | Mapping[str, Any]) -> list[dict[str, Any]]:
    document = json.loads(policy or "{}") if isinstance(policy, str) else policy
    statements = document.get("Statement", [])
    return [statements] if isinstance(statements, dict) else list(statements)


def _account(arn: str) -> str:
    return arn.split(":")[4]


def _principal(arn: str) -> tuple[str, str]:
    resource = arn.split(":", 5)[5]
    if resource == "root":
        return "Root", ""
    kind, _, name = resource.partition("/")
    return ("User", name.rsplit("/", 1)[-1]) if kind == "user" else ("AssumedRole", name.split("/")[0])


def _names(statement: Mapping[str, Any], service: str) -> bool:
    principal = statement.get("Principal", {})
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    return service in ([services] if isinstance(services, str) else services)


def _evaluation(caller_arn: str, action: str, resource: str, context: Mapping[str, str | Sequence[str]]) -> Any:  # noqa: ANN401 - MiniStack's
    return iam_evaluator.EvalContext(
        principal_arn=caller_arn,
        principal_type=_principal(caller_arn)[0],
        principal_account=_account(caller_arn),
        action=action,
        resource_arn=resource,
        region=str(responses.get_region()),
        service_context={"aws:tagkeys": None} | {key.lower(): value for key, value in context.items()},
    )
