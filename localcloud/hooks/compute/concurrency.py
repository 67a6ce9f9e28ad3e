"""Lambda of MiniStack: how many executions an account may have at once in a region.

Beyond the quota an invocation is throttled, and nothing may be reserved of what functions without a reservation are
left. Sources: Lambda developer guide, "Lambda quotas" and "Configuring reserved concurrency" (100 stay unreserved);
github:awslabs/fhir-works-on-aws-deployment#691 (a new account has 10, of which none may be reserved).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.core.responses import error_response_json, json_response
from ministack.services import lambda_svc

from account.quotas import CONCURRENT_EXECUTIONS
from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation

UNRESERVED: Final = 100
THROTTLED: Final = "Rate Exceeded."
Limit = Callable[[str, str, str], float | None]


def limit(value: Limit) -> None:
    """Throttle what goes beyond an account's quota, which `value` knows, and refuse reservations of its rest."""
    _throttle(value)
    _tell(value)
    put = lambda_svc._put_function_concurrency

    def reserve(name: str, data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's answer
        problem = reservation_problem(value, name, int(data.get("ReservedConcurrentExecutions", 0)))
        return error_response_json("InvalidParameterValueException", problem, 400) if problem else put(name, data)

    def check(properties: Mapping[str, Any]) -> None:
        asked = properties.get("ReservedConcurrentExecutions")
        name = str(properties.get("FunctionName", ""))
        if asked is not None and (problem := reservation_problem(value, name, int(asked))):
            raise ValueError(problem)

    lambda_svc._put_function_concurrency = reserve
    cloudformation.before("AWS::Lambda::Function", check)


def reservation_problem(value: Limit, name: str, asked: int) -> str:
    """Return what Lambda says of a reservation that leaves too little to other functions; empty where it may be."""
    most = value(*identity.request_scope(), CONCURRENT_EXECUTIONS)
    if most is None:
        return ""
    others = sum(int(each.get("concurrency") or 0) for key, each in lambda_svc._functions.items() if key != name)
    least = min(UNRESERVED, most)
    if asked == 0 or most - others - asked >= least:
        return ""
    return (
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below"
        f" its minimum value of [{least:g}]."
    )


def _tell(value: Limit) -> None:
    settings = lambda_svc._get_account_settings

    def told() -> Any:  # noqa: ANN401 - MiniStack's answer
        status, headers, body = settings()
        most = value(*identity.request_scope(), CONCURRENT_EXECUTIONS)
        if most is None:
            return status, headers, body
        answer = json.loads(body)
        reserved = sum(int(each.get("concurrency") or 0) for each in lambda_svc._functions.values())
        rest = {"ConcurrentExecutions": int(most), "UnreservedConcurrentExecutions": max(int(most) - reserved, 0)}
        return json_response({**answer, "AccountLimit": {**answer["AccountLimit"], **rest}})

    lambda_svc._get_account_settings = told


def _throttle(value: Limit) -> None:
    acquire, respond = lambda_svc._acquire_execution_slot, lambda_svc._throttle_response

    def acquired(function: Any, config: Any) -> Any:  # noqa: ANN401 - MiniStack's
        here = identity.request_scope()
        most = value(*here, CONCURRENT_EXECUTIONS)
        running = lambda_svc.executions_in_flight()[1]  # by <account>:<region>:<function>
        if most is not None and sum(n for key, n in running.items() if key.startswith(":".join((*here, "")))) >= most:
            return None, "account"
        return acquire(function, config)

    def throttled(reason_code: str, msg: str, retry_after: int = 1) -> dict[str, Any]:
        answer = respond(reason_code, msg, retry_after)
        return {**answer, "body": {**answer["body"], "message": THROTTLED}}

    lambda_svc._acquire_execution_slot, lambda_svc._throttle_response = acquired, throttled
