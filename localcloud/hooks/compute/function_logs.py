"""Lambda of MiniStack: the log group of a function, which its role has to be allowed to make.

Lambda makes the group of a function with the rights of its role (`logs:CreateLogGroup`); without them, and without the
group, nothing is logged, and the function runs all the same. So a group that is deleted with its stack stays deleted.
Source: Lambda developer guide, "Sending Lambda function logs to CloudWatch Logs", "Function permissions".
"""

from collections.abc import Mapping
from typing import Any, Final

from ministack.services import cloudwatch_logs, lambda_svc

from localcloud.hooks.callers import identity

ACTION: Final = "logs:CreateLogGroup"


def make_groups_by_role() -> None:
    """Log nothing where the group is not there, and the function's role may not make it."""
    emit = lambda_svc._emit_lambda_logs

    def emitted(function: Mapping[str, Any], *rest: Any, **named: Any) -> None:  # noqa: ANN401 - MiniStack's
        if _has_group(function.get("config") or function):
            emit(function, *rest, **named)

    lambda_svc._emit_lambda_logs = emitted


def _has_group(config: Mapping[str, Any]) -> bool:
    name = str(config.get("FunctionName", ""))
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
    if group in cloudwatch_logs._log_groups:
        return True
    session = identity.session_of(str(config.get("Role", "")), name)
    return identity.denial(session, ACTION, cloudwatch_logs._make_group_arn(group), {}) is None
