"""How many functions run at once: what an account may is counted by account and region."""

import pytest
from ministack.services import lambda_svc

from account.quotas import Profile
from localcloud.hooks.compute import concurrency
from localcloud.hooks.requests import services
from localcloud.hooks.stacks import cloudformation
from localsagemaker.quotas import Quotas

NEW, ESTABLISHED = Quotas(Profile.NEW).value, Quotas(Profile.ESTABLISHED).value
BELOW = "decreases account's UnreservedConcurrentExecution below its minimum value of "


def test_nothing_may_be_reserved_in_a_new_account() -> None:
    with services.scope("111111111111", "eu-west-1"):
        assert BELOW + "[10]." in concurrency.reservation_problem(NEW, "fn", 1)
        assert concurrency.reservation_problem(NEW, "fn", 0) == ""  # which turns a function off
        assert concurrency.reservation_problem(ESTABLISHED, "fn", 900) == ""
        assert BELOW + "[100]." in concurrency.reservation_problem(ESTABLISHED, "fn", 901)


def test_the_eleventh_execution_of_a_new_account_is_throttled(monkeypatch: pytest.MonkeyPatch) -> None:
    running: dict[str, int] = {}
    for name in (
        "_acquire_execution_slot",
        "_get_account_settings",
        "_put_function_concurrency",
        "_throttle_response",
    ):
        monkeypatch.setattr(lambda_svc, name, vars(lambda_svc)[name])
    monkeypatch.setattr(lambda_svc, "executions_in_flight", lambda: (sum(running.values()), running))
    monkeypatch.setattr(lambda_svc, "_acquire_execution_slot", lambda *_: ("slot", None))
    monkeypatch.setattr(cloudformation, "before", lambda *_: None)
    concurrency.limit(NEW)
    acquire, throttle = (vars(lambda_svc)[name] for name in ("_acquire_execution_slot", "_throttle_response"))
    running |= {"111111111111:eu-west-1:a": 7, "111111111111:eu-west-1:b": 2, "222222222222:eu-west-1:a": 5}
    with services.scope("111111111111", "eu-west-1"):
        assert acquire({}, {}) == ("slot", None)
        running["111111111111:eu-west-1:b"] = 3
        assert acquire({}, {}) == (None, "account")
    answer = throttle(reason_code="ConcurrentInvocationLimitExceeded", msg="beyond a cap")["body"]
    assert (answer["__type"], answer["message"]) == ("TooManyRequestsException", "Rate Exceeded.")
