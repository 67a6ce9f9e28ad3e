"""S3 objects by URI, as the jobs of SageMaker use them."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from localsagemaker.errors import ServiceError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

WHOLE = 64 * 1024**2  # smaller objects travel in one request
_URI = re.compile(
    r"(?:s3://|https://s3[.-][a-z0-9-]+\.amazonaws\.com(?:\.cn)?/)(?P<bucket>[^/]+)/?(?P<key>.*)", re.DOTALL
)
_NAMES = {"404": "NoSuchKey", "403": "AccessDenied"}  # a HEAD answer has no body that names its error


def split(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key` or `https://s3.<region>.amazonaws.com/bucket/key`.

    Raises `ServiceError("ValidationException", …)` for anything else.
    """
    match = _URI.fullmatch(uri)
    if match is None:
        raise ServiceError("ValidationException", f"{uri!r} is no S3 URI")
    return match["bucket"], match["key"]


class S3Objects:
    """Implements `localsagemaker.kernel.host.Objects` with an S3 client of the role."""

    def __init__(self, client: "S3Client") -> None:
        self._client = client
        self._transfer = TransferConfig(multipart_threshold=WHOLE, use_threads=False)

    def list(self, uri: str) -> Sequence[str]:
        """Return the URIs of all objects whose key begins with the key of `uri`, in key order."""
        return [found for found, _ in self.sizes(uri)]

    def sizes(self, uri: str) -> Sequence[tuple[str, int]]:
        """Return URI and bytes of all objects whose key begins with the key of `uri`, in key order."""
        bucket, key = split(uri)
        with _errors(uri):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
            return [
                (f"s3://{bucket}/{item['Key']}", item["Size"]) for page in pages for item in page.get("Contents", ())
            ]

    def download(self, uri: str, file: Path) -> None:
        """Write one object to `file`, making its folders."""
        bucket, key = split(uri)
        file.parent.mkdir(parents=True, exist_ok=True)
        with _errors(uri):
            self._client.download_file(bucket, key, str(file), Config=self._transfer)

    def read(self, uri: str, version: str | None = None) -> bytes:
        """Return one object, whole: its newest version, or the one of that id."""
        bucket, key = split(uri)
        with _errors(uri):
            if version is None:
                return self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
            return self._client.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read()

    def upload(self, file: Path, uri: str, kms_key: str | None = None) -> None:
        """Write `file` to one object."""
        bucket, key = split(uri)
        if file.stat().st_size < WHOLE:
            with file.open("rb") as body, _errors(uri):
                request: PutObjectRequestTypeDef = {"Bucket": bucket, "Key": key, "Body": body}
                if kms_key:
                    request |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key}
                self._client.put_object(**request)
            return
        extra = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
        with _errors(uri):
            self._client.upload_file(str(file), bucket, key, ExtraArgs=extra, Config=self._transfer)

    def delete(self, uri: str) -> None:
        """Delete one object; nothing when there is none."""
        bucket, key = split(uri)
        with _errors(uri):
            self._client.delete_object(Bucket=bucket, Key=key)


@contextmanager
def _errors(uri: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        message = f"{error.response['Error'].get('Message', '')} ({uri})".strip()
        raise ServiceError(_NAMES.get(code, code), message, status) from error
    except S3UploadFailedError as error:
        raise ServiceError("AccessDenied" if "AccessDenied" in str(error) else "InternalError", str(error)) from error
