"""Secrets that a template has generated, and rules on a bus that is named by its ARN.

Sources: template reference, "AWS::SecretsManager::Secret GenerateSecretString" and "AWS::Events::Rule EventBusName"
("The name or ARN of the event bus associated with the rule").
"""

import json
import string
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_a_secret_is_generated_as_asked(aws: Callable[..., Any], deploy: Callable[..., Any]) -> None:
    asked = {
        "SecretStringTemplate": '{"username": "admin"}',
        "GenerateStringKey": "password",
        "PasswordLength": 40,
        "ExcludePunctuation": True,
        "ExcludeCharacters": "abc",
    }
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": asked}}
    stack = deploy({"Secret": secret}, Arn={"Ref": "Secret"})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    value = aws("secretsmanager").get_secret_value(SecretId=stack["Outputs"]["Arn"])["SecretString"]
    filled = json.loads(value)
    assert filled["username"] == "admin"
    password = set(filled["password"])
    assert len(filled["password"]) == 40
    assert not password & set("abc" + string.punctuation)
    for letters in (string.ascii_lowercase, string.ascii_uppercase, string.digits):  # each included type is required
        assert password & set(letters)


def test_a_template_without_its_key_is_refused(deploy: Callable[..., Any]) -> None:
    asked = {"SecretStringTemplate": '{"username": "admin"}'}
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": asked}}
    stack = deploy({"Secret": secret})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "GenerateStringKey" in str(stack["Failed"])


def test_a_rule_is_on_a_bus_that_is_named_by_its_arn(aws: Callable[..., Any], deploy: Callable[..., Any]) -> None:
    rule = {"EventBusName": {"Fn::GetAtt": ["Bus", "Arn"]}, "EventPattern": {"source": ["mine"]}}
    stack = deploy(
        {
            "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "mine"}},
            "Rule": {"Type": "AWS::Events::Rule", "Properties": rule},
        },
        Arn={"Fn::GetAtt": ["Rule", "Arn"]},
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    assert ":rule/mine/" in stack["Outputs"]["Arn"]
    assert len(aws("events").list_rules(EventBusName="mine")["Rules"]) == 1
