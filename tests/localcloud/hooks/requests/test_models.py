"""Requests that their service's model does not take. The values are those of each service's API reference."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.hooks.requests.models import SERVICES, wrong
from localsagemaker.kernel.requests import service_model

TRUST = '{"Version": "2012-10-17", "Statement": []}'


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "found"),
    [
        (
            "iam",
            "CreateRole",
            {"RoleName": "a b", "AssumeRolePolicyDocument": TRUST},
            [("Value 'a b' at 'roleName'", r"satisfy regular expression pattern: [\w+=,.@-]+")],
        ),
        (
            "iam",
            "CreateRole",
            {"RoleName": "a", "MaxSessionDuration": 43201},
            [
                ("Value null at 'assumeRolePolicyDocument'", "not be null"),
                ("Value '43201' at 'maxSessionDuration'", "have value less than or equal to 43200"),
            ],
        ),
        (
            "logs",
            "CreateLogGroup",
            {"logGroupName": "x" * 513},
            [(f"Value '{'x' * 513}' at 'logGroupName'", "have length less than or equal to 512")],
        ),
        (
            "lambda",
            "CreateFunction",
            {"FunctionName": "f", "Role": "arn:aws:iam::111122223333:role/r", "Code": {}, "Architectures": ["x86"]},
            [("Value 'x86' at 'architectures.1.member'", "satisfy enum value set: [x86_64, arm64]")],
        ),
        (
            "secretsmanager",
            "CreateSecret",
            {"Name": "s", "SecretString": "x" * 65537},
            [("Value at 'secretString'", "have length less than or equal to 65536")],
        ),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_aws(
    service: str, operation: str, parameters: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    said = "; ".join(f"{value} failed to satisfy constraint: Member must {what}" for value, what in found)
    count = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
    assert wrong(service, operation, parameters) == f"{count} detected: {said}"


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("iam", "CreateRole", {"RoleName": "a" * 64, "AssumeRolePolicyDocument": TRUST, "MaxSessionDuration": 43200}),
        ("logs", "CreateLogGroup", {"logGroupName": "/aws/lambda/f#1"}),
        ("secretsmanager", "CreateSecret", {"Name": "s", "SecretString": "x" * 65536}),
        ("sts", "GetCallerIdentity", {}),
        # CreateUserPoolDomain, Domain: "For custom domains, this is the fully-qualified domain name"
        ("cognito-idp", "CreateUserPoolDomain", {"Domain": "auth.example.com", "UserPoolId": "eu-west-1_abc"}),
        (
            "events",
            "CreateApiDestination",
            {
                "Name": "d",
                "ConnectionArn": "arn:aws:events:eu-west-1:111111111111:connection/c",
                "InvocationEndpoint": "https://example.com",
                "HttpMethod": "POST",
            },
        ),
    ],
)
def test_what_is_right_at_its_limit(service: str, operation: str, parameters: dict[str, Any]) -> None:
    assert not wrong(service, operation, parameters)


def test_of_a_body_only_its_own_members_are_judged() -> None:
    assert "functionName" in wrong("lambda", "UpdateFunctionConfiguration", {"Handler": "a b"})
    said = wrong("lambda", "UpdateFunctionConfiguration", {"Handler": "a b"}, ["Handler", "Runtime"])
    assert said.startswith("1 validation error detected: Value 'a b' at 'handler'")


def test_every_service_is_one_of_botocores() -> None:
    protocols = {service_model(judged.name).metadata["protocol"] for judged in SERVICES.values()}
    assert protocols == {"json", "query", "rest-json"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("iam", "create_role", {"RoleName": "a b", "AssumeRolePolicyDocument": TRUST}, "ValidationError"),
        ("iam", "create_policy", {"PolicyName": "a/b", "PolicyDocument": TRUST}, "ValidationError"),
        ("logs", "create_log_group", {"logGroupName": "a b"}, "InvalidParameterException"),
        ("events", "put_rule", {"Name": "a b", "ScheduleExpression": "rate(1 day)"}, "ValidationException"),
        ("ecr", "create_repository", {"repositoryName": "Upper"}, "InvalidParameterException"),
        ("kms", "create_key", {"KeySpec": "RSA_1"}, "ValidationException"),
        ("ssm", "put_parameter", {"Name": "x" * 2049, "Value": "v"}, "ValidationException"),
        (
            "lambda",
            "create_function",
            {"FunctionName": "a b", "Role": "arn:aws:iam::111111111111:role/r", "Code": {"ZipFile": b"x"}},
            "ValidationException",
        ),
        ("lambda", "update_function_configuration", {"FunctionName": "f", "Handler": "a b"}, "ValidationException"),
    ],
)
def test_requests_are_refused_by_the_code_of_their_service(
    aws: Callable[..., Any], service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError, match=rf"\({code}\).*failed to satisfy constraint"):
        getattr(aws(service), operation)(**parameters)
