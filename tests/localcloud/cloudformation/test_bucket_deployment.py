"""Files of an app in a bucket, as the CDK's construct asks for them."""

import io
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

pytestmark = pytest.mark.slow
BUCKET = {"Type": "AWS::S3::Bucket"}


@pytest.fixture
def assets(aws: Callable[..., Any]) -> str:
    """A bucket with two archives, as the CDK publishes them."""
    name = f"assets-{uuid4().hex}"
    s3 = aws("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for key, files in {
        "one.zip": {"a.html": "<a>", "code/train.py": "bucket = '<<marker:0>>'", "notes.txt": "x"},
        "two.zip": {"a.html": "<a>"},
    }.items():
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for file, text in files.items():
                archive.writestr(file, text)
        s3.put_object(Bucket=name, Key=key, Body=buffer.getvalue())
    return name


def test_files_come_change_and_go(aws: Callable[..., Any], deploy: Callable[..., Any], assets: str) -> None:
    def deployment(key: str, **more: Any) -> dict[str, Any]:
        properties = {
            "ServiceToken": "x",
            "SourceBucketNames": [assets],
            "SourceObjectKeys": [key],
            "SourceMarkers": [{"<<marker:0>>": {"Ref": "B"}}],
            "DestinationBucketName": {"Ref": "B"},
            "DestinationBucketKeyPrefix": "site",
            "RetainOnDelete": "false",
            **more,
        }
        return {"B": BUCKET, "D": {"Type": "Custom::CDKBucketDeployment", "Properties": properties}}

    def keys() -> list[str]:
        return [found["Key"] for found in aws("s3").list_objects_v2(Bucket=bucket).get("Contents", ())]

    metadata = {"SystemMetadata": {"cache-control": "no-cache"}, "UserMetadata": {"by": "us"}}
    stack = deploy(deployment("one.zip", Exclude=["*.txt"], **metadata), B={"Ref": "B"})
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack["Failed"]
    bucket = stack["Outputs"]["B"]
    assert keys() == ["site/a.html", "site/code/train.py"]
    page = aws("s3").get_object(Bucket=bucket, Key="site/a.html")
    assert (page["ContentType"], page["CacheControl"], page["Metadata"]) == ("text/html", "no-cache", {"by": "us"})
    script = aws("s3").get_object(Bucket=bucket, Key="site/code/train.py")["Body"].read().decode()
    assert script == f"bucket = '{bucket}'"
    deploy(deployment("two.zip"), stack["StackName"], B={"Ref": "B"})
    assert keys() == ["site/a.html"]
    deploy(deployment("one.zip", Extract="false", Prune="false"), stack["StackName"], B={"Ref": "B"})
    assert keys() == ["site/a.html", "site/one.zip"]
    deploy({"B": BUCKET}, stack["StackName"], B={"Ref": "B"})
    assert keys() == []
