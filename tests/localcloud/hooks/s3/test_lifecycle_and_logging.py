"""Rules of a lifecycle, places of access logs and tags of new buckets that S3 refuses.

API reference, PutBucketLifecycleConfiguration; tags were recorded by localstack/localstack,
tests/aws/services/s3/test_s3_api.snapshot.json (Apache-2.0).
"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.slow
RULE = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}}


@pytest.fixture
def bucket(aws: Callable[..., Any]) -> str:
    name = f"has-rules-{uuid.uuid4().hex[:8]}"
    aws("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return name


@pytest.fixture
def put(aws: Callable[..., Any], bucket: str) -> Callable[..., Any]:
    return lambda **rule: aws("s3").put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [{**RULE, **rule}]}
    )


def test_a_class_that_is_billed_by_month_takes_objects_of_thirty_days(put: Callable[..., Any]) -> None:
    put(Transitions=[{"Days": 30, "StorageClass": "STANDARD_IA"}])
    put(Transitions=[{"Days": 1, "StorageClass": "GLACIER"}])
    words = "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'"
    with pytest.raises(ClientError, match=words):
        put(Transitions=[{"Days": 29, "StorageClass": "STANDARD_IA"}])
    with pytest.raises(ClientError, match="'NoncurrentDays' in NoncurrentVersionTransition action must be greater"):
        put(NoncurrentVersionTransitions=[{"NoncurrentDays": 29, "StorageClass": "ONEZONE_IA"}])


def test_a_rule_does_something(put: Callable[..., Any]) -> None:
    put(Expiration={"Days": 1})
    with pytest.raises(ClientError, match=r"At least one action needs to be specified in a rule\."):
        put()


def test_access_logs_go_to_a_bucket_that_is_there(aws: Callable[..., Any], bucket: str) -> None:
    target = {"LoggingEnabled": {"TargetBucket": "nowhere-at-all", "TargetPrefix": ""}}
    with pytest.raises(ClientError, match=r"InvalidTargetBucketForLogging.*does not exist"):
        aws("s3").put_bucket_logging(Bucket=bucket, BucketLoggingStatus=target)


@pytest.mark.parametrize(
    ("tag", "code", "said"),
    [
        ({"Key": "aws:test", "Value": "v"}, "InvalidTag", 'can\'t start with "aws:"'),
        ({"Key": "test", "Value": "v1,v2"}, "InvalidTag", "The TagValue you have provided is invalid"),
        ({"Key": "a,b", "Value": "v"}, "InvalidTag", "The TagKey you have provided is invalid"),
    ],
)
def test_tags_that_no_new_bucket_may_have(aws: Callable[..., Any], tag: dict[str, str], code: str, said: str) -> None:
    configuration = {"LocationConstraint": "eu-west-1", "Tags": [tag]}
    with pytest.raises(ClientError, match=said) as refused:
        aws("s3").create_bucket(Bucket=f"t-{uuid.uuid4().hex}", CreateBucketConfiguration=configuration)
    assert refused.value.response["Error"]["Code"] == code
