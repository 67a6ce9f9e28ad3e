"""API Gateway of MiniStack: the role of an account and region that writes the logs of all its APIs.

A template's `AWS::ApiGateway::Account` replaces the role that another has set, and its deletion leaves the setting as
it is: with the role of a stack that is gone, no API of the account writes logs. Sources: github:aws/aws-cdk#21546
("CloudFormation will not throw an error … it will update the existing account"), github:aws/aws-cdk#6194 (deletion),
github:tmobile/jazz-installer#597 and github:anomalyco/sst#1556 (words).
"""

from collections.abc import Mapping
from typing import Any, Final

from ministack.services import apigateway_v1 as apigateway
from ministack.services.cloudformation import provisioners

from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation

SERVICE: Final = "apigateway.amazonaws.com"
ACCOUNT: Final = "AWS::ApiGateway::Account"
UNUSABLE: Final = (
    "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add"
    " the required role policy."
)
UNSET: Final = "CloudWatch Logs role ARN must be set in account settings to enable logging"
_LOGGING: Final = {"ERROR", "INFO"}


def keep_settings(*, unset: bool) -> None:
    """Refuse a role that API Gateway cannot assume, and keep the setting when its stack goes.

    Where no role is `unset` from the start, as in a new account, a stage with logs is refused until one is.
    """
    cloudformation.before(ACCOUNT, _check_role)
    provisioners._RESOURCE_HANDLERS[ACCOUNT]["delete"] = lambda *_: None
    if unset:
        cloudformation.before("AWS::ApiGateway::Stage", _check_stage)


def writes_logs() -> bool:
    """Return whether API Gateway can write logs here: not with a role that is gone, or that it may not assume."""
    role = _role()
    return role is None or identity.trusts_service(role, SERVICE, {})


def _role() -> str | None:
    found = (apigateway._account_settings.get("settings") or {}).get("cloudwatchRoleArn")
    return str(found) if found else None


def _check_role(properties: Mapping[str, Any]) -> None:
    role = properties.get("CloudWatchRoleArn")
    if role and not identity.trusts_service(str(role), SERVICE, {}):
        raise ValueError(UNUSABLE)


def _check_stage(properties: Mapping[str, Any]) -> None:
    levels = {setting.get("LoggingLevel") for setting in properties.get("MethodSettings") or ()}
    if _role() is None and (properties.get("AccessLogSetting") or levels & _LOGGING):
        raise ValueError(UNSET)
