"""IAM of MiniStack: what conditions of policies know of who asks.

Source: IAM user guide, "AWS global condition context keys": `aws:PrincipalArn` is of a session its role's, and
`aws:PrincipalIsAWSService` is false for all but services, none of which signs a request here.
"""

from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam


def tell_who_asks() -> None:
    """Give conditions both keys."""
    resolve = iam_evaluator._resolve_condition_key

    def resolved(key: str, context: Any) -> Any:  # noqa: ANN401 - MiniStack's
        match key.lower():
            case "aws:principalarn":
                return role_of(resolve(key, context))
            case "aws:principalisawsservice":
                return "false"
        return resolve(key, context)

    iam_evaluator._resolve_condition_key = resolved


def role_of(caller: str) -> str:
    """Return the ARN that a policy names a caller by: of a session, its role's."""
    if ":assumed-role/" not in (caller or ""):
        return caller
    role = iam._roles.get(caller.split("/")[1]) or {}
    return str(role.get("Arn", caller))
