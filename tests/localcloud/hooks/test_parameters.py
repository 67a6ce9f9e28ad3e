"""Names of parameters, and secrets that are read as parameters.

Sources: API reference of Systems Manager, PutParameter ("Name"); user guide, "Referencing AWS Secrets Manager secrets
from Parameter Store parameters".
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.localcloud.keyed import fresh, refusal

pytestmark = pytest.mark.slow
SECRETS = "/aws/reference/secretsmanager/"


@pytest.mark.parametrize("name", ["a/b", "/a//b", "a b", "/a/b c"])
def test_a_name_that_is_no_path(aws: Callable[..., Any], name: str) -> None:
    ssm = aws("ssm")
    assert "sub-paths divided by slash symbol" in refusal(ssm.put_parameter, Name=name, Value="1", Type="String")
    assert "ValidationException" in refusal(ssm.get_parameter, Name=name)


def test_a_name_without_a_hierarchy_is_found_with_a_slash(aws: Callable[..., Any]) -> None:
    ssm, name = aws("ssm"), fresh("p")
    ssm.put_parameter(Name=name, Value="1", Type="String")
    assert ssm.get_parameter(Name=f"/{name}")["Parameter"]["Value"] == "1"


def test_a_secret_is_read_as_a_parameter(aws: Callable[..., Any], user: Callable[..., Any]) -> None:
    ssm, name = aws("ssm"), fresh("s")
    arn = aws("secretsmanager").create_secret(Name=name, SecretString="hidden")["ARN"]
    assert "WithDecryption flag must be True" in refusal(ssm.get_parameter, Name=SECRETS + name)
    found = ssm.get_parameter(Name=SECRETS + name, WithDecryption=True)["Parameter"]
    assert (found["Value"], found["Type"], json.loads(found["SourceResult"])["ARN"]) == ("hidden", "SecureString", arn)
    listed = ssm.get_parameters(Names=[SECRETS + name, f"{SECRETS}none"], WithDecryption=True)
    assert [each["Value"] for each in listed["Parameters"]] == ["hidden"]
    assert listed["InvalidParameters"] == [f"{SECRETS}none"]
    reader = user({"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}).client("ssm")
    said = refusal(reader.get_parameter, Name=SECRETS + name, WithDecryption=True)
    assert "secretsmanager:GetSecretValue" in said
