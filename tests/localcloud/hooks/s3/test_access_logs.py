"""Access logs that arrive while their stack is deleted, as long as the bucket's policy lets S3 write them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localcloud.lifecycle import LocalCloud, LocalCloudError
from tests.localcloud.conftest import settled

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def straight(cloud: LocalCloud) -> Iterator[None]:
    """Nothing arrives after a test."""
    yield
    cloud.clear_faults()


def policy(service: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "s3:PutObject",
        "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["Logs", "Arn"]}, "/data/*"]]},
        "Condition": {"ArnLike": {"aws:SourceArn": {"Fn::GetAtt": ["Data", "Arn"]}}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Logs"}, "PolicyDocument": document}}


@pytest.mark.parametrize(
    ("service", "ended"), [("logging.s3.amazonaws.com", "DELETE_FAILED"), ("sns.amazonaws.com", "DELETE_COMPLETE")]
)
def test_a_log_that_arrives_late_keeps_its_bucket(
    service: str, ended: str, cloud: LocalCloud, aws: Any, deploy: Callable[..., Any]
) -> None:
    logging = {"DestinationBucketName": {"Ref": "Logs"}, "LogFilePrefix": "data/"}
    resources = {
        "Logs": {"Type": "AWS::S3::Bucket"},
        "Data": {"Type": "AWS::S3::Bucket", "Properties": {"LoggingConfiguration": logging}},
        "Policy": policy(service),
    }
    stack = deploy(resources, B={"Ref": "Logs"})
    bucket = stack["Outputs"]["B"]
    cloud.deliver_late(bucket)
    assert [line["what"] for line in cloud.faults()] == [bucket]
    aws("cloudformation").delete_stack(StackName=stack["StackName"])
    assert settled(aws("cloudformation"), stack["StackName"])["StackStatus"] == ended
    if ended == "DELETE_FAILED":
        arrived = aws("s3").list_objects_v2(Bucket=bucket)["Contents"]
        assert all(each["Key"].startswith("data/") for each in arrived)
        for each in arrived:
            aws("s3").delete_object(Bucket=bucket, Key=each["Key"])


def test_a_bucket_that_no_other_one_logs_to_is_refused(cloud: LocalCloud) -> None:
    with pytest.raises(LocalCloudError, match="No bucket writes its access logs to 'none'"):
        cloud.deliver_late("none")
