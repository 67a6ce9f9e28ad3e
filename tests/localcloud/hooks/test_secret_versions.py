"""Labels of a secret's versions: user guide of Secrets Manager, "Secret versions"; recorded by localstack/localstack,
tests/aws/services/secretsmanager/test_secretsmanager.snapshot.json (Apache-2.0).
"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow


@pytest.fixture
def secret(aws: Callable[..., Any]) -> dict[str, Any]:
    made: dict[str, Any] = aws("secretsmanager").create_secret(Name=uuid.uuid4().hex, SecretString="1")
    return made


def test_a_label_is_of_one_version(aws: Callable[..., Any], secret: dict[str, Any]) -> None:
    client, name = aws("secretsmanager"), secret["Name"]
    first, second = (
        client.put_secret_value(SecretId=name, SecretString=text, VersionStages=["AWSPENDING"])["VersionId"]
        for text in "23"
    )
    labels = client.describe_secret(SecretId=name)["VersionIdsToStages"]
    assert labels == {secret["VersionId"]: ["AWSCURRENT"], second: ["AWSPENDING"]}
    listed = client.list_secret_version_ids(SecretId=name)["Versions"]
    assert first not in {version["VersionId"] for version in listed}
    assert {version["KmsKeyIds"][0] for version in listed} == {"DefaultEncryptionKey"}


def test_a_secret_without_a_value_has_no_version(aws: Callable[..., Any]) -> None:
    client = aws("secretsmanager")
    made = client.create_secret(Name=uuid.uuid4().hex)
    assert "VersionId" not in made
    described = client.describe_secret(SecretId=made["ARN"])
    assert not {"VersionIdsToStages", "Description", "Tags", "RotationEnabled"} & set(described)


@pytest.mark.parametrize(
    ("operation", "parameters", "said"),
    [
        ("rotate_secret", {}, "InvalidRequestException.*No Lambda rotation function ARN is associated"),
        (
            "get_secret_value",
            {"VersionStage": "AWSPENDING"},
            "ResourceNotFoundException.*find the specified secret value for staging label: AWSPENDING",
        ),
        ("describe_secret", {"SecretId": "a b"}, "ValidationException.*Invalid name"),
    ],
)
def test_what_is_refused(
    aws: Callable[..., Any], secret: dict[str, Any], operation: str, parameters: dict[str, str], said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        getattr(aws("secretsmanager"), operation)(**{"SecretId": secret["Name"], **parameters})


def test_a_version_that_has_not_the_label(aws: Callable[..., Any], secret: dict[str, Any]) -> None:
    client = aws("secretsmanager")
    with pytest.raises(ClientError, match="You provided a VersionStage that is not associated"):
        client.get_secret_value(SecretId=secret["Name"], VersionId=secret["VersionId"], VersionStage="AWSPREVIOUS")
