"""A value under a customer's key is kept and read by who may use the key.

Sources: Secrets Manager user guide, "Secret encryption and decryption"; KMS developer guide, "How Parameter Store uses
AWS KMS".
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.localcloud.keyed import Aws, allow, fresh, make_key, refusal

pytestmark = pytest.mark.slow

BOTH = allow("GenerateDataKey", "Decrypt")


@pytest.mark.parametrize("lacking", ["GenerateDataKey", "Decrypt"])
def test_a_secret_is_changed_with_both(aws: Aws, acting: Callable[..., Any], lacking: str) -> None:
    key, name = make_key(aws), fresh()
    (has,) = {"GenerateDataKey", "Decrypt"} - {lacking}
    some, both = acting("secretsmanager", allow(has)), acting("secretsmanager", BOTH)
    made = {"Name": name, "SecretString": "x", "KmsKeyId": key}
    assert f"kms:{lacking} on resource: {key}" in refusal(some.create_secret, **made)
    both.create_secret(**made)
    for change in (some.put_secret_value, some.update_secret):
        assert f"kms:{lacking}" in refusal(change, SecretId=name, SecretString="y")
    some.update_secret(SecretId=name, Description="what it is for")
    both.put_secret_value(SecretId=name, SecretString="y")


def test_a_secret_is_read_with_decrypt(aws: Aws, acting: Callable[..., Any]) -> None:
    name, open_ = fresh(), fresh()
    arn = aws("secretsmanager").create_secret(Name=name, SecretString="x", KmsKeyId=make_key(aws))["ARN"]
    aws("secretsmanager").create_secret(Name=open_, SecretString="y")
    seen = {"kms:EncryptionContext:SecretARN": arn, "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}
    reader, nobody = acting("secretsmanager", allow("Decrypt", StringEquals=seen)), acting("secretsmanager")
    assert reader.get_secret_value(SecretId=name)["SecretString"] == "x"
    said = refusal(nobody.get_secret_value, SecretId=name)
    assert "(AccessDeniedException)" in said
    assert "Access to KMS is not allowed" in said
    found = nobody.batch_get_secret_value(SecretIdList=[name, open_])
    assert [each["Name"] for each in found["SecretValues"]] == [open_]
    assert [each["SecretId"] for each in found["Errors"]] == [name]


@pytest.mark.parametrize(("tier", "action"), [("Standard", "Encrypt"), ("Advanced", "GenerateDataKey")])
def test_a_secure_parameter_is_written_and_read(aws: Aws, acting: Callable[..., Any], tier: str, action: str) -> None:
    key, name = make_key(aws), f"/{fresh()}"
    put = {"Name": name, "Value": "x", "Type": "SecureString", "KeyId": key, "Tier": tier}
    writer, reader = acting("ssm", allow(action)), acting("ssm", allow("Decrypt"))
    assert f"kms:{action} on resource: {key}" in refusal(reader.put_parameter, **put)
    writer.put_parameter(**put)
    assert reader.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] == "x"
    writer.get_parameter(Name=name)
    for read, named in (
        (writer.get_parameter, {"Name": name}),
        (writer.get_parameters, {"Names": [name]}),
        (writer.get_parameters_by_path, {"Path": "/"}),
    ):
        said = refusal(read, **named, WithDecryption=True)
        assert "(AccessDeniedException)" in said
        assert "kms:Decrypt" in said


def test_a_secure_parameter_under_the_key_of_aws_is_everybodys(aws: Aws, acting: Callable[..., Any]) -> None:
    del aws
    client, name = acting("ssm"), fresh()
    client.put_parameter(Name=name, Value="x", Type="SecureString")
    assert client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] == "x"
