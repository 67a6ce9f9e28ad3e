"""Keys of KMS make the difference that they make on AWS: who may not use them has nothing of what is under them.

Sources: S3 user guide, "Using server-side encryption with AWS KMS keys" (actions, encryption context of a bucket key);
CloudWatch Logs user guide, "Encrypt log data" (the service's principal in the key policy); KMS developer guide,
"Condition keys" (kms:ViaService, kms:CallerAccount).
"""

import json
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.localcloud.keyed import ROOT, Aws, allow, make_key, refusal


class Place(NamedTuple):
    """A bucket under a key, as root sees it."""

    bucket: str
    key: str


@pytest.fixture
def place(aws: Aws) -> Place:
    key, bucket = make_key(aws), f"keyed-{uuid.uuid4().hex[:8]}"
    aws("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    aws("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    aws("s3").put_object(Bucket=bucket, Key="here", Body=b"data")
    return Place(bucket, key)


def test_an_object_says_what_it_is_encrypted_with(aws: Aws, place: Place) -> None:
    found = aws("s3").head_object(Bucket=place.bucket, Key="here")
    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"], found["BucketKeyEnabled"]) == (
        "aws:kms",
        place.key,
        True,
    )


def test_aws_kms_without_a_key_is_the_key_that_aws_manages(aws: Aws, place: Place) -> None:
    aws("s3").put_object(Bucket=place.bucket, Key="managed", Body=b"", ServerSideEncryption="aws:kms")
    named = aws("s3").head_object(Bucket=place.bucket, Key="managed")["SSEKMSKeyId"]
    assert named.startswith("arn:aws:kms:eu-west-1:111111111111:key/")
    assert named != place.key


def test_writing_takes_generate_data_key_and_reading_decrypt(place: Place, acting: Callable[..., Any]) -> None:
    writer, reader = acting("s3", allow("GenerateDataKey")), acting("s3", allow("Decrypt"))
    where = {"Bucket": place.bucket, "Key": "here"}
    writer.put_object(**where, Body=b"new")
    assert reader.get_object(**where)["Body"].read() == b"new"
    denied = refusal(reader.put_object, **where, Body=b"newer")
    assert "(AccessDenied)" in denied
    assert f"is not authorized to perform: kms:GenerateDataKey on resource: {place.key}" in denied
    assert "is not authorized to perform: kms:Decrypt on resource" in refusal(writer.get_object, **where)
    reader.head_object(**where)
    copied = refusal(writer.copy_object, Bucket=place.bucket, Key="copy", CopySource=where)
    assert "kms:Decrypt" in copied


def test_an_upload_in_parts_takes_both(place: Place, acting: Callable[..., Any]) -> None:
    where = {"Bucket": place.bucket, "Key": "parts"}
    writer, both = acting("s3", allow("GenerateDataKey")), acting("s3", allow("GenerateDataKey", "Decrypt"))
    upload = writer.create_multipart_upload(**where)["UploadId"]
    part = {"PartNumber": 1, "UploadId": upload, "Body": b"x"}
    assert "kms:Decrypt" in refusal(writer.upload_part, **where, **part)
    tag = both.upload_part(**where, **part)["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
    both.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=parts)


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:CallerAccount": "111111111111"}, True),
        ({"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}, False),
        ({"kms:CallerAccount": "222222222222"}, False),
        ({"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::{bucket}"}, True),  # one key for the bucket
        ({"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::other"}, False),
    ],
)
def test_conditions_see_which_service_asks_and_for_what(
    place: Place, acting: Callable[..., Any], condition: dict[str, str], *, allowed: bool
) -> None:
    wanted = {name: value.format(bucket=place.bucket) for name, value in condition.items()}
    client = acting("s3", allow("Decrypt", StringEquals=wanted))
    if allowed:
        client.get_object(Bucket=place.bucket, Key="here")
    else:
        assert "kms:Decrypt" in refusal(client.get_object, Bucket=place.bucket, Key="here")


def test_a_key_policy_that_does_not_name_the_account_leaves_its_policies_without_effect(
    aws: Aws, place: Place, acting: Callable[..., Any]
) -> None:
    client = acting("s3", allow("*"))
    trust = {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}
    trusted = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    other = aws("iam").create_role(RoleName="has-the-key", AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**ROOT, "Principal": {"AWS": other}}]})
    aws("kms").put_key_policy(KeyId=place.key, PolicyName="default", Policy=policy, BypassPolicyLockoutSafetyCheck=True)
    assert "no resource-based policy allows the kms:Decrypt action" in refusal(
        client.get_object, Bucket=place.bucket, Key="here"
    )


def test_what_is_under_a_disabled_key_is_not_read_by_anybody(aws: Aws, place: Place) -> None:
    aws("kms").disable_key(KeyId=place.key)
    assert "KMS.DisabledException" in refusal(aws("s3").get_object, Bucket=place.bucket, Key="here")


def test_a_log_group_takes_a_key_that_the_service_may_use(aws: Aws) -> None:
    logs, name = aws("logs"), f"/keyed/{uuid.uuid4().hex[:8]}"
    said = refusal(logs.create_log_group, logGroupName=name, kmsKeyId=make_key(aws))
    arn = f"arn:aws:logs:eu-west-1:111111111111:log-group:{name}"
    assert f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'" in said
    service = {
        **ROOT,
        "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
        "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": arn}},
    }
    key = make_key(aws, service)
    logs.create_log_group(logGroupName=name, kmsKeyId=key)
    found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    assert found["kmsKeyId"] == key
    logs.disassociate_kms_key(logGroupName=name)
    assert "kmsKeyId" not in logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]


def test_an_item_of_a_table_takes_decrypt(aws: Aws, acting: Callable[..., Any]) -> None:
    name, key = f"keyed-{uuid.uuid4().hex[:8]}", make_key(aws)
    table: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    }
    granted = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    maker = acting("dynamodb", allow("DescribeKey"), {**allow("CreateGrant"), "Condition": granted})
    nobody = acting("dynamodb")
    assert "kms:CreateGrant" in refusal(nobody.create_table, **table)
    maker.create_table(**table)
    changed = {"TableName": name, "SSESpecification": table["SSESpecification"]}
    assert "kms:CreateGrant" in refusal(nobody.update_table, **changed)
    maker.update_table(**changed)
    item = {"id": {"S": "1"}}
    calls: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (nobody.put_item, {"TableName": name, "Item": item}),
        (nobody.get_item, {"TableName": name, "Key": item}),
        (nobody.scan, {"TableName": name}),
        (nobody.batch_get_item, {"RequestItems": {name: {"Keys": [item]}}}),
        (nobody.transact_write_items, {"TransactItems": [{"Put": {"TableName": name, "Item": item}}]}),
        (nobody.execute_statement, {"Statement": f'SELECT * FROM "{name}"'}),
    ]
    for call, parameters in calls:
        said = refusal(call, **parameters)
        assert "(AccessDeniedException)" in said
        assert "KMS key access denied error: " in said
        assert f"is not authorized to perform: kms:Decrypt on resource: {key}" in said
    seen = {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com", "kms:EncryptionContext:aws:dynamodb:tableName": name}
    reader = acting("dynamodb", allow("Decrypt", StringEquals=seen))
    reader.put_item(TableName=name, Item=item)
    assert reader.get_item(TableName=name, Key=item)["Item"] == item


def test_a_message_to_a_topic_takes_both(aws: Aws, acting: Callable[..., Any]) -> None:
    key = make_key(aws)
    arn = aws("sns").create_topic(Name=f"keyed-{uuid.uuid4().hex[:8]}", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    publish = {"TopicArn": arn, "Message": "x"}
    acting("sns", allow("GenerateDataKey", "Decrypt")).publish(**publish)
    said = refusal(acting("sns", allow("Decrypt")).publish, **publish)
    assert "(KMSAccessDenied)" in said
    assert "kms:GenerateDataKey" in said


def test_a_message_of_a_queue_is_sent_with_both_and_received_with_decrypt(aws: Aws, acting: Callable[..., Any]) -> None:
    attributes = {"KmsMasterKeyId": make_key(aws)}
    url = aws("sqs").create_queue(QueueName=f"keyed-{uuid.uuid4().hex[:8]}", Attributes=attributes)["QueueUrl"]
    acting("sqs", allow("GenerateDataKey", "Decrypt")).send_message(QueueUrl=url, MessageBody="x")
    assert "kms:GenerateDataKey" in refusal(acting("sqs", allow("Decrypt")).send_message, QueueUrl=url, MessageBody="x")
    nobody, reader = acting("sqs"), acting("sqs", allow("Decrypt"))
    assert "(KMS.AccessDeniedException)" in refusal(nobody.receive_message, QueueUrl=url)
    assert reader.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "x"


def test_a_repository_under_a_key_takes_a_grant(aws: Aws, acting: Callable[..., Any]) -> None:
    encryption = {"encryptionType": "KMS", "kmsKey": make_key(aws)}
    name = f"keyed-{uuid.uuid4().hex[:8]}"
    wanted = {"repositoryName": name, "encryptionConfiguration": encryption}
    assert "kms:CreateGrant" in refusal(acting("ecr", allow("DescribeKey")).create_repository, **wanted)
    acting("ecr", allow("DescribeKey", "CreateGrant")).create_repository(**wanted)
