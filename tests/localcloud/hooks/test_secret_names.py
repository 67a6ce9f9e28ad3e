"""Names of secrets; recorded by localstack/localstack, tests/aws/services/secretsmanager (Apache-2.0)."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["Inv Name", " Inv Name", " Inv*Name? ", " Inv *?!]Name\\-", "ümlaut"])
@pytest.mark.parametrize("operation", ["create_secret", "describe_secret", "delete_secret", "get_secret_value"])
def test_a_name_that_is_none_is_refused(aws: Callable[..., Any], operation: str, name: str) -> None:
    """Recorded: test_invalid_secret_name."""
    given = {"Name": name, "SecretString": "1"} if operation == "create_secret" else {"SecretId": name}
    with pytest.raises(ClientError, match=r"ValidationException.*Invalid name. Must be a valid name containing"):
        getattr(aws("secretsmanager"), operation)(**given)


@pytest.mark.parametrize("name", ["prod/db", "a_b+c=d.e@f-g!"])
def test_a_name_may_have_these(aws: Callable[..., Any], name: str) -> None:
    client = aws("secretsmanager")
    made = client.create_secret(Name=name, SecretString="1")
    assert client.describe_secret(SecretId=made["ARN"])["Name"] == name


def test_force_deletes_what_is_not_there(aws: Callable[..., Any]) -> None:
    """Source: API reference of DeleteSecret; recorded: test_delete_non_existent_secret_returns_as_if_secret_exists."""
    client, name = aws("secretsmanager"), uuid.uuid4().hex
    told = client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    assert (told["Name"], "ARN" in told, "DeletionDate" in told) == (name, True, True)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.delete_secret(SecretId=name)
