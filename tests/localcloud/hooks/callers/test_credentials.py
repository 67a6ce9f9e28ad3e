"""The door of a cloud that runs: what nobody may do, what S3 shows to everybody, and which pages may ask."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from localcloud.console import Running
from localcloud.lifecycle import LocalCloud

pytestmark = pytest.mark.slow
SAGEMAKER = {"Content-Type": "application/x-amz-json-1.1"}
SITE = "https://labels.example"


def ask(running: Running, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, Any]:
    """Status, and the body of an error or the headers of an answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"{running.endpoint}{path}", body, named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def bucket(aws: Callable[..., Any]) -> str:
    """A bucket with one object, and without the block of public access that a new one has."""
    name = f"b-{uuid4().hex}"
    place = {"LocationConstraint": "eu-west-1"}
    aws("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
    aws("s3").delete_public_access_block(Bucket=name)
    aws("s3").put_object(Bucket=name, Key="key", Body=b"x")
    return name


def everybody(bucket: str) -> str:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow]})


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer x"}, {"Origin": "https://evil.example"}, {"Host": "evil.example"}]
)
def test_nobody_changes_the_registry(aws: Callable[..., Any], running: Running, headers: Mapping[str, str]) -> None:
    name = f"g-{uuid4().hex}"
    body = json.dumps({"ModelPackageGroupName": name}).encode()
    target = {"X-Amz-Target": "SageMaker.CreateModelPackageGroup"}
    status, said = ask(running, "/", "POST", body, **SAGEMAKER, **target, **headers)
    assert status in {400, 403}
    assert "MissingAuthenticationToken" in said or "evil.example" in said
    groups = aws("sagemaker").list_model_package_groups(NameContains=name)
    assert groups["ModelPackageGroupSummaryList"] == []


def test_nobody_empties_the_cloud(aws: Callable[..., Any], running: Running, bucket: str, cloud: LocalCloud) -> None:
    assert ask(running, "/_ministack/reset", "POST")[0] == 403
    assert ask(running, "/_ministack/config", "POST", b'{"stepfunctions._SFN_WAIT_SCALE": 0}')[0] == 403
    assert bucket in {found["Name"] for found in aws("s3").list_buckets()["Buckets"]}
    assert cloud.resources() is not None
    assert ask(running, "/_mdlc/resources")[0] == 403


def test_an_object_is_everybodys_where_the_bucket_says_so(
    aws: Callable[..., Any], running: Running, bucket: str
) -> None:
    """Source: S3 user guide, "Blocking public access": RestrictPublicBuckets."""
    assert ask(running, "/")[0] == 403
    assert "<Code>AccessDenied</Code>" in ask(running, f"/{bucket}/key")[1]
    aws("s3").put_bucket_policy(Bucket=bucket, Policy=everybody(bucket))
    assert ask(running, f"/{bucket}/key")[0] == 200
    for method, path in (("PUT", "key"), ("DELETE", "key"), ("GET", ""), ("PUT", "?policy"), ("GET", "?policy")):
        assert ask(running, f"/{bucket}/{path}", method, b"" if method == "PUT" else None)[0] == 403
    block = {"RestrictPublicBuckets": True}
    aws("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    assert ask(running, f"/{bucket}/key")[0] == 403


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_requests_come_in_and_forged_ones_do_not(
    running: Running, bucket: str, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    for name, value in running.environment().items():
        monkeypatch.setenv(name, value)
    client = boto3.Session().client("s3", config=Config(signature_version=version, s3={"addressing_style": "path"}))
    for operation, method in (("get_object", "GET"), ("put_object", "PUT"), ("delete_object", "DELETE")):
        url = client.generate_presigned_url(operation, Params={"Bucket": bucket, "Key": "other"}, ExpiresIn=60)
        path = url.removeprefix(running.endpoint)
        forged = path.replace("other", "key")
        status, said = ask(running, forged, method, b"y" if method == "PUT" else None)
        assert (status, "SignatureDoesNotMatch" in said) == (403, True)
    assert ask(running, f"/{bucket}/key?list-type=2&{path.partition('?')[2]}", "GET")[0] == 403
    good = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"}, ExpiresIn=60)
    assert ask(running, good.removeprefix(running.endpoint))[0] == 200


def test_a_page_reads_a_bucket_whose_own_configuration_names_it(
    aws: Callable[..., Any], running: Running, bucket: str
) -> None:
    """Source: S3 user guide, "Using cross-origin resource sharing"."""
    aws("s3").put_bucket_policy(Bucket=bucket, Policy=everybody(bucket))
    assert ask(running, f"/{bucket}/key", Origin=SITE)[0] == 403
    rule = {"AllowedOrigins": [SITE], "AllowedMethods": ["GET"]}
    aws("s3").put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    status, headers = ask(running, f"/{bucket}/key", Origin=SITE)
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, SITE)
    assert ask(running, f"/{bucket}/key", Origin="https://evil.example")[0] == 403
    assert ask(running, f"/{bucket}/key", "OPTIONS", Origin=SITE, Access_Control_Request_Method="GET")[0] == 200
    assert (
        ask(running, f"/{bucket}/key", "OPTIONS", Origin="https://evil.example", Access_Control_Request_Method="GET")[0]
        == 403
    )


def test_cognitos_discovery_names_addresses_that_are_served(aws: Callable[..., Any], running: Running) -> None:
    pool = aws("cognito-idp").create_user_pool(PoolName="people")["UserPool"]["Id"]
    with urllib.request.urlopen(f"{running.endpoint}/{pool}/.well-known/openid-configuration", timeout=30) as answer:
        found = json.load(answer)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"  # it is public: an app in a browser reads it
    assert found["jwks_uri"].startswith(running.endpoint)
    with urllib.request.urlopen(found["jwks_uri"], timeout=30) as answer:
        assert json.load(answer)["keys"]


def test_what_asks_for_tls_takes_loopback_for_it(aws: Callable[..., Any], bucket: str) -> None:
    """A bucket's `aws:SecureTransport` policy, which every bucket of the platform has."""
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    deny["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}  # type: ignore[assignment] # JSON
    policy = {"Version": "2012-10-17", "Statement": [deny]}
    aws("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert aws("s3").get_object(Bucket=bucket, Key="key")["Body"].read() == b"x"


def form(**fields: str) -> tuple[bytes, str]:
    """A browser's form with a file, and its content type."""
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    file = '--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\ncontent\r\n--x--\r\n'
    return "".join([*parts, file]).encode(), "multipart/form-data; boundary=x"


def test_a_form_brings_a_signed_policy(aws: Callable[..., Any], running: Running, bucket: str) -> None:
    """Source: S3 API reference, "Browser-based uploads using POST"."""
    signed = aws("s3").generate_presigned_post(bucket, "uploaded")["fields"]
    forged = {**signed, **{name: "0" * 64 for name in ("signature", "x-amz-signature") if name in signed}}
    for fields, status in (({"key": "a"}, 403), (forged, 403), (signed, 204)):
        body, kind = form(**fields)
        assert ask(running, f"/{bucket}", "POST", body, Content_Type=kind)[0] == status, fields
    assert [found["Key"] for found in aws("s3").list_objects_v2(Bucket=bucket)["Contents"]] == ["key", "uploaded"]


def test_a_bucket_has_a_name_of_its_own_on_this_machine(aws: Callable[..., Any], running: Running, bucket: str) -> None:
    aws("s3").put_bucket_policy(Bucket=bucket, Policy=everybody(bucket))
    assert ask(running, "/key", Host=f"{bucket}.s3.localhost:{running.port}")[0] == 200
    assert ask(running, "/key", Host=f"{bucket}.s3.evil.example:{running.port}")[0] == 403
    assert ask(running, "/key", "DELETE", Host=f"{bucket}.s3.localhost:{running.port}")[0] == 403
