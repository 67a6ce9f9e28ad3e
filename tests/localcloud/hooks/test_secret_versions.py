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
            {"VersionId": "01234567-89ab-cdef-0123-456789abcdef"},
            "ResourceNotFoundException.*find the specified secret value for VersionId: 01234567-89ab-",
        ),
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


def test_a_version_without_a_label_is_kept_for_who_knows_its_id(
    aws: Callable[..., Any], secret: dict[str, Any]
) -> None:
    """Recorded: test_deprecated_secret_version_stage."""
    client, name = aws("secretsmanager"), secret["Name"]
    for text in "23":
        client.update_secret(SecretId=name, SecretString=text)
    assert secret["VersionId"] not in client.describe_secret(SecretId=name)["VersionIdsToStages"]
    listed = client.list_secret_version_ids(SecretId=name)["Versions"]
    assert secret["VersionId"] not in {version["VersionId"] for version in listed}
    (first, *_) = client.list_secret_version_ids(SecretId=name, IncludeDeprecated=True)["Versions"]
    assert (first["VersionId"], "VersionStages" in first) == (secret["VersionId"], False)
    assert client.get_secret_value(SecretId=name, VersionId=secret["VersionId"])["SecretString"] == "1"
