"""References to secrets: template reference, "AWS::SecretsManager::Secret", return values."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.localcloud.conftest import Deploy

pytestmark = pytest.mark.slow


def secret(**properties: Any) -> dict[str, Any]:
    return {"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "prod/reference", **properties}}}


def test_a_reference_to_a_secret_is_its_arn(aws: Callable[..., Any], deploy: Deploy, role: Callable[..., Any]) -> None:
    reader = role("lambda.amazonaws.com", ("secretsmanager:GetSecretValue", {"Ref": "Secret"}))
    resources = {**secret(SecretString="1"), "Reader": reader}
    stack = deploy(resources, "test-secret", Secret={"Ref": "Secret"})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    arn = stack["Outputs"]["Secret"]
    client = aws("secretsmanager")
    assert client.describe_secret(SecretId="prod/reference")["ARN"] == arn
    changed = {**resources, **secret(SecretString="2", Description="of a test")}
    stack = deploy(changed, "test-secret", Secret={"Ref": "Secret"})
    assert (stack["StackStatus"], stack["Outputs"]["Secret"]) == ("UPDATE_COMPLETE", arn)
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "2"
    found = aws("cloudformation").detect_stack_resource_drift(StackName="test-secret", LogicalResourceId="Secret")
    assert found["StackResourceDrift"]["StackResourceDriftStatus"] == "IN_SYNC"


def test_a_secret_goes_with_its_stack(aws: Callable[..., Any], deploy: Deploy) -> None:
    deploy({**secret(SecretString="1"), "Topic": {"Type": "AWS::SNS::Topic"}}, "test-secret-goes")
    deploy({"Topic": {"Type": "AWS::SNS::Topic"}}, "test-secret-goes")
    with pytest.raises(aws("secretsmanager").exceptions.ResourceNotFoundException):
        aws("secretsmanager").get_secret_value(SecretId="prod/reference")
