"""Metrics of buckets. Sources: API reference of S3, PutBucketMetricsConfiguration; template reference, "AWS::S3::Bucket
MetricsConfiguration".
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.localcloud.keyed import fresh, refusal

pytestmark = pytest.mark.slow


def test_a_configuration_is_kept_listed_and_deleted(aws: Callable[..., Any]) -> None:
    s3, bucket = aws("s3"), fresh("metered")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    wanted = {"Id": "logs", "Filter": {"Prefix": "logs/"}}
    s3.put_bucket_metrics_configuration(Bucket=bucket, Id="logs", MetricsConfiguration=wanted)
    assert s3.get_bucket_metrics_configuration(Bucket=bucket, Id="logs")["MetricsConfiguration"] == wanted
    assert s3.list_bucket_metrics_configurations(Bucket=bucket)["MetricsConfigurationList"] == [wanted]
    s3.delete_bucket_metrics_configuration(Bucket=bucket, Id="logs")
    said = refusal(s3.delete_bucket_metrics_configuration, Bucket=bucket, Id="logs")
    assert "NoSuchConfiguration" in said
    assert "NoSuchBucket" in refusal(s3.list_bucket_metrics_configurations, Bucket=fresh("absent"))


def test_metrics_of_a_template(aws: Callable[..., Any], deploy: Callable[..., Any]) -> None:
    metrics = [{"Id": "all"}, {"Id": "some", "Prefix": "a/", "TagFilters": [{"Key": "k", "Value": "v"}]}]
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"MetricsConfigurations": metrics}}
    stack = deploy({"Bucket": bucket}, Name={"Ref": "Bucket"})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    listed = aws("s3").list_bucket_metrics_configurations(Bucket=stack["Outputs"]["Name"])
    assert [each["Id"] for each in listed["MetricsConfigurationList"]] == ["all", "some"]
