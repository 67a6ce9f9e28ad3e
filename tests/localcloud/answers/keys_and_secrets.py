"""Keys, secrets and parameters."""

from tests.localcloud.answers.case import Call, Case, answers, call, refuses, shows
from tests.localcloud.answers.sources import OF_KMS, OF_SSM, RECORDED

S3 = RECORDED + "s3/test_s3.snapshot.json: "

KEYS = RECORDED + "kms/test_kms.snapshot.json: "

SECRETS = RECORDED + "secretsmanager/test_secretsmanager.snapshot.json: "

KEY = call("kms.CreateKey")

KMS = (
    refuses(
        "a key that is none",
        KEYS + "test_get_key_invalid_uuid: NotFoundException, Invalid keyId 'fake-key-id'",
        "NotFoundException",
        "^Invalid keyId 'fake-key-id'$",
        call("kms.DescribeKey", KeyId="fake-key-id"),
    ),
    refuses(
        "a key that is not there",
        KEYS + "test_get_key_does_not_exist: NotFoundException, Key '<key-arn>' does not exist",
        "NotFoundException",
        "^Key 'arn:aws:kms:<region>:<account>:key/134f2428-cec1-4b25-a1ae-9048164dba47' does not exist$",
        call("kms.DescribeKey", KeyId="134f2428-cec1-4b25-a1ae-9048164dba47"),
    ),
    refuses(
        "an alias without its prefix",
        KEYS + 'test_create_alias: ValidationException, Alias must start with the prefix "alias/".',
        "ValidationException",
        '^Alias must start with the prefix "alias/"',
        KEY,
        call("kms.CreateAlias", AliasName="<id>", TargetKeyId="<0.KeyMetadata.KeyId>"),
    ),
    refuses(
        "1025 random bytes",
        KEYS + "test_generate_random_invalid_number_of_bytes[1025]: Value '1025' at 'numberOfBytes' failed to satisfy "
        "constraint: Member must have value less than or equal to 1024",
        "ValidationException",
        "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to "
        "1024",
        call("kms.GenerateRandom", NumberOfBytes=1025),
    ),
    refuses(
        "a text of 4097 bytes",
        KEYS + "test_plaintext_size_for_encrypt: Value at 'plaintext' failed to satisfy constraint: Member must have "
        "length less than or equal to 4096",
        "ValidationException",
        "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
        KEY,
        call("kms.Encrypt", KeyId="<0.KeyMetadata.KeyId>", Plaintext=b"x" * 4097),
    ),
    refuses(
        "decrypt in another context",
        KEYS + "test_encrypt_decrypt_encryption_context: InvalidCiphertextException",
        "InvalidCiphertextException",
        "",
        KEY,
        call("kms.Encrypt", KeyId="<0.KeyMetadata.KeyId>", Plaintext=b"x", EncryptionContext={"team": "a"}),
        call("kms.Decrypt", CiphertextBlob="<1.CiphertextBlob>"),
    ),
    refuses(
        "a disabled key",
        S3 + "test_s3_sse_validate_kms_key_state and botocore kms DisabledException: <key-arn> is disabled.",
        "DisabledException",
        r"^arn:aws:kms:.*:key/.* is disabled\.$",
        KEY,
        call("kms.DisableKey", KeyId="<0.KeyMetadata.KeyId>"),
        call("kms.Encrypt", KeyId="<0.KeyMetadata.KeyId>", Plaintext=b"x"),
    ),
    refuses(
        "a key's tag of AWS's own",
        KEYS + "test_tag_existing_key_with_invalid_tag_key: TagException, Tags beginning with aws: are reserved",
        "TagException",
        "^Tags beginning with aws: are reserved$",
        KEY,
        call("kms.TagResource", KeyId="<0.KeyMetadata.KeyId>", Tags=[{"TagKey": "aws:a", "TagValue": "b"}]),
    ),
    shows(
        "a new key",
        OF_KMS + "CreateKey: KeySpec default SYMMETRIC_DEFAULT, KeyUsage default "
        "ENCRYPT_DECRYPT, Origin default AWS_KMS",
        {
            "KeyMetadata.KeySpec": "SYMMETRIC_DEFAULT",
            "KeyMetadata.KeyUsage": "ENCRYPT_DECRYPT",
            "KeyMetadata.Origin": "AWS_KMS",
            "KeyMetadata.KeyState": "Enabled",
            "KeyMetadata.MultiRegion": False,
        },
        KEY,
    ),
)


def secret(name: str = "<id>") -> Call:
    return call("secretsmanager.CreateSecret", Name=name, SecretString="s3cret")


HIDDEN = (
    refuses(
        "a secret that is not there",
        SECRETS + "test_create_and_update_secret: ResourceNotFoundException, Secrets Manager can't find the specified "
        "secret.",
        "ResourceNotFoundException",
        r"^Secrets Manager can't find the specified secret\.$",
        call("secretsmanager.GetSecretValue", SecretId="<id>"),
    ),
    refuses(
        "a secret twice",
        SECRETS + "test_secret_exists_snapshots: ResourceExistsException, The operation failed because the secret … "
        "already exists.",
        "ResourceExistsException",
        r"^The operation failed because the secret <id> already exists\.$",
        secret(),
        secret(),
    ),
    refuses(
        "a secret whose name has a space",
        SECRETS + "test_invalid_secret_name[Inv Name]: ValidationException, Invalid name. Must be a valid name "
        "containing alphanumeric characters, or any of the following: -/_+=.@!",
        "ValidationException",
        r"^Invalid name\. Must be a valid name containing alphanumeric characters, or any of the following: ",
        secret("a secret"),
    ),
    refuses(
        "a secret that waits for its end",
        SECRETS + "test_exp_raised_on_creation_of_secret_scheduled_for_deletion: InvalidRequestException, You can't "
        "create this secret because a secret with this name is already scheduled for deletion.",
        "InvalidRequestException",
        "^You can't create this secret because a secret with this name is already scheduled for deletion",
        secret(),
        call("secretsmanager.DeleteSecret", SecretId="<id>"),
        secret(),
    ),
    refuses(
        "a stage that a secret lacks",
        SECRETS + "test_get_secret_value_errors: ResourceNotFoundException, Secrets Manager can't find the specified "
        "secret value for staging label: AWSPREVIOUS",
        "ResourceNotFoundException",
        "^Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS$",
        secret(),
        call("secretsmanager.GetSecretValue", SecretId="<id>", VersionStage="AWSPREVIOUS"),
    ),
    refuses(
        "a parameter that is not there",
        OF_SSM + "GetParameter errors: ParameterNotFound",
        "ParameterNotFound",
        "",
        call("ssm.GetParameter", Name="/<id>"),
    ),
    refuses(
        "a parameter twice",
        OF_SSM + "PutParameter errors: ParameterAlreadyExists: The parameter already exists. You can't create "
        "duplicate parameters.",
        "ParameterAlreadyExists",
        "",
        call("ssm.PutParameter", Name="/<id>", Value="a", Type="String"),
        call("ssm.PutParameter", Name="/<id>", Value="a", Type="String"),
    ),
    shows(
        "a parameter's versions",
        OF_SSM + "PutParameterResult Version: The new version number of a parameter; Tier default Standard",
        {"Version": 2, "Tier": "Standard"},
        call("ssm.PutParameter", Name="/<id>", Value="a", Type="String"),
        call("ssm.PutParameter", Name="/<id>", Value="b", Type="String", Overwrite=True),
    ),
    answers(
        "parameters of which one is not there",
        OF_SSM + "GetParametersResult InvalidParameters: A list of parameters that aren't formatted correctly or "
        "don't run during an execution",
        call("ssm.PutParameter", Name="/<id>", Value="a", Type="String"),
        call("ssm.GetParameters", Names=["/<id>", "/<id>/none"]),
        InvalidParameters=["/<id>/none"],
    ),
)


CASES: tuple[Case, ...] = (*KMS, *HIDDEN)
