"""The role of an account for the logs of its APIs: the last stack's, also when that is gone."""

from collections.abc import Callable
from typing import Any

import pytest
from ministack.services import apigateway_v1
from ministack.services.cloudformation import provisioners

from localcloud.hooks import api_account
from localcloud.hooks.callers import identity

ACCOUNT, STAGE = api_account.ACCOUNT, "AWS::ApiGateway::Stage"
LOGGED = {"AccessLogSetting": {"DestinationArn": "arn:aws:logs:eu-west-1:111111111111:log-group:g", "Format": "f"}}
ROLE = "arn:aws:iam::111111111111:role/"
Handlers = dict[str, dict[str, Callable[..., Any]]]


@pytest.fixture
def roles(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the roles that API Gateway can assume, for a test to change."""
    found = {f"{ROLE}dev", f"{ROLE}sandbox"}
    monkeypatch.setattr(identity, "trusts_service", lambda role, *_: role in found)
    return found


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> Handlers:
    """Return the handlers of an account without settings, before anything is changed in them."""
    copied = {name: dict(vars(provisioners)["_RESOURCE_HANDLERS"][name]) for name in (ACCOUNT, STAGE)}
    copied[STAGE] |= {"create": lambda *_: ("v1", {})}
    monkeypatch.setattr(provisioners, "_RESOURCE_HANDLERS", copied)
    monkeypatch.setattr(apigateway_v1, "_account_settings", {})
    return copied


def test_the_last_stack_takes_the_logs_of_the_others_with_it(handlers: Handlers, roles: set[str]) -> None:
    api_account.keep_settings(unset=False)
    assert api_account.writes_logs()  # an established account has a role of somebody's
    for name in ("dev", "sandbox"):
        handlers[ACCOUNT]["create"]("Account", {"CloudWatchRoleArn": f"{ROLE}{name}"}, f"{name}-api")
        assert api_account.writes_logs()
    handlers[ACCOUNT]["delete"]("Account", {})
    assert api_account.writes_logs()  # the setting stays as it is
    roles.remove(f"{ROLE}sandbox")
    assert not api_account.writes_logs()


@pytest.mark.usefixtures("roles")
def test_a_role_that_api_gateway_cannot_assume_is_refused(handlers: Handlers) -> None:
    api_account.keep_settings(unset=False)
    with pytest.raises(ValueError, match="Please grant trust permission for API Gateway"):
        handlers[ACCOUNT]["create"]("Account", {"CloudWatchRoleArn": f"{ROLE}other"}, "api")


@pytest.mark.usefixtures("roles")
def test_a_new_account_has_no_role_so_that_no_stage_has_logs(handlers: Handlers) -> None:
    api_account.keep_settings(unset=True)
    with pytest.raises(ValueError, match="must be set in account settings to enable logging"):
        handlers[STAGE]["create"]("Stage", LOGGED, "api")
    assert handlers[STAGE]["create"]("Stage", {"MethodSettings": [{"LoggingLevel": "OFF"}]}, "api") == ("v1", {})
    handlers[ACCOUNT]["create"]("Account", {"CloudWatchRoleArn": f"{ROLE}dev"}, "api")
    assert handlers[STAGE]["create"]("Stage", LOGGED, "api") == ("v1", {})
