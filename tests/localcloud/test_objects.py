"""S3 by URI, as jobs use it, against the running cloud."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localcloud.objects import S3Objects, split
from localsagemaker.errors import ServiceError


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("s3://b/k/x.csv", ("b", "k/x.csv")),
        ("s3://b", ("b", "")),
        ("s3://b/", ("b", "")),
        ("https://s3.eu-west-1.amazonaws.com/b/k/x.csv", ("b", "k/x.csv")),
        ("https://s3-eu-west-1.amazonaws.com/b/k", ("b", "k")),
    ],
)
def test_both_forms_of_a_uri(uri: str, parts: tuple[str, str]) -> None:
    assert split(uri) == parts


@pytest.mark.parametrize(
    "uri", ["", "b/k", "http://s3.eu-west-1.amazonaws.com/b", "https://example.com/b/k", "s3:///k"]
)
def test_what_is_no_s3_uri_is_quoted(uri: str) -> None:
    with pytest.raises(ServiceError, match="no S3 URI") as error:
        split(uri)
    assert error.value.code == "ValidationException"


@pytest.mark.slow
def test_objects_go_there_and_back(aws: Callable[..., Any], tmp_path: Path) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="objects", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    objects = S3Objects(s3)
    (tmp_path / "a.csv").write_bytes(b"1,2\n")
    objects.upload(tmp_path / "a.csv", "s3://objects/data/b.csv")
    objects.upload(tmp_path / "a.csv", "https://s3.eu-west-1.amazonaws.com/objects/data/a.csv", kms_key=key)
    assert objects.list("s3://objects/data/") == ["s3://objects/data/a.csv", "s3://objects/data/b.csv"]
    assert objects.list("s3://objects/other/") == []
    objects.download("s3://objects/data/a.csv", tmp_path / "new" / "a.csv")
    assert (tmp_path / "new" / "a.csv").read_bytes() == objects.read("s3://objects/data/b.csv") == b"1,2\n"
    assert s3.head_object(Bucket="objects", Key="data/a.csv")["SSEKMSKeyId"] == key
    for _ in range(2):
        objects.delete("s3://objects/data/a.csv")
    assert objects.list("s3://objects/data/") == ["s3://objects/data/b.csv"]


@pytest.mark.slow
def test_refusals_have_s3_s_own_codes(aws: Callable[..., Any], tmp_path: Path) -> None:
    s3, iam = aws("s3"), aws("iam")
    s3.create_bucket(Bucket="refusals", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    iam.create_user(UserName="objects-stranger")
    key = iam.create_access_key(UserName="objects-stranger")["AccessKey"]
    root, nobody = S3Objects(s3), S3Objects(aws("s3", key["AccessKeyId"], key["SecretAccessKey"]))
    (tmp_path / "a").write_bytes(b"1")
    attempts: list[tuple[str, Callable[[], object]]] = [
        ("NoSuchKey", lambda: root.read("s3://refusals/a")),
        ("NoSuchKey", lambda: root.download("s3://refusals/a", tmp_path / "b")),
        ("NoSuchBucket", lambda: root.list("s3://no-such-bucket/a")),
        ("AccessDenied", lambda: nobody.list("s3://refusals/")),
        ("AccessDenied", lambda: nobody.read("s3://refusals/a")),
        ("AccessDenied", lambda: nobody.download("s3://refusals/a", tmp_path / "b")),
        ("AccessDenied", lambda: nobody.upload(tmp_path / "a", "s3://refusals/a")),
    ]
    for code, attempt in attempts:
        with pytest.raises(ServiceError, match=r"refusals|no-such-bucket") as error:
            attempt()
        assert error.value.code == code
