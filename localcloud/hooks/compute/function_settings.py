"""Lambda of MiniStack: settings of functions that Lambda refuses, in requests and in templates.

Sources: Lambda developer guide, "Lambda quotas", "Defined runtime environment variables", "Execution role" and "Giving
Lambda functions access to resources in an Amazon VPC"; API reference, CreateFunction; the words are those that
hashicorp/terraform-provider-aws and serverless/serverless quote.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

from ministack.core.responses import error_response_json
from ministack.services import ec2, lambda_svc

from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation

Settings = Mapping[str, Any]
SERVICE: Final = "lambda.amazonaws.com"
RANGES: Final = {"Timeout": (1, 900), "MemorySize": (128, 10_240)}
"""Seconds, and MB."""
LONGEST_ENVIRONMENT: Final = 4096
"""Bytes of all variables, as JSON."""
RESERVED: Final = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|ACCESS_KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY"
    r"|SESSION_TOKEN|LAMBDA_(FUNCTION_NAME|FUNCTION_MEMORY_SIZE|FUNCTION_VERSION|INITIALIZATION_TYPE|LOG_GROUP_NAME"
    r"|LOG_STREAM_NAME|RUNTIME_API))|LAMBDA_(TASK_ROOT|RUNTIME_DIR)"
)
DEAD_LETTERS: Final = {"sqs": ("sqs:SendMessage", "SQS"), "sns": ("sns:Publish", "SNS")}
OF_A_NETWORK: Final = ("CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface")


class SettingsError(ValueError):
    """What Lambda does not take of a function."""


def refuse_wrong_settings() -> None:
    """Refuse settings that Lambda does not take, where they are asked for and where a template has them."""
    create, update = lambda_svc._create_function, lambda_svc._update_config

    def created(data: dict[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        return _refusal(data) or create(data)

    def updated(name: str, data: dict[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        role = (lambda_svc._functions.get(name) or {}).get("config", {}).get("Role", "")
        return _refusal(data, role) or update(name, data)

    lambda_svc._create_function, lambda_svc._update_config = created, updated
    cloudformation.before("AWS::Lambda::Function", check)


def check(settings: Settings, role: str = "") -> None:
    """Raise `SettingsError` with the first thing that Lambda does not take; `role` is the function's before."""
    role = str(settings.get("Role") or role)
    problems = (_of_numbers(settings), _of_environment(settings), _of_trust(settings), _of_rights(settings, role))
    for said in chain(*problems):
        raise SettingsError(said)


def _refusal(settings: Settings, role: str = "") -> Any:  # noqa: ANN401 - MiniStack's answer
    try:
        check(settings, role)
    except SettingsError as error:
        return error_response_json("InvalidParameterValueException", str(error), 400)
    return None


def _of_numbers(settings: Settings) -> Iterator[str]:
    for name, (least, most) in RANGES.items():
        value = int(settings.get(name, least))
        if not least <= value <= most:
            end = f"greater than or equal to {least}" if value < least else f"less than or equal to {most}"
            where = name[:1].lower() + name[1:]
            yield (
                f"1 validation error detected: Value '{value}' at '{where}' failed to satisfy constraint: Member must "
                f"have value {end}"
            )


def _of_environment(settings: Settings) -> Iterator[str]:
    variables = (settings.get("Environment") or {}).get("Variables") or {}
    reason = "Lambda was unable to configure your environment variables because the environment variables you have"
    if reserved := sorted(name for name in variables if RESERVED.fullmatch(name)):
        yield (
            f"{reason} provided contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    text = json.dumps(variables, separators=(",", ":"))
    if len(text.encode()) > LONGEST_ENVIRONMENT:
        yield f"{reason} provided exceeded the 4KB limit. String measured: {text}"


def _of_trust(settings: Settings) -> Iterator[str]:
    role, (account, region) = str(settings.get("Role", "")), identity.request_scope()
    function = f"arn:aws:lambda:{region}:{account}:function:{settings.get('FunctionName', '')}"
    context = {"aws:SourceAccount": account, "aws:SourceArn": function}
    if identity.role_exists(role) and not identity.trusts_service(role, SERVICE, context):
        yield "The role defined for the function cannot be assumed by Lambda."


def _of_rights(settings: Settings, role: str) -> Iterator[str]:
    """Yield what is not there, or what the role may not do: where failed events go, and in a network."""
    target = str((settings.get("DeadLetterConfig") or {}).get("TargetArn", ""))
    service = target.split(":")[2] if target.startswith("arn:") else ""
    if service in DEAD_LETTERS:
        action, name = DEAD_LETTERS[service]
        yield from _denied(role, action, target, name)
    place, (account, region) = settings.get("VpcConfig") or {}, identity.request_scope()
    for subnet in place.get("SubnetIds") or ():
        if subnet not in ec2._subnets:
            yield _missing("Subnets", "InvalidSubnetID", f"The subnet ID '{subnet}'")
    for group in place.get("SecurityGroupIds") or ():
        if group not in ec2._security_groups:
            yield _missing("SecurityGroups", "InvalidGroup", f"The security group '{group}'")
    for action in OF_A_NETWORK if place.get("SubnetIds") else ():
        of = "*" if action.startswith("Describe") else f"arn:aws:ec2:{region}:{account}:network-interface/*"
        yield from _denied(role, f"ec2:{action}", of, "EC2")


def _missing(kind: str, code: str, what: str) -> str:
    reason = f"EC2 Error Code: {code}.NotFound. EC2 Error Message: {what} does not exist"
    return f"Error occurred while Describe{kind}. {reason}"


def _denied(role: str, action: str, resource: str, service: str) -> Iterator[str]:
    if not identity.role_exists(role):
        return
    if identity.denial(identity.session_of(role, "lambda"), action, resource, {}):
        yield (f"The provided execution role does not have permissions to call {action.partition(':')[2]} on {service}")
